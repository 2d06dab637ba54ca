"""PostgreSQL beside SQLite: the same schema, and clear words when it cannot be used."""

import asyncio
import builtins
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlite_utils import Database as Tables

from storage import database, facts
from storage.connection import Connection
from storage.database import Database
from storage.errors import StorageFailure
from storage.postgres import engine
from storage.postgres.connection import translated
from storage.postgres.schema import WRITING
from storage.sqlite import migrate
from tests.postgres import STRICT, Server, running

KINDS = {"INTEGER": "bigint", "TEXT": "text", "REAL": "double precision", "BLOB": "bytea"}


@pytest.fixture
def address(postgres: Server) -> str:
    return postgres.fresh("schema")


def columns_of_sqlite() -> dict[str, list[tuple[str, str, bool]]]:
    connection = sqlite3.connect(":memory:")
    migrate(connection, Path(":memory:"))
    tables = Tables(connection)
    found = {
        name: [(c.name, KINDS[c.type], bool(c.notnull or c.is_pk)) for c in tables[name].columns]
        for name in tables.table_names()
        if "sqlite_" not in name
    }
    connection.close()
    return found


def test_both_engines_have_the_same_tables_and_columns(address: str) -> None:
    with psycopg.connect(address) as connection:
        rows = connection.execute(
            """SELECT table_name, column_name, data_type, is_nullable = 'NO'
            FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name != 'migrations'
                AND table_name NOT LIKE 'procrastinate%'
            ORDER BY table_name, ordinal_position"""
        ).fetchall()
    found: dict[str, list[tuple[str, str, bool]]] = {}
    for table, *column in rows:
        found.setdefault(table, []).append(tuple(column))
    assert found == columns_of_sqlite()


def test_both_engines_have_the_same_indexes(address: str) -> None:
    connection = sqlite3.connect(":memory:")
    migrate(connection, Path(":memory:"))
    query = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE 'CREATE INDEX%'"
    wanted = {name for (name,) in connection.execute(query)}
    connection.close()
    with psycopg.connect(address) as other:
        found = {name for (name,) in other.execute("SELECT indexname FROM pg_indexes")}
    assert wanted - found == set()


def test_every_text_is_ordered_by_its_bytes(address: str) -> None:
    with psycopg.connect(address) as connection:
        rows = connection.execute(
            """SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name != 'migrations'
                AND table_name NOT LIKE 'procrastinate%'
                AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"""
        ).fetchall()
    assert rows == []


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("SELECT :a, :b_2", b"SELECT %(a)s, %(b_2)s"),
        ("SELECT ?, ?", b"SELECT %s, %s"),
        ("SELECT 'why? 10:30 %' WHERE a = :a", b"SELECT 'why? 10:30 %%' WHERE a = %(a)s"),
        ("SELECT 'it''s :a' || :a", b"SELECT 'it''s :a' || %(a)s"),
        ("SELECT 7 % :a", b"SELECT 7 %% %(a)s"),
    ],
)
def test_statements_get_the_other_placeholders_outside_of_texts(ours: str, theirs: bytes) -> None:
    assert translated(ours) == theirs


def refusal(address: str) -> str:
    with pytest.raises(StorageFailure) as failure:
        Database.open(address)
    assert "secret" not in str(failure.value)
    return str(failure.value)


@pytest.mark.parametrize("wrong", ["mysql://u:secret@h/d", "postgresql://[::1", "highwater.db"])
def test_an_address_that_is_none_is_answered_with_what_one_looks_like(wrong: str) -> None:
    assert "postgresql://name:password@host:5432/highwater" in refusal(wrong)


def test_a_server_that_is_not_there_is_named() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        text = refusal(f"postgresql://u:secret@127.0.0.1:{port}/hw")
    assert f"postgresql://127.0.0.1:{port}/hw cannot be reached" in text


def test_a_database_or_user_that_is_not_there_is_named(postgres: Server) -> None:
    assert "createdb" in refusal(postgres.address("nowhere"))
    stranger = postgres.address("schema").replace("highwater@", "stranger:secret@")
    assert "does not know the user" in refusal(stranger)


