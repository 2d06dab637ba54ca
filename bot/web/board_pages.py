"""What each page of the board says: the answers of commands and the rows of episodes.

Only symbols that channels follow appear. What people watch for themselves alone is theirs, and a
visitor who could ask for any symbol would spend the source's budget in place of the alerts.
"""

import asyncio
import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.answers.breadth import breadth
from bot.answers.high import high_at_close
from bot.answers.model import Answer
from bot.answers.scorecard import scorecard
from bot.answers.setups import setups
from bot.cards.format import CLOSED_MARKS, day_text, price_text
from bot.cards.model import Card
from bot.errors import DataError, RetryableError, UnknownSymbol, UserError
from bot.market.model import Symbol
from bot.services import Services
from bot.signals.kinds import KINDS
from storage import episodes
from storage.episodes import EpisodeRecord

log = logging.getLogger(__name__)

MOST_WATCHED = 100
"""Watched symbols that the board’s breadth and setups look at."""
KEPT_SECONDS = 1800.0
"""Breadth and setups of the same close: seconds of work that a late bar alone can change."""
MOST_ROWS = 200
TONES = {"open": "watch", "confirmed": "good", "held": "good", "rejected": "bad", "failed": "bad"}


@dataclass(frozen=True, kw_only=True)
class Page:
    """A template and what it shows; `frame` is what every page has around it."""

    template: str
    title: str
    values: Mapping[str, Any] = field(default_factory=dict)
    frame: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Row:
    """What a symbol did in a session, in words; `level` is a span where kinds differ."""

    symbol: str
    title: str
    session: str
    level: str
    close: str
    state: str
    mark: str
    tone: str


@dataclass(frozen=True, kw_only=True)
class _OfTheClose:
    """The cards that change with the close, for these symbols and that session."""

    what: str
    closed: date
    cards: Sequence[Card]
    until: float


class Composer:
    """Composes pages; what cannot be had is named on them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._kept: _OfTheClose | None = None

    async def board(self) -> Page:
        services = self._services
        session = services.sessions.last_opened(services.now())
        watched = await self._watched()
        today = await services.db.read(
            lambda c: episodes.begun(c, session, watched, limit=MOST_ROWS)
        )
        running = await services.db.read(lambda c: episodes.running(c, watched, limit=MOST_ROWS))
        cards, absent = await self._cards([("scorecard", scorecard(services, None))])
        if watched:
            more, gone = await self._of_the_close(" ".join(watched[:MOST_WATCHED]))
            cards, absent = [*more, *cards], [*gone, *absent]
        return Page(
            template="board.html",
            title="The board",
            values={
                "today": rows_of(today),
                "running": rows_of(running),
                "cards": cards,
                "absent": absent,
            },
            frame=self._frame(),
        )

    async def symbol(self, text: str) -> Page:
        """Raises UserError for what is no symbol or one that no channel follows."""
        services = self._services
        symbol = Symbol(text)
        if symbol not in await self._watched():
            raise UnknownSymbol(f"No channel follows {symbol}, so it has no page here.")
        rows = await services.db.read(lambda c: episodes.of_symbol(c, symbol, limit=MOST_ROWS))
        cards, absent = await self._cards(
            [
                ("high", high_at_close(services, symbol)),
                ("setups", setups(services, what=str(symbol))),
            ]
        )
        return Page(
            template="symbol.html",
            title=str(symbol),
            values={
                "symbol": str(symbol),
                "name": services.name_of(symbol),
                "rows": rows_of(rows),
                "cards": cards,
                "absent": absent,
            },
            frame=self._frame(),
        )

    async def _watched(self) -> list[Symbol]:
        """The symbols of all channels, by name."""
        wishes = await self._services.subscriptions.wishes()
        return sorted({symbol for wish in wishes for symbol in wish.symbols})

    def trouble(self, title: str, words: str) -> Page:
        return Page(
            template="trouble.html", title=title, values={"words": words}, frame=self._frame()
        )

    async def _of_the_close(self, what: str) -> tuple[Sequence[Card], Sequence[str]]:
        """Breadth and setups, computed once a session while nothing is missing."""
        services, now = self._services, asyncio.get_running_loop().time()
        closed, kept = services.sessions.last_closed(services.now()), self._kept
        if kept and (kept.what, kept.closed) == (what, closed) and now < kept.until:
            return kept.cards, ()
        cards, absent = await self._cards(
            [
                ("breadth", breadth(services, universe=what)),
                ("setups", setups(services, what=what)),
            ]
        )
        if not absent:
            self._kept = _OfTheClose(
                what=what, closed=closed, cards=cards, until=now + KEPT_SECONDS
            )
        return cards, absent

    async def _cards(
        self, wanted: Sequence[tuple[str, Awaitable[Answer]]]
    ) -> tuple[list[Card], list[str]]:
        """The cards of these answers, and what is missing and why."""
        cards, absent = [], []
        for name, answer in wanted:
            try:
                cards.append((await answer).card)
            except (UserError, DataError, RetryableError) as error:
                log.info("the board goes without %s: %s", name, error)
                absent.append(f"No {name}: {error}")
        return cards, absent

    def _frame(self) -> dict[str, Any]:
        services = self._services
        now = services.now()
        session = services.sessions.last_opened(now)
        source = services.market.source
        return {
            "session": session.isoformat(),
            "session_words": day_text(session),
            "open": services.sessions.open_session(now) is not None,
            "source": source.label,
            "synthetic": source.name == "demo",
            "made": f"{now:%d %b %Y %H:%M} UTC",
        }


def rows_of(records: Sequence[EpisodeRecord]) -> list[Row]:
    """One row for all that a symbol did in a session and that stands alike."""
    together: dict[tuple[str, date, str], list[EpisodeRecord]] = {}
    for record in records:
        together.setdefault((record.symbol, record.began, record.state), []).append(record)
    return [_row(group) for group in together.values()]


def _row(group: Sequence[EpisodeRecord]) -> Row:
    first = group[0]
    titles = {kind.value: rule.title for kind, rule in KINDS.items()}
    levels = sorted({price_text(one.level): one.level for one in group}.items(), key=lambda i: i[1])
    span = [levels[0][0], levels[-1][0]] if len(levels) > 1 else [levels[0][0]]
    return Row(
        symbol=first.symbol,
        title=", ".join(titles.get(one.kind, one.kind) for one in group),
        session=day_text(first.began),
        level="–".join(span),
        close="–" if first.close is None else price_text(first.close),
        state=first.state,
        mark=CLOSED_MARKS.get(first.state, ""),
        tone=TONES.get(first.state, "neutral"),
    )
