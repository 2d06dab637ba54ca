"""Rate limits: a bucket for each route and channel, one for everything, one for old edits.

Discord does not publish its numbers; these are the ones its answers show for a bot
(5 posts in 5 s a channel, 50 requests in a second). Bot authors observed the limits of edits of
messages older than an hour (error 30046, about 3 in 20 s a channel), of publishing (10 an hour a
channel) and of edits of what was published (3 an hour a message; both error 20028).
"""

import hashlib
import time
from dataclasses import dataclass

HOUR = 3_600.0


@dataclass(frozen=True, kw_only=True)
class Rate:
    """So many requests in so many seconds."""

    requests: int
    seconds: float


MESSAGE_RATE = Rate(requests=5, seconds=5.0)
DELETE_RATE = Rate(requests=5, seconds=1.0)
WEBHOOK_RATE = Rate(requests=5, seconds=2.0)
OTHER_RATE = Rate(requests=50, seconds=1.0)
OLD_EDIT_RATE = Rate(requests=3, seconds=20.0)
CROSSPOST_RATE = Rate(requests=10, seconds=HOUR)
PUBLISHED_EDIT_RATE = Rate(requests=3, seconds=HOUR)
GLOBAL_REQUESTS = 50  # a second


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Headers for the answer; `retry_after` is set, in seconds, where it must be a 429."""

    headers: dict[str, str]
    retry_after: float | None = None
    everywhere: bool = False


class Window:
    """A fixed window that opens at its first request."""

    def __init__(self) -> None:
        self.used = 0
        self.ends = 0.0

    def take(self, rate: Rate) -> bool:
        if time.monotonic() >= self.ends:
            self.used, self.ends = 0, time.monotonic() + rate.seconds
        self.used += 1
        return self.used <= rate.requests

    @property
    def left(self) -> float:
        return max(0.001, self.ends - time.monotonic())


class Limits:
    """The rates that hold now; tests and the control API change them."""

    def __init__(self) -> None:
        self.messages = MESSAGE_RATE
        self.old_edits = OLD_EDIT_RATE
        self.crossposts = CROSSPOST_RATE
        self.published_edits = PUBLISHED_EDIT_RATE
        self.global_requests = GLOBAL_REQUESTS
        self.nonce_seconds = 180.0
        self._windows: dict[tuple[str, str], Window] = {}
        self._everything = Window()

    def check(self, method: str, template: str, *, major: str, now: float) -> Verdict:
        """Count one request of the route `template`; `major` is the id its bucket is split by."""
        if template.startswith("/interactions/"):
            return Verdict(headers={"Via": "1.1 playground"})
        token_route = template.startswith("/webhooks/{webhook}/{token}")
        rate = Rate(requests=self.global_requests, seconds=1.0)
        if not token_route and not self._everything.take(rate):
            left = self._everything.left
            headers = {"Via": "1.1 playground", "X-RateLimit-Global": "true"}
            return Verdict(headers=headers, retry_after=left, everywhere=True)
        rate = self._rate(method, template)
        bucket = hashlib.sha256(f"{method} {template}".encode()).hexdigest()[:32]
        window = self._window(bucket, major)
        allowed = window.take(rate)
        headers = {
            "Via": "1.1 playground",
            "X-RateLimit-Bucket": bucket,
            "X-RateLimit-Limit": str(rate.requests),
            "X-RateLimit-Remaining": str(max(0, rate.requests - window.used)),
            "X-RateLimit-Reset": f"{now + window.left:.3f}",
            "X-RateLimit-Reset-After": f"{window.left:.3f}",
        }
        return Verdict(headers=headers, retry_after=None if allowed else window.left)

    def old_edit(self, channel_id: str) -> float | None:
        """Count an edit of a message older than an hour; seconds to wait if it is one too many."""
        return self._wait("old edits", channel_id, self.old_edits)

    def crosspost(self, channel_id: str) -> float | None:
        """Count a message published in a channel; seconds to wait if it is one too many."""
        return self._wait("crossposts", channel_id, self.crossposts)

    def published_edit(self, message_id: str) -> float | None:
        """Count an edit of a published message; seconds to wait if it is one too many."""
        return self._wait("published edits", message_id, self.published_edits)

    def _wait(self, bucket: str, major: str, rate: Rate) -> float | None:
        window = self._window(bucket, major)
        return None if window.take(rate) else window.left

    def _rate(self, method: str, template: str) -> Rate:
        if template.startswith("/webhooks/"):
            return WEBHOOK_RATE
        if "/messages" not in template or method == "GET":
            return OTHER_RATE
        return DELETE_RATE if method == "DELETE" else self.messages

    def _window(self, bucket: str, major: str) -> Window:
        if len(self._windows) > 10_000:
            passed = time.monotonic()
            self._windows = {key: each for key, each in self._windows.items() if each.ends > passed}
        return self._windows.setdefault((bucket, major), Window())
