"""`/compare` over real bars, and what it says to questions that cannot be answered."""

from datetime import date
from pathlib import Path

import pytest

from bot.charts.renderer import Renderer
from bot.errors import UserError
from bot.services import Services
from tests.answers.stage import ask, services_over, write_prices

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_published_rally_of_autumn_2023_is_reproduced(autumn: Services) -> None:
    answer = await ask(autumn, "/compare SPY QQQ IWM MDY since:2023-10-27")
    members = answer.numbers["members"]
    returns = {name: round(100 * member["return"], 1) for name, member in members.items()}
    assert returns == {"SPY": 10.7, "QQQ": 12.7, "IWM": 10.2, "MDY": 10.0}
    away = {name: 100 * member["distance_all_time"] for name, member in members.items()}
    published = {"SPY": -5, "QQQ": -5, "IWM": -27, "MDY": -13}
    assert all(abs(away[name] - published[name]) < 1 for name in published), away


async def test_the_verdict_names_the_leader_the_last_and_who_is_far_below(
    autumn: Services,
) -> None:
    card = (await ask(autumn, "/compare SPY QQQ IWM MDY since:2023-10-27")).card
    assert card.verdict == (
        "QQQ leads with +12.7 %, 2.0 points more than SPY; MDY is last with +10.0 %. "
        "Still below their all-time highs: IWM 26.9 % and MDY 12.4 %."
    )
    assert card.picture is not None
    assert "QQQ +12.7 %, SPY +10.7 %, IWM +10.2 %, MDY +10.0 %" in card.picture.alt


async def test_the_common_start_is_the_first_session_of_the_youngest(autumn: Services) -> None:
    answer = await ask(autumn, "/compare SPY XLC since:1995-01-01")
    assert answer.numbers["start"] == "2018-06-19"
    assert "19 Jun 2018, the first session of XLC" in answer.card.body


async def test_an_unknown_symbol_among_known_ones_is_named_and_left_out(autumn: Services) -> None:
    answer = await ask(autumn, "/compare SPY ZZZZ QQQ since:3m")
    assert list(answer.numbers["members"]) == ["SPY", "QQQ"]
    assert "ZZZZ is left out." in answer.card.body


async def test_eight_symbols_fit_a_phone(autumn: Services) -> None:
    answer = await ask(autumn, "/compare SPY QQQ IWM MDY DIA VTI XLF XLK since:max basis:total")
    table = answer.card.body.split("```")[1]
    assert len(table.strip().splitlines()) == 9
    assert max(len(line) for line in table.splitlines()) <= 58


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("/compare SPY", "2 to 8 symbols, not 1"),
        ("/compare A B C D E F G H I", "2 to 8 symbols, not 9"),
        ("/compare sectors", "/rotation sectors"),
        ("/compare SPY ZZZZ", "I need 2 symbols with prices"),
        ("/compare SPY QQQ since:2030-01-01", "not lie before the last session, 2023-11-27"),
        ("/compare SPY QQQ since:soon", "2023-10-27, or 1w, 1m"),
        ("/compare SPY QQQ since:2023-02-30", "no start I know"),
    ],
)
async def test_what_cannot_be_compared_is_answered_with_what_to_write(
    autumn: Services, question: str, words: str
) -> None:
    with pytest.raises(UserError) as refused:
        await ask(autumn, question)
    assert words in str(refused.value)


async def test_two_sessions_of_history_are_compared_without_inventing_a_volatility(
    tmp_path: Path, renderer: Renderer
) -> None:
    prices = tmp_path / "prices"
    prices.mkdir()
    write_prices(prices, "AAA", date(2024, 1, 2), [100.0, 102.0])
    write_prices(prices, "BBB", date(2024, 1, 2), [50.0, 50.5])
    async with services_over(
        prices, tmp_path / "data", as_of=date(2024, 1, 3), renderer=renderer
    ) as services:
        answer = await ask(services, "/compare AAA BBB since:max")
        alone = await ask(services, "/compare BBB AAA since:max")
    member = answer.numbers["members"]["AAA"]
    assert member["return"] == pytest.approx(0.02)
    assert member["volatility"] is None
    assert member["correlation"] is None
    assert "AAA leads with +2.0 %, 1.0 points more than BBB" in alone.card.verdict


async def test_a_symbol_whose_bars_end_early_ends_the_comparison_and_is_named(
    tmp_path: Path, renderer: Renderer
) -> None:
    prices = tmp_path / "prices"
    prices.mkdir()
    write_prices(prices, "AAA", date(2024, 1, 2), [100.0, 102.0, 101.0, 103.0])
    write_prices(prices, "BBB", date(2024, 1, 2), [50.0, 50.5])
    async with services_over(
        prices, tmp_path / "data", as_of=date(2024, 1, 5), renderer=renderer
    ) as services:
        answer = await ask(services, "/compare AAA BBB since:max")
    assert answer.numbers["end"] == "2024-01-03"
    assert "It ends on 3 Jan 2024, the last session of BBB." in answer.card.body


async def test_the_bottom_is_the_benchmarks_lowest_close(autumn: Services) -> None:
    answer = await ask(autumn, "/compare SPY IWM since:bottom")
    assert answer.numbers["start"] == "2023-10-27"


async def test_the_csv_has_every_symbol_with_unrounded_figures(autumn: Services) -> None:
    answer = await ask(autumn, "/compare SPY QQQ since:2023-10-27")
    lines = answer.table.splitlines()
    assert lines[0].startswith("symbol,start,end,basis,start_close,end_close,return,")
    assert [line.split(",")[0] for line in lines[1:]] == ["SPY", "QQQ"]
    assert float(lines[1].split(",")[6]) == answer.numbers["members"]["SPY"]["return"]
