"""The facade over a source with known bars, a clock that is moved, and a real database."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from bot.clock import ReplayClock
from bot.errors import NoData, SourceDown, UnknownSymbol
from bot.market.asof import AsOf
from bot.market.findings import Rule
from bot.market.history import History, Stored
from bot.market.market import Market
from bot.market.merging import Restated
from bot.market.model import Bars, Quote, Symbol
from bot.market.shelf import Shelf
from bot.market.sources.fallback import FallbackSource
from storage.connection import Connection
from storage.database import Database
from storage.histories import settle_restatement
from tests.market.known import (
    SESSIONS,
    TEST,
    KnownSource,
    evening,
    moment,
    scaled,
    walk,
    with_values,
)

WHOLE = walk()
FRIDAY = date(2024, 3, 8)
MONDAY = date(2024, 3, 11)


class Stage:
    """A market, its source, and the hands of its clock."""

    def __init__(self, db: Database | None, *bars: Bars) -> None:
        self.clock = ReplayClock(evening(FRIDAY))
        self.source = KnownSource(*(bars or (WHOLE,)))
        self.db = db
        self.market = self.restarted()

    def restarted(self) -> Market:
        view = AsOf(self.source, self.clock, SESSIONS)
        self.market = Market(source=view, sessions=SESSIONS, clock=self.clock, db=self.db)
        return self.market

    @property
    def fetches(self) -> int:
        return len(self.source.asked)


class Gate:
    """A write that keeps the writer thread until it is opened."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._begun, self._free = threading.Event(), threading.Event()

    async def reached(self) -> None:
        """Queue the write, and return when the writer stands in it."""
        self._write = asyncio.create_task(self._db.write(self._stand))
        await asyncio.to_thread(self._begun.wait, 10)

    def open(self) -> None:
        self._free.set()

    def _stand(self, connection: Connection) -> None:
        self._begun.set()
        self._free.wait(10)


def waiting(db: Database) -> int:
    """How many writes wait for the writer."""
    return db._queue.qsize()


async def until(holds: Callable[[], bool]) -> None:
    """Let everything else run until something holds."""
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.to_thread(lambda: None)


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database.open(tmp_path / "highwater.db")
    yield database
    await database.close()


@pytest.fixture(params=["memory", "database"])
def stage(request: pytest.FixtureRequest, db: Database) -> Stage:
    return Stage(db if request.param == "database" else None)


async def test_bars_end_with_the_last_closed_session(stage: Stage) -> None:
    bars = await stage.market.bars(TEST)
    assert bars.last_day == FRIDAY
    assert bars.final
    assert np.array_equal(bars.close, WHOLE.through(FRIDAY).close)


async def test_a_running_session_shows_only_when_asked_for(stage: Stage) -> None:
    stage.clock.move_to(moment("2024-03-11T15:00"))
    closed = await stage.market.bars(TEST)
    assert (closed.last_day, closed.final) == (FRIDAY, True)
    running = await stage.market.bars(TEST, running=True)
    assert (running.last_day, running.final) == (MONDAY, False)
    again = await stage.market.bars(TEST)
    assert (again.last_day, again.final) == (FRIDAY, True)


async def test_a_running_bar_is_at_most_a_minute_old(stage: Stage) -> None:
    stage.clock.move_to(moment("2024-03-11T15:00"))
    first = await stage.market.bars(TEST, running=True)
    stage.clock.move_to(moment("2024-03-11T15:00:59"))
    assert (await stage.market.bars(TEST, running=True)).close[-1] == first.close[-1]
    stage.clock.move_to(moment("2024-03-11T15:01:00"))
    assert (await stage.market.bars(TEST, running=True)).close[-1] != first.close[-1]


