"""The chain of sources, and the second one as referee."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from bot.errors import NotOffered, RateLimited, SourceDown, UnknownSymbol
from bot.market.findings import Rule, Severity
from bot.market.model import Bars, Symbol, as_date
from bot.market.sources.fallback import FallbackSource, compared
from tests.market.imitation_yahoo import certificate
from tests.market.imitation_yahoo.bench import Bench, bench, fund
from tests.market.imitation_yahoo.faults import Failure
from tests.market.imitation_yahoo.prices import Flaw, Listing
from tests.market.known import walk

needs_imitation = pytest.mark.skipif(
    not certificate.can_make(), reason="openssl is needed for the imitation's certificate"
)

IVOO, SPX = Symbol("IVOO"), Symbol("^GSPC")


def both(made: Bench) -> tuple[FallbackSource, Listing]:
    """Yahoo before Nasdaq, both knowing the same fund; the returned listing is Yahoo's."""
    made.list(fund("IVOO", sessions=60))
    made.server.world.nasdaq["IVOO"] = fund("IVOO", sessions=60)
    return FallbackSource([made.yahoo, made.nasdaq]), made.server.world.listings["IVOO"]


@needs_imitation
async def test_while_the_first_source_answers_the_second_is_not_asked(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        chain, _ = both(made)
        await chain.bars(IVOO)
        assert (chain.name, chain.label, chain.source_of(IVOO)) == ("yahoo", "Yahoo", "yahoo")
        assert made.server.count("/api/") == 0


@needs_imitation
@pytest.mark.parametrize(
    "failure", [Failure.RESET, Failure.OUT_OF_ORDER, Failure.TOO_MANY, Failure.OTHER_FORM]
)
async def test_when_the_first_is_down_the_second_answers_and_says_so(
    tmp_path: Path, failure: Failure
) -> None:
    async with bench(tmp_path) as made:
        chain, _ = both(made)
        expected = await chain.bars(IVOO)
        made.server.faults.add(failure, "/v8/")
        made.server.faults.add(failure, "/v7/")
        bars = await chain.bars(IVOO)
        assert bars.close.tolist() == expected.close.tolist()
        assert (chain.label, chain.delay_minutes) == ("Nasdaq", 15)
        assert chain.source_of(IVOO) == "nasdaq"
        assert (await chain.quotes([IVOO]))[IVOO].source == "nasdaq"
        made.server.faults.clear()
        made.timing.pass_by(61)
        await chain.bars(IVOO)
        assert chain.label == "Yahoo"


@needs_imitation
async def test_a_symbol_only_the_first_has_lost_comes_from_the_second(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        chain, listing = both(made)
        listing.flaw = Flaw.UNKNOWN
        assert len(await chain.bars(IVOO)) == 60


@needs_imitation
async def test_when_nobody_answers_the_first_ones_error_counts(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        chain, _ = both(made)
        with pytest.raises(UnknownSymbol, match="Yahoo"):
            await chain.bars(Symbol("ZZZ"))
        made.server.faults.add(Failure.TOO_MANY, "/v8/")
        with pytest.raises(RateLimited, match="Yahoo"):
            await chain.bars(SPX)
        made.server.faults.add(Failure.RESET)
        with pytest.raises(SourceDown, match="Yahoo"):
            await chain.bars(IVOO)


@needs_imitation
async def test_what_the_second_does_not_offer_stays_the_firsts_error(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        chain, _ = both(made)
        assert (await chain.profile(IVOO)).name == "IVOO Fund"
        assert len(await chain.headlines(IVOO, limit=3)) == 3
        assert await chain.directory() == ()
        made.server.faults.add(Failure.RESET, "/v10/")
        with pytest.raises(SourceDown) as raised:
            await chain.profile(IVOO)
        assert not isinstance(raised.value, NotOffered)


@needs_imitation
@pytest.mark.parametrize("flaw", [Flaw.TIMES_100, Flaw.SPLIT_NOT_APPLIED])
async def test_a_lie_of_the_first_is_held_by_the_referee(tmp_path: Path, flaw: Flaw) -> None:
    async with bench(tmp_path) as made:
        chain, listing = both(made)
        listing.flaw = flaw
        made.at(made.clock.now() + timedelta(days=1))
        bars = await chain.bars(IVOO)
        assert bars.final
        verdict = await chain.verdict(bars)
        assert verdict.finding is not None
        assert verdict.finding.severity is Severity.HOLD
        assert verdict.finding.rule is Rule.DISPUTED
        assert verdict.finding.session == date(2026, 10, 1)
        assert "Nasdaq" in verdict.finding.text
        assert len(verdict.confirmed) == 9


@needs_imitation
async def test_agreement_confirms_and_costs_two_requests(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        chain, _ = both(made)
        bars = await chain.bars(IVOO)
        verdict = await chain.verdict(bars)
        assert verdict.finding is None
        assert len(verdict.confirmed) == 9  # ten sessions, of which the last one is running
        assert made.server.count("/api/") == 2


@needs_imitation
async def test_an_absent_referee_neither_holds_nor_confirms(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        chain, _ = both(made)
        bars = await chain.bars(IVOO)
        made.server.faults.add(Failure.RESET, "/api/")
        verdict = await chain.verdict(bars)
        assert (verdict.finding, verdict.confirmed) == (None, ())


@needs_imitation
async def test_the_second_source_is_no_referee_over_itself(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        chain, _ = both(made)
        made.server.faults.add(Failure.RESET, "/v8/")
        bars = await chain.bars(IVOO)
        assert (await chain.verdict(bars)).confirmed == ()


def test_a_chain_needs_a_source() -> None:
    with pytest.raises(ValueError):
        FallbackSource([])


def changed(bars: Bars, column: str, factor: float) -> Bars:
    """The bars with the third last value of a column multiplied."""
    values = getattr(bars, column).copy()
    values[-3] *= factor
    return replace(bars, **{column: values})


@pytest.mark.parametrize(
    ("column", "factor", "held"),
    [
        ("close", 1.0049, False),
        ("close", 1.0051, True),
        ("high", 1.0099, False),
        ("high", 1.0101, True),
        ("low", 0.9901, False),
        ("low", 0.9899, True),
        ("close", float("nan"), True),
        ("volume", 3.0, False),
    ],
)
def test_half_a_percent_of_close_and_one_percent_of_range_are_tolerated(
    column: str, factor: float, held: bool
) -> None:
    truth = walk()
    verdict = compared(changed(truth, column, factor), truth, referee="Nasdaq")
    assert (verdict.finding is not None) is held
    if verdict.finding is not None:
        assert verdict.finding.session == as_date(truth.days[-3])


def test_no_common_session_is_no_verdict() -> None:
    verdict = compared(walk(last="2023-06-30"), walk(first="2023-07-03"), referee="Nasdaq")
    assert (verdict.finding, verdict.confirmed) == (None, ())


def test_only_the_last_ten_common_sessions_count() -> None:
    truth = walk()
    close = truth.close.copy()
    close[-11] *= 2
    verdict = compared(replace(truth, close=close), truth, referee="Nasdaq")
    assert verdict.finding is None
    assert verdict.confirmed == tuple(as_date(day) for day in truth.days[-10:])
    assert np.isfinite(truth.close).all()
