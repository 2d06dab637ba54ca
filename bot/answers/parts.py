"""What runs of a cluster, for `/status` in a process that is one part of it."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards.format import joined, plural, timestamp
from bot.cards.model import Field
from storage import alerts, scans, turns
from storage.connection import Connection

GATEWAY = re.compile(r"gateway (\d+)-(\d+)/(\d+)")
NAMED = 8
"""Shards named one by one."""
NEEDED = {
    "scanner": "No scanner runs: the market is not looked at.",
    "sender": "No sender runs: alerts wait.",
}


@dataclass(frozen=True, kw_only=True)
class Parts:
    """How many parts of each role live, which shards no gateway holds, when an alert was last
    sent, and up to when scanners have looked at all symbols."""

    running: Mapping[str, int]
    unheld: Collection[int]
    last_paid: datetime | None
    scanned: datetime | None

    @property
    def verdict(self) -> str:
        return "A part of the cluster is missing." if self.troubles else "All parts run."

    @property
    def troubles(self) -> list[str]:
        missing = [words for role, words in NEEDED.items() if role not in self.running]
        if self.unheld:
            named = [str(shard) for shard in sorted(self.unheld)]
            if len(named) > NAMED:
                named[NAMED:] = [f"{len(named) - NAMED} more"]
            shards = "shard" if len(self.unheld) == 1 else "shards"
            missing.append(f"No gateway holds {shards} {joined(named)}: commands there fail.")
        return missing

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
    names = [one.name.removeprefix(turns.OF_PARTS) for one in alive]
    return Parts(
        running=Counter(name.split(" ")[0] for name in names),
        unheld=_unheld(names),
        last_paid=alerts.last_sent(connection),
        scanned=min(scans.passes(connection).values(), default=None),
    )


def _unheld(names: Sequence[str]) -> set[int]:
    """The shards that are left out by `gateway 0-1/4` and the like; where gateways count them
    differently, because their number is being changed, nobody can say."""
    held = [tuple(map(int, found.groups())) for name in names if (found := GATEWAY.fullmatch(name))]
    if len({total for _, _, total in held}) != 1:
        return set()
    here = {shard for first, last, _ in held for shard in range(first, last + 1)}
    return set(range(held[0][2])) - here