async def test_a_symbol_is_fetched_twice_for_each_session(stage: Stage) -> None:
    """Once after the close, once the next morning when its volume is right."""
    await stage.market.bars(TEST)
    assert stage.source.asked == [(TEST, None)]
    fetched = []
    for text in (
        "2024-03-09T12:00",  # the next morning: read again, then final
        "2024-03-10T12:00",
        "2024-03-11T15:00",
        "2024-03-11T20:19",
        "2024-03-11T20:20",  # Monday's session has settled
        "2024-03-11T23:59",
        "2024-03-12T08:00",  # twelve hours after the close
        "2024-03-12T13:00",
    ):
        stage.clock.move_to(moment(text))
        before = stage.fetches
        await stage.market.bars(TEST)
        fetched.append(stage.fetches - before)
    assert fetched == [1, 0, 0, 0, 1, 0, 1, 0]


async def test_a_bar_fetched_late_in_the_session_is_not_taken_for_the_close(stage: Stage) -> None:
    stage.clock.move_to(moment("2024-03-11T19:59"))
    partial = await stage.market.bars(TEST, running=True)
    stage.clock.move_to(evening(MONDAY))
    closed = await stage.market.bars(TEST)
    assert closed.last_day == MONDAY
    assert closed.volume[-1] == WHOLE.through(MONDAY).volume[-1] > partial.volume[-1]


async def test_many_who_ask_at_once_share_one_fetch(stage: Stage) -> None:
    results = await asyncio.gather(*[stage.market.bars(TEST) for _ in range(50)])
    assert stage.fetches == 1
    assert len({len(bars) for bars in results}) == 1


async def test_many_who_ask_for_what_fails_share_one_failure(stage: Stage) -> None:
    stage.source.trouble = SourceDown("Known bars do not answer.")
    results = await asyncio.gather(
        *[stage.market.bars(TEST) for _ in range(50)], return_exceptions=True
    )
    assert stage.fetches == 1
    assert all(isinstance(result, SourceDown) for result in results)
    stage.source.trouble = None
    stage.clock.move_to(stage.clock.now() + timedelta(seconds=31))
    assert len(await stage.market.bars(TEST))


async def test_when_the_source_is_down_stored_bars_are_served_with_their_age(stage: Stage) -> None:
    await stage.market.bars(TEST)
    stage.source.trouble = SourceDown("Known bars do not answer.")
    stage.clock.move_to(evening(MONDAY))
    bars = await stage.market.bars(TEST)
    assert bars.last_day == FRIDAY
    freshness = stage.market.freshness(TEST)
    assert freshness is not None
    assert freshness.session == FRIDAY
    assert freshness.fetched_at == evening(FRIDAY)
    assert freshness.stale == "Known bars do not answer."
    assert stage.market.status().trouble == "Known bars do not answer."
    assert stage.market.held()[TEST].rule is Rule.STALE
    stage.source.trouble = None
    stage.clock.move_to(stage.clock.now() + timedelta(minutes=1))
    assert (await stage.market.bars(TEST)).last_day == MONDAY
    assert stage.market.freshness(TEST).stale == ""
    assert stage.market.held() == {}


async def test_freshness_turns_final_the_next_morning(stage: Stage) -> None:
    await stage.market.bars(TEST)
    assert not stage.market.freshness(TEST).final
    stage.clock.move_to(moment("2024-03-09T12:00"))
    await stage.market.bars(TEST)
    assert stage.market.freshness(TEST).final


async def test_a_late_bar_is_asked_for_again_after_ten_minutes(db: Database) -> None:
    clock = ReplayClock(evening(MONDAY))
    source = KnownSource(WHOLE.through(FRIDAY))
    market = Market(source=source, sessions=SESSIONS, clock=clock, db=db)
    assert (await market.bars(TEST)).last_day == FRIDAY
    assert "no bar for 2024-03-11 yet" in market.freshness(TEST).stale
    assert market.held()[TEST].rule is Rule.STALE
    source.held[TEST] = WHOLE.through(MONDAY)
    clock.move_to(evening(MONDAY) + timedelta(minutes=9))
    assert (await market.bars(TEST)).last_day == FRIDAY
    clock.move_to(evening(MONDAY) + timedelta(minutes=10))
    assert (await market.bars(TEST)).last_day == MONDAY
    assert market.held() == {}


