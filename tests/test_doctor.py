"""The doctor looks at the subscribed channels, wherever the subscriptions are kept."""

from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import psycopg
import pytest

from bot.doctor import Check, database, discord
from bot.playground.server import Playground
from bot.settings import Settings, load_settings
from storage import subscriptions
from storage.database import Database
from tests.playground.conftest import playground  # noqa: F401  the fixture
from tests.postgres import Server

HIDDEN = 99


def settings_of(where: Path | str, discord_server: Playground) -> Settings:
    return load_settings(
        env_file=None,
        discord_token=discord_server.token,
        discord_api_base=discord_server.api_base,
        discord_gateway=discord_server.gateway_url,
        data_dir=where.parent if isinstance(where, Path) else Path("/nowhere"),
        database_url=None if isinstance(where, Path) else where,
    )


async def a_channel(discord_server: Playground) -> int:
    headers = {"Authorization": f"Bot {discord_server.token}"}
    async with aiohttp.ClientSession(headers=headers) as http:
        async with http.get(f"{discord_server.api_base}/users/@me/guilds") as answer:
            guild = (await answer.json())[0]["id"]
        async with http.get(f"{discord_server.api_base}/guilds/{guild}/channels") as answer:
            return next(int(one["id"]) for one in await answer.json() if one["type"] == 0)


async def subscribe(settings: Settings, *channels: int) -> None:
    db = Database.open(settings.store)
    for channel in channels:
        await db.write(
            lambda c, channel=channel: subscriptions.add(  # type: ignore[misc]
                c,
                guild_id=1,
                channel_id=channel,
                kinds=["high_52w"],
                universe=None,
                symbols=["SPY"],
                created_by=1,
                at=datetime(2026, 4, 17, tzinfo=UTC),
            )
        )
    await db.close()


def about_channels(checks: list[Check]) -> list[str]:
    return [check.line() for check in checks if check.name == "channels"]


async def test_subscribed_channels_are_looked_at(
    where: Path | str,
    playground: Playground,  # noqa: F811
) -> None:
    settings = settings_of(where, playground)
    await subscribe(settings, await a_channel(playground))
    (line,) = about_channels(await discord(settings))
    assert line == "ok   channels   1 subscribed, all within sight"
    await subscribe(settings, HIDDEN)
    (line,) = about_channels(await discord(settings))
    assert line.startswith("odd  channels   1 subscribed channel(s) cannot be seen: 99;")


@pytest.mark.sqlite
async def test_where_nothing_is_kept_yet_nothing_is_made(
    tmp_path: Path,
    postgres: Server,
    playground: Playground,  # noqa: F811
) -> None:
    address = postgres.fresh("template1")
    for where in (tmp_path / "a.db", address):
        assert about_channels(await discord(settings_of(where, playground))) == []
    assert list(tmp_path.iterdir()) == []
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT to_regclass('subscriptions')").fetchone() == (None,)


def test_the_server_is_described_and_what_is_wrong_with_it_said(
    tmp_path: Path, postgres: Server
) -> None:
    def said(address: str) -> str:
        (check,) = database(load_settings(env_file=None, data_dir=tmp_path, database_url=address))
        return check.line()

    known = said(postgres.fresh("schema"))
    assert known.startswith("ok   database ")
    assert ", PostgreSQL " in known
    wrong = said(postgres.address("nowhere"))
    assert wrong.startswith("bad  database ")
    assert "createdb" in wrong
