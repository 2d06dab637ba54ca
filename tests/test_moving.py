"""A SQLite installation moved into a PostgreSQL: the same rows. `test_moved_year.py` goes on."""

import asyncio
import re
from pathlib import Path

import pytest

from bot.errors import OperatorError, SettingsError, StorageError
from bot.moving import migrate_store
from bot.settings import Settings, load_settings
from bot.turn import turn
from storage import moving
from storage.postgres.engine import PostgresEngine
from storage.sqlite import SqliteEngine
from tests.postgres import Server
from tests.storage.test_people import ANN, HERE, fill

pytestmark = pytest.mark.sqlite


@pytest.fixture
def settings(postgres: Server, tmp_path: Path) -> Settings:
    return load_settings(
        env_file=None, data_dir=tmp_path / "data", database_url=postgres.fresh("schema")
    )


def fill_file(path: Path) -> None:
    engine = SqliteEngine.open(path)
    with engine.transaction() as connection:
        fill(connection, ANN, HERE)
        rows = [(f"note {n}", "a\0b") for n in range(2500)]
        connection.executemany("INSERT INTO facts (name, value) VALUES (?, ?)", rows)
    engine.close()


def contents(engine: SqliteEngine | PostgresEngine, names: list[str]) -> dict[str, list[str]]:
    with engine.snapshot() as connection:
        found = {
            name: sorted(repr(row) for row in connection.execute(f"SELECT * FROM {name}"))
            for name in names
        }
    engine.close()
    return found


def both(settings: Settings) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Every row of the file and of the server."""
    file = SqliteEngine.open(settings.database)
    with file.snapshot() as connection:
        names = moving.tables(connection)
    server = PostgresEngine.open(str(settings.store))
    ours, theirs = contents(file, names), contents(server, names)
    ours["facts"] = [row.replace("\\x00", "") for row in ours["facts"]]
    return ours, theirs


def test_every_row_of_every_table_is_moved_and_new_numbers_follow_the_old(
    settings: Settings,
) -> None:
    fill_file(settings.database)
    said: list[str] = []
    report = migrate_store(settings, said.append)
    ours, theirs = both(settings)
    assert ours == theirs
    rows = sum(len(found) for found in ours.values())
    assert rows > 2530
    assert f"Moved {rows:,} rows of {len(ours)} tables" in report
    assert "[########------------] facts 1,000 of 2,500" in said
    engine = PostgresEngine.open(str(settings.store))
    with engine.transaction() as connection:
        fill(connection, ANN + 9, HERE + 90)  # would fail on a number that is given twice
    engine.close()


def test_a_move_that_was_cut_off_goes_on_and_keeps_programs_away_until_then(
    settings: Settings,
) -> None:
    fill_file(settings.database)

    def cut(line: str) -> None:
        if re.search(r"personal_alerts", line):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        migrate_store(settings, cut)
    said: list[str] = []
    migrate_store(settings, said.append)
    assert not [line for line in said if " audit " in line]  # was complete before
    ours, theirs = both(settings)
    assert ours == theirs


async def test_no_program_starts_on_a_database_that_is_half_moved(settings: Settings) -> None:
    fill_file(settings.database)

    def cut(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        migrate_store(settings, cut)
    with pytest.raises(StorageError, match="Run again: highwater migrate-store"):
        async with turn(settings, asyncio.Event()):
            pass


def test_a_move_begins_anew_when_the_file_has_changed_meanwhile(settings: Settings) -> None:
    fill_file(settings.database)

    def cut(line: str) -> None:
        if " quieted " in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        migrate_store(settings, cut)
    engine = SqliteEngine.open(settings.database)
    with engine.transaction() as connection:
        connection.execute("DELETE FROM audit")
        connection.execute("DELETE FROM deliveries")
    engine.close()
    migrate_store(settings, lambda line: None)
    ours, theirs = both(settings)
    assert ours["audit"] == []
    assert ours == theirs


def test_what_cannot_be_moved_is_said(settings: Settings) -> None:
    with pytest.raises(OperatorError, match="no database at"):
        migrate_store(settings, print)
    with pytest.raises(SettingsError, match="DATABASE_URL is missing"):
        migrate_store(settings.apart(settings.data_dir), print)
    fill_file(settings.database)
    migrate_store(settings, lambda line: None)
    with pytest.raises(StorageError, match="is not empty"):
        migrate_store(settings, print)
