"""What a watcher remembers between passes, and may forget without harm."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.market.model import Symbol
from bot.signals.model import Trigger
from bot.signals.triggers import TriggerBook

PATIENCE = timedelta(minutes=5)
"""Market time before a symbol without usable data is asked for again."""


class Patience:
    """Which symbols had no usable data a moment ago, so that every pass need not ask again."""

    def __init__(self) -> None:
        self._until: dict[Symbol, datetime] = {}

    def allows(self, symbol: Symbol, now: datetime) -> bool:
        return self._until.get(symbol, now) <= now

    def lost(self, symbol: Symbol, now: datetime) -> None:
        self._until[symbol] = now + PATIENCE


class Levels:
    """The trigger levels of one session, by symbol."""

    def __init__(self) -> None:
        self._session: date | None = None
        self._triggers: dict[Symbol, tuple[Trigger, ...]] = {}
        self._book: tuple[tuple[Symbol, ...], TriggerBook] | None = None

    def missing(self, session: date, symbols: Sequence[Symbol]) -> list[Symbol]:
        """The symbols without levels for `session`; another session starts afresh."""
        if session != self._session:
            self._session, self._triggers, self._book = session, {}, None
        return [symbol for symbol in symbols if symbol not in self._triggers]

    def forget(self, symbols: Iterable[Symbol]) -> None:
        """Compute the levels of `symbols` anew: they lie on an old scale."""
        for symbol in symbols:
            if self._triggers.pop(symbol, None) is not None:
                self._book = None

    def add(self, triggers: Mapping[Symbol, tuple[Trigger, ...]]) -> None:
        self._triggers.update(triggers)
        self._book = None

    def book(self, symbols: Sequence[Symbol]) -> TriggerBook:
        """The levels of `symbols`, ready for quotes."""
        wanted = tuple(symbols)
        if self._book is None or self._book[0] != wanted:
            known = (trigger for symbol in wanted for trigger in self._triggers.get(symbol, ()))
            self._book = (wanted, TriggerBook(known))
        return self._book[1]


@dataclass(kw_only=True)
class Progress:
    """How far the watcher has come, for /status."""

    last_pass: datetime | None = None
    last_session: date | None = None
    symbols: int = 0
    unavailable: dict[Symbol, str] = field(default_factory=dict)