async def test_a_split_reloads_the_history_and_is_reported_once(stage: Stage) -> None:
    split = WHOLE.split.copy()
    split[WHOLE.index_of(MONDAY)] = 4.0
    stage.source.held[TEST] = replace(scaled(WHOLE, 0.25), split=split)
    report = await stage.market.refresh([TEST], session=FRIDAY)
    assert report.restated == ()
    before = await stage.market.bars(TEST)
    assert before.close[-1] == pytest.approx(WHOLE.through(FRIDAY).close[-1])
    stage.clock.move_to(evening(MONDAY))
    report = await stage.market.refresh([TEST], session=MONDAY)
    (change,) = report.restated
    assert (change.symbol, change.session) == (TEST, MONDAY)
    assert change.ratio == pytest.approx(0.25)
    after = await stage.market.bars(TEST)
    assert np.allclose(after.close[:-1], before.close * 0.25)
    assert after.split[-1] == 4.0
    assert (await stage.market.refresh([TEST], session=MONDAY)).restated == ()


async def test_a_restatement_survives_a_crash_until_it_is_settled(db: Database) -> None:
    stage = Stage(db)
    await stage.market.bars(TEST)
    stage.source.held[TEST] = scaled(WHOLE, 0.5)
    stage.clock.move_to(evening(MONDAY))
    (change,) = (await stage.market.refresh([TEST], session=MONDAY)).restated
    (left,) = await stage.restarted().unsettled()
    assert (
        left
        == change
        == Restated(symbol=TEST, ratio=change.ratio, session=MONDAY, number=change.number)
    )
    assert await db.write(lambda c: settle_restatement(c, left.number))
    assert not await db.write(lambda c: settle_restatement(c, left.number))
    assert await stage.market.unsettled() == ()


async def test_a_restatement_whose_save_was_cancelled_is_recorded_once(db: Database) -> None:
    """The save is cancelled while it is being written, and the next question still reads the
    history from before it."""
    stage = Stage(db)
    await stage.market.bars(TEST)
    stage.source.held[TEST] = scaled(WHOLE, 0.5)
    stage.clock.move_to(evening(MONDAY))
    first, second = Gate(db), Gate(db)
    await first.reached()
    writing = asyncio.create_task(second.reached())  # and the save behind it share a commit
    cancelled = asyncio.create_task(stage.market.bars(TEST))
    await until(lambda: stage.fetches == 3 and waiting(db) == 2)
    first.open()
    await writing
    cancelled.cancel()
    await asyncio.wait([cancelled])
    stage.clock.move_to(stage.clock.now() + timedelta(seconds=1))
    again = asyncio.create_task(stage.market.bars(TEST))
    await until(lambda: stage.fetches == 5 and waiting(db) == 1)
    second.open()
    assert np.allclose((await again).close, WHOLE.through(MONDAY).close * 0.5)
    (change,) = await stage.market.unsettled()
    assert change.ratio == pytest.approx(0.5)


async def test_a_restatement_is_recorded_when_the_stored_history_is_older_than_the_known(
    db: Database,
) -> None:
    """What was fetched again in the same stage, for the running bar, is not stored again."""
    stage = Stage(db)
    stage.clock.move_to(moment("2024-03-11T15:00"))
    await stage.market.bars(TEST, running=True)
    stage.clock.move_to(moment("2024-03-11T15:02"))
    await stage.market.bars(TEST, running=True)
    stage.source.held[TEST] = scaled(WHOLE, 0.5)
    stage.clock.move_to(moment("2024-03-11T15:04"))
    await stage.market.bars(TEST, running=True)
    assert len(await stage.market.unsettled()) == 1


async def test_a_correction_of_recent_sessions_is_taken_over(stage: Stage) -> None:
    await stage.market.bars(TEST)
    i = WHOLE.index_of(FRIDAY)
    stage.source.held[TEST] = with_values(WHOLE, i, volume=7.0)
    stage.clock.move_to(moment("2024-03-09T12:00"))
    assert (await stage.market.bars(TEST)).volume[-1] == 7.0


async def test_a_restart_needs_no_fetch(db: Database) -> None:
    stage = Stage(db)
    before = await stage.market.bars(TEST)
    after = await stage.restarted().bars(TEST)
    assert stage.fetches == 1
    assert np.array_equal(before.close, after.close)
    assert np.array_equal(before.volume, after.volume)


