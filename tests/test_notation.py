"""Numbers as their readers write them, and what must stay as it is."""

import pytest

from bot.cards.embeds import to_embed
from bot.cards.model import Card, Field
from bot.notation import Notation, current, separated, written_for


@pytest.mark.parametrize(
    ("written", "comma", "space"),
    [
        ("+2.0 %  1,234.50", "+2,0 %  1.234,50", "+2,0 %  1\u202f234,50"),
        ("124.10, above 122.74 of 20 Feb 2026.", "124,10, above 122,74 of 20 Feb 2026.", None),
        ("0.74× usual, 3.2M shares, ±0.25", "0,74× usual, 3,2M shares, ±0,25", None),
        ("12,345,678 of 1,500", "12.345.678 of 1.500", "12\u202f345\u202f678 of 1\u202f500"),
        ("89.81 – 124.10; −0.5 to 0.0123", "89,81 – 124,10; −0,5 to 0,0123", None),
        ("```\nSPY  +10.7\n```", "```\nSPY  +10,7\n```", None),
        ("(0.20 mildly positive)", "(0,20 mildly positive)", None),
    ],
)
def test_the_separators_of_numbers_are_exchanged(
    written: str, comma: str, space: str | None
) -> None:
    assert separated(written, Notation.POINT) == written
    assert separated(written, Notation.COMMA) == comma
    assert separated(written, Notation.SPACE) == (space or comma)


@pytest.mark.parametrize(
    "text",
    [
        "`/alert add symbol:IVOO when:above 120.50`",
        "[Fed raises by 0.25 points](https://example.com/a-1.5)",
        "https://example.com/v1.5/x",
        "<t:1776436860:R> <@123.4>",
        "09:41 New York, 2026-04-17, 10/50/200",
        "version 1.2.3 of highwater-0.1 BRK.B S&P 500, 400, 600",
        "SPY, 100, 200",
        "",
    ],
)
def test_what_is_typed_linked_or_no_amount_stays(text: str) -> None:
    assert [separated(text, notation) for notation in Notation] == [text] * 3


def test_an_embed_is_written_for_its_reader_and_for_nobody_else() -> None:
    card = Card(title="IVOO 1,234.50", verdict="+2.0 %", fields=(Field(name="At", value="0.5"),))
    with written_for(Notation.COMMA):
        embed = to_embed(card)
    assert (embed.title, embed.description, embed.fields[0].value) == (
        "IVOO 1.234,50",
        "+2,0 %",
        "0,5",
    )
    assert current() is Notation.POINT
    assert to_embed(card).title == "IVOO 1,234.50"
