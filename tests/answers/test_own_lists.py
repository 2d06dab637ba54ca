"""`/watchlist` and `/portfolio` over real bars, the expected numbers read from the files."""

import csv
import gzip
from collections.abc import Awaitable, Callable
from datetime import date
from time import perf_counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.answers.model import Answer, Caller
from bot.answers.parse import parse
from bot.cards.model import Button, Menu
from bot.errors import HighwaterError, UserError
from bot.services import Services
from tests.signals.bars import REAL

pytestmark = pytest.mark.asyncio(loop_scope="session")

FIRST, LAST = "2022-11-27", "2023-11-27"
NAMES = ("SPY", "QQQ", "IWM", "MDY", "XLE", "XLK", "XLU")
_users = iter(range(1000, 10_000))

Ask = Callable[[str], Awaitable[Answer]]


@pytest.fixture
def ask(autumn: Services) -> Ask:
    """Commands of a person whom nobody knows yet."""
    caller = Caller(user_id=next(_users))

    async def run(text: str) -> Answer:
        return await parse(text).run(autumn, caller)

    return run


def rows_of(symbol: str) -> list[dict[str, float | str]]:
    """The year before the last session and that session itself, on its own price scale: the
    file's prices are on that of its end, so later splits are undone."""
    with gzip.open(REAL / "core" / f"{symbol}.csv.gz", "rt") as lines:
        rows = list(csv.DictReader(lines))
    scale = 1.0
    for row in rows:
        if row["date"] > LAST and float(row["split"]):
            scale *= float(row["split"])
    return [
        {"date": row["date"]}
        | {name: scale * float(row[name]) for name in ("open", "high", "low", "close")}
        for row in rows
        if FIRST <= row["date"] <= LAST
    ]


async def test_the_live_table_shows_what_the_files_say(ask: Ask) -> None:
    await ask(f"watchlist add {' '.join(NAMES)}")
    shown = await ask("watchlist show")
    found = {row["symbol"]: row for row in shown.numbers["rows"]}
    assert list(found) == list(NAMES)
    for name in NAMES:
        rows = rows_of(name)
        last, prior = float(rows[-1]["close"]), float(rows[-2]["close"])
        top = max(float(row["high"]) for row in rows)
        assert found[name]["last"] == pytest.approx(last)
        assert found[name]["change"] == pytest.approx(last / prior - 1)
        assert found[name]["distance_52w"] == pytest.approx(last / top - 1)
        assert found[name]["new_high"] == (float(rows[-1]["high"]) == top)
    assert shown.private
    assert shown.card.picture is not None
    assert "closes of 27 Nov 2023" in shown.card.footer


async def test_the_rank_is_that_of_rs(ask: Ask) -> None:
    await ask("watchlist add XLK XLU")
    shown = await ask("watchlist show")
    for row in shown.numbers["rows"]:
        alone = await ask(f"rs {row['symbol']}")
        assert row["rs_rank"] == alone.numbers["rank"]["percentile"]


@pytest.mark.parametrize(
    ("order", "key"), [("change", "change"), ("high", "distance_52w"), ("rs", "rs_rank")]
)
async def test_sorting_puts_the_best_first_and_the_unknown_last(
    ask: Ask, order: str, key: str
) -> None:
    await ask(f"watchlist add {' '.join(NAMES)} IVOO")
    values = [row[key] for row in (await ask(f"watchlist show sort:{order}")).numbers["rows"]]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=True)
    assert values[: len(known)] == known


async def test_pages_hold_fifteen_rows_and_their_buttons_lead_on(ask: Ask) -> None:
    every = "SPY QQQ IWM DIA MDY IJH IVOO VTI XLB XLC XLE XLF XLI XLK XLP XLRE XLU XLV XLY"
    await ask(f"watchlist add {every}")
    first = await ask("watchlist show")
    assert first.card.body.split("```")[1].count("\n") == 1 + 15 + 1
    (forward,) = [c for c in first.controls if isinstance(c, Button)]
    second = await ask(forward.call)
    assert "page 2 of 2" in second.card.title
    assert second.card.body.split("```")[1].count("\n") == 1 + 4 + 1
    with pytest.raises(UserError, match="no page 3"):
        await ask("watchlist show page:3")


async def test_controls_keep_a_name_with_blanks_and_fit_into_custom_ids(ask: Ask) -> None:
    name = "sectors of the market 2023 dull"
    await ask(f"watchlist create {name}")
    await ask(f"watchlist add symbols:XLK XLU name:{name}")
    shown = await ask(f"watchlist show {name}")
    calls = [c.call for menu in shown.controls if isinstance(menu, Menu) for c in menu.choices]
    assert max(map(len, calls)) < 90
    for call in calls:
        assert (await ask(call)).numbers["list"] == name


