"""How much the bot carries: a model in a few formulas, pure. `bench_capacity` simulates the same.

Everything that is told costs one request, and requests leave at one pace. Times are in seconds;
a wish is a message that a channel is owed.
"""

from dataclasses import dataclass

from bot.alerts.quiet.rules import FEED_BUDGET
from bot.delivery.limiter import SENDS_PER_SECOND
from bot.delivery.publisher import PUBLISH_EVERY

HOUR = 3600.0
DAY = 24 * HOUR


@dataclass(frozen=True, kw_only=True)
class Load:
    """Alerts that every one of `channels` wants: so many, one every `gap` seconds."""

    channels: int
    alerts: int = 1
    gap: float = 0.0

    @property
    def wishes(self) -> int:
        return self.channels * self.alerts

    @property
    def lasts(self) -> float:
        """From the first alert to the last."""
        return self.gap * (self.alerts - 1)


@dataclass(frozen=True, kw_only=True)
class Carried:
    """The longest and the mean of how long messages came after their alerts, and the share of
    wishes that came at all. A share below 1 leaves the mean open."""

    longest: float
    mean: float | None = None
    share: float = 1.0


def at_once(load: Load, *, lives: float = DAY) -> Carried:
    """Every channel by the token: a queue that the pace empties. What waited for `lives` is no
    news any more and costs no request.

    The mean holds for any order of service; the longest is that of first come, first served.
    Turns are fairer to channels and so longer for the last one where alerts pile up.
    """
    one = load.channels / SENDS_PER_SECOND
    if load.alerts == 1 or load.gap >= one:
        return Carried(longest=one, mean=one / 2)
    all_of_them = load.wishes / SENDS_PER_SECOND
    longest = all_of_them - load.lasts
    if longest <= lives:
        return Carried(longest=longest, mean=(all_of_them - load.lasts) / 2)
    sent = SENDS_PER_SECOND * (load.lasts + lives)
    return Carried(longest=lives, share=sent / load.wishes)


def by_digest(channels: int) -> Carried:
    """However many alerts: one message a channel, counted from the moment of the digest."""
    return Carried(longest=channels / SENDS_PER_SECOND)


def by_feeds(feeds: int) -> Carried:
    """One alert: a post and a publication a feed, however many follow. What was posted is looked
    for now and then, by a publisher that shares the pace with the posts still to come."""
    posts = feeds / SENDS_PER_SECOND
    return Carried(longest=max(posts + PUBLISH_EVERY.total_seconds(), 2 * posts))


def messages_of_feed(alerts_an_hour: int, hours: int) -> int:
    """Messages of one feed: its budget every hour, and what is over as one message after it."""
    over = alerts_an_hour > FEED_BUDGET
    return hours * (FEED_BUDGET + 1 if over else alerts_an_hour)


def an_hour(channels: int) -> float:
    """Alerts an hour that every one of so many channels can get by the token."""
    return SENDS_PER_SECOND * HOUR / channels
