"""`/record` must not flatter: what it says of little, of nothing, and of what is ordinary."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from bot.charts.renderer import Renderer
from bot.errors import UserError
from bot.services import Services
from tests.answers.stage import ask, services_over, write_prices

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_quarter_century_of_highs_is_not_distinguishable_from_ordinary_days(
    autumn: Services,
) -> None:
    """As on 500 stocks: about half of the breakouts fail, the excess is near zero."""
    answer = await ask(autumn, "/record symbol:IWM period:max")
    assert "not distinguishable from an ordinary day" in answer.card.verdict
    assert answer.numbers["pooled"] is False
    assert 0.3 < answer.numbers["failure_rate"] < 0.75
    for outcome in answer.numbers["outcomes"]:
        assert outcome["n"] > 20
        assert outcome["ordinary_hit_rate"] is not None
        low, high = outcome["excess_interval"]
        assert low < outcome["excess"] < high


async def test_survivorship_and_method_are_disclosed(autumn: Services) -> None:
    body = (await ask(autumn, "/record symbol:IWM period:max")).card.body
    for words in (
        "closed or delisted are missing",
        "next open",
        "block bootstrap",
    ):
        assert words in body


async def test_a_small_record_is_pooled_and_says_so(autumn: Services) -> None:
    answer = await ask(autumn, "/record symbol:IVOO period:3y")
    assert answer.numbers["pooled"] is True
    assert answer.numbers["scope"] == "size"
    assert "IVOO alone has" in answer.card.verdict
    assert "taken together" in answer.card.verdict


async def test_few_episodes_even_together_allow_no_verdict(autumn: Services) -> None:
    answer = await ask(autumn, "/record kind:high_52w symbol:IVOO period:1y")
    assert answer.numbers["few"] is True
    assert "too few to tell" in answer.card.verdict
    assert "better than" not in answer.card.verdict
    assert "worse than" not in answer.card.verdict
    assert answer.card.picture is None
    assert "No picture: There are no episodes" in answer.card.body


async def test_a_symbol_that_never_made_a_high_has_no_record(
    tmp_path: Path, renderer: Renderer
) -> None:
    prices = tmp_path / "prices"
    prices.mkdir()
    for symbol in ("SPY", "AAA"):
        write_prices(prices, symbol, date(2022, 1, 3), [300 - i / 7 for i in range(400)])
    async with services_over(
        prices, tmp_path / "data", as_of=date(2023, 8, 4), renderer=renderer
    ) as services:
        answer = await ask(services, "/record symbol:AAA")
    assert answer.numbers["episodes"] == 0
    assert "there is no record to speak of" in answer.card.verdict
    assert answer.table == ""


async def test_the_csv_lists_every_episode_and_its_misses(autumn: Services) -> None:
    answer = await ask(autumn, "/record symbol:IWM period:max")
    rows = list(csv.DictReader(io.StringIO(answer.table)))
    assert len(rows) == answer.numbers["episodes"]
    failed = [row for row in rows if row["failed_within_5"] == "1" and row["confirmed"] == "1"]
    assert len(failed) == answer.numbers["misses"]


async def test_a_period_that_has_not_begun_is_refused(autumn: Services) -> None:
    with pytest.raises(UserError, match="earlier start"):
        await ask(autumn, "/record period:2024-01-01")


async def test_the_stated_period_is_the_one_that_has_bars(autumn: Services) -> None:
    """IWM began on 26 May 2000; a 52-week high needs 200 sessions before it."""
    answer = await ask(autumn, "/record symbol:IWM period:max")
    assert answer.numbers["first"].startswith("2001-03")
