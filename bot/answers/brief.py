"""`/brief`: what happened to a symbol, why it may matter, and what would prove it wrong."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta

from bot.answers.calls import written
from bot.answers.histories import histories
from bot.answers.model import NOBODY, Answer, Caller, defaults_for, with_picture
from bot.answers.news_reading import NewsReading, read_news
from bot.answers.peers import home_of, peers_of
from bot.answers.provenance import footer, notes
from bot.answers.sentiment import numbers as news_numbers
from bot.brief.card import brief_card
from bot.brief.dates import dates_of
from bot.brief.findings import absences
from bot.brief.model import Material
from bot.brief.note import Note, markdown, note_of, prose
from bot.brief.prose import prose_of
from bot.brief.wanted import wanted
from bot.cards.model import Button, Document, Tone
from bot.cards.pictures import high_chart
from bot.cards.sentiment import headline_lines
from bot.errors import NoData
from bot.market.model import Bars, Symbol, as_date
from bot.market.panel import Panel
from bot.services import Services
from bot.signals.crossings import crossings
from bot.signals.highs import HighReport, high_report
from bot.signals.model import Kind
from bot.signals.record import Family, Study, study
from bot.signals.setups import setups
from bot.signals.windows import complete

HEADLINES = 5
"""Headlines quoted in the note."""


async def brief(services: Services, caller: Caller = NOBODY, *, symbol: Symbol) -> Answer:
    """Raises UnknownSymbol, NoData, SourceDown."""
    bars = complete(await services.market.bars(symbol, running=True))
    elapsed = None if bars.final else services.sessions.fraction_elapsed(services.now())
    report = high_report(bars, elapsed=elapsed)
    benchmark = (await defaults_for(services, caller)).benchmark
    material, reading = await _material(services, bars, report, elapsed, benchmark)
    note = await asyncio.to_thread(note_of, material)
    source = footer(services, bars)
    reworded = await prose_of(services.settings).reworded(prose(note))
    lines = headline_lines(reading.sentiment.stories, reading.news)[:HEADLINES]
    text = markdown(
        note,
        footer=source,
        notes=(*notes(services, bars), reworded.remark),
        body=reworded.text,
        headlines="\n".join(f"- {line}" for line in lines),
    )
    document = Document(filename=f"brief-{symbol}-{report.session}.md", text=text)
    card = brief_card(note, tone=_tone(report), footer=source, document=document)
    chart = high_chart(bars, report, name=services.name_of(symbol))
    return Answer(
        card=await with_picture(services, card, chart, filename=f"{symbol}-brief.png"),
        numbers=numbers(note, material, reading),
        controls=(
            Button(label="Sentiment", call=written("sentiment", symbol)),
            Button(label="High", call=written("high", symbol)),
        ),
    )


async def _material(
    services: Services, bars: Bars, report: HighReport, elapsed: float | None, benchmark: Symbol
) -> tuple[Material, NewsReading]:
    symbol, session = bars.symbol, bars.last_day
    peers = peers_of(symbol)
    asked = wanted(symbol, benchmark, peers)
    found = await histories(services, asked, running=True)
    cut = {other.symbol: complete(other.through(session)) for other in found.bars}
    others = {name: one for name, one in cut.items() if len(one) and one.last_day == session}
    reading = await read_news(
        services, symbol, bars=bars, peers=[others[peer] for peer in peers if peer in others]
    )
    home = home_of(symbol).name
    family = [bars, *(others[peer] for peer in peers if peer in others)]
    material = Material(
        bars=bars,
        name=services.name_of(symbol),
        benchmark=benchmark,
        others=others,
        absent={name: _end(cut.get(name)) for name in asked if name not in others},
        peers=peers,
        home=home,
        dates=dates_of(services.sessions, session),
        setups=await asyncio.to_thread(setups, bars),
        sentiment=reading.sentiment,
        impact=reading.impact,
        record=await asyncio.to_thread(record_of, services, family, home, kind_of(report)),
        news_trouble=reading.news.trouble,
        elapsed=elapsed,
    )
    return material, reading


def kind_of(report: HighReport) -> Kind:
    """The kind whose record speaks about what happened, or about what would confirm it."""
    if report.new_low_52w and not report.new_high_52w:
        return Kind.LOW_52_WEEKS
    return Kind.HIGH_52_WEEKS if report.new_high_52w else Kind.DONCHIAN_20


def record_of(services: Services, family: Sequence[Bars], home: str, kind: Kind) -> Study | None:
    """The record of the first of `family` before its last session; pooled where it is short.

    Days without a bar stay empty, so that an outcome never reaches across a gap.
    """
    own = family[0]
    first = min(as_date(bars.days[0]) for bars in family)
    days = services.sessions.between(first, own.last_day - timedelta(days=1))
    panel = Panel.of(family, days)
    pool = Family(name=home, symbols=tuple(bars.symbol for bars in family))
    try:
        return study(panel, crossings(panel, kind), symbol=own.symbol, family=pool)
    except NoData:
        return None


def _end(bars: Bars | None) -> date | None:
    return bars.last_day if bars is not None and len(bars) else None


def _tone(report: HighReport) -> Tone:
    if report.new_high_52w:
        return Tone.GOOD
    return Tone.BAD if report.new_low_52w else Tone.NEUTRAL


def numbers(note: Note, material: Material, reading: NewsReading) -> dict[str, object]:
    """Every finding with its numbers, unrounded."""
    return {
        "command": "brief",
        "symbol": str(material.symbol),
        "session": str(material.session),
        "title": note.title,
        "findings": [
            {
                "fact": finding.fact.value,
                "part": finding.part.value,
                "strength": round(finding.strength, 3),
                "numbers": dict(finding.numbers),
            }
            for finding in note.found
        ],
        "absent": [
            {
                "part": one.part.value,
                "symbols": list(one.symbols),
                "ends": None if one.ends is None else str(one.ends),
            }
            for one in absences(material)
        ],
        "news": news_numbers(reading),
    }
