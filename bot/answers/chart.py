"""`/chart`: candles over a range the person picks."""

from enum import StrEnum

from bot.answers.calls import menu, written
from bot.answers.model import Answer, with_picture
from bot.answers.provenance import footer
from bot.cards.format import percent, price_text
from bot.cards.model import Card, Control
from bot.cards.pictures import plain_chart
from bot.charts.specs import Interval
from bot.errors import NoData, UserError
from bot.market.model import Bars, Basis, Measure, Symbol
from bot.services import Services
from bot.signals.highs import HighReport, high_report


class Range(StrEnum):
    """How far back a chart reaches."""

    MONTH = "1m"
    QUARTER = "3m"
    HALF_YEAR = "6m"
    YEAR = "1y"
    TWO_YEARS = "2y"
    FIVE_YEARS = "5y"
    MAX = "max"


SESSIONS = {
    Range.MONTH: 21,
    Range.QUARTER: 63,
    Range.HALF_YEAR: 126,
    Range.YEAR: 252,
    Range.TWO_YEARS: 504,
    Range.FIVE_YEARS: 1260,
    Range.MAX: 10**6,
}
"""Sessions in each range, at 252 a year."""
RANGE_WORDS = {
    Range.MONTH: "1 month",
    Range.QUARTER: "3 months",
    Range.HALF_YEAR: "6 months",
    Range.YEAR: "1 year",
    Range.TWO_YEARS: "2 years",
    Range.FIVE_YEARS: "5 years",
    Range.MAX: "All there is",
}
LONGEST_DAILY = 600
"""More daily candles than this cannot be told apart on a phone: weekly ones are drawn."""
OVERLAYS = 5


async def chart(
    services: Services,
    *,
    symbol: Symbol,
    range: Range = Range.HALF_YEAR,  # noqa: A002  the option's name in Discord
    interval: Interval | None = None,
    overlays: str = "10 50 200",
) -> Answer:
    """`overlays` are lengths of moving averages, or `none`.

    Raises UnknownSymbol, NoData, SourceDown, and UserError for overlays that are no lengths.
    """
    averages = parse_overlays(overlays)
    bars = await services.market.bars(symbol, running=True)
    sessions = min(SESSIONS[range], len(bars))
    chosen = interval or (Interval.DAILY if sessions <= LONGEST_DAILY else Interval.WEEKLY)
    name = services.name_of(symbol)
    report = _report(bars)
    spec = plain_chart(
        bars, report, name=name, sessions=sessions, interval=chosen, averages=averages
    )
    shown = bars.days[-sessions:]
    change = float(bars.close[-1] / bars.close[-sessions] - 1)
    card = Card(
        title=f"{symbol} · {name}" if name else str(symbol),
        verdict=(
            f"{price_text(float(bars.close[-1]))}, {percent(change)} over "
            f"{sessions} sessions, {chosen} candles."
        ),
        footer=footer(services, bars),
    )
    card = await with_picture(services, card, spec, filename=f"{symbol}-{range}-{chosen}.png")
    numbers = {
        "command": "chart",
        "symbol": str(symbol),
        "first_session": str(shown[0]),
        "last_session": str(shown[-1]),
        "sessions": sessions,
        "interval": chosen.value,
        "last": float(bars.close[-1]),
        "change": change,
        "basis": Basis.PRICE.value,
        "final": bars.final,
    }
    controls = _controls(symbol, range, interval, chosen, overlays)
    return Answer(card=card, numbers=numbers, controls=controls)


def _controls(
    symbol: Symbol, span: Range, interval: Interval | None, shown: Interval, overlays: str
) -> tuple[Control, ...]:
    def with_range(value: str) -> str:
        return written("chart", symbol, range=value, interval=interval, overlays=overlays)

    def with_interval(value: str) -> str:
        return written("chart", symbol, range=span, interval=value, overlays=overlays)

    ranges = [(value.value, words) for value, words in RANGE_WORDS.items()]
    intervals = [(value.value, f"{value.value} candles".capitalize()) for value in Interval]
    return (
        menu("Range", ranges, chosen=span, call=with_range),
        menu("Candles", intervals, chosen=shown, call=with_interval),
    )


def parse_overlays(text: str) -> tuple[int, ...]:
    """Lengths of moving averages: “10 50 200”, “20,100”, “none”. Raises UserError."""
    words = text.replace(",", " ").split()
    if not words or words == ["none"]:
        return ()
    if not all(word.isascii() and word.isdigit() for word in words):
        raise UserError("Overlays are lengths of moving averages, such as `10 50 200`, or `none`.")
    lengths = tuple(dict.fromkeys(int(word[:6]) for word in words))
    if len(lengths) > OVERLAYS or not all(2 <= n <= 400 for n in lengths):
        raise UserError(f"Up to {OVERLAYS} moving averages of 2 to 400 candles can be drawn.")
    return lengths


def _report(bars: Bars) -> HighReport | None:
    try:
        return high_report(bars, on=Measure.INTRADAY)
    except NoData:
        return None
