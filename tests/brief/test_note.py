"""The note: every sentence carries its number, none gives advice, and the examples are true."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.brief.model import Fact, Part
from bot.brief.note import absence_text, note_of, prose
from bot.brief.sentences import SENTENCES
from bot.brief.wording import advice_in, numbers_in
from tests.brief.material import bars, flat, gapped, material

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def test_every_kind_of_fact_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Fact)


@pytest.mark.parametrize(
    "text",
    [
        "You should buy it.",
        "Selling here is wise.",
        "We recommend caution.",
        "Consider adding to it.",
        "Take profits at 120.",
        "Go long above 120.",
    ],
)
def test_words_of_advice_are_found(text: str) -> None:
    assert advice_in(text)


def test_ordinary_market_words_are_no_advice() -> None:
    assert advice_in("Long IWM against QQQ; holdings and selling-off aside, yields rose.") == (
        "selling",
    )
    assert advice_in("A close below 122.74 by 24 Apr 2026 undoes it.") == ()


def test_numbers_are_compared_with_their_sign_months_and_symbols() -> None:
    one = numbers_in("IVOO closed at 1,123.44 on 17 Apr 2026, −2.0 % from it.")
    assert one == {"IVOO": 1, "1,123.44": 1, "17": 1, "Apr": 1, "2026": 1, "−2.0": 1}
    assert one != numbers_in("IVOO closed at 1,123.44 on 17 May 2026, −2.0 % from it.")
    assert one != numbers_in("IVOO closed at 1,123.44 on 17 Apr 2026, +2.0 % from it.")


def test_a_note_without_comparisons_says_so_in_each_section() -> None:
    note = note_of(material(bars("OWN", flat(300)), absent={"SPY": date(2024, 1, 5), "TLT": None}))
    assert note.section(Part.BREADTH).absent == (
        "No breadth can be read here.",
        "Unavailable: SPY (its bars end on 5 Jan 2024).",
    )
    assert "TLT (not in this source)" in note.section(Part.RATES).absent[1]
    assert note.section(Part.NEWS).absent == ("No headlines in the last 21 days.",)
    assert note.section(Part.PAIRS).sentences == ()


def test_nothing_absent_is_nothing_said() -> None:
    assert absence_text([]) == ""


def test_a_name_cannot_change_the_note() -> None:
    made = replace(material(bars("OWN", flat(300))), name="[x](https://evil.example) **A**")
    assert note_of(made).subtitle.startswith(r"\[x\]\(https://evil.example\) \*\*A\*\* · session")


def test_the_sections_stand_in_one_order() -> None:
    note = note_of(material(bars("OWN", flat(300))))
    headings = re.findall(r"^## (.+)$", prose(note), re.MULTILINE)
    assert headings == [part.value for part in Part]


def test_a_gap_in_the_bars_leaves_no_month_out_of_nothing() -> None:
    made = material(bars("OWN", flat(300)), {"SPY": gapped(bars("SPY", flat(300)), 285, 298)})
    assert "against SPY" not in " ".join(note_of(made).section(Part.LEADERSHIP).sentences)


def test_the_notes_agree_with_what_was_published_about_those_days() -> None:
    autumn = (EXAMPLES / "brief-IWM-2023-11-28.md").read_text(encoding="utf-8")
    below = dict(re.findall(r"(SPY|QQQ|MDY|IWM) −(\d+\.\d) %", autumn.split("all-time highs:")[1]))
    published = {"SPY": 5, "QQQ": 5, "IWM": 27, "MDY": 13}
    assert all(abs(float(below[name]) - value) < 1 for name, value in published.items())
    spring = (EXAMPLES / "brief-IVOO-2026-04-17.md").read_text(encoding="utf-8")
    for figure in ("120.97", "122.74 of 20 Feb 2026", "a new 52-week high"):
        assert figure in spring
