"""What a statement is run on: SQLite's own connection has this shape, PostgreSQL's is given it.

Statements are written in what both engines understand. Where they do not agree, a function asks
`is_sqlite` and has one statement for each, side by side. `CONTRIBUTING.md` lists the rules.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeGuard, runtime_checkable

Parameters = Mapping[str, Any] | Sequence[Any]
"""Values for `:name` or `?` in a statement."""


class Cursor(Protocol):
    """What a statement gave."""

    @property
    def rowcount(self) -> int: ...

    @property
    def description(self) -> Sequence[Sequence[Any]] | Any: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """A connection inside a transaction that `storage.database` began and will end."""

    def execute(self, sql: str, parameters: Parameters = ..., /) -> Cursor: ...

    def executemany(self, sql: str, parameters: Iterable[Parameters], /) -> Cursor: ...


def is_sqlite(connection: Connection) -> TypeGuard[sqlite3.Connection]:
    """Which of the two engines a statement runs on."""
    return isinstance(connection, sqlite3.Connection)


@runtime_checkable
class Streaming(Protocol):
    """A connection that would otherwise fetch the whole of a result."""

    def stream(self, sql: str, parameters: Parameters = ..., /) -> Iterator[Any]: ...


def stream(connection: Connection, sql: str, parameters: Parameters) -> Iterator[Any]:
    """The rows of a result that is too large to be held at once, one at a time."""
    if isinstance(connection, Streaming):
        return connection.stream(sql, parameters)
    return iter(connection.execute(sql, parameters))
