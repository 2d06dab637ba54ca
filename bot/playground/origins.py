"""Who may talk to the server: programs on this machine, and in a browser its own page alone.

A web page elsewhere could otherwise reach a loopback server through the visitor's browser, by a
forged request (hence the Origin check) or by a name that resolves to 127.0.0.1 (hence the Host
check).
"""

import ipaddress
from collections.abc import Awaitable, Callable

from aiohttp import web
from yarl import URL

LOOPBACK_NAME = "localhost"
OWN_SITES = ("same-origin", "none")  # Sec-Fetch-Site of the page's own requests and of none


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only mean this machine."""
    if host == LOOPBACK_NAME:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@web.middleware
async def only_from_here(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    if not _addressed_here(request) or not _sent_from_here(request):
        return web.json_response({"error": "only this machine may talk here"}, status=403)
    return await handler(request)


def _addressed_here(request: web.Request) -> bool:
    host = _host_and_port(f"http://{request.headers.get('Host', '')}")
    return host is not None and is_loopback(host[0])


def _sent_from_here(request: web.Request) -> bool:
    """A link elsewhere may lead to the page itself, and to nothing else."""
    site = request.headers.get("Sec-Fetch-Site", "none")
    if site not in OWN_SITES and request.path != "/":
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    return _host_and_port(origin) == _host_and_port(f"http://{request.headers.get('Host', '')}")


def _host_and_port(url: str) -> tuple[str, int | None] | None:
    try:
        parsed = URL(url)
    except ValueError:
        return None
    return None if parsed.host is None else (parsed.host, parsed.port)
