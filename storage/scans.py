"""What scanners of a cluster know of each other: who looks at a share, and how far it has come."""

from collections.abc import Mapping
from datetime import datetime

from storage import facts
from storage.connection import Connection
from storage.values import from_time, to_time

_OWNER, _DONE = "share ", "scanned "


def hand_over(connection: Connection, share: str, owner: str) -> str:
    """Write down who looks at a share from now on; returns who did before, empty for nobody."""
    before = facts.get(connection, _OWNER + share) or ""
    if before != owner:
        facts.put(connection, _OWNER + share, owner)
    return before


def done(connection: Connection, share: str, *, market_time: datetime) -> None:
    """A pass over a share, `number/count`, has ended that saw the market at this moment. Shares of
    another count are none any more."""
    facts.put(connection, _DONE + share, from_time(market_time))
    connection.execute(
        "DELETE FROM facts WHERE starts_with(name, :done) AND split_part(name, '/', 2) != :count",
        {"done": _DONE, "count": share.partition("/")[2]},
    )


def passes(connection: Connection) -> Mapping[str, datetime]:
    """Up to when each share has been looked at, in market time."""
    rows = connection.execute(
        "SELECT name, value FROM facts WHERE name >= :prefix AND name < :end",
        {"prefix": _DONE, "end": _DONE + "~"},
    )
    return {name.removeprefix(_DONE): to_time(value) for name, value in rows}
