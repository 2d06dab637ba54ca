"""The Yahoo source against the imitation: what it asks, what it makes of the answers."""

import asyncio
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import yfinance
from curl_cffi.requests import Session

from bot.errors import NoData, RateLimited, SourceDown, UnknownSymbol
from bot.market.limiter import Limits
from bot.market.model import Bars, InstrumentType, Symbol, as_date
from bot.market.sources.door import Pace
from tests.market.imitation_yahoo import certificate
from tests.market.imitation_yahoo.bench import RUNNING, bench, fund
from tests.market.imitation_yahoo.prices import Flaw, Row

pytestmark = pytest.mark.skipif(
    not certificate.can_make(), reason="openssl is needed for the imitation's certificate"
)

NEW_YORK = ZoneInfo("America/New_York")
IVOO, SPY, AAPL = Symbol("IVOO"), Symbol("SPY"), Symbol("AAPL")
CHART = "/v8/finance/chart/"


def days_of(rows: list[Row]) -> list[date]:
    return [datetime.fromtimestamp(row.stamp, NEW_YORK).date() for row in rows]


def assert_same(bars: Bars, rows: list[Row]) -> None:
    """The bars are these rows, to the cent."""
    assert [as_date(day) for day in bars.days] == days_of(rows)
    for name in ("open", "high", "low", "close"):
        expected = [round(getattr(row, name), 2) for row in rows]
        assert getattr(bars, name).tolist() == expected
    assert bars.volume.tolist() == [row.volume for row in rows]


async def test_history_is_what_yahoo_has_in_one_request(tmp_path: Path) -> None:
    listing = fund("IVOO")
    async with bench(tmp_path, listing) as made:
        bars = await made.yahoo.bars(IVOO)
        assert_same(bars, listing.rows)
        (request,) = made.server.data_requests()
        assert request.query["interval"] == "1d"
        assert request.query["events"] == "div,splits,capitalGains"
        assert "crumb" not in request.query


@pytest.mark.parametrize("symbol", ["^GSPC", "BRK-B", "EURUSD=X", "0P0000XVS3.L"])
async def test_unusual_tickers_arrive_as_they_are(tmp_path: Path, symbol: str) -> None:
    async with bench(tmp_path, fund(symbol)) as made:
        assert len(await made.yahoo.bars(Symbol(symbol))) == 30


async def test_a_top_up_begins_where_it_was_asked_to(tmp_path: Path) -> None:
    listing = fund("IVOO")
    async with bench(tmp_path, listing) as made:
        bars = await made.yahoo.bars(IVOO, since=days_of(listing.rows)[-5])
        assert_same(bars, listing.rows[-5:])


async def test_events_stand_on_their_sessions(tmp_path: Path) -> None:
    listing = fund("IVOO")
    at = [row.stamp for row in listing.rows]
    listing.dividends = {at[3]: 0.41, at[20]: 0.43}
    listing.splits = {at[10]: (3, 2)}
    async with bench(tmp_path, listing) as made:
        bars = await made.yahoo.bars(IVOO)
        assert {i: bars.dividend[i] for i in np.flatnonzero(bars.dividend)} == {3: 0.41, 20: 0.43}
        assert {i: bars.split[i] for i in np.flatnonzero(bars.split)} == {10: 1.5}


async def test_an_event_on_a_missing_session_moves_to_the_next_one(tmp_path: Path) -> None:
    listing = fund("IVOO")
    listing.flaw = Flaw.NULL_PRICES
    listing.dividends = {listing.rows[-3].stamp: 0.5}
    async with bench(tmp_path, listing) as made:
        bars = await made.yahoo.bars(IVOO)
        assert bars.dividend[-2] == 0.5
        assert as_date(bars.days[-2]) == days_of(listing.rows)[-2]


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
async def test_the_unmodified_yfinance_reads_the_same_history(tmp_path: Path) -> None:
    listing = fund("IVOO", sessions=252)
    at = [row.stamp for row in listing.rows]
    listing.dividends, listing.splits = {at[40]: 0.4, at[120]: 0.6}, {at[80]: (2, 1)}
    async with bench(tmp_path, listing) as made:
        bars = await made.yahoo.bars(IVOO)
        network = made.server.network()
        session = Session(
            impersonate="chrome", proxy=network.proxy, verify=str(network.certificates)
        )
        ticker = yfinance.Ticker("IVOO", session=session)
        theirs = ticker.history(start="2025-01-01", end="2026-10-02", auto_adjust=False)
        assert [moment.date() for moment in theirs.index] == [as_date(day) for day in bars.days]
        for name in ("open", "high", "low", "close"):
            np.testing.assert_allclose(getattr(bars, name), theirs[name.title()], rtol=1e-6)
        assert bars.volume.tolist() == theirs["Volume"].tolist()
        assert bars.dividend.tolist() == theirs["Dividends"].tolist()
        assert bars.split.tolist() == theirs["Stock Splits"].tolist()


