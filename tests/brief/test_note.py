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


RECKONED = {
    "brief-IVOO-2026-04-17.md": (
        "1.8 times its daily σ of 1.1 % (the 59 daily moves before)",
        "a base of 39 sessions",
        "123.44, 0.6 % above that level",
        "+4.6 % from its 50-session average (117.97)",
        "+11.1 % from its 200-session average (111.08)",
        "The 14 up days of the last 20 sessions carried 66 % of the volume",
        "0.74 times its 50-session average",
        "above 115,619 shares",
        "74 episodes of a new 52-week high in IVOO",
        "43 of them confirmed at the close. 67 % of those",
        "gains in 57 % of cases against 60 %. The difference of −0.1 %",
        "22 Apr 2026 and 24 Apr 2026",
    ),
    "brief-IWM-2023-11-28.md": (
        "10.6 % below its 52-week high of 199.26 (2 Feb 2023)",
        "all-time high of 244.46 (8 Nov 2021) it is −27.2 %",
        "10 of 11 sectors close above",
        "MDY ÷ SPY: −1.0 % in 20 sessions, trend falling",
        "IWM +9.2 % against SPY +9.5 % in 20 sessions; −6.7 % against +0.8 % in 60",
        "It ranks 4th of 8 in “size” over 20 sessions, from QQQ +11.7 % to DIA +7.6 %",
        "ratio 0.4563, −2.3 % in 20 sessions, trend falling, −1.38 σ",
        "141 episodes of a close above the 20-session high",
        "+0.8 % on average, +0.6 % from ordinary days; gains in 60 % of cases against 58 %",
        "Month-end is 2 sessions away, 30 Nov 2023; quarter-end is 22 sessions away",
    ),
    "brief-XLC-2018-09-04.md": (
        "1.2 times its daily σ of 1.0 % (the 52 daily moves before)",
        "It ranks 11th of 11 in “sectors” over 20 sessions, from XLY +4.0 % to XLC −1.7 %",
        "0.06 of 1: size 0.15, move 0.31, breadth 0.30",
        "1,005 episodes of a close above the 20-session high in the 11 symbols",
        "57 % of those closed below the level within 5 sessions",
        "gains in 58 % of cases against 58 %. The difference of +0.1 %",
    ),
}
"""Figures reckoned from the raw bars by a program of its own (plain loops over pandas columns)."""


@pytest.mark.parametrize("name", RECKONED)
def test_the_examples_agree_with_an_independent_reckoning(name: str) -> None:
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    assert [figure for figure in RECKONED[name] if figure not in text] == []
