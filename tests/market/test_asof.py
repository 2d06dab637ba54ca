from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import ReplayClock
from bot.errors import NotOffered
from bot.market.asof import RECONSTRUCTED, AsOf, path_at
from bot.market.model import Bars, FundProfile, Headline, Symbol, as_date
from bot.market.sources.demo import DemoSource
from bot.market.sources.folder import FolderSource
from tests.market.known import SESSIONS, TEST, KnownSource, moment, real_folder, scaled, walk

CALM = walk()
FIRST, LAST = moment("2023-06-01"), moment("2024-12-30")
moments = st.floats(FIRST.timestamp(), LAST.timestamp()).map(
    lambda seconds: datetime.fromtimestamp(seconds, FIRST.tzinfo)
)


def as_of(at: datetime, *bars: Bars) -> AsOf:
    return AsOf(KnownSource(*(bars or (CALM,))), ReplayClock(at), SESSIONS)


def same(left: Bars, right: Bars) -> bool:
    columns = ("days", "open", "high", "low", "close", "volume", "dividend", "split")
    return left.final == right.final and all(
        np.array_equal(getattr(left, name), getattr(right, name)) for name in columns
    )


@given(moments, st.integers(0, 2**32 - 1))
async def test_no_later_session_shows_at_any_moment(at: datetime, seed: int) -> None:
    """Whatever comes after the moment may be anything: the answer stays the same."""
    opened = SESSIONS.last_opened(at)
    other = walk(seed=seed, price=7.0)
    past = CALM.days <= np.datetime64(opened)
    altered = replace(
        CALM,
        **{
            name: np.where(past, getattr(CALM, name), getattr(other, name))
            for name in ("open", "high", "low", "close", "volume")
        },
        dividend=np.where(past, 0.0, 0.5),
    )
    bars = await as_of(at).bars(TEST)
    assert bars.last_day <= opened
    assert same(bars, await as_of(at, altered).bars(TEST))
    assert same(bars, await as_of(at, CALM.through(opened)).bars(TEST))
    assert await as_of(at).quotes([TEST]) == await as_of(at, altered).quotes([TEST])


@given(moments)
async def test_the_running_session_shows_only_what_its_path_has_reached(at: datetime) -> None:
    running = SESSIONS.open_session(at)
    bars = await as_of(at).bars(TEST)
    whole = CALM.through(bars.last_day)
    assert np.array_equal(bars.close[:-1], whole.close[:-1])
    if running is None:
        assert bars.close[-1] == whole.close[-1]
        assert bars.final == (SESSIONS.last_closed(at) == bars.last_day)
        return
    quote = (await as_of(at).quotes([TEST]))[TEST]
    assert not bars.final
    assert whole.low[-1] <= bars.low[-1] <= quote.last <= bars.high[-1] <= whole.high[-1]
    assert bars.volume[-1] <= whole.volume[-1]
    assert quote.time == at
    assert quote.prior_close == whole.close[-2]


@given(st.integers(0, len(CALM) - 1))
def test_highs_only_grow_and_lows_only_fall_along_the_path(i: int) -> None:
    prints = [path_at(CALM, i, k / 100) for k in range(101)]
    assert all(a.high <= b.high and a.low >= b.low for a, b in pairwise(prints))
    assert all(p.low <= p.last <= p.high for p in prints)
    assert prints[0].last == prints[0].high == prints[0].low == CALM.open[i]
    assert (prints[-1].high, prints[-1].low) == (CALM.high[i], CALM.low[i])
    assert prints[-1].last == CALM.close[i]


@given(moments, st.integers(1, 200), st.sampled_from([2.0, 5.0, 0.1]))
async def test_a_later_split_changes_nothing_that_was_known_before(
    at: datetime, ahead: int, ratio: float
) -> None:
    """The same market, told by a source that has adjusted all prices for a split to come."""
    opened = SESSIONS.last_opened(at)
    i = min(len(CALM) - 1, int(np.searchsorted(CALM.days, np.datetime64(opened))) + ahead)
    if as_date(CALM.days[i]) <= opened:
        return
    adjusted = scaled(CALM, 1 / ratio)
    split = np.zeros(len(CALM))
    split[i] = ratio
    bars = await as_of(at, replace(adjusted, split=split)).bars(TEST)
    known = await as_of(at).bars(TEST)
    assert np.allclose(bars.close, known.close, rtol=1e-12)
    assert np.allclose(bars.high, known.high, rtol=1e-12)
    assert not bars.split.any()


async def test_at_the_opening_bell_only_the_open_is_known() -> None:
    i = CALM.index_of(date(2024, 3, 5))
    assert i is not None
    bars = await as_of(moment("2024-03-05T14:30")).bars(TEST)
    last = (bars.open[-1], bars.high[-1], bars.low[-1], bars.close[-1], bars.volume[-1])
    assert last == (*[CALM.open[i]] * 4, 0)


@given(moments)
async def test_high_and_low_of_a_running_session_are_those_of_its_path(at: datetime) -> None:
    running = SESSIONS.open_session(at)
    if running is None:
        return
    i = CALM.index_of(running)
    assert i is not None
    steps = np.linspace(0, SESSIONS.fraction_elapsed(at), 200)
    seen = [path_at(CALM, i, float(step)).last for step in steps]
    bars = await as_of(at).bars(TEST)
    near = {"rel": 0.001}  # the path turns between two steps
    assert bars.high[-1] == pytest.approx(max(seen), **near)
    assert bars.low[-1] == pytest.approx(min(seen), **near)