def test_a_wrong_password_and_missing_permissions_are_named(postgres: Server) -> None:
    postgres.run(f"CREATE ROLE {STRICT} LOGIN PASSWORD 'right'")
    postgres.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    address = postgres.address("postgres").replace("highwater@", f"{STRICT}:secret@")
    assert "refuses the name or the password in DATABASE_URL" in refusal(address)
    assert "permissions of DATABASE_URL's user do not suffice" in refusal(
        address.replace("secret", "right")
    )


def test_a_server_that_is_too_old_is_named() -> None:
    with pytest.raises(StorageFailure, match=r"PostgreSQL 9\.6\.24; Highwater needs 13 or newer"):
        engine.refuse_old(90624, "postgresql://h/d")
    engine.refuse_old(130000, "postgresql://h/d")


def test_a_newer_schema_is_refused(address: str) -> None:
    with psycopg.connect(address) as connection:
        connection.execute("INSERT INTO migrations (name) VALUES ('m999_future')")
    assert "written by a newer Highwater (it has m999_future)" in refusal(address)
    with pytest.raises(StorageFailure, match="newer Highwater"):
        database.describe(address)


def test_looking_changes_nothing_and_says_how_far_the_schema_is(postgres: Server) -> None:
    empty = postgres.fresh("template1")
    total = len(engine.MIGRATIONS)
    assert f", 0 of {total} schema steps" in database.describe(empty)
    Database.open(empty)
    assert f", {total} of {total} schema steps" in database.describe(empty)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any) -> Any:
        if name.startswith("storage.postgres"):
            raise ModuleNotFoundError("No module named 'psycopg'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    assert "pip install 'highwater[cluster]'" in refusal("postgresql://u:secret@h/d")


def test_programs_that_start_together_make_the_schema_once(postgres: Server) -> None:
    empty = postgres.fresh("template1")
    problems: list[Exception] = []

    def start() -> None:
        try:
            engine.PostgresEngine.open(empty).close()
        except Exception as problem:
            problems.append(problem)

    starts = [threading.Thread(target=start) for _ in range(6)]
    for each in starts:
        each.start()
    for each in starts:
        each.join()
    assert problems == []


def test_a_process_that_stands_still_in_a_transaction_loses_it_and_not_the_others(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "IDLE_SECONDS", 1)
    stopped, other = engine.PostgresEngine.open(address), engine.PostgresEngine.open(address)
    began = time.monotonic()

    def stand_still() -> None:
        with stopped.transaction() as standing:
            facts.put(standing, "a", "lost")
            with other.transaction() as connection:  # waits for the lock of the one that stands
                facts.put(connection, "b", "kept")

    with pytest.raises(psycopg.Error, match="idle-in-transaction"):
        stand_still()
    assert time.monotonic() - began < 10
    with other.snapshot() as connection:
        assert (facts.get(connection, "a"), facts.get(connection, "b")) == (None, "kept")
    stopped.close()
    other.close()


@pytest.fixture
def own_server() -> Iterator[Server]:
    with running() as server:
        yield server


async def test_a_server_that_crashes_and_returns_is_used_again_and_keeps_what_was_said(
    own_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "WAIT_SECONDS", 1.0)
    db = Database.open(own_server.fresh("template1"))
    await db.write(lambda c: facts.put(c, "a", "1"))

    def crash(connection: Connection) -> None:
        facts.put(connection, "b", "never")
        own_server.stop(signal.SIGQUIT)
        facts.put(connection, "b", "never")

    with pytest.raises(Exception, match=r"cannot be reached|terminat|closed"):
        await db.write(crash)
    with pytest.raises(StorageFailure, match="cannot be reached"):
        await db.read(lambda c: facts.get(c, "a"))
    own_server.start()
    async with asyncio.timeout(30):
        while True:
            try:
                await db.write(lambda c: facts.put(c, "c", "1"))
                break
            except StorageFailure:
                continue
    kept = await db.read(lambda c: [facts.get(c, name) for name in "abc"])
    assert kept == ["1", None, "1"]
    await db.close()


def test_one_that_starts_waits_for_nobody_who_writes(address: str) -> None:
    """Where the schema is up to date, opening takes no lock: else all that start in a cluster
    would queue behind one that stands still in a transaction."""
    engine.PostgresEngine.open(address).close()
    with psycopg.connect(address) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", (WRITING,))
        hasty = f"{address}?options=-c%20lock_timeout%3D100"
        engine.PostgresEngine.open(hasty).close()
