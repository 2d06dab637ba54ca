"""How the symbols are shared among scanners. Pure."""

import doctest

import pytest

from bot.alerts.quiet.lines import circle_of
from bot.cluster import scanner
from bot.cluster.roles import Shards
from bot.cluster.shares import SYMBOLS, Share, shares_for
from bot.market.model import Symbol
from bot.market.universes import clone_groups, universe

CIRCLE = circle_of(Symbol("SPY"))
MANY = [Symbol(f"{a}{b}{c}") for a in "ABCDEFGHIJ" for b in "KLMNOPQRST" for c in "UVWXYZABCD"]


def share_of(symbol: Symbol, count: int) -> int:
    shares = [Share(number=number, count=count, circle=CIRCLE) for number in range(count)]
    [found] = [share.number for share in shares if share.has(symbol)]
    return found


@pytest.mark.parametrize("count", [1, 2, 7, 10])
def test_every_symbol_is_of_one_share_and_shares_are_alike_in_size(count: int) -> None:
    sizes = [0] * count
    for symbol in MANY:
        sizes[share_of(symbol, count)] += 1
    fair = len(MANY) / count
    assert all(abs(size - fair) < 5 * fair**0.5 for size in sizes), sizes


def test_symbols_whose_alerts_may_share_a_message_are_of_one_share() -> None:
    sectors = {share_of(symbol, 10) for symbol in universe("sectors").symbols}
    assert sectors == {share_of(Symbol("SPY"), 10)}
    for group in clone_groups():
        assert len({share_of(symbol, 10) for symbol in group.symbols}) == 1, group


def test_what_fits_one_share_is_one() -> None:
    assert [str(share) for share in shares_for(0, CIRCLE)] == ["0/1"]
    assert [str(share) for share in shares_for(SYMBOLS, CIRCLE)] == ["0/1"]
    assert [str(share) for share in shares_for(SYMBOLS + 1, CIRCLE)] == ["0/2", "1/2"]
    assert len(list(shares_for(20_000, CIRCLE))) == 10


def test_intervals_become_clock_times() -> None:
    assert doctest.testmod(scanner).failed == 0


def test_a_share_of_two_is_not_a_shard_of_two() -> None:
    """Shards are Discord’s and go by the time in a server’s id."""
    guild = 1_100_000_000_000_000_000
    [holding] = [n for n in range(4) if Shards(first=n, last=n, total=4).holds(guild)]
    assert holding == (guild >> 22) % 4
