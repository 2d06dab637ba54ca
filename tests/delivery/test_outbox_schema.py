"""The outbox keeps its rows and its rules when its table is written anew."""

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database as Tables

from storage.database import Database
from storage.migrations import MIGRATIONS

pytestmark = pytest.mark.sqlite
REBUILT = "m016_cheap_checks"
ROW = """INSERT INTO alerts (id, subscription_id, episode_id, stage, act, guild_id, channel_id,
    facts, state, not_before, created_at, market_time)
    VALUES ('a', 1, 'e', 'opened', 'post', 1, 2, '{}', 'pending', 't', 't', 't')"""


async def test_rows_indexes_and_numbers_outlive_the_rebuilding(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path)
    tables = Tables(connection, execute_plugins=False)
    MIGRATIONS.apply(tables, stop_before=REBUILT)
    indexes = "SELECT name FROM sqlite_master WHERE tbl_name = 'alerts' AND sql IS NOT NULL"
    before = set(connection.execute(f"{indexes} AND type = 'index'").fetchall())
    connection.execute(ROW)
    connection.execute("UPDATE alerts SET seq = 41")
    connection.execute("UPDATE sqlite_sequence SET seq = 41 WHERE name = 'alerts'")
    connection.commit()
    connection.close()
    db = Database.open(path)
    await db.write(lambda c: c.execute(ROW.replace("'a'", "'b'")))
    rows = await db.read(lambda c: c.execute("SELECT id, seq FROM alerts").fetchall())
    after = await db.read(lambda c: c.execute(f"{indexes} AND type = 'index'").fetchall())
    assert rows == [("a", 41), ("b", 42)]
    assert before - set(after) == {("alerts_told",)}  # a later step drops it on purpose
    for column in ("state", "act"):
        with pytest.raises(sqlite3.IntegrityError):
            await db.write(lambda c, column=column: c.execute(f"UPDATE alerts SET {column} = 'x'"))
    await db.close()