async def test_todays_bar_is_not_final_until_the_auction_has_settled(tmp_path: Path) -> None:
    async with bench(tmp_path, fund("IVOO")) as made:
        for moment, final in (
            (RUNNING, False),
            (datetime(2026, 10, 1, 20, 19, tzinfo=UTC), False),
            (datetime(2026, 10, 1, 20, 20, tzinfo=UTC), True),
            (datetime(2026, 10, 2, 12, 0, tzinfo=UTC), True),
        ):
            made.at(moment)
            assert (await made.yahoo.bars(IVOO)).final is final


async def test_a_stale_answer_after_the_close_is_not_final(tmp_path: Path) -> None:
    async with bench(tmp_path, fund("IVOO")) as made:
        made.clock.move_to(datetime(2026, 10, 1, 21, 0, tzinfo=UTC))
        assert not (await made.yahoo.bars(IVOO)).final


async def test_quotes_cost_a_request_per_99_symbols(tmp_path: Path) -> None:
    listings = [fund(f"F{i}", sessions=2) for i in range(250)]
    async with bench(tmp_path, *listings) as made:
        symbols = [Symbol(listing.symbol) for listing in listings]
        quotes = await made.yahoo.quotes([*symbols, Symbol("NOBODY"), symbols[0]])
        assert list(quotes) == symbols
        assert made.server.count("/v7/finance/quote") == 3
        last, before = listings[7].rows[-1], listings[7].rows[-2]
        quote = quotes[symbols[7]]
        assert quote.last == round(last.close or 0, 2)
        assert quote.prior_close == round(before.close or 0, 2)
        assert (quote.high, quote.low) == (round(last.high or 0, 2), round(last.low or 0, 2))
        assert quote.time == RUNNING
        assert quote.source == "yahoo"


async def test_a_market_costs_a_request_per_250_names(tmp_path: Path) -> None:
    listings = [fund(f"F{i:03}", sessions=2) for i in range(600)]
    async with bench(tmp_path, *listings) as made:
        quotes = await made.yahoo.market(InstrumentType.ETF)
        assert list(quotes) == [listing.symbol for listing in listings]
        assert made.server.count("/v1/finance/screener") == 3
        assert len(await made.yahoo.market(InstrumentType.ETF, limit=100)) == 100


async def test_the_first_crumb_costs_two_requests_at_the_most_and_serves_for_ever(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, fund("IVOO")) as made:
        await made.yahoo.quotes([IVOO])
        assert len(made.server.seen) <= 3
        before = len(made.server.seen)
        await made.yahoo.profile(IVOO)
        await made.yahoo.headlines(IVOO)
        assert len(made.server.seen) == before + 2


async def test_a_fund_has_sector_weights_largest_first_and_a_stock_has_none(
    tmp_path: Path,
) -> None:
    stock = fund("AAPL")
    stock.kind = "EQUITY"
    async with bench(tmp_path, fund("IVOO"), stock) as made:
        profile = await made.yahoo.profile(IVOO)
        assert profile.name == "IVOO Fund"
        assert profile.category == "Mid-Cap Blend"
        assert profile.sectors == (
            ("Technology", 0.31),
            ("Financial Services", 0.19),
            ("Real Estate", 0.07),
        )
        assert (await made.yahoo.profile(AAPL)).sectors == ()


async def test_news_are_fresh_on_every_poll_and_each_story_once(tmp_path: Path) -> None:
    async with bench(tmp_path, fund("IVOO")) as made:
        first = await made.yahoo.headlines(IVOO, limit=5)
        assert [headline.title for headline in first] == [
            f"IVOO story {i}" for i in (4, 3, 2, 1, 0)
        ]
        assert len({headline.id for headline in first}) == 5
        assert first[-1].time == RUNNING
        made.at(RUNNING + timedelta(hours=1))
        second = await made.yahoo.headlines(IVOO, limit=5)
        assert second[-1].time == RUNNING + timedelta(hours=1)


