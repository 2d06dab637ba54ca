"""Nasdaq's JSON against the forms that its users have written down."""

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from bot.errors import HighwaterError, NoData, NotOffered, RateLimited, SourceDown, UnknownSymbol
from bot.market.model import Symbol, as_date
from bot.market.quote_guard import check_quote
from bot.market.sources.door import Answer
from bot.market.sources.nasdaq import bars_in, data_in, moment, number, quote_in
from tests.market.imitation_yahoo import certificate
from tests.market.imitation_yahoo.bench import Bench, bench, fund
from tests.market.imitation_yahoo.faults import Failure
from tests.market.imitation_yahoo.prices import Listing
from tests.market.known import SESSIONS

needs_imitation = pytest.mark.skipif(
    not certificate.can_make(), reason="openssl is needed for the imitation's certificate"
)

IVOO, AAPL = Symbol("IVOO"), Symbol("AAPL")


def known(made: Bench, listing: Listing) -> Listing:
    made.server.world.nasdaq[listing.symbol.replace("-", ".")] = listing
    return listing


@needs_imitation
@pytest.mark.parametrize(("symbol", "kind"), [("IVOO", "ETF"), ("BRK-B", "EQUITY")])
async def test_history_is_in_order_and_to_the_cent(tmp_path: Path, symbol: str, kind: str) -> None:
    async with bench(tmp_path) as made:
        listing = known(made, fund(symbol))
        listing.kind = kind
        listing.dividends = {listing.rows[7].stamp: 0.41}
        bars = await made.nasdaq.bars(Symbol(symbol))
        assert as_date(bars.days[0]) == date(2026, 8, 21)
        assert bars.last_day == date(2026, 10, 1)
        assert bars.close.tolist() == [round(row.close or 0, 2) for row in listing.rows]
        assert bars.volume.tolist() == [row.volume for row in listing.rows]
        assert {i: bars.dividend[i] for i in np.flatnonzero(bars.dividend)} == {7: 0.41}
        assert not bars.final


@needs_imitation
async def test_the_asset_class_is_found_once_and_browser_headers_are_sent(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        known(made, fund("AAPL")).kind = "EQUITY"
        await made.nasdaq.bars(AAPL)
        await made.nasdaq.bars(AAPL)
        classes = [request.query["assetclass"] for request in made.server.seen]
        assert classes == ["etf", "stocks", "stocks", "stocks", "stocks"]
        headers = made.server.seen[0].headers
        assert headers["Referer"] == "https://www.nasdaq.com/"
        assert "Chrome" in headers["User-Agent"]


@needs_imitation
async def test_a_shortened_history_is_not_passed_off_as_a_whole_one(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        known(made, fund("IVOO", sessions=2700))
        with pytest.raises(NotOffered, match="listing"):
            await made.nasdaq.bars(IVOO)
        assert len(await made.nasdaq.bars(IVOO, since=date(2026, 9, 1))) == 23


@needs_imitation
async def test_today_alone_can_be_asked_for(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        known(made, fund("IVOO"))
        bars = await made.nasdaq.bars(IVOO, since=date(2026, 10, 1))
        assert [as_date(day) for day in bars.days] == [date(2026, 10, 1)]


@needs_imitation
async def test_quotes_know_last_range_and_prior_close_but_no_open(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        rows = known(made, fund("IVOO")).rows
        quotes = await made.nasdaq.quotes([IVOO, Symbol("NOBODY")])
        assert set(quotes) == {IVOO}
        quote = quotes[IVOO]
        assert quote.last == round(rows[-1].close or 0, 2)
        assert quote.prior_close == round(rows[-2].close or 0, 2)
        assert (quote.high, quote.low) == (
            round(rows[-1].high or 0, 2),
            round(rows[-1].low or 0, 2),
        )
        assert np.isnan(quote.open)
        assert quote.time == datetime(2026, 10, 1, 15, 0, tzinfo=UTC)
        assert quote.source == "nasdaq"
        now = datetime(2026, 10, 1, 15, 0, tzinfo=UTC)
        assert check_quote(quote, sessions=SESSIONS, now=now) is None


@needs_imitation
async def test_what_it_does_not_have_is_said(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        with pytest.raises(UnknownSymbol):
            await made.nasdaq.bars(IVOO)
        with pytest.raises(NotOffered):
            await made.nasdaq.bars(Symbol("^GSPC"))
        with pytest.raises(NotOffered):
            await made.nasdaq.quotes([Symbol(f"X{i}") for i in range(21)])


def test_another_refusal_is_no_data() -> None:
    refusal = {"data": None, "status": {"rCode": 400, "bCodeMessage": [{"code": 1011}]}}
    with pytest.raises(NoData, match="1011"):
        data_in(IVOO, Answer(status=200, body=refusal))


@needs_imitation
@pytest.mark.parametrize(
    "failure",
    [failure for failure in Failure if failure is not Failure.SILENCE],
    ids=lambda failure: failure.name.lower(),
)
async def test_only_known_errors_leave_the_source(tmp_path: Path, failure: Failure) -> None:
    async with bench(tmp_path) as made:
        known(made, fund("IVOO"))
        made.server.faults.add(failure)
        for ask in (made.nasdaq.bars(IVOO), made.nasdaq.quotes([IVOO])):
            with pytest.raises(HighwaterError) as raised:
                await ask
            refused = failure.name.startswith("TOO_MANY")
            assert isinstance(raised.value, RateLimited if refused else SourceDown)


def history(*rows: dict[str, str]) -> object:
    return {"symbol": "AAPL", "tradesTable": {"rows": list(rows) or None}}


ROW = {
    "date": "09/25/2026",
    "close": "$1,341.07",
    "volume": "30,002,510",
    "open": "$1,336.04",
    "high": "$1,341.67",
    "low": "$1,334.53",
}


def test_a_row_as_its_users_have_seen_it() -> None:
    now = datetime(2026, 9, 26, tzinfo=UTC)
    bars = bars_in(AAPL, history(ROW, {**ROW, "date": "09/24/2026", "low": "N/A"}), {}, now=now)
    assert [as_date(day) for day in bars.days] == [date(2026, 9, 25)]
    assert (bars.close[0], bars.volume[0]) == (1341.07, 30_002_510)
    assert bars.final


def test_no_rows_are_no_data() -> None:
    with pytest.raises(NoData):
        bars_in(AAPL, history(), {}, now=datetime(2026, 9, 26, tzinfo=UTC))


def test_before_the_session_there_is_no_quote_but_that_of_the_last_one() -> None:
    summary = {
        "summaryData": {
            "TodayHighLow": {"value": "N/A"},
            "ShareVolume": {"value": "N/A"},
            "PreviousClose": {"value": "$71.72"},
        }
    }
    info = {
        "marketStatus": "Pre-Market",
        "primaryData": {"lastSalePrice": "$75.00", "lastTradeTimestamp": "Sep 25, 2026 8:58 AM ET"},
        "secondaryData": None,
    }
    assert quote_in(AAPL, info, summary) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sep 25, 2026 9:02 AM ET", datetime(2026, 9, 25, 13, 2, tzinfo=UTC)),
        ("Jan 9, 2026 3:59 PM ET", datetime(2026, 1, 9, 20, 59, tzinfo=UTC)),
        ("Jul 10, 2026", datetime(2026, 7, 10, 20, 0, tzinfo=UTC)),
    ],
)
def test_trade_times_are_new_yorks(text: str, expected: datetime) -> None:
    assert moment(text) == expected


def test_numbers_wear_dollars_and_commas() -> None:
    assert number("$1,341.07") == 1341.07
    with pytest.raises(ValueError):
        number("N/A")
