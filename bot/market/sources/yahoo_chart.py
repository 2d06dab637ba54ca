"""Daily bars out of Yahoo's chart answers, without pandas (0.3 ms for a year instead of 10–14).

What Yahoo gets wrong and can be mended without guessing is mended here: rows without prices are
dropped, the live price that sometimes follows as a second row of the same day is merged into it,
events land on the session they belong to. What may be false (a price 100 times too large, an
unapplied split, a bar of tomorrow) passes through: judging it is the guard's work.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from bot.errors import NoData, SourceDown, UnknownSymbol
from bot.market.model import Bars, Days, Floats, Symbol, as_date
from bot.market.sources.door import Answer

SETTLING = timedelta(minutes=20)
"""After the close, how long the closing auction may still change the day's bar."""

QUIET = timedelta(hours=1)
"""How long before the close the last trade may lie in an answer that covers the whole session.
An older one is a stale answer, or a fund so rarely traded that its bar can wait until tomorrow."""

EARLIEST = date(1927, 12, 1)
"""Before every series (^GSPC begins on 1927-12-30); `range=max` would bring monthly bars."""

LATEST = 7_258_118_400
"""2200-01-01 in Unix seconds: milliseconds that are taken for seconds lie beyond it."""

SAFE_HOURS = (3_600, 82_800)
"""Seconds of the day between which an hour of daylight saving cannot change the date."""

DAY = 86_400
PRICES = ("open", "high", "low", "close")


def chart_params(since: date | None, now: datetime) -> dict[str, object]:
    """The query for daily bars from `since` on, with every kind of event."""
    first = datetime.combine(since or EARLIEST, datetime.min.time(), tzinfo=UTC)
    # A day early: east of Greenwich a session opens on the day before in UTC.
    return {
        "period1": int(first.timestamp()) - DAY,
        "period2": int(now.timestamp()) + DAY,
        "interval": "1d",
        "includePrePost": "false",
        "events": "div,splits,capitalGains",
    }


def bars_in(symbol: Symbol, answer: Answer, *, since: date | None, now: datetime) -> Bars:
    """The bars in a chart answer, exchange-local days, split-adjusted prices.

    The last bar has `final=False` until 20 minutes after the close of its session. Raises
    UnknownSymbol, NoData when there is no bar with prices, SourceDown when the answer is not of
    the known form.
    """
    try:
        return _bars(symbol, _result(symbol, answer), since or EARLIEST, now)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, OSError) as exc:
        raise SourceDown(f"Yahoo's answer for {symbol} has an unknown form.") from exc


def _result(symbol: Symbol, answer: Answer) -> dict[str, Any]:
    if answer.body is None:
        raise NoData(f"Yahoo has no bars for {symbol} (HTTP {answer.status}).")
    chart = answer.body.get("chart") or answer.body["finance"]
    error = chart.get("error") or {}
    if error.get("code") == "Not Found":
        raise UnknownSymbol(f"Yahoo does not know {symbol}.")
    if error or not chart.get("result"):
        raise NoData(f"Yahoo has no bars for {symbol} ({error.get('description', 'no reason')}).")
    result: dict[str, Any] = chart["result"][0]
    return result


def _bars(symbol: Symbol, result: Mapping[str, Any], since: date, now: datetime) -> Bars:
    meta = result["meta"]
    quote = result["indicators"]["quote"][0]
    if not result.get("timestamp") or not quote.get("close"):
        raise NoData(f"Yahoo has no bars for {symbol} in that time.")
    zone = _zone(meta)
    stamps = np.array(result["timestamp"], dtype=np.int64)
    days = _local_days(np.minimum(stamps, LATEST), zone)
    columns = {name: as_printed(np.array(quote[name], dtype=np.float64)) for name in PRICES}
    columns["volume"] = np.nan_to_num(np.array(quote["volume"], dtype=np.float64))
    usable = (days >= np.datetime64(since)) & (stamps < LATEST)
    for name in PRICES:
        usable &= np.isfinite(columns[name])
    if not usable.any():
        raise NoData(f"Yahoo has no bars with prices for {symbol} in that time.")
    days, columns = _one_row_a_day(
        days[usable], {name: column[usable] for name, column in columns.items()}
    )
    events = result.get("events") or {}
    return Bars(
        symbol=symbol,
        days=days,
        dividend=_dividends(events, days, zone),
        split=_splits(events, days, zone),
        final=not _running(as_date(days[-1]), meta, zone, now=now),
        **columns,
    )


