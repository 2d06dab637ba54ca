"""`highwater migrate-store`: from the SQLite file into the PostgreSQL that DATABASE_URL names."""

import importlib
from collections.abc import Callable

from bot.backup import refuse_while_running
from bot.errors import OperatorError, SettingsError, StorageError
from bot.settings import Settings
from storage.errors import StorageFailure

WIDTH = 20


def migrate_store(settings: Settings, show: Callable[[str], None]) -> str:
    """Copy everything; returns what was done, in words. The file stays as it is.

    Raises OperatorError when there is nothing to copy, no place for it, or the program runs.
    """
    if settings.database_url is None:
        raise SettingsError("DATABASE_URL is missing: it names the PostgreSQL to move into.")
    if not settings.database.exists():
        raise OperatorError(f"There is no database at {settings.database}; nothing was moved.")
    refuse_while_running(settings.database)
    try:
        moving = importlib.import_module("storage.moving")
    except ImportError as error:
        raise StorageError(
            f"PostgreSQL cannot be spoken to ({error}). Install: pip install 'highwater[cluster]'"
        ) from error
    try:
        counts: dict[str, int] = moving.move(
            settings.database,
            settings.database_url.get_secret_value(),
            lambda name, done, total: show(line(name, done, total)),
        )
    except StorageFailure as error:
        raise StorageError(str(error)) from error
    return (
        f"Moved {sum(counts.values()):,} rows of {len(counts)} tables, counted in both places. "
        f"Start Highwater with DATABASE_URL from now on; {settings.database} is only a copy."
    )


def line(name: str, done: int, total: int) -> str:
    """[##########----------] alerts 5,000 of 10,000."""
    return f"[{'#' * round(WIDTH * done / total):-<{WIDTH}}] {name} {done:,} of {total:,}"
