"""psycopg's connection in the shape that statements are written for.

The statements' `:name` and `?` become psycopg's placeholders, and truth values become the 0 and
1 that the tables hold.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.adapt import Dumper

from storage.connection import Parameters

AT_ONCE = 200
"""Rows fetched at a time from a result that is read as a stream."""
PLACES = re.compile(r"'(?:[^']|'')*'|:(\w+)|\?|%")
"""Texts in quotes are looked over; a percent sign is doubled wherever it stands."""


class TruthAsNumber(Dumper):
    """True is 1 and False is 0, as in SQLite."""

    oid = psycopg.adapters.types["int2"].oid

    def dump(self, obj: bool) -> bytes:
        return b"1" if obj else b"0"


@lru_cache(maxsize=1024)
def translated(sql: str) -> bytes:
    """A statement with psycopg's placeholders."""

    def place(match: re.Match[str]) -> str:
        found = match[0]
        if match[1]:
            return f"%({match[1]})s"
        return "%s" if found == "?" else found.replace("%", "%%")

    return PLACES.sub(place, sql).encode()


class PostgresConnection:
    """A psycopg connection inside a transaction."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def execute(self, sql: str, parameters: Parameters = (), /) -> psycopg.Cursor[Any]:
        return self._connection.execute(translated(sql), parameters)

    def executemany(self, sql: str, parameters: Iterable[Parameters], /) -> psycopg.Cursor[Any]:
        cursor = self._connection.cursor()
        cursor.executemany(translated(sql), parameters)
        return cursor

    def copy_in(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert many rows the quick way; none of them may be there already."""
        command = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with self._connection.cursor() as cursor, cursor.copy(command.encode()) as copy:
            for row in rows:
                copy.write_row(row)

    def stream(self, sql: str, parameters: Parameters = (), /) -> Iterator[Any]:
        """Rows of a result that is too large to be held at once."""
        with self._connection.cursor(name="stream") as cursor:
            cursor.itersize = AT_ONCE
            cursor.execute(translated(sql), parameters)
            yield from cursor
