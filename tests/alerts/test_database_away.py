"""A database that goes in the middle of a pass: no symbol is passed over for it."""

import asyncio
from datetime import date
from pathlib import Path

import psycopg
import pytest

from bot.errors import DatabaseAway
from tests.alerts.stage import SESSIONS, Stage, at, quiet_year, write_prices
from tests.postgres import Server

FIRST = "2022-01-03"
DAYS = [day.item() for day in SESSIONS.between(date(2022, 1, 3), date(2024, 1, 1))]
WAITING = """SELECT pid FROM pg_stat_activity
    WHERE application_name = 'highwater' AND wait_event_type = 'Lock' LIMIT 1"""
SECONDS = 20


async def cut_off_a_reader(other: psycopg.AsyncConnection[object]) -> None:
    """Let the readers of histories wait, and take the first one's connection away."""
    async with asyncio.timeout(SECONDS):
        while (row := await (await other.execute(WAITING)).fetchone()) is None:
            await asyncio.sleep(0)
    await other.execute("SELECT pg_terminate_backend(%s)", row)
    await other.rollback()


async def test_a_pass_that_cannot_read_a_symbol_is_done_again(
    tmp_path: Path, postgres: Server
) -> None:
    symbols = ("AAA", "BBB", "CCC", "DDD")
    prices = {name: quiet_year(103 + n) for n, name in enumerate(symbols)}
    write_prices(tmp_path / "prices", prices, first=FIRST)
    address = postgres.fresh("schema")
    stage = Stage(tmp_path / "prices", address, at(str(DAYS[299])))
    await stage.subscribe(*symbols)
    await stage.watcher.run_once()
    async with await psycopg.AsyncConnection.connect(address) as other:
        await other.execute("LOCK TABLE histories IN ACCESS EXCLUSIVE MODE")
        look = asyncio.create_task(stage.look(at(str(DAYS[300]))))
        await cut_off_a_reader(other)
        with pytest.raises(DatabaseAway):
            await look
    await stage.watcher.run_once()
    assert {row.facts["symbol"] for row in await stage.outbox()} == set(symbols)
    await stage.close()
