"""What commands say to questions that have no full answer: what is missing, and what to write."""

from collections.abc import AsyncIterator
from datetime import date

import pytest
import pytest_asyncio

from bot.charts.renderer import Renderer
from bot.errors import DataError, UserError
from bot.services import Services
from tests.answers.stage import ask, services_over, write_prices

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def young(
    renderer: Renderer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Services]:
    """Three symbols with two sessions of history."""
    prices = tmp_path_factory.mktemp("young")
    for symbol, closes in {"SPY": [100.0, 101.0], "AAA": [10.0, 11.0], "BBB": [20.0, 19.0]}.items():
        write_prices(prices, symbol, date(2024, 1, 2), closes)
    scratch = tmp_path_factory.mktemp("scratch")
    async with services_over(
        prices, scratch, as_of=date(2024, 1, 3), renderer=renderer
    ) as services:
        yield services


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("/rs SPY", "SPY is the benchmark itself. Name another"),
        ("/rs ZZZZ", "ZZZZ"),
        ("/rs A B C D E F G H I", "/rs <symbol>"),
        ("/rotation SPY", "A benchmark does not rotate around itself"),
        ("/rotation A B C D E F G H I", "Left out for want of data: 9 symbols"),
        ("/breadth ZZZZ", "There are no usable bars of 1 symbol in the last"),
        ("/sectors IWM MDY", "to show. Folder “core” holds daily bars only, no fund profiles."),
        ("/setups ZZZZ", "ZZZZ"),
        ("/record kind:high_52w symbol:ZZZZ", "ZZZZ"),
        ("/record kind:high_52w symbol:IWM period:2030-01-01", "not lie before the last session"),
        ("/mood SPY", "/mood has no place for “SPY”"),
        ("/record since:2025", "/record has no option “since”: /record [kind:…]"),
        ("/high window:252", "/high has no option “window”: /high <symbol>"),
        ("/compare SPY QQQ since:2024-01-02", "not lie before the last session"),
    ],
)
async def test_what_cannot_be_answered_says_what_to_write(
    autumn: Services, question: str, words: str
) -> None:
    with pytest.raises((UserError, DataError)) as refused:
        await ask(autumn, question)
    assert words in str(refused.value)
    assert str(refused.value).count("holds daily bars only") <= 1


async def test_an_unknown_symbol_does_not_keep_the_others_from_rotating(autumn: Services) -> None:
    body = (await ask(autumn, "/rotation IWM ZZZZ MDY")).card.body
    assert "ZZZZ is left out" in body
    assert "IWM" in body.split("```")[1]


async def test_a_start_before_listing_begins_with_the_listing(autumn: Services) -> None:
    answer = await ask(autumn, "/compare SPY QQQ since:1970-01-01")
    assert answer.numbers["start"] == "1999-03-10"


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("/rotation AAA BBB", "AAA is left out. It shares less than 135 sessions with SPY."),
        ("/mood", "no part of the mood can be computed"),
    ],
)
async def test_two_sessions_are_too_few_and_the_answer_says_for_what(
    young: Services, question: str, words: str
) -> None:
    with pytest.raises((UserError, DataError)) as refused:
        await ask(young, question)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("/high AAA", "New high since listing: 11.11, above 10.10 of 2 Jan 2024"),
        ("/chart AAA", "11.00, +10.0 % over 2 sessions"),
        ("/rs AAA", "new high since listing"),
        ("/breadth AAA BBB", "0 reasons for broader, 0 for narrower participation"),
        ("/record kind:high_52w symbol:AAA", "there is no record to speak of"),
    ],
)
async def test_two_sessions_are_answered_with_what_they_hold(
    young: Services, question: str, words: str
) -> None:
    assert words in (await ask(young, question)).card.verdict
