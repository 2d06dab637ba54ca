from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from storage.database import Database
from storage.histories import (
    HistoryRow,
    RestatementRow,
    add_restatement,
    forget_history,
    load_histories,
    load_history,
    pending_restatements,
    save_history,
    save_tail,
    settle_restatement,
)

NOW = datetime(2026, 4, 17, 21, 0, tzinfo=UTC)
IVOO = HistoryRow(
    source="yahoo",
    symbol="IVOO",
    fetched_at=NOW,
    final_through=date(2026, 4, 16),
    body_through=date(2026, 3, 20),
    body=b"body of IVOO",
    tail=b"\x00tail",
    confirmed=(date(2026, 4, 1), date(2026, 4, 2)),
)
SPY = replace(IVOO, symbol="SPY", final_through=None, body_through=None, body=b"", confirmed=())


@pytest.fixture
async def db(where: Path | str) -> AsyncIterator[Database]:
    database = Database.open(where)
    yield database
    await database.close()


async def test_a_history_comes_back_as_it_was_saved(db: Database) -> None:
    for row in (IVOO, SPY):
        await db.write(lambda c, row=row: save_history(c, row))
    assert await db.read(lambda c: load_history(c, "yahoo", "IVOO")) == IVOO
    assert await db.read(lambda c: load_history(c, "yahoo", "SPY")) == SPY
    assert await db.read(lambda c: list(load_histories(c, "yahoo"))) == [IVOO, SPY]


async def test_sources_do_not_mix(db: Database) -> None:
    other = replace(IVOO, source="folder", body=b"other")
    for row in (IVOO, other):
        await db.write(lambda c, row=row: save_history(c, row))
    assert await db.read(lambda c: load_history(c, "folder", "IVOO")) == other
    assert await db.read(lambda c: list(load_histories(c, "yahoo"))) == [IVOO]
    assert await db.read(lambda c: load_history(c, "demo", "IVOO")) is None


async def test_saving_again_replaces_everything(db: Database) -> None:
    newer = replace(IVOO, fetched_at=NOW + timedelta(days=1), body=b"new", tail=b"", confirmed=())
    for row in (IVOO, newer):
        await db.write(lambda c, row=row: save_history(c, row))
    assert await db.read(lambda c: list(load_histories(c, "yahoo"))) == [newer]


async def test_saving_a_tail_leaves_the_body_alone(db: Database) -> None:
    await db.write(lambda c: save_history(c, IVOO))
    newer = replace(IVOO, tail=b"longer tail", body=b"ignored", final_through=date(2026, 4, 17))
    await db.write(lambda c: save_tail(c, newer))
    found = await db.read(lambda c: load_history(c, "yahoo", "IVOO"))
    assert found == replace(newer, body=IVOO.body)


async def test_a_tail_without_a_history_is_refused(db: Database) -> None:
    with pytest.raises(KeyError, match="no history of IVOO from yahoo"):
        await db.write(lambda c: save_tail(c, IVOO))


async def test_a_forgotten_history_leaves_nothing_behind(db: Database) -> None:
    await db.write(lambda c: save_history(c, IVOO))
    await db.write(lambda c: forget_history(c, "yahoo", "IVOO"))
    await db.write(lambda c: forget_history(c, "yahoo", "IVOO"))
    assert await db.read(lambda c: load_history(c, "yahoo", "IVOO")) is None
    (left,) = await db.read(lambda c: c.execute("SELECT count(*) FROM history_bodies").fetchone())
    assert left == 0


async def test_a_restatement_is_pending_until_it_is_settled_once(db: Database) -> None:
    number = await db.write(
        lambda c: add_restatement(c, "IJH", ratio=0.2, session=date(2024, 2, 22), found_at=NOW)
    )
    row = RestatementRow(id=number, symbol="IJH", ratio=0.2, session=date(2024, 2, 22))
    assert await db.read(pending_restatements) == (row,)
    assert await db.write(lambda c: settle_restatement(c, number)) is True
    assert await db.write(lambda c: settle_restatement(c, number)) is False
    assert await db.read(pending_restatements) == ()
