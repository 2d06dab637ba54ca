"""Help is kept true: every example can be typed, and no command is missing."""

import re

import pytest

from bot.answers.parse import parse
from bot.answers.status import HELP
from bot.answers.table import ANSWERS, help_
from bot.cards.embeds import FIELDS, VALUE
from bot.errors import UserError
from bot.services import Services
from tests.answers.stage import ask

pytestmark = pytest.mark.asyncio(loop_scope="session")

EXAMPLES = [text for _, examples in HELP for text in re.findall(r"`(/[^`]+)`", examples)]
GROUPS = {name.split()[0] for name in ANSWERS}


@pytest.mark.parametrize("example", EXAMPLES)
async def test_every_example_is_a_command_with_options_that_fit(example: str) -> None:
    assert f"/{parse(example).name}" in example


async def test_every_command_is_in_the_help() -> None:
    assert {parse(example).name.split()[0] for example in EXAMPLES} == GROUPS - {"help"}


async def test_words_without_a_slash_are_subcommands_of_the_example_before() -> None:
    for _, examples in HELP:
        group = ""
        for text in re.findall(r"`([^`]+)`", examples):
            if text.startswith("/"):
                group = text.split()[0].removeprefix("/")
            else:
                assert f"{group} {text}" in ANSWERS


async def test_all_tasks_fit_into_one_card() -> None:
    assert len(HELP) <= FIELDS
    assert all(len(examples) <= VALUE for _, examples in HELP)


@pytest.mark.parametrize("topic", sorted(GROUPS))
async def test_every_command_is_a_topic_and_lists_its_subcommands(
    demo: Services, topic: str
) -> None:
    answer = await help_(demo, topic=f"/{topic}")
    for name in ANSWERS:
        assert (f"`/{name}`" in answer.card.verdict) == (name.split()[0] == topic)


async def test_a_word_finds_the_tasks_about_it(demo: Services) -> None:
    answer = await ask(demo, "/help topic:news")
    assert [field.name for field in answer.card.fields] == ["What do the news say?"]
    assert len((await ask(demo, "/help")).card.fields) == len(HELP)


async def test_a_topic_that_is_none_is_answered_with_those_that_are(demo: Services) -> None:
    with pytest.raises(UserError, match="`/high`"):
        await ask(demo, "/help topic:@everyone")
