"""Whatever Yahoo does wrong has a known outcome, and nothing but bot.errors leaves the source."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from time import monotonic

import numpy as np
import pytest

from bot.errors import HighwaterError, NoData, RateLimited, SourceDown, UnknownSymbol
from bot.market.findings import Rule
from bot.market.guard import check
from bot.market.model import InstrumentType, Symbol, as_date
from tests.market.imitation_yahoo import certificate
from tests.market.imitation_yahoo.bench import RUNNING, Bench, bench, fund
from tests.market.imitation_yahoo.faults import Failure
from tests.market.imitation_yahoo.prices import Flaw
from tests.market.known import SESSIONS

pytestmark = pytest.mark.skipif(
    not certificate.can_make(), reason="openssl is needed for the imitation's certificate"
)

IVOO = Symbol("IVOO")
Ask = Callable[[Bench], Awaitable[object]]

EVERYTHING: dict[str, Ask] = {
    "bars": lambda made: made.yahoo.bars(IVOO),
    "quotes": lambda made: made.yahoo.quotes([IVOO]),
    "market": lambda made: made.yahoo.market(InstrumentType.ETF),
    "profile": lambda made: made.yahoo.profile(IVOO),
    "headlines": lambda made: made.yahoo.headlines(IVOO),
    "search": lambda made: made.yahoo.search("iv"),
}

PASSING = (
    Failure.OUT_OF_ORDER,
    Failure.PAGE,
    Failure.EMPTY,
    Failure.TRUNCATED,
    Failure.CUT_JSON,
    Failure.RESET,
)
REFUSALS = (Failure.TOO_MANY, Failure.TOO_MANY_AT_THE_EDGE, Failure.TOO_MANY_IN_DISGUISE)


@pytest.mark.parametrize("failure", PASSING, ids=lambda failure: failure.name.lower())
async def test_a_passing_fault_is_retried_and_nobody_notices(
    tmp_path: Path, failure: Failure
) -> None:
    async with bench(tmp_path, fund("IVOO")) as made:
        made.server.faults.add(failure, "/v8/", times=2)
        assert len(await made.yahoo.bars(IVOO)) == 30
        assert made.server.count() == 3


@pytest.mark.parametrize("failure", PASSING, ids=lambda failure: failure.name.lower())
async def test_a_lasting_fault_is_source_down_after_three_requests(
    tmp_path: Path, failure: Failure
) -> None:
    async with bench(tmp_path, fund("IVOO")) as made:
        made.server.faults.add(failure, "/v8/")
        with pytest.raises(SourceDown) as raised:
            await made.yahoo.bars(IVOO)
        assert not isinstance(raised.value, RateLimited)
        assert made.server.count() == 3


async def test_a_lasting_fault_behind_the_crumb_costs_three_requests_as_well(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, fund("IVOO")) as made:
        made.server.faults.add(Failure.OUT_OF_ORDER, "/v7/")
        with pytest.raises(SourceDown, match="503"):
            await made.yahoo.quotes([IVOO])
        assert made.server.count() == 3


@pytest.mark.parametrize(("name", "path"), [("bars", "/v8/"), ("quotes", "/v7/")])
async def test_a_request_without_an_answer_ends_at_its_timeout(
    tmp_path: Path, name: str, path: str
) -> None:
    async with bench(tmp_path, fund("IVOO"), timeout=0.3) as made:
        made.server.faults.add(Failure.SILENCE, path)
        began = monotonic()
        with pytest.raises(SourceDown, match="Timeout"):
            await EVERYTHING[name](made)
        assert monotonic() - began < 10.0


async def test_one_stuck_request_does_not_stop_the_others(tmp_path: Path) -> None:
    async with bench(tmp_path, fund("IVOO"), fund("SPY"), timeout=1.0) as made:
        await made.yahoo.bars(Symbol("SPY"))
        made.server.faults.add(Failure.SILENCE, "/v8/finance/chart/IVOO", times=1)
        stuck = asyncio.ensure_future(made.yahoo.bars(IVOO))
        assert len(await made.yahoo.bars(Symbol("SPY"))) == 30
        assert not stuck.done()
        assert len(await stuck) == 30


@pytest.mark.parametrize("failure", REFUSALS, ids=lambda failure: failure.name.lower())
async def test_a_refusal_costs_one_request_and_says_how_long_to_wait(
    tmp_path: Path, failure: Failure
) -> None:
    async with bench(tmp_path, fund("IVOO")) as made:
        made.server.faults.add(failure, "/v8/")
        for _ in range(3):
            with pytest.raises(RateLimited) as raised:
                await made.yahoo.bars(IVOO)
            assert raised.value.after == timedelta(seconds=60)
        assert made.server.count() == 1


async def test_retry_after_is_respected(tmp_path: Path) -> None:
    async with bench(tmp_path, fund("IVOO")) as made:
        made.server.faults.add(Failure.TOO_MANY, "/v8/", retry_after=900)
        with pytest.raises(RateLimited) as raised:
            await made.yahoo.bars(IVOO)
        assert raised.value.after == timedelta(seconds=900)


async def test_in_a_storm_of_refusals_one_request_arrives_per_opening(tmp_path: Path) -> None:
    async with bench(tmp_path, fund("IVOO")) as made:
        made.server.faults.add(Failure.TOO_MANY)
        arrived = []
        for pause in (60, 120, 240, 480, 960, 1920, 3600, 3600):
            outcomes = await asyncio.gather(
                *(ask(made) for ask in EVERYTHING.values() for _ in range(5)),
                return_exceptions=True,
            )
            assert all(isinstance(outcome, RateLimited) for outcome in outcomes)
            arrived.append(len(made.server.seen))
            made.timing.pass_by(pause)
        assert arrived == [1, 2, 3, 4, 5, 6, 7, 8]
        made.server.faults.clear()
        assert len(await made.yahoo.bars(IVOO)) == 30


async def test_a_storm_in_full_run_costs_no_more_than_the_connections(tmp_path: Path) -> None:
    async with bench(tmp_path, fund("IVOO")) as made:
        await made.yahoo.bars(IVOO)
        before = made.server.count()
        made.server.faults.add(Failure.TOO_MANY)
        asks = (made.yahoo.bars(IVOO) for _ in range(50))
        outcomes = await asyncio.gather(*asks, return_exceptions=True)
        assert all(isinstance(outcome, RateLimited) for outcome in outcomes)
        assert made.server.count() - before <= 4
        assert made.yahoo.gate.openings == 1


async def test_a_bad_crumb_is_renewed_once_and_then_source_down(tmp_path: Path) -> None:
    async with bench(tmp_path, fund("IVOO")) as made:
        made.server.faults.add(Failure.BAD_CRUMB, "/v7/", times=1)
        assert IVOO in await made.yahoo.quotes([IVOO])
        made.server.faults.add(Failure.BAD_CRUMB, "/v7/")
        before = made.server.count("/v7/")
        with pytest.raises(SourceDown, match="refuses access"):
            await made.yahoo.quotes([IVOO])
        assert made.server.count("/v7/") == before + 2


async def test_no_crumb_at_all_is_source_down(tmp_path: Path) -> None:
    async with bench(tmp_path, fund("IVOO")) as made:
        made.server.faults.add(Failure.PAGE, "/v1/test/getcrumb")
        with pytest.raises(SourceDown):
            await made.yahoo.quotes([IVOO])


async def test_history_needs_neither_cookie_nor_crumb(tmp_path: Path) -> None:
    async with bench(tmp_path, fund("IVOO")) as made:
        made.server.faults.add(Failure.FORBIDDEN, "/v1/test/getcrumb")
        assert len(await made.yahoo.bars(IVOO)) == 30


@pytest.mark.parametrize("name", EVERYTHING)
@pytest.mark.parametrize(
    "failure",
    [failure for failure in Failure if failure is not Failure.SILENCE],
    ids=lambda failure: failure.name.lower(),
)
async def test_only_known_errors_leave_the_source(
    tmp_path: Path, name: str, failure: Failure
) -> None:
    async with bench(tmp_path, fund("IVOO")) as made:
        made.server.faults.add(failure)
        with pytest.raises(HighwaterError) as raised:
            await EVERYTHING[name](made)
        expected = RateLimited if failure in REFUSALS else SourceDown
        assert isinstance(raised.value, expected)
        assert IVOO in str(raised.value) or "Yahoo" in str(raised.value)


@pytest.mark.parametrize(
    ("flaw", "error"),
    [
        (Flaw.UNKNOWN, UnknownSymbol),
        (Flaw.NOTHING, NoData),
        (Flaw.NULL_BLOCK, NoData),
    ],
    ids=lambda value: value.name.lower() if isinstance(value, Flaw) else None,
)
async def test_no_history_is_said_in_words(
    tmp_path: Path, flaw: Flaw, error: type[HighwaterError]
) -> None:
    listing = fund("IVOO")
    listing.flaw = flaw
    async with bench(tmp_path, listing) as made:
        with pytest.raises(error, match="IVOO"):
            await made.yahoo.bars(IVOO)


@pytest.mark.parametrize(
    ("flaw", "missing"),
    [
        (Flaw.NULL_ROW, date(2026, 10, 1)),
        (Flaw.NULL_PRICES, date(2026, 9, 29)),
        (Flaw.MISSING_ROW, date(2026, 9, 29)),
    ],
    ids=lambda value: value.name.lower() if isinstance(value, Flaw) else None,
)
async def test_a_session_without_prices_is_left_out(
    tmp_path: Path, flaw: Flaw, missing: date
) -> None:
    listing = fund("IVOO")
    listing.flaw = flaw
    async with bench(tmp_path, listing) as made:
        bars = await made.yahoo.bars(IVOO)
        assert len(bars) == 29
        assert bars.index_of(missing) is None
        assert np.isfinite([bars.open, bars.high, bars.low, bars.close, bars.volume]).all()


async def test_the_live_price_as_a_second_row_is_merged_into_its_day(tmp_path: Path) -> None:
    listing = fund("IVOO")
    listing.flaw = Flaw.REPEATED_LAST
    async with bench(tmp_path, listing) as made:
        bars = await made.yahoo.bars(IVOO)
        assert len(bars) == 30
        assert bars.volume[-1] == (listing.rows[-1].volume or 0) + 4321
        first = listing.rows[-1]
        live = round((first.high or 0) * 1.01, 2)
        assert (bars.open[-1], bars.low[-1]) == (
            round(first.open or 0, 2),
            round(first.low or 0, 2),
        )
        assert bars.high[-1] == bars.close[-1] == live
        assert not bars.final


async def test_without_the_sessions_times_todays_bar_is_not_final(tmp_path: Path) -> None:
    listing = fund("IVOO")
    listing.flaw = Flaw.NO_TIMES
    async with bench(tmp_path, listing) as made:
        assert not (await made.yahoo.bars(IVOO)).final
        made.at(RUNNING + timedelta(days=1))
        assert (await made.yahoo.bars(IVOO)).final


@pytest.mark.parametrize("paid", [0.9, 0.2])
async def test_a_capital_gain_counts_once(tmp_path: Path, paid: float) -> None:
    listing = fund("IVOO")
    at = listing.rows[5].stamp
    listing.gains = {at: 0.5}
    listing.dividends = {at: paid}
    async with bench(tmp_path, listing) as made:
        bars = await made.yahoo.bars(IVOO)
        assert bars.dividend[5] == pytest.approx(0.9 if paid == 0.9 else 0.7)


@pytest.mark.parametrize(
    "flaw",
    [Flaw.TIMES_100, Flaw.SPLIT_NOT_APPLIED, Flaw.HIGH_BELOW_CLOSE, Flaw.TOMORROW],
    ids=lambda flaw: flaw.name.lower(),
)
async def test_a_lying_last_bar_passes_the_source_and_is_held_by_the_guard(
    tmp_path: Path, flaw: Flaw
) -> None:
    listing = fund("IVOO", sessions=252)
    async with bench(tmp_path, listing) as made:
        assert check(await made.yahoo.bars(IVOO), sessions=SESSIONS, now=RUNNING).hold is None
        listing.flaw = flaw
        bars = await made.yahoo.bars(IVOO)
        hold = check(bars, sessions=SESSIONS, now=RUNNING).hold
        assert hold is not None
        assert hold.session == as_date(bars.days[-1])


@pytest.mark.parametrize(
    ("flaw", "rule"), [(Flaw.ZERO_VOLUME, Rule.ZERO_VOLUME), (Flaw.DAYS_OLD, Rule.STALE)]
)
async def test_an_incomplete_history_is_reported_by_the_guard(
    tmp_path: Path, flaw: Flaw, rule: Rule
) -> None:
    listing = fund("IVOO", sessions=252)
    listing.flaw = flaw
    async with bench(tmp_path, listing, now=RUNNING) as made:
        made.at(RUNNING + timedelta(hours=9))
        bars = await made.yahoo.bars(IVOO)
        now = RUNNING + timedelta(hours=9)
        findings = check(bars, sessions=SESSIONS, now=now).findings
        assert rule in {finding.rule for finding in findings}
        assert as_date(bars.days[-1]) <= date(2026, 10, 1)