async def test_the_store_never_holds_a_running_session(db: Database) -> None:
    stage = Stage(db)
    stage.clock.move_to(moment("2024-03-11T15:00"))
    assert (await stage.market.bars(TEST, running=True)).last_day == MONDAY
    stored = await History(db, "known").load(TEST)
    assert stored is not None
    assert stored.bars.last_day == FRIDAY


async def test_what_a_second_source_confirms_later_is_stored_all_the_same(db: Database) -> None:
    shelf = Shelf(SESSIONS, History(db, "known"))
    first = Stored(bars=WHOLE.through(FRIDAY), fetched_at=evening(FRIDAY))
    await shelf.save(first)
    await shelf.save(replace(first, confirmed=(FRIDAY,)), first)
    found = await shelf.stored(TEST)
    assert found is not None
    assert found.confirmed == (FRIDAY,)


async def test_bars_of_the_future_in_the_store_are_not_shown_to_a_replay(db: Database) -> None:
    await Stage(db).market.bars(TEST)
    earlier = Stage(db)
    earlier.clock = ReplayClock(moment("2023-10-02T23:00"))
    assert (await earlier.restarted().bars(TEST)).last_day == date(2023, 10, 2)
    assert earlier.fetches == 1


async def test_a_damaged_store_is_filled_again(db: Database) -> None:
    stage = Stage(db)
    await stage.market.bars(TEST)
    await db.write(lambda c: c.execute("UPDATE history_bodies SET body = substr(body, 1, 500)"))
    assert (await stage.restarted().bars(TEST)).last_day == FRIDAY
    assert stage.fetches == 2


async def test_unknown_symbols_and_symbols_without_bars_are_told_apart(stage: Stage) -> None:
    none = Symbol("NONE")
    stage.source.held[none] = replace(WHOLE.through(date(2000, 1, 1)), symbol=none)
    with pytest.raises(NoData, match="no usable bar"):
        await stage.market.bars(none)
    with pytest.raises(UnknownSymbol):
        await stage.market.bars(Symbol("ELSE"))


async def test_a_refresh_reports_held_missing_and_failed_symbols(stage: Stage) -> None:
    def named(bars: Bars, name: str) -> Bars:
        return replace(bars, symbol=Symbol(name))

    i = WHOLE.index_of(FRIDAY)
    for bars in (
        named(with_values(WHOLE, i - 3, low=0.27), "SPIKE"),
        named(WHOLE.through(date(2024, 3, 7)), "LATE"),
    ):
        stage.source.held[bars.symbol] = bars
    names = [TEST, Symbol("SPIKE"), Symbol("LATE"), Symbol("GONE")]
    report = await stage.market.refresh(names, session=FRIDAY)
    assert report.current == ("TEST", "SPIKE")
    assert {symbol: hold.rule for symbol, hold in report.held.items()} == {
        "SPIKE": Rule.SPIKE,
        "LATE": Rule.STALE,
    }
    assert report.missing == ("LATE", "GONE")
    assert report.failed == {"GONE": "GONE is not known."}
    assert report.source is None


async def test_when_many_symbols_lack_the_session_the_source_is_suspended(stage: Stage) -> None:
    names = [Symbol(f"S{i}") for i in range(60)]
    for i, name in enumerate(names):
        bars = WHOLE if i >= 6 else WHOLE.through(date(2024, 3, 7))
        stage.source.held[name] = replace(bars, symbol=name)
    report = await stage.market.refresh(names, session=FRIDAY)
    assert report.source is not None
    assert "6 of 60 symbols have no bar for 2024-03-08" in report.source.text
    assert stage.market.status().suspended == report.source


def quote(**values: float) -> Quote:
    i = WHOLE.index_of(FRIDAY)
    numbers = {"last": 0.0, "open": 0.0, "high": 0.0, "low": 0.0, "volume": 1000.0}
    price = float(WHOLE.close[i])
    numbers |= dict.fromkeys(("last", "open", "high", "low", "prior_close"), price)
    time = moment("2024-03-11T15:00")
    return Quote(symbol=TEST, time=time, source="Known bars", **(numbers | values))