async def test_a_symbol_without_bars_has_a_row_and_a_reason(ask: Ask) -> None:
    await ask("watchlist add SPY BND")
    shown = await ask("watchlist show")
    assert shown.numbers["rows"][1]["last"] is None
    assert "BND is left out." in shown.card.body


async def test_a_portfolio_is_worth_its_shares_at_the_files_closes(ask: Ask) -> None:
    await ask("portfolio set SPY 5 @ 400, XLU 40, IWM 12 @ 200.5")
    shown = await ask("portfolio show")
    closes = {name: float(rows_of(name)[-1]["close"]) for name in ("SPY", "XLU", "IWM")}
    value = 5 * closes["SPY"] + 40 * closes["XLU"] + 12 * closes["IWM"]
    assert shown.numbers["value"] == pytest.approx(value)
    gained = 5 * (closes["SPY"] - 400) + 12 * (closes["IWM"] - 200.5)
    assert shown.numbers["total"] == pytest.approx(gained)
    assert shown.private
    assert "No sector weights are known of" in shown.card.body
    risk = await ask("portfolio risk")
    assert risk.private
    assert risk.numbers["last"] == LAST
    assert sum(c["share"] for c in risk.numbers["contributions"]) == pytest.approx(1)


async def test_sectors_behind_the_funds_sum_to_the_whole(demo: Services) -> None:
    caller = Caller(user_id=next(_users))
    await parse("portfolio set SPY 5, XLK 3, TLT 4").run(demo, caller)
    shown = await parse("portfolio show").run(demo, caller)
    known = sum(shown.numbers["sectors"].values())
    assert 0 < shown.numbers["sectors_unknown"] < 1
    assert known + shown.numbers["sectors_unknown"] == pytest.approx(1)


async def test_setting_keeps_the_others_and_importing_does_not(ask: Ask) -> None:
    await ask("portfolio set SPY 5, QQQ 3")
    await ask("portfolio set SPY 7, IWM 1, QQQ 0")
    assert set((await ask("portfolio show")).numbers["positions"]) == {"SPY", "IWM"}
    await ask("portfolio import MDY 2")
    assert set((await ask("portfolio show")).numbers["positions"]) == {"MDY"}
    await ask("portfolio undo")
    found = (await ask("portfolio show")).numbers["positions"]
    assert {name: p["shares"] for name, p in found.items()} == {"SPY": 7, "IWM": 1}


async def test_what_one_person_has_another_does_not_see(ask: Ask, autumn: Services) -> None:
    await ask("watchlist create secret symbols:SPY")
    await ask("portfolio set SPY 5")
    other = Caller(user_id=next(_users))
    for text in ("watchlist show secret", "portfolio show", "portfolio risk"):
        with pytest.raises(UserError):
            await parse(text).run(autumn, other)


async def test_two_hundred_symbols_are_answered_in_a_moment(demo: Services) -> None:
    caller = Caller(user_id=next(_users))
    names = [str(row.symbol) for row in demo.directory][:200]
    await parse(f"watchlist create many symbols:{' '.join(names)}").run(demo, caller)
    await parse("watchlist show many").run(demo, caller)  # the first reads the histories
    began = perf_counter()
    shown = await parse("watchlist show many").run(demo, caller)
    assert perf_counter() - began < 5  # a second on a quiet machine
    assert len(shown.numbers["rows"]) == len(names)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    verb=st.sampled_from(
        (
            *("watchlist add", "watchlist create", "watchlist show", "watchlist import"),
            *("watchlist rename", "watchlist undo", "watchlist share", "watchlist delete"),
            *("portfolio set", "portfolio import", "portfolio undo", "portfolio risk"),
        )
    ),
    words=st.text(max_size=60),
)
async def test_no_words_break_a_command(verb: str, words: str, autumn: Services) -> None:
    try:
        answer = await parse(f"{verb} {words}").run(autumn, Caller(user_id=5))
        private, said = answer.private, answer.card.verdict
    except HighwaterError as error:
        private, said = True, str(error)
    assert private
    assert said
    assert "<@" not in said


async def test_the_date_of_the_fixture_is_the_one_in_this_file(autumn: Services) -> None:
    assert autumn.sessions.last_closed(autumn.now()) == date.fromisoformat(LAST)
