"""A file that any earlier version left is brought up to date with its rows."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database as Tables

from storage import subscriptions
from storage.database import Database
from storage.migrations import MIGRATIONS

pytestmark = pytest.mark.sqlite
STEPS = sorted(
    migration.name for migration in MIGRATIONS.pending(Tables(memory=True, execute_plugins=False))
)


def left_before(path: Path, step: str) -> None:
    """The file of the version that did not know `step` yet, with a subscription in it."""
    with closing(sqlite3.connect(path)) as connection:
        MIGRATIONS.apply(Tables(connection, execute_plugins=False), stop_before=step)
        connection.execute(
            """INSERT INTO subscriptions
            (id, guild_id, channel_id, kinds, symbols, state, created_by, created_at)
            VALUES (7, 1, 2, '["high_52w"]', '["IVOO"]', 'active', 3, '2026-04-17T14:30:00Z')"""
        )
        connection.execute("INSERT INTO audit (at, action, detail) VALUES ('t', 'added', 'd')")
        connection.commit()


def schema(path: Path) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL"
        )
        return {(name, sql) for name, sql in rows}


@pytest.mark.parametrize("step", STEPS[1:])
async def test_a_file_of_any_earlier_version_keeps_its_rows_and_gets_todays_schema(
    tmp_path: Path, step: str
) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    left_before(old, step)
    await Database.open(new).close()
    db = Database.open(old)
    (kept,) = await db.read(subscriptions.active)
    assert (kept.id, kept.guild_id, kept.channel_id, kept.symbols) == (7, 1, 2, ("IVOO",))
    assert await db.read(lambda c: c.execute("SELECT action FROM audit").fetchall()) == [("added",)]
    await db.close()
    assert schema(old) == schema(new)
