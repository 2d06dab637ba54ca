"""What a database promises on either engine, and what a file says when it cannot be used."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from storage import facts
from storage.connection import Connection
from storage.database import Database
from storage.errors import StorageFailure

Where = Path | str


def names(connection: Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT name FROM facts ORDER BY name")]


async def test_a_write_is_there_for_others_when_it_returns(where: Where) -> None:
    db, other = Database.open(where), Database.open(where)
    await db.write(lambda c: facts.put(c, "a", "1"))
    assert await other.read(lambda c: facts.get(c, "a")) == "1"
    await db.close()
    await other.close()


async def test_a_failing_write_leaves_its_neighbours_alone(where: Where) -> None:
    db = Database.open(where)

    def fails(connection: Connection) -> None:
        facts.put(connection, "bad", "1")
        raise KeyError("bad")

    def refused(connection: Connection) -> None:
        facts.put(connection, "refused", "1")
        connection.execute("INSERT INTO facts (name, value) VALUES ('refused', NULL)")

    results = await asyncio.gather(
        db.write(lambda c: facts.put(c, "a", "1")),
        db.write(fails),
        db.write(refused),
        db.write(lambda c: facts.put(c, "b", "1")),
        return_exceptions=True,
    )
    assert results[0] is results[3] is None
    assert isinstance(results[1], KeyError)
    assert type(results[2]).__mro__[1].__name__ == "IntegrityError" or isinstance(
        results[2], sqlite3.IntegrityError
    )
    assert await db.read(names) == ["a", "b"]
    await db.close()


async def test_what_a_write_read_stays_true_until_it_commits(where: Where) -> None:
    """Two programs count together and lose nothing."""
    programs = [Database.open(where), Database.open(where)]

    def add(connection: Connection) -> None:
        before = int(facts.get(connection, "count") or 0)
        facts.put(connection, "count", str(before + 1))

    await asyncio.gather(*(programs[n % 2].write(add) for n in range(100)))
    assert await programs[0].read(lambda c: facts.get(c, "count")) == "100"
    for db in programs:
        await db.close()


async def test_a_read_sees_one_moment(where: Where) -> None:
    db = Database.open(where)
    begun, free = threading.Event(), threading.Event()

    def look_twice(connection: Connection) -> tuple[list[str], list[str]]:
        first = names(connection)
        begun.set()
        free.wait(10)
        return first, names(connection)

    reading = asyncio.create_task(db.read(look_twice))
    await asyncio.to_thread(begun.wait, 10)
    await db.write(lambda c: facts.put(c, "a", "1"))
    free.set()
    assert await reading == ([], [])
    assert await db.read(names) == ["a"]
    await db.close()


async def test_readers_cannot_write(where: Where) -> None:
    db = Database.open(where)
    with pytest.raises(StorageFailure, match="cannot be written"):
        await db.read(lambda c: facts.put(c, "a", "1"))
    await db.close()


async def test_the_same_database_opens_again_with_its_rows(where: Where) -> None:
    for expected in ([], ["a"]):
        db = Database.open(where)
        assert await db.read(names) == expected
        await db.write(lambda c: facts.put(c, "a", "1"))
        await db.close()


async def test_the_audit_cannot_be_rewritten(where: Where) -> None:
    db = Database.open(where)
    await db.write(
        lambda c: c.execute("INSERT INTO audit (at, action, detail) VALUES ('t', 'a', 'd')")
    )
    with pytest.raises(Exception, match="append-only"):
        await db.write(lambda c: c.execute("UPDATE audit SET detail = 'other'"))
    await db.close()


async def test_a_cancelled_write_neither_stops_the_writer_nor_happens_in_part(
    where: Where,
) -> None:
    db = Database.open(where)
    begun, free = threading.Event(), threading.Event()

    def under_way(connection: Connection) -> None:
        facts.put(connection, "first", "1")
        begun.set()
        free.wait(10)

    first = asyncio.create_task(db.write(under_way))
    await asyncio.to_thread(begun.wait, 10)
    second = asyncio.create_task(db.write(lambda c: facts.put(c, "second", "1")))
    await asyncio.wait([second], timeout=0)
    for task in (first, second):
        task.cancel()
    await asyncio.wait([first, second])
    free.set()
    async with asyncio.timeout(10):
        await db.write(lambda c: facts.put(c, "third", "1"))
    assert await db.read(names) == ["first", "third"]
    await db.close()


@pytest.mark.sqlite
def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"hello world" * 1000)
    with pytest.raises(StorageFailure, match=r"damaged.*Restore a backup"):
        Database.open(path)
    assert path.read_bytes() == b"hello world" * 1000


@pytest.mark.sqlite
async def test_a_damaged_page_is_found_at_start(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    db = Database.open(path)
    rows = [(f"n{i}", "v" * 200) for i in range(2000)]
    await db.write(lambda c: c.executemany("INSERT INTO facts VALUES (?, ?)", rows))
    await db.close()
    data = bytearray(path.read_bytes())
    for page in range(20, 30):
        data[4096 * page + 8 : 4096 * page + 2000] = b"\xa5" * 1992
    path.write_bytes(data)
    with pytest.raises(StorageFailure, match="damaged"):
        Database.open(path)


@pytest.mark.sqlite
async def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    db = Database.open(path)
    await db.write(
        lambda c: c.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('highwater', 'm999_future', '2030-01-01')"
        )
    )
    await db.close()
    with pytest.raises(StorageFailure, match="newer Highwater"):
        Database.open(path)


@pytest.mark.sqlite
def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailure, match="HIGHWATER_DATA_DIR"):
        Database.open(tmp_path / "file" / "sub" / "a.db")
