"""Which real funds the guard holds, and why.

Run: python -m studies.held FOLDER > studies/held.md
FOLDER holds part-*.csv.gz with the columns symbol, date, open, high, low, close, volume. Every
fund is judged as it stood on the evening of each month's last session, so that what was held for
some weeks and believed again later is listed too. What was found by hand stands in the file below
the table and is kept when it is made anew.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from bot.market.findings import Finding, Severity
from bot.market.guard import check
from bot.market.model import Bars, Days, Symbol, as_date
from bot.market.sessions import Sessions
from bot.market.sources.folder import FolderSource

LATE = time(23, 0, tzinfo=ZoneInfo("America/New_York"))
SILENT_DAYS = 10
"""A fund whose bars ended longer ago than this is closed; that is not a fault of its prices."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """A fund that was held for one reason on the evenings `first` to `last`."""

    symbol: Symbol
    finding: Finding
    first: date
    last: date


def month_ends(days: Days) -> list[date]:
    """The last session of each month in `days`."""
    months = days.astype("datetime64[M]")
    return [as_date(day) for day in days[np.r_[months[1:] != months[:-1], True]]]


def holds(bars: Bars, evenings: list[date], sessions: Sessions) -> Iterator[Held]:
    """The reasons for which the fund was held, each with its first and last evening."""
    found: dict[tuple[str, date | None], Held] = {}
    for evening in evenings:
        known = bars.through(evening)
        if not len(known) or (evening - known.last_day).days > SILENT_DAYS:
            continue
        hold = check(known, sessions=sessions, now=datetime.combine(evening, LATE)).hold
        if hold is not None:
            new = Held(symbol=bars.symbol, finding=hold, first=evening, last=evening)
            key = (hold.rule, hold.session)
            found[key] = replace(found.get(key, new), last=evening)
    yield from found.values()


def page(
    held: list[Held], noted: Mapping[str, int], *, funds: int, evenings: list[date]
) -> Iterator[str]:
    """The lines of the page."""
    symbols = {one.symbol for one in held}
    now = [one for one in held if one.last == evenings[-1]]
    yield "# Which funds the guard holds\n"
    yield f"{funds:,} US ETFs, {evenings[0]} to {evenings[-1]}, judged on {len(evenings)} evenings,"
    yield "the last of each month. Made by `studies/held.py`.\n"
    yield f"Held on some evening: {len(symbols)} funds. Held on the last one: {len(now)}."
    yield "What is noted on the last evening without holding anybody, in findings:"
    yield ", ".join(f"{rule} {count:,}" for rule, count in sorted(noted.items())) + ".\n"
    yield "| fund | session | first evening | last evening | rule | reason |"
    yield "|---|---|---|---|---|---|"
    for one in sorted(held, key=lambda one: (one.symbol, one.first)):
        yield (
            f"| {one.symbol} | {one.finding.session or '–'} | {one.first} | {one.last} "
            f"| {one.finding.rule} | {one.finding.text} |"
        )


async def main(folder: Path) -> None:
    source, sessions = FolderSource(folder), Sessions.load()
    histories = [await source.bars(one.symbol) for one in await source.directory()]
    evenings = month_ends(max((bars.days for bars in histories), key=len))
    held: list[Held] = []
    noted: Counter[str] = Counter()
    for bars in histories:
        held += holds(bars, evenings, sessions)
        last = check(bars, sessions=sessions, now=datetime.combine(evenings[-1], LATE))
        noted.update(f.rule for f in last.findings if f.severity is Severity.NOTE)
    lines = page(held, noted, funds=len(histories), evenings=evenings)
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
