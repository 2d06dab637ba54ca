"""`highwater fetch`: fill the price history ahead of time, with progress, resumable.

Every symbol is stored as soon as it is there, so an interrupted run goes on where it stopped:
what is stored and fresh is not asked for again.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.errors import DataError, RateLimited, RetryableError, UserError
from bot.market.market import Market
from bot.market.model import Symbol

WIDTH = 30
"""Characters of the progress bar."""
TRIES = 20
"""Pauses of a rate-limited source that are waited out before giving up."""
SHOWN = 20
"""Failures listed at the end."""


@dataclass(kw_only=True)
class Tally:
    """How a run went so far."""

    total: int
    done: int = 0
    bars: int = 0
    failed: dict[Symbol, str] = field(default_factory=dict)

    def line(self, symbol: str) -> str:
        """[##########----------]  45/150 IVOO · 2 failed."""
        share = self.done / self.total if self.total else 1.0
        bar = "#" * round(WIDTH * share)
        failed = f" · {len(self.failed)} failed" if self.failed else ""
        return f"[{bar:-<{WIDTH}}] {self.done:>4}/{self.total} {symbol}{failed}"

    def report(self) -> str:
        """What was stored and what was not, in words."""
        lines = [
            f"{self.done - len(self.failed)} of {self.total} symbols are stored, "
            f"{self.bars:,} sessions in all."
        ]
        lines += [f"  {symbol}: {reason}" for symbol, reason in list(self.failed.items())[:SHOWN]]
        if len(self.failed) > SHOWN:
            lines.append(f"  … and {len(self.failed) - SHOWN} more")
        return "\n".join(lines)


async def fetch(
    market: Market,
    symbols: Sequence[Symbol],
    *,
    stop: asyncio.Event,
    show: Callable[[str], None],
) -> Tally:
    """Store the histories of `symbols`; a symbol that fails does not end the run.

    A source that asks for a pause is given it. Returns early, with what is done, on `stop`.
    """
    tally = Tally(total=len(symbols))
    for symbol in symbols:
        if stop.is_set():
            break
        try:
            tally.bars += await _one(market, symbol, stop, show)
        except (DataError, UserError, RetryableError) as error:
            tally.failed[symbol] = str(error)
        tally.done += 1
        show(tally.line(symbol))
    return tally


async def _one(
    market: Market, symbol: Symbol, stop: asyncio.Event, show: Callable[[str], None]
) -> int:
    for _ in range(TRIES):
        try:
            return len(await market.bars(symbol))
        except RateLimited as error:
            wait = error.after.total_seconds() if error.after else 60.0
            show(f"{error} Waiting {wait:.0f} s.")
            await _pause(wait, stop)
            if stop.is_set():
                raise
    raise RetryableError("The source kept asking for pauses.")


async def _pause(seconds: float, stop: asyncio.Event) -> None:
    waiter = asyncio.ensure_future(stop.wait())  # noqa: TID251  bounded by the wait below
    await asyncio.wait([waiter], timeout=seconds)
    waiter.cancel()
