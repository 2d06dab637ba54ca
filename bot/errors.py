"""The exception tree, drawn by what the reader must do.

UserError: say it to the person who asked; not logged. RetryableError: wait and try again.
DataError: try the next source, hold the alert. OperatorError: stop with an exit code and
tell the operator. Each adapter translates foreign errors into these at one door.
"""

from datetime import timedelta


class HighwaterError(Exception):
    """Anything Highwater raises on purpose; `str(error)` is a sentence for people."""


class UserError(HighwaterError):
    """The request cannot be answered as asked; the text says what to do."""


class InvalidSymbol(UserError):
    """The text is not a ticker symbol at all."""


class UnknownSymbol(UserError):
    """A well-formed symbol that no source and no directory knows."""


class MissingPermission(UserError):
    """The person or the bot lacks a Discord permission; the text names it."""


class RetryableError(HighwaterError):
    """Something outside failed for now.

    `after` is how long to wait at least, where the other side said so.
    """

    def __init__(self, message: str, *, after: timedelta | None = None) -> None:
        super().__init__(message)
        self.after = after


class SourceDown(RetryableError):
    """A market data source does not answer."""


class RateLimited(SourceDown):
    """A source asked us to slow down."""


class DatabaseAway(RetryableError):
    """The database server cannot be reached for now."""


class DataError(HighwaterError):
    """Data is missing or cannot be trusted; alerts on it are held."""


class NoData(DataError):
    """The source knows the symbol but has no usable bars for what was asked."""


class NotOffered(DataError):
    """The source does not offer this kind of data at all."""


class OperatorError(HighwaterError):
    """The program cannot go on; the operator must act. `exit_code` follows sysexits.h."""

    exit_code = 1


class SettingsError(OperatorError):
    """Settings are missing or wrong (EX_CONFIG)."""

    exit_code = 78


class StorageError(OperatorError):
    """The database is corrupt, locked, read-only, full or newer than this program (EX_IOERR)."""

    exit_code = 74


class DiscordRefused(OperatorError):
    """Discord does not accept the token (EX_NOPERM)."""

    exit_code = 77


class Unreachable(OperatorError):
    """A service that is needed to start cannot be reached (EX_UNAVAILABLE)."""

    exit_code = 69
