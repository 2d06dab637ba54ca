"""The card of `/brief`: the same findings as the note, the strongest of each section. Pure."""

from bot.brief.model import Part
from bot.brief.note import Note
from bot.cards.model import Card, Document, Tone

ROOM = 3_900
"""Characters of Discord's 4,096 for verdict and sections."""
MOST = {Part.HAPPENED: 5, Part.CONFIRM: 3, Part.INVALIDATE: 2, Part.RECORD: 2}
OTHERS = 2
"""Sentences that a section shows on the card; the note has all of them."""


def brief_card(note: Note, *, tone: Tone, footer: str, document: Document) -> Card:
    """Sections that do not fit are left to the note, from the last one up."""
    verdict = note.section(Part.HAPPENED).sentences[0]
    blocks: list[str] = []
    room = ROOM - len(verdict)
    for section in note.sections:
        told = [sentence for sentence in section.sentences if sentence != verdict]
        shown = told[: MOST.get(section.part, OTHERS)]
        text = " ".join((*shown, *section.absent))
        block = f"**{section.part.value}**\n{text}"
        if not text or len(block) + 1 > room:
            continue
        room -= len(block) + 1
        blocks.append(block)
    return Card(
        title=note.title,
        verdict=verdict,
        tone=tone,
        body="\n".join(blocks),
        footer=footer,
        documents=(document,),
    )
