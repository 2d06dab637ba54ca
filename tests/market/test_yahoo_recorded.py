"""Real Yahoo answers, recorded, where they are at hand; hand-written ones of rare forms."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.errors import NoData, SourceDown, UnknownSymbol
from bot.market.model import Symbol, as_date
from bot.market.sources.door import Answer
from bot.market.sources.yahoo_chart import as_printed, bars_in, chart_params
from bot.market.sources.yahoo_facts import headlines_in, instruments_in, profile_in
from bot.market.sources.yahoo_quotes import page_in, quotes_in, usable
from tests.market.known import ROOT

RECORDED = ROOT / "../shared/yahoo"
NOW = datetime(2026, 6, 11, 15, 0, 12, tzinfo=UTC)
"""When the charts of 2026 were recorded: 11:00 in New York."""


def recorded(name: str) -> Answer:
    path: Path = RECORDED / name
    if not path.is_file():
        pytest.skip(f"no recorded answers at {RECORDED}")
    document = json.loads(path.read_text())
    if "response" not in document:
        return Answer(status=200, body=document)
    return Answer(status=document["response"]["status"], body=document["response"]["bodyJson"])


@pytest.mark.parametrize(
    ("name", "symbol", "last", "before"),
    [
        ("SPY", "SPY", 725.14, 725.43),
        ("AAPL", "AAPL", 289.905, 291.58),
        ("GSPC", "^GSPC", 7264.58, 7266.99),
    ],
)
def test_a_chart_caught_in_mid_session_ends_with_a_bar_that_is_not_final(
    name: str, symbol: str, last: float, before: float
) -> None:
    answer = recorded(f"charts_2026/chart_{name}.json")
    bars = bars_in(Symbol(symbol), answer, since=None, now=NOW)
    assert len(bars) == 502
    assert as_date(bars.days[-1]) == date(2026, 6, 11)
    assert not bars.final
    assert bars.close[-2:].tolist() == [before, last]
    next_day = datetime(2026, 6, 12, 12, 0, tzinfo=UTC)
    assert not bars_in(Symbol(symbol), answer, since=None, now=next_day).final


def test_the_recorded_unknown_symbol_is_unknown() -> None:
    body = recorded("charts_2026/chart_INVALID.json").body
    with pytest.raises(UnknownSymbol):
        bars_in(Symbol("INVALID"), Answer(status=404, body=body), since=None, now=NOW)


def test_microsofts_dividends_of_2021_stand_on_their_ex_dates() -> None:
    answer = recorded(
        "recorded/historical-via-chart-MSFT-dividends-2021-02-01-to-2022-01-31.csv.json"
    )
    bars = bars_in(Symbol("MSFT"), answer, since=None, now=NOW)
    paid = {as_date(bars.days[i]): bars.dividend[i] for i in np.flatnonzero(bars.dividend)}
    assert paid == {
        date(2021, 2, 17): 0.56,
        date(2021, 5, 19): 0.56,
        date(2021, 8, 18): 0.56,
        date(2021, 11, 17): 0.62,
    }
    assert bars.final


def test_nvidias_split_of_2021_is_applied_and_noted() -> None:
    answer = recorded("recorded/historical-via-chart-NVDA-split-2021-02-01-to-2022-01-31.csv.json")
    bars = bars_in(Symbol("NVDA"), answer, since=None, now=NOW)
    (at,) = np.flatnonzero(bars.split)
    assert (as_date(bars.days[at]), bars.split[at]) == (date(2021, 7, 20), 4.0)
    assert abs(bars.close[at] / bars.close[at - 1] - 1) < 0.05


def test_a_german_stock_and_a_currency_have_their_own_days() -> None:
    washtec = recorded("recorded/chart-WSU.DE-2023-08-04-to-2023-08-09.json")
    bars = bars_in(Symbol("WSU.DE"), washtec, since=None, now=NOW)
    assert [as_date(day) for day in bars.days] == [
        date(2023, 8, 4),
        date(2023, 8, 7),
        date(2023, 8, 8),
    ]
    bitcoin = recorded("recorded/chart-BTC-USD-2020-01-01-to-2020-01-03.json")
    bars = bars_in(Symbol("BTC-USD"), bitcoin, since=None, now=NOW)
    assert [as_date(day) for day in bars.days] == [date(2020, 1, day) for day in (1, 2, 3)]


def test_an_answer_without_timestamps_has_no_bars() -> None:
    answer = recorded("recorded/chart-notimestamp-quotes-length.fake.json")
    with pytest.raises(NoData):
        bars_in(Symbol("AAPL"), answer, since=None, now=NOW)


def test_recorded_quotes_are_read() -> None:
    quotes = quotes_in(recorded("recorded/quote-AAPL-BABA.json"))
    assert set(quotes) == {"AAPL", "BABA"}
    qqq = quotes_in(recorded("recorded/quote-QQQ.json"))[Symbol("QQQ")]
    assert qqq.last == 538.15
    assert qqq.time == datetime(2025, 2, 14, 21, 0, 1, tzinfo=UTC)


ROW: dict[str, Any] = {
    "symbol": "IVOO",
    "regularMarketPrice": 122.57,
    "regularMarketPreviousClose": 120.97,
    "regularMarketOpen": 121.3,
    "regularMarketDayHigh": 122.77,
    "regularMarketDayLow": 121.1,
    "regularMarketVolume": 61234,
    "regularMarketTime": 1776456000,
}


@pytest.mark.parametrize("field", [field for field in ROW if "Open" not in field])
def test_a_quote_without_something_needed_is_left_out(field: str) -> None:
    rows = [{**ROW, field: None}, {key: ROW[key] for key in ROW if key != field}]
    quotes = usable(rows)
    assert quotes == {} if field != "regularMarketVolume" else quotes[Symbol("IVOO")].volume == 0


def test_an_opening_price_that_is_not_said_is_unknown() -> None:
    assert np.isnan(usable([{**ROW, "regularMarketOpen": None}])[Symbol("IVOO")].open)


def test_an_unknown_symbols_quote_is_an_empty_answer() -> None:
    assert quotes_in(recorded("recorded/quoteCombine-NONEXIST.json")) == {}


def test_the_recorded_profile_of_qqq_has_technology_first() -> None:
    profile = profile_in(Symbol("QQQ"), recorded("recorded/quoteSummary-all-QQQ.json"))
    assert profile.name == "Invesco QQQ Trust"
    assert profile.category == "Large Growth"
    assert profile.sectors[0][0] == "Technology"
    assert sum(weight for _, weight in profile.sectors) == pytest.approx(1.0, abs=0.01)


def test_recorded_searches_and_screens_are_read() -> None:
    found = instruments_in(recorded("recorded/search-QQQ.json"))
    assert [item.symbol for item in found][:3] == ["QQQ", "TQQQ", "SQQQ"]
    quotes, total = page_in(recorded("recorded/dailyGainers.json"))
    assert (len(quotes), total) == (5, 76)


@pytest.mark.parametrize("name", ["search-badResult.fake.json", "pageWithUnknownError.json"])
def test_made_up_forms_are_no_crash(name: str) -> None:
    answer = recorded(f"recorded/{name}")
    for read in (instruments_in, quotes_in, page_in):
        try:
            read(answer)
        except SourceDown:
            continue


FORMS: list[Any] = [
    None,
    [],
    {},
    {"chart": None},
    {"chart": {"result": [{}]}},
    {"chart": {"result": [{"meta": {}, "timestamp": [1], "indicators": {}}]}},
    {"chart": {"result": [{"meta": {}, "indicators": {"quote": [{"close": [1]}]}}]}},
    {
        "chart": {
            "result": [
                {
                    "meta": {"exchangeTimezoneName": "Mars/Base", "gmtoffset": "x"},
                    "timestamp": [1e30],
                    "indicators": {"quote": [{"open": ["a"], "close": ["a"]}]},
                }
            ]
        }
    },
]


@pytest.mark.parametrize("body", FORMS)
def test_any_other_form_is_a_known_error(body: Any) -> None:
    with pytest.raises((SourceDown, NoData)):
        bars_in(Symbol("SPY"), Answer(status=200, body=body), since=None, now=NOW)
    with pytest.raises((SourceDown, NoData)):
        profile_in(Symbol("SPY"), Answer(status=200, body=body))
    with pytest.raises(SourceDown):
        headlines_in(Symbol("SPY"), Answer(status=200, body=body), limit=5)


@pytest.mark.parametrize(
    ("london", "days"),
    [
        (
            [datetime(2026, 1, 15, 0, 0, tzinfo=UTC), datetime(2026, 7, 14, 23, 0, tzinfo=UTC)],
            [date(2026, 1, 15), date(2026, 7, 15)],
        ),
        (
            [datetime(2026, 1, 15, 23, 30, tzinfo=UTC), datetime(2026, 7, 15, 11, 0, tzinfo=UTC)],
            [date(2026, 1, 15), date(2026, 7, 15)],
        ),
        (
            [datetime(2025, 7, 14, 23, 0, tzinfo=UTC), datetime(2026, 1, 15, 12, 0, tzinfo=UTC)],
            [date(2025, 7, 15), date(2026, 1, 15)],
        ),
    ],
)
def test_stamps_near_midnight_keep_their_date_across_daylight_saving(
    london: list[datetime], days: list[date]
) -> None:
    quote = {name: [1.25, 1.35] for name in ("open", "high", "low", "close", "volume")}
    result = {
        "meta": {"exchangeTimezoneName": "Europe/London", "gmtoffset": 3600},
        "timestamp": [int(moment.timestamp()) for moment in london],
        "indicators": {"quote": [quote]},
    }
    answer = Answer(status=200, body={"chart": {"result": [result], "error": None}})
    late = datetime(2026, 9, 1, tzinfo=UTC)
    bars = bars_in(Symbol("GBPUSD=X"), answer, since=None, now=late)
    assert [as_date(day) for day in bars.days] == days


def test_a_row_stamped_in_milliseconds_is_left_out() -> None:
    quote = {name: [1.25, 1.35] for name in ("open", "high", "low", "close", "volume")}
    result = {
        "meta": {"exchangeTimezoneName": "America/New_York"},
        "timestamp": [1781098200, 1781184600_000],
        "indicators": {"quote": [quote]},
    }
    answer = Answer(status=200, body={"chart": {"result": [result], "error": None}})
    bars = bars_in(Symbol("SPY"), answer, since=None, now=NOW)
    assert [as_date(day) for day in bars.days] == [date(2026, 6, 10)]


def test_a_printed_price_survives_its_way_through_32_bits() -> None:
    printed = np.array([122.74, 0.27, 7266.99, 61234.5, 1.0, 0.128348, 0.0])
    travelled = printed.astype(np.float32).astype(np.float64)
    assert as_printed(travelled).tolist() == printed.tolist()


def test_the_query_begins_a_day_early_for_the_east() -> None:
    params = chart_params(date(2026, 6, 1), NOW)
    assert params["period1"] == int(datetime(2026, 5, 31, tzinfo=UTC).timestamp())
