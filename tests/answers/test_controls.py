"""Whatever a control offers can be asked for: its text is a command that parses and answers."""

import pytest

from bot.answers.calls import calls_of
from bot.answers.parse import parse
from bot.cards.model import Menu
from bot.services import Services
from tests.answers.stage import ask

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUESTIONS = (
    "/high IWM basis:total",
    "/chart IWM range:1y overlays:20 50",
    "/compare SPY QQQ IWM since:2023-10-27 basis:total",
    "/rs XLF",
    "/rotation XLF XLK XLE",
    "/breadth sectors",
    "/setups IWM",
    "/setups sectors kind:average_surf",
    "/record kind:donchian_20 symbol:XLF period:5y",
)


@pytest.mark.parametrize("question", QUESTIONS)
async def test_every_control_is_a_command(autumn: Services, question: str) -> None:
    answer = await ask(autumn, question)
    texts = calls_of(answer)
    assert texts
    for text in texts:
        assert parse(text).name == question.split()[0].removeprefix("/")


@pytest.mark.parametrize("question", QUESTIONS)
async def test_the_menus_show_what_was_asked_and_asking_it_again_gives_the_same(
    autumn: Services, question: str
) -> None:
    answer = await ask(autumn, question)
    for control in answer.controls:
        if isinstance(control, Menu):
            chosen = [choice.call for choice in control.choices if choice.chosen]
            assert len(chosen) == 1, control.label
            again = await ask(autumn, chosen[0])
            assert again.card.title == answer.card.title
            assert again.card.verdict == answer.card.verdict


async def test_a_range_that_is_picked_keeps_the_overlays_and_the_candles(
    autumn: Services,
) -> None:
    answer = await ask(autumn, "/chart IWM range:1y interval:weekly overlays:20 50")
    ranges = answer.controls[0]
    assert isinstance(ranges, Menu)
    five = next(choice for choice in ranges.choices if choice.label == "5 years")
    options = parse(five.call).options
    assert (options["interval"], options["overlays"]) == ("weekly", "20 50")
