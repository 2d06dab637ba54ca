"""One part of the program as a process of its own: what every part needs before it works."""

import asyncio
from dataclasses import dataclass
from typing import Self

from bot.client import point_as_set
from bot.cluster.gateway import run_gateway
from bot.cluster.roles import Role, Shards
from bot.errors import SettingsError
from bot.market.sessions import Sessions
from bot.settings import Settings
from bot.world import live_world


@dataclass(frozen=True, kw_only=True)
class Part:
    """`token` is the bot's, which a scanner does without; `shards` are those a gateway holds, None
    for all that Discord asks."""

    role: Role
    token: str
    shards: Shards | None = None

    @classmethod
    def of(cls, role: Role, shards: Shards | None, settings: Settings) -> Self:
        """Raises SettingsError for what a part cannot do without."""
        if shards is not None and role is not Role.GATEWAY:
            raise SettingsError("--shards goes with --role gateway alone.")
        if settings.database_url is None:
            raise SettingsError(
                f"--role {role} is a part of a cluster, which shares a PostgreSQL database: set "
                "DATABASE_URL, or leave --role away to run everything in one process."
            )
        if settings.discord_token is None and role is not Role.SCANNER:
            raise SettingsError(f"--role {role} needs DISCORD_TOKEN.")
        token = settings.discord_token.get_secret_value() if settings.discord_token else ""
        return cls(role=role, token=token, shards=shards)


async def run_part(settings: Settings, part: Part, stop: asyncio.Event) -> None:
    """Work as one part until `stop`. Raises OperatorError when it cannot go on."""
    point_as_set(settings)
    sessions = await asyncio.to_thread(Sessions.load)
    if part.role in (Role.SENDER, Role.SCANNER):
        await _run_worker(settings, sessions, part, stop)
    else:
        await run_gateway(settings, sessions, part.token, part.shards, stop)


async def _run_worker(
    settings: Settings, sessions: Sessions, part: Part, stop: asyncio.Event
) -> None:
    try:
        from bot.cluster.scanner import run_scanner  # noqa: PLC0415  needs an extra
        from bot.cluster.sender import run_sender  # noqa: PLC0415
    except ImportError as error:
        raise SettingsError(
            f"--role {part.role} needs what is not installed ({error}). Install it with: "
            "pip install 'highwater[cluster]'"
        ) from error
    if part.role is Role.SENDER:
        await run_sender(settings, live_world(settings, sessions), part.token, stop)
    else:
        await run_scanner(settings, live_world(settings, sessions), stop)
