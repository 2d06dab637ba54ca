"""An OpenAI-compatible server on this machine, which answers whatever a test wants."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

Body = dict[str, Any]


@asynccontextmanager
async def server(
    answer: Callable[[Body], object], asked: list[Body] | None = None
) -> AsyncIterator[str]:
    """Its address; `answer` gets the request's body and gives the text, or a whole response."""

    async def complete(request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if asked is not None:
            asked.append({"body": body, "headers": dict(request.headers)})
        made = answer(body)
        if isinstance(made, web.StreamResponse):
            return made
        return web.json_response({"choices": [{"message": {"content": made}}]})

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()