async def test_search_is_asked_again_every_time_and_shows_no_options(tmp_path: Path) -> None:
    async with bench(tmp_path, fund("IVOO"), fund("IVW")) as made:
        found = await made.yahoo.search("iv")
        assert [item.symbol for item in found] == ["IVOO", "IVW"]
        assert (await made.yahoo.search("iv"))[0].name == "IVOO Fund, search 2"


async def test_a_renewed_crumb_is_fetched_without_anybody_noticing(tmp_path: Path) -> None:
    async with bench(tmp_path, fund("IVOO")) as made:
        await made.yahoo.quotes([IVOO])
        made.server.world.crumb = "another"
        assert IVOO in await made.yahoo.quotes([IVOO])


async def test_an_unknown_symbol_costs_one_request_a_quarter_of_an_hour(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        for _ in range(3):
            with pytest.raises(UnknownSymbol, match="does not know ZZZ"):
                await made.yahoo.bars(Symbol("ZZZ"))
        with pytest.raises(UnknownSymbol):
            await made.yahoo.profile(Symbol("ZZZ"))
        assert made.server.count() == 1
        made.timing.pass_by(901)
        with pytest.raises(UnknownSymbol):
            await made.yahoo.profile(Symbol("ZZZ"))
        assert made.server.count() == 2


async def test_not_found_about_a_known_symbol_is_doubted_for_three_sessions(
    tmp_path: Path,
) -> None:
    listing = fund("IVOO")
    async with bench(tmp_path, listing) as made:
        await made.yahoo.bars(IVOO)
        listing.flaw = Flaw.UNKNOWN
        for i, error in enumerate((NoData, NoData, UnknownSymbol)):
            made.at(RUNNING + timedelta(days=i if i == 0 else i + 2))
            made.timing.pass_by(86_400)
            with pytest.raises(error):
                await made.yahoo.bars(IVOO)
        assert made.yahoo.dead(IVOO)


async def test_a_weekend_counts_as_its_friday(tmp_path: Path) -> None:
    listing = fund("IVOO")
    async with bench(tmp_path, listing, now=RUNNING + timedelta(days=1)) as made:
        await made.yahoo.bars(IVOO)
        listing.flaw = Flaw.UNKNOWN
        for _ in range(3):
            with pytest.raises(NoData):
                await made.yahoo.bars(IVOO)
            made.at(made.clock.now() + timedelta(days=1))
            made.timing.pass_by(86_400)
        assert not made.yahoo.dead(IVOO)


async def test_the_hourly_budget_is_refused_before_a_request_leaves(tmp_path: Path) -> None:
    limits = Limits(rate=1e6, burst=1000, hourly=3)
    async with bench(tmp_path, fund("IVOO"), limits=limits) as made:
        for _ in range(3):
            await made.yahoo.bars(IVOO)
        with pytest.raises(RateLimited, match="this hour"):
            await made.yahoo.bars(IVOO)
        assert made.server.count() == 3


async def test_the_pace_is_kept_in_real_time_with_several_threads(tmp_path: Path) -> None:
    limits = Limits(rate=50.0, burst=1)
    async with bench(tmp_path, fund("IVOO"), limits=limits, pace=Pace()) as made:
        began = monotonic()
        await asyncio.gather(*(made.yahoo.bars(IVOO) for _ in range(6)))
        assert monotonic() - began >= 5 / 50.0
        assert made.server.count() == 6


async def test_closing_wakes_whoever_waits_for_the_pace(tmp_path: Path) -> None:
    limits = Limits(rate=0.001, burst=1)
    async with bench(tmp_path, fund("IVOO"), limits=limits, pace=Pace()) as made:
        await made.yahoo.bars(IVOO)
        waiting = [asyncio.ensure_future(made.yahoo.bars(IVOO)) for _ in range(8)]
        await made.yahoo.close()
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(outcome, SourceDown) for outcome in outcomes)
        assert made.server.count() == 1


async def test_a_closed_source_answers_with_source_down(tmp_path: Path) -> None:
    async with bench(tmp_path, fund("IVOO")) as made:
        await made.yahoo.close()
        with pytest.raises(SourceDown):
            await made.yahoo.bars(IVOO)
        assert made.server.count() == 0


async def test_importing_the_source_does_not_import_yfinance() -> None:
    code = (
        "import sys, bot.market.sources.yahoo; "
        "sys.exit(bool({'yfinance', 'pandas'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
