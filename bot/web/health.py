"""Health by progress, not by being alive: a loop that stands still is ill. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

SLOW_PASSES = 5
"""A watcher that missed this many of its intervals stands still."""
LEAST = timedelta(minutes=3)
"""No loop is called still before this, however short its interval."""
WAITING = timedelta(minutes=10)
"""A due alert that waits longer than this, while Discord is connected, is not being paid."""
ALONE = timedelta(minutes=5)
"""How long Discord may be away before somebody should look."""


@dataclass(frozen=True, kw_only=True)
class Vitals:
    """What the program knows of itself at a moment. Times are aware; None: not yet."""

    now: datetime
    started: datetime
    scan_interval: timedelta
    last_scan: datetime | None
    connected: bool
    connected_last: datetime | None
    oldest_due: datetime | None
    sending_stuck_since: datetime | None
    sending_halted: str
    last_error: str = ""


def complaints(vitals: Vitals) -> list[str]:
    """What is wrong, in words; empty when all is well."""
    found = []
    patience = max(LEAST, SLOW_PASSES * vitals.scan_interval)
    scanned = vitals.last_scan or vitals.started
    if vitals.now - scanned > patience:
        why = f" ({vitals.last_error})" if vitals.last_error else ""
        found.append(f"the market was last looked at {_ago(vitals.now - scanned)} ago{why}")
    away = vitals.now - (vitals.connected_last or vitals.started)
    if not vitals.connected and away > ALONE:
        found.append(f"Discord has been away for {_ago(away)}")
    if vitals.sending_stuck_since is not None:
        stuck = vitals.now - vitals.sending_stuck_since
        found.append(f"a message has made no progress for {_ago(stuck)}")
    if vitals.connected and vitals.oldest_due is not None:
        waiting = vitals.now - vitals.oldest_due
        if waiting > WAITING:
            halted = f": {vitals.sending_halted}" if vitals.sending_halted else ""
            found.append(f"an alert has been due for {_ago(waiting)}{halted}")
    return found


def _ago(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
