"""Which picture goes with a card: chart specs from reports and facts. Pure."""

from bot.alerts.facts import AlertFacts
from bot.cards.format import percent, price_text
from bot.cards.high import high_name
from bot.charts.specs import CandleChart, Interval, LevelLine, Marker, Tone, candle_chart
from bot.episodes.lifecycle import State
from bot.market.model import Bars, Measure
from bot.signals.highs import HighReport

HALF_A_YEAR = 126
"""Sessions that an alert's and a card's chart shows."""
MARGIN = 10
"""Sessions shown before the old high, so that it does not stick to the edge."""
LONGEST = 520


def high_chart(bars: Bars, report: HighReport, *, name: str) -> CandleChart:
    """Candles with the old 52-week high's line and date, long enough to show where it began."""
    needed = report.high_52w.sessions_since + MARGIN
    sessions = min(max(HALF_A_YEAR, needed), LONGEST)
    markers = []
    if report.new_high_52w:
        top = report.session_high if report.on is Measure.INTRADAY else report.last
        markers = [
            Marker(
                day=report.session, price=top, label=f"new high {price_text(top)}", tone=Tone.GOOD
            )
        ]
    return candle_chart(
        bars,
        sessions=sessions,
        title=f"{report.symbol} · {name}" if name else str(report.symbol),
        fact=f"{percent(report.change)}  {price_text(report.last)}",
        levels=[
            LevelLine(
                price=report.high_52w.price,
                label=high_name(report),
                since=report.high_52w.session,
                accent=True,
            )
        ],
        markers=markers,
    )


def plain_chart(
    bars: Bars,
    report: HighReport | None,
    *,
    name: str,
    sessions: int,
    interval: Interval,
    averages: tuple[int, ...],
) -> CandleChart:
    """Candles for `/chart`; the 52-week high's line where it is known."""
    levels = []
    if report is not None:
        levels = [
            LevelLine(
                price=report.high_52w.price,
                label=high_name(report),
                since=report.high_52w.session,
                accent=True,
            )
        ]
    return candle_chart(
        bars,
        sessions=sessions,
        interval=interval,
        averages=averages,
        title=f"{bars.symbol} · {name}" if name else str(bars.symbol),
        levels=levels,
    )


def alert_chart(bars: Bars, facts: AlertFacts) -> CandleChart:
    """What an alert saw: candles up to then, the level with its date, the session marked."""
    needed = (facts.base_sessions or 0) + MARGIN
    tone = {State.OPEN: Tone.WATCH, State.CONFIRMED: Tone.GOOD}.get(facts.state, Tone.BAD)
    return candle_chart(
        bars,
        sessions=min(max(HALF_A_YEAR, needed), LONGEST),
        title=f"{facts.symbol} · {facts.title}",
        fact=f"{facts.state}  {price_text(facts.last)}",
        levels=[
            LevelLine(price=facts.level, label="level", since=facts.level_session, accent=True)
        ],
        markers=[Marker(day=facts.session, price=facts.price, label=str(facts.state), tone=tone)],
    )
