"""What follows from a failed attempt."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.delivery.retry import NONCE_WINDOW, Verb, decide, decide_refusal, is_ambiguous
from bot.delivery.sink import Failure, Undelivered
from storage.alerts import AlertRecord

NOW = datetime(2026, 4, 17, 14, 0, tzinfo=UTC)
ALERT = AlertRecord(
    id="a" * 20,
    subscription_id=1,
    episode_id="e",
    stage="opened",
    act="post",
    target=None,
    guild_id=1,
    channel_id=2,
    facts={},
    created_at=NOW,
    market_time=NOW,
    state="claimed",
    reason=None,
    attempts=1,
    first_attempt_at=NOW,
    not_before=NOW,
    message_id=None,
    sent_at=None,
)


@pytest.mark.parametrize(
    ("failure", "verb"),
    [
        (Failure.MESSAGE_GONE, Verb.DROP),
        (Failure.UNAUTHORIZED, Verb.STOP),
        (Failure.REFUSED, Verb.DROP),
        (Failure.TOO_OLD, Verb.EXPIRE),
        (Failure.OLD_EDITS, Verb.RETRY),
        (Failure.BUSY, Verb.RETRY),
    ],
)
def test_every_failure_has_its_consequence(failure: Failure, verb: Verb) -> None:
    assert decide(ALERT, Undelivered(failure, "x"), now=NOW).verb is verb


def test_retries_double_up_to_ten_minutes() -> None:
    waits = []
    for attempts in (1, 2, 3, 8, 9, 10, 50):
        busy = Undelivered(Failure.BUSY, "x")
        decision = decide(replace(ALERT, attempts=attempts), busy, now=NOW)
        assert decision.at is not None
        waits.append((decision.at - NOW).total_seconds())
    assert waits == [2, 4, 8, 256, 512, 600, 600]


def test_what_discord_asks_for_is_waited_for() -> None:
    slow = Undelivered(Failure.BUSY, "x", after=timedelta(minutes=30))
    assert decide(ALERT, slow, now=NOW).at == NOW + timedelta(minutes=30)


def test_old_news_expires_instead_of_being_repeated() -> None:
    old = replace(ALERT, expires_at=NOW)
    busy = Undelivered(Failure.BUSY, "x")
    assert decide(old, busy, now=NOW).verb is Verb.EXPIRE


def test_a_channel_that_is_gone_ends_its_subscription() -> None:
    gone = Undelivered(Failure.GONE, "x")
    assert decide_refusal(gone, now=NOW, before=0).verb is Verb.UNSUBSCRIBE


def test_a_forbidden_channel_is_tried_after_1_6_24_72_168_hours_and_then_given_up() -> None:
    refused = Undelivered(Failure.FORBIDDEN, "x")
    waits = [decide_refusal(refused, now=NOW, before=n).at for n in range(5)]
    assert waits == [NOW + timedelta(hours=h) for h in (1, 6, 24, 72, 168)]
    assert decide_refusal(refused, now=NOW, before=5).verb is Verb.UNSUBSCRIBE


AGAIN = replace(ALERT, attempts=2)
SHORT, LONG = NONCE_WINDOW - timedelta(seconds=1), NONCE_WINDOW + timedelta(seconds=1)


def test_a_first_attempt_is_never_ambiguous() -> None:
    assert not is_ambiguous(ALERT, now=NOW + LONG, waited=None)


def test_a_repetition_within_the_nonce_window_relies_on_the_nonce() -> None:
    assert not is_ambiguous(AGAIN, now=NOW + SHORT, waited=SHORT)


@pytest.mark.parametrize(
    ("passed", "waited"),
    [
        (LONG, SHORT),  # the machine slept
        (SHORT, LONG),  # the clock was set back
        (-SHORT, SHORT),  # the clock was set back
        (SHORT, None),  # another process tried: how long ago is not known for certain
    ],
)
def test_whenever_the_window_may_be_over_the_channel_is_asked(
    passed: timedelta, waited: timedelta | None
) -> None:
    assert is_ambiguous(AGAIN, now=NOW + passed, waited=waited)