def as_printed(prices: Floats) -> Floats:
    """Prices rounded to 7 significant digits, shape kept.

    Yahoo's charts carry 32-bit floats written out as 64-bit ones (122.73999786376953), its quotes
    the printed price (122.74). Compared as they are, a matching high would look like a new one.
    """
    # Clipped to what 32 bits can hold, so that nonsense cannot overflow.
    size = np.clip(np.abs(prices), 1e-37, 1e38)
    scale = 10.0 ** (6 - np.floor(np.log10(size)))
    rounded: Floats = np.rint(prices * scale) / scale
    return rounded


def _zone(meta: Mapping[str, Any]) -> tzinfo:
    try:
        return ZoneInfo(meta["exchangeTimezoneName"])
    except (KeyError, ValueError, ZoneInfoNotFoundError):
        return timezone(timedelta(seconds=int(meta["gmtoffset"])))


def _local_day(stamp: float, zone: tzinfo) -> date:
    return datetime.fromtimestamp(stamp, zone).date()


def _local_days(stamps: NDArray[np.int64], zone: tzinfo) -> Days:
    """Exchange-local days of Unix seconds, shape (n,).

    One offset does for all when every bar begins well inside the day, as exchanges open by day;
    what begins at midnight (currencies) is converted one by one.
    """
    offset = datetime.fromtimestamp(int(stamps[-1]), zone).utcoffset() or timedelta()
    local = stamps + int(offset.total_seconds())
    of_day = local % DAY
    if SAFE_HOURS[0] < of_day.min() and of_day.max() < SAFE_HOURS[1]:
        return (local // DAY).astype("datetime64[D]")
    return np.array([_local_day(int(stamp), zone) for stamp in stamps], dtype="datetime64[D]")


def _one_row_a_day(days: Days, columns: dict[str, Floats]) -> tuple[Days, dict[str, Floats]]:
    """Rows in order, those of one day merged: Yahoo may append the live price as a second row."""
    if (days[1:] > days[:-1]).all():
        return days, columns
    order = np.argsort(days, kind="stable")
    days = days[order]
    first = np.flatnonzero(np.append(True, days[1:] != days[:-1]))
    last = np.append(first[1:], len(days)) - 1
    columns = {name: column[order] for name, column in columns.items()}
    return days[first], {
        "open": columns["open"][first],
        "high": np.maximum.reduceat(columns["high"], first),
        "low": np.minimum.reduceat(columns["low"], first),
        "close": columns["close"][last],
        "volume": np.maximum.reduceat(columns["volume"], first),
    }


def _running(day: date, meta: Mapping[str, Any], zone: tzinfo, *, now: datetime) -> bool:
    """Whether the bar of `day` may still change. Without the session's times: until midnight."""
    regular = (meta.get("currentTradingPeriod") or {}).get("regular")
    if not regular or day > (session := _local_day(regular["start"], zone)):
        return day >= now.astimezone(zone).date()
    if day < session:
        return False
    end = datetime.fromtimestamp(regular["end"], UTC)
    traded = datetime.fromtimestamp(meta.get("regularMarketTime") or regular["end"], UTC)
    return now < end + SETTLING or traded < end - QUIET


def _dividends(events: Mapping[str, Any], days: Days, zone: tzinfo) -> Floats:
    """Cash per share on its ex-date, capital gains included.

    Yahoo adds a fund's capital gain to the dividend of the same day and lists it once more (see
    yfinance's `_repair_capital_gains`), so a gain counts only where the dividend is smaller.
    """
    cash = _amounts(events.get("dividends"), zone)
    for day, gain in _amounts(events.get("capitalGains"), zone).items():
        paid = cash.get(day, 0.0)
        cash[day] = paid if paid >= gain else paid + gain
    column = np.zeros(len(days))
    for day, amount in cash.items():
        if (i := _session_of(day, days)) is not None:
            column[i] += amount
    return column


def _amounts(events: Mapping[str, Any] | None, zone: tzinfo) -> dict[date, float]:
    return {
        _local_day(event["date"], zone): float(event["amount"]) for event in (events or {}).values()
    }


def _splits(events: Mapping[str, Any], days: Days, zone: tzinfo) -> Floats:
    column = np.zeros(len(days))
    for event in (events.get("splits") or {}).values():
        i = _session_of(_local_day(event["date"], zone), days)
        if i is not None:
            column[i] = (column[i] or 1.0) * event["numerator"] / event["denominator"]
    return column


def _session_of(day: date, days: Days) -> int | None:
    """Where an event of `day` belongs: its session or, where that has no bar, the next one."""
    i = int(np.searchsorted(days, np.datetime64(day)))
    return i if i < len(days) and np.datetime64(day) >= days[0] else None
