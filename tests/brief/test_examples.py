"""Whole notes: each sentence carries its number, and the examples are what the program says."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.brief.wording import advice_in
from bot.charts.renderer import Renderer
from bot.services import Services
from tests.answers.stage import ask, real_folder, services_over
from tests.brief.hand import Body, server

pytestmark = pytest.mark.asyncio(loop_scope="session")

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
DEMO_SYMBOLS = ("SPY", "IWM", "IVOO", "QQQ", "XLF", "XLE", "TLT", "GLD", "EEM", "MTUM")
CAVEATS = ("Unavailable:", "The universe is today's", "No headlines", "No breadth", "No bonds")
CAVEATS += ("There is", "No pair")


def sentences_of(text: str) -> list[str]:
    """The sentences of a note's sections, without the headlines and the data."""
    body = text.split("\n## What happened\n")[1].split("\n## Headlines")[0].split("\n## Data")[0]
    lines = [line for line in body.splitlines() if line and not line.startswith("#")]
    return [one for line in lines for one in re.split(r"(?<=\.) (?=[A-Z0-9−+])", line)]


@pytest.mark.parametrize("symbol", DEMO_SYMBOLS)
async def test_every_sentence_carries_a_number_and_none_gives_advice(
    demo: Services, symbol: str
) -> None:
    answer = await ask(demo, f"/brief {symbol}")
    text = answer.card.documents[0].text
    told = [one for one in sentences_of(text) if not one.startswith(CAVEATS)]
    assert len(told) > 12
    assert not [one for one in told if not re.search(r"\d", one)]
    assert advice_in("\n".join(sentences_of(text))) == ()
    assert advice_in(f"{answer.card.title} {answer.card.verdict} {answer.card.body}") == ()
    assert "!" not in "".join(told)
    assert "nan" not in text.lower().replace("financ", "")


@pytest.mark.parametrize(
    ("symbol", "day"),
    [
        ("IVOO", date(2026, 4, 17)),
        ("IWM", date(2023, 11, 28)),
        ("XLC", date(2018, 9, 4)),
    ],
)
async def test_the_examples_are_what_the_program_says(
    renderer: Renderer, tmp_path: Path, symbol: str, day: date
) -> None:
    async with services_over(
        real_folder("core"), tmp_path, as_of=day, renderer=renderer
    ) as services:
        answer = await ask(services, f"/brief {symbol}")
    example = EXAMPLES / f"brief-{symbol}-{day}.md"
    assert answer.card.documents[0].text == example.read_text(encoding="utf-8")


async def test_a_reworded_note_takes_the_place_of_the_plain_one_in_the_file_only(
    demo: Services,
) -> None:
    def other_words(body: Body) -> str:
        return str(body["messages"][1]["content"]).replace("closed at", "finished at")

    plain = await ask(demo, "/brief SPY")
    async with server(other_words) as url:
        named = demo.settings.model_copy(update={"prose_url": url})
        answer = await ask(replace(demo, settings=named), "/brief SPY")
    assert "SPY finished at" in answer.card.documents[0].text
    assert "every number was compared" in answer.card.documents[0].text
    assert answer.card.body == plain.card.body
