"""What a picture of a setup draws: exactly the geometry that its rule used. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from bot.cards.format import plural, price_text
from bot.cards.setup_words import NAMES, STATES, TITLES
from bot.charts.overlay_specs import Band, Box, LevelLine, Tone, Touch, TrendLine
from bot.charts.specs import CandleChart, Interval, candle_chart
from bot.charts.table_specs import Cell, Strip, StripTable, strip_table
from bot.market.model import Bars
from bot.signals.model import Kind
from bot.signals.setup import Setup, Status

HALF_A_YEAR = 126
LONGEST = 520
"""Daily candles that can still be told apart."""
MARGIN = 15
MONTHLY = 2520
"""Sessions of a monthly view: ten years."""
RECENT = 63
"""Closes of a screen's small lines: a quarter."""
TONES = {Status.NEAR: Tone.WATCH, Status.TRIGGERED: Tone.WATCH, Status.CONFIRMED: Tone.GOOD}


def setup_chart(
    bars: Bars, setup: Setup | None, *, name: str, interval: Interval = Interval.DAILY
) -> CandleChart:
    """Candles with the setup's lines, zones, trigger and invalidation; plain ones without it."""
    title = f"{bars.symbol} · {name}" if name else str(bars.symbol)
    if setup is None:
        return candle_chart(bars, sessions=HALF_A_YEAR, interval=interval, title=title)
    curves = [curve.sessions for curve in setup.geometry.curves]
    return candle_chart(
        bars,
        sessions=_sessions(bars, setup, interval),
        interval=interval,
        averages=(curves or [10, 50]) if interval is Interval.DAILY else (),
        title=f"{bars.symbol} · {TITLES[setup.kind]}, {STATES[setup.status]}",
        levels=[
            LevelLine(price=setup.trigger, label="trigger", since=_since(setup), accent=True),
            LevelLine(price=setup.invalidation, label="ends below", tone=Tone.BAD),
        ],
        **_overlays(setup),
    )


def _since(setup: Setup) -> date | None:
    """The session that set the trigger's price; None where a falling line sets it anew each day."""
    if setup.kind is Kind.SUPPORT_TEST:
        return setup.session
    return setup.level_session if setup.trigger == setup.level else None


def _sessions(bars: Bars, setup: Setup, interval: Interval) -> int:
    if interval is not Interval.DAILY:
        return MONTHLY
    first = min([setup.started, *(segment.start.session for segment in setup.geometry.segments)])
    back = len(bars) - int(np.searchsorted(bars.days, np.datetime64(first))) + MARGIN
    return min(max(HALF_A_YEAR, back), LONGEST)


def _overlays(setup: Setup) -> dict[str, Any]:
    shape = setup.geometry
    touches = tuple(Touch(day=p.session, price=p.price) for p in shape.points)
    if setup.kind is Kind.SUPPORT_TEST:
        bands = [Band(low=b.low, high=b.high, label="support", since=b.start) for b in shape.bands]
        return {"bands": bands}
    boxes = [
        Box(first=b.start, last=b.end, low=b.low, high=b.high, label=_box_label(setup))
        for b in shape.bands
    ]
    trends = [
        TrendLine(
            first=s.start.session,
            first_price=s.start.price,
            last=s.end.session,
            last_price=s.end.price,
            touches=touches if setup.kind is Kind.DOWNTREND_BREAK else (),
            label="downtrend line" if setup.kind is Kind.DOWNTREND_BREAK else "",
        )
        for s in shape.segments
    ]
    return {"boxes": boxes, "trends": trends}


def _box_label(setup: Setup) -> str:
    return "flag" if setup.kind is Kind.TIGHT_FLAG else f"range of {plural(setup.age, 'session')}"


def screen_chart(rows: Sequence[Setup], bars: Sequence[Bars], *, title: str) -> StripTable:
    """A row for each setup: its recent closes, kind, state, trigger and the way to it."""
    strips = [
        Strip(
            name=str(setup.symbol),
            note=NAMES[setup.kind],
            closes=one.close[-RECENT:],
            cells=(
                Cell(text=STATES[setup.status], tone=TONES.get(setup.status, Tone.NEUTRAL)),
                Cell(text=price_text(setup.trigger)),
                Cell(text=price_text(setup.invalidation)),
                Cell(text=str(setup.quality), heat=setup.quality / 100),
            ),
        )
        for setup, one in zip(rows, bars, strict=True)
    ]
    return strip_table(strips, columns=("State", "Trigger", "Ends below", "Quality"), title=title)
