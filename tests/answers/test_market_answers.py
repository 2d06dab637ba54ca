"""`/rs`, `/rotation`, `/breadth`, `/mood` and `/sectors`, over real bars and the demo market."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from bot.charts.renderer import Renderer
from bot.errors import DataError, UserError
from bot.services import Services
from tests.answers.stage import ask, services_over, write_prices

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_small_companies_lagged_the_index_in_autumn_2023(autumn: Services) -> None:
    answer = await ask(autumn, "/rs IWM")
    assert answer.numbers["change_60"] < 0
    assert answer.numbers["mansfield"] < 0
    assert answer.numbers["rank"]["place"] == answer.numbers["rank"]["among"]
    assert "IWM lost to SPY" in answer.card.verdict
    assert answer.card.picture is not None


async def test_a_rank_says_that_it_is_nobodys_rating(autumn: Services) -> None:
    assert "no proprietary rating" in (await ask(autumn, "/rs XLK")).card.body


async def test_a_symbol_against_itself_is_refused(autumn: Services) -> None:
    with pytest.raises(UserError, match="is the benchmark itself"):
        await ask(autumn, "/rs SPY")


async def test_every_sector_stands_in_the_quadrant_of_its_numbers(autumn: Services) -> None:
    answer = await ask(autumn, "/rotation")
    places = answer.numbers["places"]
    assert len(places) == 11
    for place in places.values():
        strong, rising = place["ratio"] >= 100, place["momentum"] >= 100
        expected = {
            (True, True): "leading",
            (True, False): "weakening",
            (False, False): "lagging",
            (False, True): "improving",
        }
        assert place["quadrant"] == expected[strong, rising]
    rows = list(csv.DictReader(io.StringIO(answer.table)))
    assert {row["symbol"] for row in rows} == set(places)


async def test_a_rotation_of_nothing_says_why(autumn: Services) -> None:
    with pytest.raises(UserError, match="ZZZZ is left out"):
        await ask(autumn, "/rotation ZZZZ")


async def test_a_universe_without_any_bars_is_answered(autumn: Services) -> None:
    with pytest.raises(DataError, match="There are no usable bars of 2 symbols"):
        await ask(autumn, "/breadth ZZZZ YYYY")


async def test_breadth_counts_what_is_known_and_says_what_is_not(autumn: Services) -> None:
    answer = await ask(autumn, "/breadth us-etfs")
    assert answer.numbers["known"] == 19
    assert "19 of the universe’s 162 symbols have bars." in answer.card.body
    assert "RSP/SPY" in answer.numbers["not_looked_at"]
    above = sum(answer.numbers[name] for name in ("advancers", "decliners"))
    assert above <= 19


async def test_the_reading_is_the_side_that_is_ahead_by_two(demo: Services) -> None:
    answer = await ask(demo, "/breadth demo")
    votes = [reason["vote"] for reason in answer.numbers["reasons"]]
    lead = votes.count("broadening") - votes.count("narrowing")
    expected = "broadening" if lead >= 2 else "narrowing" if lead <= -2 else "mixed"
    assert answer.numbers["reading"] == expected


async def test_two_sessions_have_no_breadth_and_nothing_is_invented(
    tmp_path: Path, renderer: Renderer
) -> None:
    prices = tmp_path / "prices"
    prices.mkdir()
    for symbol, close in (("SPY", 400.0), ("AAA", 100.0)):
        write_prices(prices, symbol, date(2024, 1, 2), [close, close * 1.01])
    async with services_over(
        prices, tmp_path / "data", as_of=date(2024, 1, 3), renderer=renderer
    ) as services:
        answer = await ask(services, "/breadth SPY AAA")
        with pytest.raises(DataError):
            await ask(services, "/mood")
        with pytest.raises(UserError, match="shares less than 135 sessions"):
            await ask(services, "/rotation AAA")
    assert answer.numbers["above_50"] is None
    assert answer.numbers["advancers"] == 2
    assert "unavailable" in str(answer.card.fields)


async def test_the_mood_is_the_mean_of_its_parts(demo: Services) -> None:
    answer = await ask(demo, "/mood")
    scores = [part["score"] for part in answer.numbers["parts"]]
    assert len(scores) == 6
    assert answer.numbers["score"] == pytest.approx(sum(scores) / 6)
    assert answer.numbers["missing"] == []


async def test_missing_parts_of_the_mood_are_named(autumn: Services) -> None:
    answer = await ask(autumn, "/mood")
    assert "VIX against its 50-session mean" in answer.numbers["missing"]
    assert "unavailable" in answer.card.verdict
    assert answer.card.picture is not None
    assert "unavailable" in answer.card.picture.alt


async def test_sectors_are_as_concentrated_as_their_weights(demo: Services) -> None:
    answer = await ask(demo, "/sectors SPY QQQ GLD")
    funds = answer.numbers["funds"]
    assert set(funds) == {"SPY", "QQQ"}
    for fund in funds.values():
        weights = fund["sectors"].values()
        assert fund["effective"] == pytest.approx(sum(weights) ** 2 / sum(w * w for w in weights))
        assert fund["top_weight"] == max(weights)
    assert "GLD is left out" in answer.card.body


@pytest.mark.parametrize(
    ("question", "words"),
    [("/sectors A B C D E F G", "Up to 6 funds"), ("/sectors GLD", "no sector weights to show")],
)
async def test_what_has_no_sectors_is_answered(demo: Services, question: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        await ask(demo, question)
