"""Invented headlines about the demo market's own paths.

A headline tells what the bars of its day or of the day before did, so that sentiment and
price agree as often as they do in life: mostly. No headline knows a bar that was not closed
when it appeared, and every one says that it is synthetic.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from bot.market.demo.funds import VOLATILITY_INDEX, DemoFund
from bot.market.demo.streams import stream
from bot.market.demo.windows import highest_before, mean_before
from bot.market.model import Bars, Headline, as_date

PUBLISHER = "Demo Newswire (synthetic)"
NOTICE = "Synthetic headline of the demo market. Nothing in it happened."

AFTER_THE_CLOSE = time(21, 40, tzinfo=UTC)
"""Later than the regular close in New York on every day of the year."""
EARLIEST_MORNING = time(11, 0, tzinfo=UTC)
MORNING_SHARE = 0.42
"""Share of sessions with a morning story."""
YEAR = 252
MONTH = 21

CLOSING_STORIES = {
    "high": (
        "{name} closes at a 52-week high as buyers return to {theme}",
        "{symbol} breaks out to a 52-week high on {volume} volume",
        "{theme} funds climb, {symbol} sets a new high for the year",
    ),
    "rejected": (
        "{symbol} touches a 52-week high, then gives up its gains by the close",
        "Rally in {theme} fades as {symbol} slips back below its old high",
    ),
    "low": (
        "{symbol} sinks to a 52-week low as investors flee {theme}",
        "{name} falls to its lowest level in a year",
    ),
    "surge": (
        "{symbol} jumps {move} as {theme} rally gathers strength",
        "{theme} surge: {name} posts one of its best sessions this quarter",
    ),
    "plunge": (
        "{symbol} tumbles {move} in heavy selling of {theme}",
        "{theme} under pressure: {name} suffers a sharp loss",
    ),
    "busy": (
        "Heavy trading in {symbol}: volume well above its average",
        "Unusual volume in {name} as positions in {theme} shift",
    ),
}
MORNING_STORIES = {
    "up": (
        "Inflows into {name} extend as {theme} gains momentum",
        "Analysts turn more upbeat on {theme} after a strong month",
        "{theme} outperforms as growth worries ease",
        "Strategists lift their outlook for {theme}",
    ),
    "down": (
        "Investors pull money from {name} after a weak month",
        "Analysts cut their outlook for {theme} as losses deepen",
        "{theme} lags as recession fears weigh on sentiment",
        "Downgrades pile up in {theme} after disappointing results",
    ),
    "flat": (
        "{symbol} trades in a narrow range ahead of the rate decision",
        "What to watch in {theme} this week",
        "{name}: little changed as investors wait for inflation data",
        "Fund flows: mixed picture for {theme}",
    ),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class _Readings:
    """What the bars say, shapes (sessions,)."""

    returns: NDArray[np.float64]
    surprise: NDArray[np.float64]
    month: NDArray[np.float64]
    activity: NDArray[np.float64]
    prior_high: NDArray[np.float64]
    prior_low: NDArray[np.float64]


def write_headlines(fund: DemoFund, bars: Bars, *, seed: int) -> tuple[Headline, ...]:
    """All headlines about one fund, newest first; none about an index."""
    if fund.symbol == VOLATILITY_INDEX:
        return ()
    readings = _read(bars)
    draws = stream(seed, fund.symbol, "news").random_sample((len(bars), 4))
    stories = (
        story
        for i in range(1, len(bars))
        for story in _stories_of(fund, bars, readings, i, draws=draws[i])
    )
    return tuple(sorted(stories, key=lambda story: story.time, reverse=True))


def _stories_of(
    fund: DemoFund, bars: Bars, readings: _Readings, i: int, *, draws: NDArray[np.float64]
) -> Iterator[Headline]:
    day = as_date(bars.days[i])
    if draws[0] < MORNING_SHARE:
        opened = datetime.combine(day, EARLIEST_MORNING) + timedelta(minutes=int(draws[1] * 150))
        mood = _morning_mood(readings, i - 1)
        yield _headline(fund, "m", opened, _pick(MORNING_STORIES[mood], draws[2]), readings, i - 1)
    event = _event(bars, readings, i)
    if event:
        closed = datetime.combine(day, AFTER_THE_CLOSE) + timedelta(minutes=int(draws[1] * 50))
        yield _headline(fund, "c", closed, _pick(CLOSING_STORIES[event], draws[3]), readings, i)


def _headline(
    fund: DemoFund, edition: str, moment: datetime, template: str, readings: _Readings, i: int
) -> Headline:
    title = template.format(
        name=fund.name,
        symbol=fund.symbol,
        theme=fund.category.lower(),
        move=f"{abs(readings.returns[i]):.1%}",
        volume="heavy" if readings.activity[i] > 1.3 else "routine",
    )
    identity = f"demo-{fund.symbol}-{moment:%Y%m%d}-{edition}"
    return Headline(
        id=identity,
        time=moment,
        title=title[0].upper() + title[1:],
        url=f"https://demo.invalid/news/{identity}",
        publisher=PUBLISHER,
        symbols=(fund.symbol,),
        summary=NOTICE,
    )


def _event(bars: Bars, readings: _Readings, i: int) -> str | None:
    """The story of a session after its close, the strongest first."""
    tests = {
        "high": bars.close[i] > readings.prior_high[i],
        "low": bars.close[i] < readings.prior_low[i],
        "surge": readings.surprise[i] > 2.0,
        "plunge": readings.surprise[i] < -2.0,
        "rejected": bars.high[i] > readings.prior_high[i],
        "busy": readings.activity[i] > 2.0,
    }
    return next((event for event, happened in tests.items() if happened), None)


def _morning_mood(readings: _Readings, i: int) -> str:
    """The tone of the month that ended with session `i`."""
    if readings.month[i] > 1.0:
        return "up"
    return "down" if readings.month[i] < -1.0 else "flat"


def _pick(templates: tuple[str, ...], draw: float) -> str:
    return templates[int(draw * len(templates))]


def _read(bars: Bars) -> _Readings:
    returns = np.diff(bars.close, prepend=bars.close[:1]) / bars.close
    usual = np.sqrt(np.maximum(mean_before(returns**2, 3 * MONTH), 0.0))
    month = np.zeros(len(bars))
    month[MONTH:] = bars.close[MONTH:] / bars.close[:-MONTH] - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        activity = bars.volume / mean_before(bars.volume, 50)
        return _Readings(
            returns=returns,
            surprise=np.nan_to_num(returns / usual, posinf=0, neginf=0),
            month=np.nan_to_num(month / (usual * np.sqrt(MONTH)), posinf=0, neginf=0),
            activity=np.nan_to_num(activity, nan=1.0, posinf=1.0),
            prior_high=highest_before(bars.high, YEAR),
            prior_low=-highest_before(-bars.low, YEAR),
        )
