"""`/high`: where a symbol stands against its highs."""

from pydantic import TypeAdapter

from bot.answers.calls import menu, written
from bot.answers.model import NOBODY, Answer, Caller, defaults_for, with_picture
from bot.answers.provenance import footer, notes
from bot.cards.high import HighView, high_card
from bot.cards.model import Control
from bot.cards.pictures import high_chart
from bot.market.model import Bars, Basis, Measure, Symbol, on_basis
from bot.services import Services
from bot.signals.highs import HighReport, high_report

_REPORT = TypeAdapter(HighReport)


async def high(
    services: Services,
    caller: Caller = NOBODY,
    *,
    symbol: Symbol,
    basis: Basis | None = None,
    on: Measure = Measure.INTRADAY,
) -> Answer:
    """Without a basis, the caller’s. Raises UnknownSymbol, NoData, SourceDown."""
    basis = basis or (await defaults_for(services, caller)).basis
    bars = await services.market.bars(symbol, running=True)
    return await _answer(services, bars, basis, on)


async def high_at_close(services: Services, symbol: Symbol) -> Answer:
    """The same as of the last close, which asks the source for nothing that the watcher has.

    Raises UnknownSymbol, NoData, SourceDown.
    """
    bars = await services.market.bars(symbol, final=False)
    return await _answer(services, bars, Basis.PRICE, Measure.INTRADAY)


async def _answer(services: Services, bars: Bars, basis: Basis, on: Measure) -> Answer:
    symbol = bars.symbol
    elapsed = None if bars.final else services.sessions.fraction_elapsed(services.now())
    report = high_report(bars, basis=basis, on=on, elapsed=elapsed)
    other_basis = Basis.PRICE if basis is Basis.TOTAL else Basis.TOTAL
    other = high_report(bars, basis=other_basis, on=on, elapsed=elapsed)
    name = services.name_of(symbol)
    card = high_card(
        HighView(
            report=report,
            other=other,
            name=name,
            footer=footer(services, bars, basis),
            notes=notes(services, bars),
        )
    )
    spec = high_chart(on_basis(bars, basis), report, name=name)
    card = await with_picture(services, card, spec, filename=f"{symbol}-high.png")
    return Answer(
        card=card,
        numbers=numbers(bars, report, other, name),
        controls=_controls(symbol, basis, on),
    )


def _controls(symbol: Symbol, basis: Basis, on: Measure) -> tuple[Control, ...]:
    def call(value: str) -> str:
        chosen_basis, chosen_on = value.split()
        return written("high", symbol, basis=chosen_basis, on=chosen_on)

    choices = [
        (f"{Basis.PRICE} {Measure.INTRADAY}", "Price, intraday highs"),
        (f"{Basis.PRICE} {Measure.CLOSE}", "Price, closing highs"),
        (f"{Basis.TOTAL} {Measure.INTRADAY}", "With dividends, intraday highs"),
        (f"{Basis.TOTAL} {Measure.CLOSE}", "With dividends, closing highs"),
    ]
    return (menu("Basis", choices, chosen=f"{basis} {on}", call=call),)


def numbers(bars: Bars, report: HighReport, other: HighReport, name: str) -> dict[str, object]:
    return {
        "command": "high",
        "name": name,
        "report": _REPORT.dump_python(report, mode="json"),
        "other_basis": _REPORT.dump_python(other, mode="json"),
        "history": {
            "first_session": str(bars.days[0]),
            "last_session": str(bars.days[-1]),
            "sessions": len(bars),
        },
    }
