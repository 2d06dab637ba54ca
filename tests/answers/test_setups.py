"""`/setups` over real bars: what is known to have been there is found, listed and drawn."""

from datetime import date
from pathlib import Path

import pytest

from bot.cards.setup_pictures import setup_chart
from bot.cards.setup_words import NAMES, STATES, TITLES
from bot.cards.setups import URGENCY
from bot.charts.renderer import Renderer
from bot.errors import DataError, UserError
from bot.market.model import Symbol
from bot.market.sources.folder import FolderSource
from bot.services import Services
from bot.signals.model import Kind
from bot.signals.setup import Status
from bot.signals.setups import FINDERS
from tests.answers.stage import ask, real_folder, services_over, write_prices

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def asked_on(day: date, text: str, scratch: Path, renderer: Renderer) -> object:
    core = real_folder("core")
    async with services_over(core, scratch, as_of=day, renderer=renderer) as services:
        return await ask(services, text)


async def test_iwm_leads_with_the_downtrend_line_it_broke_that_day(
    tmp_path: Path, renderer: Renderer
) -> None:
    """IWM broke its downtrend line of 31 July on 14 November 2023."""
    answer = await asked_on(date(2023, 11, 14), "/setups IWM", tmp_path, renderer)
    first = answer.numbers["setups"][0]
    assert (first["kind"], first["status"]) == ("downtrend_break", "confirmed")
    assert first["started"] == "2023-07-31"
    assert answer.card.verdict.startswith("Downtrend confirmed: closed above 174.05")
    assert "downtrend line through 3 touches" in answer.card.picture.alt


async def test_the_tight_range_of_late_november_2023_is_a_flag(
    tmp_path: Path, renderer: Renderer
) -> None:
    answer = await asked_on(date(2023, 11, 22), "/setups IWM kind:tight_flag", tmp_path, renderer)
    flag = next(s for s in answer.numbers["setups"] if s["kind"] == "tight_flag")
    assert flag["invalidation"] < flag["close"] < flag["trigger"]
    assert "Tight flag" in answer.card.body
    assert "flag from" in answer.card.picture.alt


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("support_test", "trigger 169.77 · 13 Nov 2023"),  # the high of the bar that tested it
        (
            "downtrend_break",
            "trigger 174.05",
        ),  # on a falling line, which is not as old as it starts
    ],
)
async def test_a_trigger_is_dated_by_the_session_that_set_its_price(kind: str, words: str) -> None:
    bars = await FolderSource(real_folder("core")).bars(Symbol("IWM"))
    known = bars.through(date(2023, 11, 13))
    setup = FINDERS[Kind(kind)](known)
    trigger = setup_chart(known, setup, name="").levels[0]
    day = f" · {trigger.since:%-d %b %Y}" if trigger.since else ""
    assert f"{trigger.label} {trigger.price:.2f}{day}" == words


async def test_the_support_of_2018_is_drawn_monthly(tmp_path: Path, renderer: Renderer) -> None:
    text = "/setups IWM kind:support_test view:monthly"
    answer = await asked_on(date(2023, 11, 3), text, tmp_path, renderer)
    support = next(s for s in answer.numbers["setups"] if s["kind"] == "support_test")
    assert support["values"]["first_touch_year"] == 2018
    assert "monthly" in answer.card.picture.alt


async def test_a_screen_is_ranked_and_has_one_line_for_each_symbol(autumn: Services) -> None:
    answer = await ask(autumn, "/setups sectors")
    found = answer.numbers["setups"]
    symbols = [setup["symbol"] for setup in found]
    assert len(symbols) == len(set(symbols)) > 0
    urgency = [URGENCY.index(Status(setup["status"])) for setup in found]
    assert urgency == sorted(urgency)
    table = answer.card.body.split("```")[1]
    assert max(len(line) for line in table.splitlines()) <= 58


async def test_pages_do_not_overlap_and_end(autumn: Services) -> None:
    everything = "SPY QQQ IWM MDY DIA VTI IJH IVOO XLB XLC XLE XLF XLI XLK XLP XLRE XLU XLV XLY"
    first = await ask(autumn, f"/setups {everything}")
    last = first.numbers["pages"]
    assert last == 2
    second = await ask(autumn, f"/setups {everything} page:2")
    assert [c.label for c in second.controls if hasattr(c, "call")] == ["‹ Previous"]
    assert first.card.body.split("```")[1] != second.card.body.split("```")[1]
    with pytest.raises(UserError, match="There is no page 3: these setups fill 2"):
        await ask(autumn, f"/setups {everything} page:3")


async def test_a_screen_of_one_kind_has_that_kind_only(autumn: Services) -> None:
    answer = await ask(autumn, "/setups sectors kind:average_surf")
    assert {setup["kind"] for setup in answer.numbers["setups"]} <= {"average_surf"}


async def test_symbols_without_bars_are_answered(autumn: Services) -> None:
    with pytest.raises(DataError, match="There are no usable bars of 2 symbols"):
        await ask(autumn, "/setups ZZZZ YYYY")


async def test_two_sessions_show_no_setup(tmp_path: Path, renderer: Renderer) -> None:
    prices = tmp_path / "prices"
    prices.mkdir()
    write_prices(prices, "AAA", date(2024, 1, 2), [100.0, 101.0])
    async with services_over(
        prices, tmp_path / "data", as_of=date(2024, 1, 3), renderer=renderer
    ) as services:
        answer = await ask(services, "/setups AAA")
    assert answer.card.verdict == "AAA shows none of the setups I know."
    assert answer.table == ""


async def test_every_kind_of_setup_has_its_words() -> None:
    assert set(NAMES) == set(TITLES) == set(FINDERS)
    assert set(STATES) == set(Status)
