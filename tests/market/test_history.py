"""Bytes and merging as pure functions, and the store over a real database."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import StorageError
from bot.market.blobs import HEADER, decode, encode
from bot.market.history import LONG_TAIL, SHORT_TAIL, TURNS, History, Stored
from bot.market.merging import is_restated, joined, overlap_ratio, restatement
from bot.market.model import Bars, Symbol, as_date, empty_bars
from bot.market.sources.folder import FolderSource
from storage.database import Database
from storage.histories import load_history
from tests.market.known import SESSIONS, TEST, evening, real_folder, scaled, walk, with_values

CALM = walk()
COLUMNS = ("days", "open", "high", "low", "close", "volume", "dividend", "split")


def same(left: Bars, right: Bars) -> bool:
    return all(
        np.array_equal(getattr(left, name), getattr(right, name), equal_nan=name != "days")
        for name in COLUMNS
    )


def exact(bars: Bars) -> Bars:
    decoded = decode(bars.symbol, encode(bars))
    assert same(decoded, bars)
    return decoded


prices = st.one_of(
    st.integers(1, 2**31 - 1).map(lambda units: units / 10_000),
    st.floats(allow_nan=True, allow_infinity=True),
)
volumes = st.one_of(st.integers(0, 2**33).map(float), st.floats(allow_nan=True))
rows = st.lists(st.tuples(*[prices] * 4, volumes, prices, st.sampled_from([0.0, 2.0])), max_size=12)


@given(rows)
def test_every_number_comes_back_as_the_same_double(table: list[tuple[float, ...]]) -> None:
    columns = np.array(table, dtype=float).reshape(-1, 7).T
    bars = Bars(
        symbol=TEST, days=CALM.days[: len(table)], **dict(zip(COLUMNS[1:], columns, strict=True))
    )
    exact(bars)


def test_prices_as_vendors_print_them_take_24_bytes_a_session() -> None:
    assert len(encode(CALM)) == HEADER.size + 24 * len(CALM)
    assert exact(CALM).close[0] == float(f"{CALM.close[0]:.2f}")


def test_prices_with_more_digits_or_beyond_200000_dollars_stay_exact() -> None:
    exact(with_values(CALM, 3, close=1 / 3))
    exact(scaled(CALM, 7_000.0))
    exact(with_values(CALM, 3, volume=5e9))
    exact(empty_bars(TEST))


def test_pieces_are_joined_and_share_their_days() -> None:
    cut = as_date(CALM.days[300])
    pieces = encode(CALM.through(cut)), encode(CALM.since(cut + timedelta(days=1)))
    first, second = decode(TEST, *pieces), decode(TEST, *pieces)
    assert same(first, CALM)
    assert first.days is second.days


@given(st.integers(0, len(encode(CALM)) - 1))
def test_a_piece_that_was_cut_short_is_noticed(length: int) -> None:
    with pytest.raises(ValueError, match=r"cut short|damaged"):
        decode(TEST, encode(CALM)[:length])


def test_a_top_up_replaces_from_its_first_session_on() -> None:
    fresh = with_values(CALM, -1, close=99.0).since(as_date(CALM.days[-5]))
    merged = joined(CALM.through(as_date(CALM.days[-3])), fresh)
    assert same(merged, with_values(CALM, -1, close=99.0))
    assert same(joined(CALM, CALM.since(date(2030, 1, 1))), CALM)


@pytest.mark.parametrize(
    ("ratio", "restated"), [(1.0, False), (1.0004, False), (1.0006, True), (0.5, True), (3.0, True)]
)
def test_a_scale_that_is_off_by_more_than_five_points_is_a_restatement(
    ratio: float, restated: bool
) -> None:
    fresh = scaled(CALM, ratio).since(as_date(CALM.days[-5]))
    assert overlap_ratio(CALM, fresh) == pytest.approx(ratio)
    assert is_restated(CALM, fresh) == restated


def test_a_provisional_bar_is_not_compared() -> None:
    last = CALM.since(CALM.last_day)
    assert overlap_ratio(CALM, last) == 1.0
    assert overlap_ratio(replace(CALM, final=False), last) is None


def test_one_corrected_close_is_no_restatement() -> None:
    fresh = with_values(CALM, -2, close=1.0).since(as_date(CALM.days[-5]))
    assert not is_restated(CALM, fresh)


def test_a_new_split_is_a_restatement_even_before_prices_change() -> None:
    fresh = with_values(CALM, -1, split=2.0).since(as_date(CALM.days[-5]))
    assert is_restated(CALM.through(as_date(CALM.days[-2])), fresh)
    assert not is_restated(with_values(CALM, -1, split=2.0), fresh)


def test_bars_that_do_not_overlap_cannot_be_joined() -> None:
    assert is_restated(CALM.through(date(2024, 3, 1)), CALM.since(date(2024, 3, 4)))


def test_the_ratio_of_a_restatement_is_measured_on_all_sessions() -> None:
    ex_date = as_date(CALM.days[-3])
    new = with_values(scaled(CALM, 0.25), -3, split=4.0)
    change = restatement(CALM.through(as_date(CALM.days[-4])), new)
    assert change is not None
    assert (change.ratio, change.session) == (pytest.approx(0.25), ex_date)
    assert restatement(CALM, CALM) is None


@pytest.mark.parametrize(
    ("symbol", "ex_date", "ratio"),
    [
        ("IJH", date(2024, 2, 22), 0.2),
        ("IVOO", date(2023, 3, 14), 0.5),
        ("XLK", date(2025, 12, 5), 0.5),
    ],
)
async def test_real_splits_are_seen_in_the_overlap(
    symbol: str, ex_date: date, ratio: float
) -> None:
    """IJH 5:1, IVOO 2:1 and XLK 2:1, as their issuers announced them."""
    bars = await FolderSource(real_folder("core")).bars(Symbol(symbol))
    before = SESSIONS.offset(ex_date, -1)
    stored = scaled(bars.through(before), 1 / ratio)
    fresh = bars.through(ex_date).since(SESSIONS.offset(ex_date, -5))
    assert is_restated(stored, fresh)
    change = restatement(stored, bars.through(ex_date))
    assert change is not None
    assert (change.ratio, change.session) == (pytest.approx(ratio), ex_date)


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database.open(tmp_path / "highwater.db")
    yield database
    await database.close()


def stored(bars: Bars) -> Stored:
    return Stored(bars=bars, fetched_at=evening(bars.last_day))


async def save(history: History, bars: Bars, changed_from: date | None = None) -> None:
    await history.save(stored(bars), final_through=None, changed_from=changed_from)


async def test_a_history_is_loaded_as_saved(db: Database) -> None:
    history = History(db, "known")
    await save(history, CALM)
    found = await history.load(TEST)
    assert found is not None
    assert same(found.bars, CALM)
    assert found.fetched_at == evening(CALM.last_day)
    assert await history.load(Symbol("NONE")) is None
    assert await History(db, "other").load(TEST) is None


async def test_a_year_of_top_ups_adds_up_to_the_whole_history(db: Database) -> None:
    """Every session a top-up, now and then a restart: nothing is lost or doubled."""
    history = History(db, "known")
    start = 200
    await save(history, CALM.through(as_date(CALM.days[start])))
    for i in range(start + 1, len(CALM)):
        if i % 37 == 0:
            history = History(db, "known")
            await history.load(TEST)
        await save(history, CALM.through(as_date(CALM.days[i])), as_date(CALM.days[i - 9]))
        row = await db.read(lambda c: load_history(c, "known", TEST))
        assert row is not None
        tail = decode(TEST, row.tail)
        assert SHORT_TAIL <= len(tail) <= LONG_TAIL + TURNS
    found = await History(db, "known").load(TEST)
    assert found is not None
    assert same(found.bars, CALM)


async def test_a_correction_deep_in_the_past_reaches_the_store(db: Database) -> None:
    history = History(db, "known")
    await save(history, CALM)
    corrected = with_values(CALM, 50, close=1.0)
    await save(history, corrected, as_date(CALM.days[50]))
    found = await history.load(TEST)
    assert found is not None
    assert same(found.bars, corrected)


async def test_all_histories_are_loaded_at_once(db: Database) -> None:
    history = History(db, "known")
    many = [walk(symbol=f"S{i}", seed=i) for i in range(20)]
    for bars in many:
        await save(history, bars)
    loaded = await History(db, "known").load_all()
    assert set(loaded) == {bars.symbol for bars in many}
    assert all(same(loaded[bars.symbol].bars, bars) for bars in many)


async def test_a_confirmed_session_is_remembered(db: Database) -> None:
    history = History(db, "known")
    vouched = replace(stored(CALM), confirmed=(date(2024, 6, 3),))
    await history.save(vouched, final_through=None)
    found = await history.load(TEST)
    assert found is not None
    assert found.confirmed == (date(2024, 6, 3),)


async def test_a_closed_database_is_an_error_for_the_operator(db: Database) -> None:
    history = History(db, "known")
    await db.close()
    with pytest.raises(StorageError):
        await save(history, CALM)
