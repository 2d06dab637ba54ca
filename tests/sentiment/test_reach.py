"""What market impact is measured from, over bars whose figures are known by hand."""

from dataclasses import replace

import numpy as np
import pytest

from bot.market.model import Bars
from bot.sentiment.reach import reach, usual_move
from tests.brief.material import bars, flat, gapped

CALM = flat(70)
SIGMA = float(np.std([0.0025, 1 / 1.0025 - 1] * 30, ddof=1))


def ending(symbol: str, move: float) -> Bars:
    """A calm fund whose last session moves by `move`."""
    return bars(symbol, [*CALM, CALM[-1] * (1 + move)])


def test_the_share_is_that_of_the_dollar_volume_of_20_sessions() -> None:
    own = bars("OWN", CALM)
    big = replace(bars("BIG", CALM), volume=np.full(70, 7000.0))
    others = [big, bars("B", CALM), bars("C", CALM)]
    found = reach(own, [own, *others])
    assert found.volume_share == pytest.approx(1 / 10)
    assert found.peers == 3


def test_a_move_is_told_in_its_own_spread() -> None:
    found = reach(ending("OWN", -0.01), [])
    assert found.move_in_sigmas == pytest.approx(-0.01 / SIGMA, rel=0.001)
    assert (found.volume_share, found.breadth) == (None, None)


def test_a_peer_moves_alike_when_it_goes_half_as_far_the_same_way() -> None:
    peers = [ending("A", 0.02), ending("B", 0.011), ending("C", 0.009), ending("D", -0.02)]
    assert reach(ending("OWN", 0.02), peers).breadth == pytest.approx(2 / 4)


def test_a_peer_whose_bars_ended_earlier_does_not_count() -> None:
    own = bars("OWN", CALM)
    day_before = own.days[-2].item()
    assert reach(own, [bars(name, CALM).through(day_before) for name in "ABC"]).peers == 0


def test_two_peers_say_nothing_about_a_share() -> None:
    found = reach(ending("OWN", 0.02), [ending("A", 0.02), ending("B", 0.02)])
    assert (found.volume_share, found.breadth, found.peers) == (None, None, 2)


def test_a_step_over_a_gap_is_no_daily_move() -> None:
    jumped = bars("OWN", [*flat(40), *flat(70, 150.0)])
    whole = usual_move(jumped.through(jumped.days[80].item()))
    cut = usual_move(gapped(jumped, 30, 50))
    assert whole is not None
    assert cut is not None
    assert cut.sigma == pytest.approx(SIGMA, rel=0.02)
    assert whole.sigma > 10 * cut.sigma


def test_the_first_session_after_a_gap_has_no_daily_move() -> None:
    assert usual_move(gapped(bars("OWN", flat(120)), 90, 119)) is None


def test_forty_returns_are_needed() -> None:
    assert usual_move(bars("OWN", flat(41))) is None
    assert usual_move(bars("OWN", flat(42))) is not None


def test_a_price_that_never_moves_has_no_spread() -> None:
    assert usual_move(bars("OWN", [100.0] * 70)) is None
