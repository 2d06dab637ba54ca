"""The gate: pace, budget, breaker and dead symbols, decided without a clock."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import RateLimited
from bot.market.limiter import Breaker, DeadSymbols, Gate, Limits, Outcome, Ticket
from bot.market.model import Symbol

IVOO = Symbol("IVOO")


def admitted(gate: Gate, now: float) -> Ticket:
    admission = gate.admit(now)
    assert isinstance(admission, Ticket), f"told to wait {admission} s"
    return admission


def trusted_gate(limits: Limits | None = None) -> Gate:
    """A gate whose first probe, at second 0, has been answered."""
    gate = Gate("Vendor", limits)
    gate.settle(admitted(gate, 0.0), Outcome.ANSWERED, 0.0)
    return gate


def test_a_rested_gate_lets_five_through_and_then_one_every_half_second() -> None:
    gate = trusted_gate()
    for _ in range(5):
        gate.settle(admitted(gate, 100.0), Outcome.ANSWERED, 100.0)
    assert gate.admit(100.0) == pytest.approx(0.5)
    assert gate.admit(100.4) == pytest.approx(0.1)
    gate.settle(admitted(gate, 100.5), Outcome.ANSWERED, 100.5)
    assert gate.admit(100.5) == pytest.approx(0.5)


def test_at_most_four_requests_are_under_way() -> None:
    gate = trusted_gate(Limits(rate=1000.0, burst=1000))
    tickets = [admitted(gate, 1.0) for _ in range(4)]
    assert isinstance(gate.admit(1.0), float)
    gate.settle(tickets[0], Outcome.FAILED, 1.0)
    assert isinstance(gate.admit(1.0), Ticket)


def test_the_hour_holds_its_budget_and_says_when_it_frees() -> None:
    gate = trusted_gate(Limits(rate=1000.0, burst=1000, hourly=3))
    gate.settle(admitted(gate, 600.0), Outcome.ANSWERED, 600.0)
    gate.settle(admitted(gate, 700.0), Outcome.ANSWERED, 700.0)
    assert gate.left(700.0) == 0
    with pytest.raises(RateLimited, match="this hour") as raised:
        gate.admit(1000.0)
    assert raised.value.after == timedelta(seconds=2600)
    assert isinstance(gate.admit(3600.0), Ticket)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.0, 3.0), min_size=1, max_size=200))
def test_no_pattern_of_asking_gets_more_than_the_pace_through(pauses: list[float]) -> None:
    gate = Gate("Vendor", Limits(hourly=1_000_000))
    now, times = 0.0, []
    for pause in pauses:
        now += pause
        admission = gate.admit(now)
        if isinstance(admission, Ticket):
            times.append(now)
            gate.settle(admission, Outcome.ANSWERED, now)
    for i, first in enumerate(times):
        for j in range(i, len(times)):
            assert j - i + 1 <= 5 + 2.0 * (times[j] - first) + 1e-6


def test_the_breaker_doubles_from_a_minute_to_an_hour() -> None:
    gate = trusted_gate()
    now, pauses = 0.0, []
    for _ in range(8):
        gate.settle(admitted(gate, now), Outcome.REFUSED, now)
        with pytest.raises(RateLimited) as raised:
            gate.admit(now)
        assert raised.value.after is not None
        pauses.append(raised.value.after.total_seconds())
        now += pauses[-1]
    assert pauses == [60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_after_a_pause_exactly_one_probe_leaves_until_it_is_answered() -> None:
    gate = trusted_gate()
    gate.settle(admitted(gate, 1.0), Outcome.REFUSED, 1.0)
    probe = admitted(gate, 61.0)
    assert probe.probe
    assert all(isinstance(gate.admit(61.0 + i), float) for i in range(5))
    gate.settle(probe, Outcome.ANSWERED, 66.0)
    assert not admitted(gate, 66.0).probe


def test_a_new_process_begins_with_a_probe() -> None:
    gate = Gate("Vendor")
    first = admitted(gate, 0.0)
    assert first.probe
    assert isinstance(gate.admit(0.0), float)
    gate.settle(first, Outcome.FAILED, 1.0)
    assert admitted(gate, 1.0).probe


def test_a_probe_without_an_answer_opens_the_breaker_for_another_minute() -> None:
    gate = trusted_gate()
    gate.settle(admitted(gate, 0.0), Outcome.REFUSED, 0.0)
    gate.settle(admitted(gate, 60.0), Outcome.FAILED, 70.0)
    with pytest.raises(RateLimited) as raised:
        gate.admit(70.0)
    assert raised.value.after == timedelta(seconds=60)


def test_refusals_of_requests_already_under_way_count_once() -> None:
    gate = trusted_gate()
    tickets = [admitted(gate, 1.0) for _ in range(4)]
    for ticket in tickets:
        gate.settle(ticket, Outcome.REFUSED, 2.0)
    assert gate.openings == 1
    assert isinstance(gate.admit(62.0), Ticket)


def test_an_answer_from_before_the_opening_does_not_close_the_breaker() -> None:
    gate = trusted_gate()
    early, refused = admitted(gate, 1.0), admitted(gate, 1.0)
    gate.settle(refused, Outcome.REFUSED, 2.0)
    gate.settle(early, Outcome.ANSWERED, 3.0)
    with pytest.raises(RateLimited):
        gate.admit(3.0)


def test_the_vendors_own_waiting_time_is_kept_when_it_is_longer() -> None:
    breaker = Breaker(60.0, 3600.0)
    breaker.settle(breaker.start(), Outcome.REFUSED, 0.0, after=300.0)
    assert breaker.closed_for(0.0) == 300.0


def test_a_good_probe_forgets_the_doubling() -> None:
    gate = trusted_gate()
    for now in (0.0, 60.0):
        gate.settle(admitted(gate, now), Outcome.REFUSED, now)
    gate.settle(admitted(gate, 180.0), Outcome.ANSWERED, 180.0)
    gate.settle(admitted(gate, 181.0), Outcome.REFUSED, 181.0)
    with pytest.raises(RateLimited) as raised:
        gate.admit(181.0)
    assert raised.value.after == timedelta(seconds=60)


def test_limits_must_be_positive() -> None:
    with pytest.raises(ValueError):
        Limits(rate=0.0)


def test_one_miss_is_believed_for_a_quarter_of_an_hour() -> None:
    dead = DeadSymbols()
    dead.missed(IVOO, date(2026, 10, 1), 0.0)
    assert dead.shunned(IVOO, 899.0)
    assert not dead.shunned(IVOO, 900.0)
    assert not dead.dead(IVOO)


def test_three_misses_on_one_session_are_one_miss() -> None:
    dead = DeadSymbols()
    for i in range(3):
        dead.missed(IVOO, date(2026, 10, 1), 1000.0 * i)
    assert not dead.dead(IVOO)


def test_misses_on_three_sessions_are_believed_for_a_week() -> None:
    dead = DeadSymbols()
    for i in range(3):
        dead.missed(IVOO, date(2026, 9, 28 + i), 86_400.0 * i)
    assert dead.dead(IVOO)
    assert dead.shunned(IVOO, 86_400.0 * 8)
    assert not dead.shunned(IVOO, 86_400.0 * 9)


def test_a_symbol_that_answers_is_alive_again_and_doubted_next_time() -> None:
    dead = DeadSymbols()
    dead.missed(IVOO, date(2026, 10, 1), 0.0)
    assert not dead.doubtful(IVOO)
    dead.answered(IVOO)
    assert not dead.shunned(IVOO, 1.0)
    dead.missed(IVOO, date(2026, 10, 2), 2.0)
    assert dead.doubtful(IVOO)


def test_the_oldest_of_very_many_unknown_symbols_is_forgotten() -> None:
    dead = DeadSymbols()
    for i in range(10_001):
        dead.missed(Symbol(f"X{i}"), date(2026, 10, 1), 0.0)
    assert not dead.shunned(Symbol("X0"), 1.0)
    assert dead.shunned(Symbol("X1"), 1.0)
