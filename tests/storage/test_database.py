"""The database file: what it promises, and what it says when it cannot."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from storage.database import Database
from storage.errors import StorageFailure


async def test_a_write_is_on_disk_when_it_returns(tmp_path: Path) -> None:
    db = Database.open(tmp_path / "a.db")
    await db.write(lambda c: c.execute("INSERT INTO facts VALUES ('a', '1')"))
    with sqlite3.connect(tmp_path / "a.db") as other:
        assert other.execute("SELECT value FROM facts").fetchall() == [("1",)]
    other.close()
    await db.close()


async def test_a_failing_write_leaves_its_neighbours_alone(tmp_path: Path) -> None:
    db = Database.open(tmp_path / "a.db")

    def fails(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO facts VALUES ('bad', '1')")
        raise KeyError("bad")

    results = await asyncio.gather(
        db.write(lambda c: c.execute("INSERT INTO facts VALUES ('a', '1')").rowcount),
        db.write(fails),
        db.write(lambda c: c.execute("INSERT INTO facts VALUES ('b', '1')").rowcount),
        return_exceptions=True,
    )
    assert results[0] == results[2] == 1
    assert isinstance(results[1], KeyError)
    names = await db.read(lambda c: c.execute("SELECT name FROM facts ORDER BY name").fetchall())
    assert names == [("a",), ("b",)]
    await db.close()


async def test_readers_cannot_write(tmp_path: Path) -> None:
    db = Database.open(tmp_path / "a.db")
    with pytest.raises(StorageFailure, match="permissions"):
        await db.read(lambda c: c.execute("INSERT INTO facts VALUES ('a', '1')"))
    await db.close()


async def test_the_same_file_opens_again_with_its_rows(tmp_path: Path) -> None:
    for expected in (0, 1):
        db = Database.open(tmp_path / "a.db")
        count = await db.read(lambda c: c.execute("SELECT count(*) FROM facts").fetchone()[0])
        assert count == expected
        await db.write(lambda c: c.execute("INSERT OR IGNORE INTO facts VALUES ('a', '1')"))
        await db.close()


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"hello world" * 1000)
    with pytest.raises(StorageFailure, match=r"damaged.*Restore a backup"):
        Database.open(path)
    assert path.read_bytes() == b"hello world" * 1000


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


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailure, match="HIGHWATER_DATA_DIR"):
        Database.open(tmp_path / "file" / "sub" / "a.db")


async def test_the_audit_cannot_be_rewritten(tmp_path: Path) -> None:
    db = Database.open(tmp_path / "a.db")
    await db.write(
        lambda c: c.execute("INSERT INTO audit (at, action, detail) VALUES ('t', 'a', 'd')")
    )
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        await db.write(lambda c: c.execute("UPDATE audit SET detail = 'other'"))
    await db.close()


async def test_a_cancelled_write_neither_stops_the_writer_nor_happens_in_part(
    tmp_path: Path,
) -> None:
    db = Database.open(tmp_path / "a.db")
    await db.write(lambda c: c.execute("CREATE TABLE t (x)"))
    begun, free = threading.Event(), threading.Event()

    def under_way(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO t VALUES (1)")
        begun.set()
        free.wait(10)

    first = asyncio.create_task(db.write(under_way))
    await asyncio.to_thread(begun.wait, 10)
    second = asyncio.create_task(db.write(lambda c: c.execute("INSERT INTO t VALUES (2)")))
    await asyncio.wait([second], timeout=0)
    for task in (first, second):
        task.cancel()
    await asyncio.wait([first, second])
    free.set()
    async with asyncio.timeout(10):
        await db.write(lambda c: c.execute("INSERT INTO t VALUES (3)"))
    assert await db.read(lambda c: c.execute("SELECT x FROM t").fetchall()) == [(1,), (3,)]
    await db.close()
