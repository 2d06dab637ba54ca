"""Episodes and their rows: what the database remembers, as the lifecycle's own records."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from bot.episodes.lifecycle import Episode, State
from bot.market.model import Symbol
from bot.signals.model import Direction, Kind
from storage import episodes
from storage.connection import Connection
from storage.episodes import EpisodeRecord


class OpenBook:
    """The episodes of some symbols that matter now, as they change during a pass: the newest
    of every kind, and all that are unfinished."""

    def __init__(self, known: Iterable[Episode]) -> None:
        ordered = sorted(known, key=lambda episode: episode.began)
        self._all = {episode.id: episode for episode in ordered}
        self._newest = {(episode.symbol, episode.kind): episode for episode in ordered}
        self._changed: dict[str, Episode] = {}

    def latest(self, symbol: Symbol, kind: Kind) -> Episode | None:
        return self._newest.get((symbol, kind))

    def of(self, symbol: Symbol) -> list[Episode]:
        return [episode for episode in self._all.values() if episode.symbol == symbol]

    def put(self, episode: Episode) -> None:
        key = (episode.symbol, episode.kind)
        newest = self._newest.get(key)
        if newest is None or newest.began <= episode.began:
            self._newest[key] = episode
        self._all[episode.id] = episode
        self._changed[episode.id] = episode

    def take_changes(self) -> list[Episode]:
        """What changed since the last call."""
        changed, self._changed = list(self._changed.values()), {}
        return changed


def read_book(connection: Connection, symbols: Sequence[Symbol]) -> OpenBook:
    """The open book of these symbols."""
    return OpenBook(from_record(record) for record in episodes.latest(connection, symbols))


def save(connection: Connection, changed: Iterable[Episode]) -> None:
    for episode in changed:
        episodes.save(connection, to_record(episode))


def to_record(episode: Episode) -> EpisodeRecord:
    return EpisodeRecord(**asdict(episode))


def from_record(record: EpisodeRecord) -> Episode:
    values = {name: getattr(record, name) for name in EpisodeRecord.__dataclass_fields__}
    return Episode(
        **values
        | {
            "kind": Kind(record.kind),
            "symbol": Symbol(record.symbol),
            "direction": Direction(record.direction),
            "state": State(record.state),
            "evidence": dict(record.evidence),
        }
    )
