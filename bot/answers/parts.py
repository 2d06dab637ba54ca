"""What runs of a cluster, for `/status` in a process that is one part of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.cards.format import joined, plural, timestamp
from bot.cards.model import Field
from storage import alerts, scans, turns
from storage.connection import Connection

NEEDED = {
    "scanner": "No scanner runs: the market is not looked at.",
    "sender": "No sender runs: alerts wait.",
}


@dataclass(frozen=True, kw_only=True)
class Parts:
    """How many parts of each role live, when they last sent an alert, and up to when scanners have
    looked at all symbols."""

    running: Mapping[str, int]
    last_paid: datetime | None
    scanned: datetime | None

    @property
    def verdict(self) -> str:
        return "A part of the cluster is missing." if self.troubles else "All parts run."

    @property
    def troubles(self) -> list[str]:
        return [words for role, words in NEEDED.items() if role not in self.running]

    def fields(self) -> tuple[Field, ...]:
        named = joined([plural(count, role) for role, count in sorted(self.running.items())])
        last = self.last_paid
        sent = "nothing sent yet" if last is None else f"last message {timestamp(last, 'R')}"
        looked = "not yet" if self.scanned is None else timestamp(self.scanned, "R")
        return (
            Field(name="Running", value=named or "none"),
            Field(name="Last pass", value=looked),
            Field(name="Delivery", value=sent),
        )


def parts(connection: Connection) -> Parts:
    alive = turns.alive(connection, turns.OF_PARTS)
    roles = Counter(one.name.removeprefix(turns.OF_PARTS).split(" ")[0] for one in alive)
    return Parts(
        running=roles,
        last_paid=alerts.last_sent(connection),
        scanned=min(scans.passes(connection).values(), default=None),
    )