def one_bar(opened: float, high: float, low: float, close: float) -> Bars:
    column = np.array
    return Bars(
        symbol=TEST,
        days=np.array(["2024-03-05"], dtype="datetime64[D]"),
        open=column([opened]),
        high=column([high]),
        low=column([low]),
        close=column([close]),
        volume=column([1000.0]),
        dividend=column([0.0]),
        split=column([0.0]),
    )


def test_the_path_visits_the_extreme_nearer_to_the_open_first() -> None:
    near_low = one_bar(101, 110, 100, 105)
    assert [path_at(near_low, 0, e).last for e in (0.3, 0.7)] == [100, 110]
    near_high = one_bar(109, 110, 100, 105)
    assert [path_at(near_high, 0, e).last for e in (0.3, 0.5, 0.7)] == [110, 105, 100]
    assert path_at(near_high, 0, 0.5).volume == 500


async def test_a_split_of_the_future_is_undone_and_shows_on_its_day() -> None:
    split = CALM.split.copy()
    ex_date = date(2024, 6, 10)
    split[CALM.index_of(ex_date)] = 4.0
    bars = replace(CALM, split=split)
    before = await as_of(moment("2024-06-07T23:00"), bars).bars(TEST)
    assert same(before, scaled(bars.through(date(2024, 6, 7)), 4.0))
    assert not before.split.any()
    after = await as_of(moment("2024-06-10T23:00"), bars).bars(TEST)
    assert same(after, bars.through(ex_date))
    during = (await as_of(moment("2024-06-10T15:00"), bars).quotes([TEST]))[TEST]
    assert during.prior_close == CALM.close[CALM.index_of(date(2024, 6, 7))]


async def test_a_bar_is_provisional_until_twenty_minutes_after_the_close() -> None:
    assert not (await as_of(moment("2024-03-05T21:19")).bars(TEST)).final
    assert (await as_of(moment("2024-03-05T21:20")).bars(TEST)).final


async def test_the_quote_of_a_closed_market_is_the_last_close() -> None:
    quote = (await as_of(moment("2024-03-09T12:00")).quotes([TEST, Symbol("NONE")]))[TEST]
    i = CALM.index_of(date(2024, 3, 8))
    assert i is not None
    assert quote.last == CALM.close[i]
    assert quote.prior_close == CALM.close[i - 1]
    assert quote.time == moment("2024-03-08T21:00")


async def test_a_quote_says_that_prices_within_a_session_are_reconstructed() -> None:
    view = as_of(moment("2024-03-05T15:00"))
    assert RECONSTRUCTED in (await view.quotes([TEST]))[TEST].source


async def test_news_of_the_future_are_left_out() -> None:
    def headline(day: int) -> Headline:
        return Headline(
            id=str(day),
            time=moment(f"2024-03-{day:02}T12:00"),
            title="",
            url="",
            publisher="",
            symbols=(TEST,),
        )

    source = KnownSource(CALM)
    source.news = (headline(7), headline(5), headline(4))
    view = AsOf(source, ReplayClock(moment("2024-03-05T12:00")), SESSIONS)
    assert [h.id for h in await view.headlines(TEST)] == ["5", "4"]
    assert [h.id for h in await view.headlines(TEST, limit=1)] == ["5"]


async def test_a_profile_of_a_later_day_is_not_shown() -> None:
    class Profiled(KnownSource):
        async def profile(self, symbol: Symbol) -> FundProfile:
            return FundProfile(
                symbol=symbol, name="", category="", sectors=(), as_of=date(2024, 3, 6)
            )

    clock = ReplayClock(moment("2024-03-05T12:00"))
    view = AsOf(Profiled(CALM), clock, SESSIONS)
    with pytest.raises(NotOffered):
        await view.profile(TEST)
    clock.move_to(clock.now() + timedelta(days=1))
    assert (await view.profile(TEST)).as_of == date(2024, 3, 6)


async def test_a_profile_without_a_date_is_not_shown_in_the_past() -> None:
    class Undated(KnownSource):
        async def profile(self, symbol: Symbol) -> FundProfile:
            return FundProfile(symbol=symbol, name="", category="", sectors=(), as_of=None)

    view = AsOf(Undated(CALM), ReplayClock(moment("2024-03-05T12:00")), SESSIONS)
    with pytest.raises(NotOffered):
        await view.profile(TEST)


async def test_the_demo_market_knows_its_sectors_at_every_moment() -> None:
    days = SESSIONS.between(date(2016, 1, 4), date(2016, 3, 1))
    view = AsOf(DemoSource(days=days), ReplayClock(moment("2016-01-05T15:00")), SESSIONS)
    profile = await view.profile(Symbol("SPY"))
    assert profile.as_of == date(2016, 1, 4)
    assert profile.sectors


async def test_ijh_stood_at_280_dollars_before_its_split_of_2024() -> None:
    """IJH closed at 280.68 on 2024-02-21, the day before its 5:1 split."""
    source = FolderSource(real_folder("core"))
    view = AsOf(source, ReplayClock(moment("2024-02-21T22:00")), SESSIONS)
    bars = await view.bars(Symbol("IJH"))
    assert as_date(bars.days[-1]) == date(2024, 2, 21)
    assert bars.close[-1] == pytest.approx(280.68)
