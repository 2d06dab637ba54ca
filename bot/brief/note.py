"""The note: a title, sections of sentences, what was absent; as Markdown. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.brief.findings import absences, findings, of_fact
from bot.brief.model import Absence, Fact, Finding, Material, Part
from bot.brief.numbers import Numbers
from bot.brief.sentences import sentence_of, setup_name
from bot.cards.format import day_text, escape, joined

NO_NEWS = "No headlines in the last 21 days"
EMPTY = {
    Part.BREADTH: "No breadth can be read here.",
    Part.RATES: "No bonds can be read here.",
    Part.LEADERSHIP: "There is nothing to compare with here.",
    Part.PAIRS: "No pair can be drawn: the other side has no bar of this session.",
    Part.RECORD: "There is no earlier case in these data.",
}
"""What a section says when nothing could be found for it."""
VOLUME_NOTE = "Volume and calendar stand in for fund flows, which this source does not carry."
PRINT = "This note informs; it is no advice."


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part with the sentences of its findings, in their order, and of what was absent."""

    part: Part
    sentences: tuple[str, ...]
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Note:
    """A brief in sentences; `found` are the findings behind them."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    found: tuple[Finding, ...]

    def section(self, part: Part) -> Section:
        return next(section for section in self.sections if section.part is part)


def note_of(material: Material) -> Note:
    """The note. Raises NoData when the symbol has too little history."""
    found = findings(material)
    absent = absences(material)
    state = "final" if material.bars.final else "provisional, the session is running"
    name = f"{escape(material.name)} · " if material.name else ""
    return Note(
        title=title_of(found),
        subtitle=f"{name}session of {day_text(material.session)}, {state}",
        sections=tuple(_section(part, material, found, absent) for part in Part),
        found=found,
    )


def title_of(found: Sequence[Finding]) -> str:
    """The strongest thing that happened, as a headline with its number."""
    move = of_fact(found, Fact.MOVE)
    assert move is not None  # noqa: S101  every brief begins with the move
    n = Numbers(move.numbers)
    symbol = n.text("symbol")
    for fact, words, side in (
        (Fact.NEW_HIGH, "high", "above"),
        (Fact.NEW_LOW, "low", "below"),
    ):
        crossed = of_fact(found, fact)
        if crossed is not None:
            c = Numbers(crossed.numbers)
            kind = f"{words} since listing" if c.flag("since_listing") else f"52-week {words}"
            return (
                f"{symbol} made a new {kind}: {c.price('price')}, {side} {c.price('level')} of "
                f"{c.day('level_session')}"
            )
    setup = of_fact(found, Fact.SETUP)
    below = of_fact(found, Fact.ALL_TIME) or of_fact(found, Fact.BELOW_HIGH)
    if setup is not None and below is not None:
        s, b = Numbers(setup.numbers), Numbers(below.numbers)
        kind = "all-time" if below.fact is Fact.ALL_TIME else "52-week"
        return (
            f"{symbol}: {setup_name(s)} with its trigger at {s.price('trigger')}, "
            f"{b.size('distance')} below the {kind} high"
        )
    verb = "closed" if n.flag("final") else "trades"
    return f"{symbol} {verb} at {n.price('last')}, {n.percent('change')}"


def prose(note: Note) -> str:
    """The sections as Markdown: what another hand may reword."""
    blocks = []
    for section in note.sections:
        text = " ".join((*section.sentences, *section.absent))
        blocks.append(f"## {section.part.value}\n{text}")
    return "\n\n".join(blocks)


def markdown(
    note: Note, *, footer: str, notes: Sequence[str] = (), body: str = "", headlines: str = ""
) -> str:
    """The whole note; `body` takes the place of its own prose where another hand wrote it."""
    data = [*notes, VOLUME_NOTE, footer, PRINT]
    parts = [
        f"# {note.title}",
        f"*{note.subtitle}*",
        body or prose(note),
        *([f"## Headlines\n{headlines}"] if headlines else []),
        "## Data\n" + "\n".join(f"- {line}" for line in data if line),
    ]
    return "\n\n".join(parts) + "\n"


def absence_text(absences_: Sequence[Absence]) -> str:
    """“Unavailable: RSP (not in this source); MDY and SPY (their bars end on 24 Dec 2025).”"""
    parts = []
    for one in absences_:
        whose = "its bars end" if len(one.symbols) == 1 else "their bars end"
        reason = "not in this source" if one.ends is None else f"{whose} on {day_text(one.ends)}"
        parts.append(f"{joined(one.symbols)} ({reason})")
    return f"Unavailable: {'; '.join(parts)}." if parts else ""


def _section(
    part: Part, material: Material, found: Sequence[Finding], absent: Sequence[Absence]
) -> Section:
    sentences = tuple(sentence_of(finding) for finding in found if finding.part is part)
    said = [absence_text([one for one in absent if one.part is part])]
    if part is Part.NEWS:
        said.append(_no_news(material))
    if not sentences and part in EMPTY:
        said.insert(0, EMPTY[part])
    if part is Part.RECORD and material.record is not None and material.record.pooled:
        said.append(material.record.caution)
    return Section(part=part, sentences=sentences, absent=tuple(text for text in said if text))


def _no_news(material: Material) -> str:
    trouble = re.sub(r"\s+", " ", material.news_trouble).strip()
    if material.sentiment.headlines and not trouble:
        return ""
    return f"{NO_NEWS}: {escape(trouble)}" if trouble else f"{NO_NEWS}."
