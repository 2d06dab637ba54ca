"""Backups: a copy of a live database restores to the same rows, and nothing is lost on the way."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.backup import back_up, restore
from bot.errors import OperatorError
from storage import facts, subscriptions
from storage.connection import Connection
from storage.database import Database

pytestmark = pytest.mark.sqlite
NOW = datetime(2026, 4, 17, tzinfo=UTC)


async def subscribed(path: Path, *channels: int) -> Database:
    db = Database.open(path)
    for channel in channels:
        await db.write(
            lambda c, channel=channel: subscriptions.add(  # type: ignore[misc]
                c,
                guild_id=1,
                channel_id=channel,
                kinds=["high_52w"],
                universe="size",
                symbols=[],
                created_by=1,
                at=NOW,
            )
        )
    return db


def channels(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT channel_id FROM subscriptions ORDER BY channel_id")
        return [channel for (channel,) in rows]


async def test_a_backup_under_load_restores_to_the_same_rows(tmp_path: Path) -> None:
    db = await subscribed(tmp_path / "a.db", 10, 11, 12)
    for i in range(50):
        await db.write(lambda c, i=i: facts.put(c, f"n{i}", "v"))  # type: ignore[misc]
    said = back_up(tmp_path / "a.db", tmp_path / "copy.db")
    assert "3 subscription(s)" in said
    await db.write(lambda c: subscriptions.remove(c, 1))
    await db.close()
    said = restore(tmp_path / "copy.db", tmp_path / "a.db")
    assert "kept as" in said
    assert channels(tmp_path / "a.db") == [10, 11, 12]
    assert channels(tmp_path / "a.db.before-1") == [11, 12]
    again = Database.open(tmp_path / "a.db")
    assert len(await again.read(subscriptions.active)) == 3
    await again.close()


def rows(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


async def test_a_backup_between_two_writes_holds_one_moment_of_both_tables(tmp_path: Path) -> None:
    db = await subscribed(tmp_path / "a.db", 10)
    written, begun, stop = 0, asyncio.Event(), asyncio.Event()

    def both(connection: Connection) -> None:
        facts.put(connection, f"n{written}", "v" * 500)
        facts.audit(connection, "written", f"n{written}", at=NOW)

    async def load() -> None:
        nonlocal written
        while not stop.is_set():
            await db.write(both)
            written += 1
            if written == 50:
                begun.set()

    async with asyncio.TaskGroup() as group:
        group.create_task(load())
        await begun.wait()
        before = written
        await asyncio.to_thread(back_up, tmp_path / "a.db", tmp_path / "copy.db")
        after = written
        stop.set()
    await db.close()
    assert after > before, "nothing was written while the copy was made"
    restore(tmp_path / "copy.db", tmp_path / "a.db")
    assert rows(tmp_path / "a.db") == rows(tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        names = [n for (n,) in connection.execute("SELECT name FROM facts WHERE name LIKE 'n%'")]
        told = [
            n for (n,) in connection.execute("SELECT detail FROM audit WHERE action = 'written'")
        ]
    assert before <= len(told) <= after + 1
    assert told == [f"n{i}" for i in range(len(told))]
    assert sorted(names) == sorted(told)


async def test_a_running_program_is_not_restored_under(tmp_path: Path) -> None:
    db = await subscribed(tmp_path / "a.db", 10)
    back_up(tmp_path / "a.db", tmp_path / "copy.db")
    with pytest.raises(OperatorError, match="Stop Highwater first"):
        restore(tmp_path / "copy.db", tmp_path / "a.db")
    assert channels(tmp_path / "a.db") == [10]
    await db.close()


async def test_a_damaged_backup_is_refused_and_the_database_kept(tmp_path: Path) -> None:
    db = await subscribed(tmp_path / "a.db", 10)
    await db.close()
    (tmp_path / "bad.db").write_bytes(b"something else entirely" * 500)
    with pytest.raises(OperatorError, match="no usable backup"):
        restore(tmp_path / "bad.db", tmp_path / "a.db")
    assert channels(tmp_path / "a.db") == [10]


async def test_a_damaged_database_can_be_replaced_and_is_kept(tmp_path: Path) -> None:
    db = await subscribed(tmp_path / "a.db", 10)
    back_up(tmp_path / "a.db", tmp_path / "copy.db")
    await db.close()
    for suffix in ("", "-wal", "-shm"):
        (tmp_path / f"a.db{suffix}").unlink(missing_ok=True)
    (tmp_path / "a.db").write_bytes(b"ruined" * 1000)
    restore(tmp_path / "copy.db", tmp_path / "a.db")
    assert channels(tmp_path / "a.db") == [10]
    assert (tmp_path / "a.db.before-1").read_bytes() == b"ruined" * 1000


async def test_a_backup_never_overwrites(tmp_path: Path) -> None:
    db = await subscribed(tmp_path / "a.db", 10)
    (tmp_path / "copy.db").write_text("precious")
    with pytest.raises(OperatorError, match="exists already"):
        back_up(tmp_path / "a.db", tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "precious"
    await db.close()


def test_nothing_to_copy_and_nothing_to_restore_are_said(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="no database"):
        back_up(tmp_path / "a.db", tmp_path / "copy.db")
    with pytest.raises(OperatorError, match="no file"):
        restore(tmp_path / "copy.db", tmp_path / "a.db")