async def test_only_quotes_that_fit_the_bars_come_through(db: Database) -> None:
    source = KnownSource(WHOLE.through(FRIDAY))
    clock = ReplayClock(moment("2024-03-11T15:00"))
    market = Market(source=source, sessions=SESSIONS, clock=clock, db=db)
    await market.bars(TEST)
    good = quote()
    source.quoted[TEST] = good
    assert await market.quotes([TEST]) == {TEST: good}
    assert market.findings(TEST) == ()
    source.quoted[TEST] = quote(
        last=good.last / 2, open=good.last / 2, high=good.last / 2, low=good.last / 2,
        prior_close=good.last / 2,
    )  # fmt: skip
    assert await market.quotes([TEST]) == {}
    assert [finding.rule for finding in market.findings(TEST)] == [Rule.PRIOR_CLOSE]
    source.quoted[TEST] = good
    assert await market.quotes([TEST]) == {TEST: good}
    assert market.findings(TEST) == ()


async def test_a_split_seen_in_a_quote_makes_the_bars_be_fetched_again(db: Database) -> None:
    source = KnownSource(WHOLE.through(FRIDAY))
    clock = ReplayClock(moment("2024-03-11T11:00"))
    market = Market(source=source, sessions=SESSIONS, clock=clock, db=db)
    await market.bars(TEST)
    source.held[TEST] = scaled(WHOLE.through(FRIDAY), 0.5)
    half = quote().last / 2
    source.quoted[TEST] = quote(last=half, open=half, high=half, low=half, prior_close=half)
    clock.move_to(moment("2024-03-11T15:00"))
    assert await market.quotes([TEST]) == {}
    assert (await market.bars(TEST)).close[-1] == half
    assert await market.quotes([TEST]) == {}  # levels elsewhere are still on the old scale
    assert "scale" in market.findings(TEST)[-1].text
    assert len((await market.refresh([TEST], session=FRIDAY)).restated) == 1
    assert TEST in await market.quotes([TEST])


async def test_a_second_source_can_vouch_for_odd_prices_and_is_remembered(db: Database) -> None:
    i = WHOLE.index_of(FRIDAY)
    crash = with_values(WHOLE.through(FRIDAY), i, low=40.0)
    clock = ReplayClock(evening(FRIDAY))

    def market(*sources: KnownSource) -> Market:
        return Market(source=FallbackSource(sources), sessions=SESSIONS, clock=clock, db=db)

    alone = market(KnownSource(crash))
    await alone.bars(TEST)
    assert alone.held()[TEST].rule is Rule.SPIKE
    clock.move_to(moment("2024-03-09T12:00"))
    vouched = market(KnownSource(crash), KnownSource(crash))
    assert (await vouched.bars(TEST)).low[-1] == 40.0
    assert vouched.held() == {}
    restarted = market(KnownSource(crash))
    await restarted.bars(TEST)
    assert restarted.held() == {}


async def test_a_second_source_that_disagrees_holds_the_symbol(db: Database) -> None:
    i = WHOLE.index_of(FRIDAY)
    crash = with_values(WHOLE.through(FRIDAY), i, low=40.0)
    market = Market(
        source=FallbackSource([KnownSource(crash), KnownSource(WHOLE.through(FRIDAY))]),
        sessions=SESSIONS,
        clock=ReplayClock(evening(FRIDAY)),
        db=db,
    )
    await market.bars(TEST)
    assert [f.rule for f in market.findings(TEST)] == [Rule.SPIKE, Rule.STALE, Rule.DISPUTED]


async def test_a_panel_holds_the_last_sessions_of_all_symbols(stage: Stage) -> None:
    other = Symbol("OTHER")
    stage.source.held[other] = walk(symbol=other, seed=2)
    panel = await stage.market.panel([TEST, Symbol("GONE"), other], sessions=100)
    assert panel.symbols == (TEST, other)
    assert panel.close.shape == (100, 2)
    assert panel.days[-1] == np.datetime64(FRIDAY)
    assert np.array_equal(panel.high[:, 0], WHOLE.through(FRIDAY).high[-100:])
