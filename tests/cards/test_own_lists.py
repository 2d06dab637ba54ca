"""Cards of watchlists and portfolios: what they say, and what they must not let through."""

from dataclasses import replace

import numpy as np
import pytest

from bot.cards.portfolio import holding_words, money, signed
from bot.cards.tables import WIDTH
from bot.cards.watchlist import (
    PAGE,
    Order,
    WatchRow,
    WatchView,
    in_order,
    verdict,
    watch_card,
    watch_csv,
    watch_picture,
)
from bot.market.model import Symbol


def row(
    symbol: str, change: float | None, distance: float | None = None, **more: object
) -> WatchRow:
    last = None if change is None else 100.0 * (1 + change)
    made = WatchRow(
        symbol=Symbol(symbol),
        name=f"{symbol} Fund",
        last=last,
        change=change,
        distance=distance,
        closes=np.linspace(90, 100, 63),
    )
    return replace(made, **more)


ROWS = (
    row("AAA", 0.021, 0.0, new_high=True, rank=97),
    row("BBB", -0.034, -0.01, rank=12),
    row("CCC", None),
    row("DDD", 0.0, -0.4),
)


def view(**more: object) -> WatchView:
    made = WatchView(title="main", rows=ROWS, order=Order.ADDED, page=1, footer="Demo")
    return replace(made, **more)


def test_the_verdict_counts_and_names_best_and_worst() -> None:
    assert verdict(ROWS) == (
        "1 of 3 up; new 52-week high: AAA; 1 more within 2 % of the 52-week high; "
        "best AAA +2.1 %, worst BBB −3.4 %."
    )
    assert verdict(ROWS[2:3]) == "None of these symbols has prices now."


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.ADDED, "DDD CCC BBB AAA"),
        (Order.CHANGE, "AAA DDD BBB CCC"),
        (Order.HIGH, "AAA BBB DDD CCC"),
        (Order.STRENGTH, "AAA BBB DDD CCC"),
        (Order.SYMBOL, "AAA BBB CCC DDD"),
    ],
)
def test_the_best_come_first_and_what_is_unknown_last(order: Order, expected: str) -> None:
    assert " ".join(each.symbol for each in in_order(ROWS[::-1], order)) == expected


def test_the_table_fits_a_phone_and_says_new_where_the_high_is_new() -> None:
    lines = watch_card(view()).body.split("```")[1].splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert lines[2].split() == ["AAA", "102.10", "+2.1", "new", "97", "–"]
    assert lines[4].split() == ["CCC", "–", "–", "–", "–", "–"]


def test_a_page_is_fifteen_rows_of_text_and_picture() -> None:
    many = tuple(row(f"S{i}", 0.01 * i, -0.01) for i in range(PAGE + 1))
    second = view(rows=many, page=2)
    assert "page 2 of 2" in watch_card(second).title
    assert [strip.name for strip in watch_picture(second).strips] == [f"S{PAGE}"]
    assert watch_csv(many).count("\r\n") == 1 + len(many)


def test_the_picture_says_in_words_what_it_shows() -> None:
    alt = watch_picture(view()).alt
    assert "main, 4 rows" in alt
    assert "AAA Last 102.10, Day % +2.1, From high % new high, RS 97" in alt


@pytest.mark.parametrize(
    ("amount", "words"),
    [(9_999.5, "9,999.50"), (-12_345.6, "−12,346"), (0, "0.00"), (0.5, "0.5000")],
)
def test_amounts_have_cents_where_they_matter(amount: float, words: str) -> None:
    assert money(amount) == words


def test_signs_stand_before_gains_and_losses_and_not_before_nothing() -> None:
    assert [signed(x) for x in (5.0, -5.0, 0.0)] == ["+5.00", "−5.00", "0.00"]


def test_a_holding_reads_as_it_is_written() -> None:
    assert holding_words(Symbol("IVOO"), 10, 95.2) == "IVOO 10 at 95.20"
    assert holding_words(Symbol("IVOO"), 0.125, None) == "IVOO 0.125"
