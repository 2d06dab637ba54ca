"""What the guard may say about market data: findings, their rules and their weight."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.market.model import Bars, Symbol


class Rule(StrEnum):
    """What a finding is about."""

    EMPTY = "empty"
    UNREADABLE = "unreadable"
    NOT_POSITIVE = "not_positive"
    FUTURE = "future"
    NO_SESSION = "no_session"
    INCONSISTENT = "inconsistent"
    SPIKE = "spike"
    HUNDREDFOLD = "hundredfold"
    SPLIT_NOT_APPLIED = "split_not_applied"
    JUMP = "jump"
    REPEATED = "repeated"
    ZERO_VOLUME = "zero_volume"
    GAP = "gap"
    STALE = "stale"
    PARTIAL = "partial"
    PRIOR_CLOSE = "prior_close"
    SOURCE = "source"
    DISPUTED = "disputed"
    DIVIDEND = "dividend"


class Severity(StrEnum):
    NOTE = "note"
    """Worth knowing; nothing was changed."""
    DROP = "drop"
    """Bars or dividends were left out; what remains can be trusted."""
    HOLD = "hold"
    """Bars were left out or are doubtful where rules look: the symbol must not alert."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing the guard noticed; `text` is a sentence for people.

    `session` is the latest session concerned, `value` the number that gave it away there, and
    `count` how many bars or sessions it is about. `symbol` is None when the source as a whole
    is meant.
    """

    symbol: Symbol | None
    rule: Rule
    severity: Severity
    text: str
    session: date | None = None
    value: float | None = None
    count: int = 1


@dataclass(frozen=True, kw_only=True, eq=False)
class Checked:
    """The bars that were accepted, and what was found on the way."""

    bars: Bars
    findings: tuple[Finding, ...] = ()

    @property
    def hold(self) -> Finding | None:
        """Why this symbol must not alert, or None."""
        return first_hold(self.findings)


def first_hold(findings: Iterable[Finding]) -> Finding | None:
    """The first finding that holds a symbol, or None."""
    return next((f for f in findings if f.severity is Severity.HOLD), None)
