"""Whose turn it is, and when nobody's is."""

from bot.delivery.breaker import BUDGET_WINDOW, PAUSE, WINDOW, Breaker, InvalidRequests
from bot.delivery.limiter import OLD_EDIT_SECONDS, OldEdits
from bot.delivery.turns import Turns
from storage.claims import DueChannel


def due(guild: int, channel: int, oldest: int) -> DueChannel:
    return DueChannel(guild_id=guild, channel_id=channel, oldest=oldest)


def test_a_server_with_thousands_of_channels_waiting_gets_one_turn_like_everybody() -> None:
    crowd = [due(1, 100 + i, i) for i in range(5_000)]
    late = [due(guild, guild, 10_000 + guild) for guild in range(2, 12)]
    order = Turns().order([*crowd, *late])
    assert {each.guild_id for each in order[:11]} == set(range(1, 12))


def test_who_was_served_last_comes_last() -> None:
    turns, channels = Turns(), [due(1, 10, 1), due(2, 20, 2), due(3, 30, 3)]
    for _ in range(3):
        first = turns.order(channels)[0]
        turns.served(first)
    assert [each.guild_id for each in turns.order(channels)] == [1, 2, 3]
    turns.served(channels[0])
    assert [each.guild_id for each in turns.order(channels)] == [2, 3, 1]


def test_the_channels_of_a_server_take_turns_too() -> None:
    turns, channels = Turns(), [due(1, 10, 1), due(1, 11, 2)]
    turns.served(turns.order(channels)[0])
    assert [each.channel_id for each in turns.order(channels)] == [11, 10]


def test_two_refusing_servers_are_their_own_matter() -> None:
    breaker = Breaker()
    assert not breaker.refused(1, 0.0)
    assert not breaker.refused(2, 1.0)


def test_a_fifth_of_the_servers_may_refuse_and_one_more_opens_the_breaker() -> None:
    breaker = Breaker()
    for guild in range(20):
        breaker.accepted(guild, 0.0)
    opened = [breaker.refused(guild, 1.0) for guild in range(5)]
    assert opened == [False, False, False, False, True]
    assert breaker.open_for(2.0) == PAUSE - 1.0
    assert breaker.open_for(1.0 + PAUSE) == 0.0


def test_refusals_are_forgotten_after_the_window() -> None:
    breaker = Breaker()
    breaker.refused(1, 0.0)
    breaker.refused(2, 0.0)
    assert not breaker.refused(3, WINDOW + 1)


def test_suspects_do_not_open_the_breaker_for_ever() -> None:
    breaker = Breaker()
    for guild in (1, 2, 3):
        breaker.refused(guild, 0.0)
    assert [breaker.refused(guild, PAUSE + 1) for guild in (1, 2, 3)] == [False] * 3
    assert breaker.suspects(1)
    breaker.accepted(1, PAUSE + 2)
    assert not breaker.suspects(1)


def test_refused_requests_are_counted_over_ten_minutes() -> None:
    invalid = InvalidRequests(budget=3)
    for status in (200, 404, 401, 403, 429):
        invalid.note(status, 0.0)
    assert invalid.left(1.0) == 0
    assert invalid.left(BUDGET_WINDOW) == 3


def test_old_messages_are_edited_twice_in_twenty_seconds_a_channel() -> None:
    edits = OldEdits()
    assert [edits.wait(1, now) for now in (0.0, 1.0)] == [0.0, 0.0]
    assert edits.wait(1, 2.0) == OLD_EDIT_SECONDS - 2.0
    assert edits.wait(2, 2.0) == 0.0
    assert edits.wait(1, OLD_EDIT_SECONDS) == 0.0


def test_after_a_refusal_the_old_messages_of_a_channel_are_left_alone() -> None:
    edits = OldEdits()
    edits.refused(1, 1_800.0)
    assert edits.wait(1, 60.0) == 1_740.0
