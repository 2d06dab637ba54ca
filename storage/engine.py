"""What `storage.database` needs of an engine: transactions, snapshots, its errors in words."""

from contextlib import AbstractContextManager
from typing import Protocol

from storage.connection import Connection
from storage.errors import StorageFailure


class Engine(Protocol):
    """An opened SQLite file or PostgreSQL database."""

    where: str
    """The file, or the address without its password."""
    errors: tuple[type[Exception], ...]
    """What the engine raises when it fails."""

    def transaction(self, *, alone: bool | None = True) -> AbstractContextManager[Connection]:
        """This process's one write transaction: committed at its end, taken back when it raises.

        One that is `alone` happens while no other process has any; the others, which touch only
        rows that nobody else does, may go side by side where the engine can. With None it waits
        for none of them.
        """
        ...

    def snapshot(self) -> AbstractContextManager[Connection]:
        """A read-only transaction that sees one moment; several threads may hold one each."""
        ...

    def failure(self, error: Exception) -> StorageFailure:
        """What an error means for the operator, and what to do."""
        ...

    def close(self) -> None: ...
