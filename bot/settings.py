"""One typed, frozen Settings from the environment and `.env`; the only reader of os.environ.

Every missing or wrong value is reported at once, in words, and secrets never print.
"""

import difflib
import ipaddress
import os
import re
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingsError

PREFIX = "HIGHWATER_"
UNPREFIXED = {"discord_token": "DISCORD_TOKEN", "database_url": "DATABASE_URL"}
"""Settings that go by names which others know too."""
DISCORD_API = "https://discord.com/api/v10"
DISCORD_GATEWAY = "wss://gateway.discord.gg/"


class SourceName(StrEnum):
    """Where market data comes from."""

    DEMO = "demo"
    FOLDER = "folder"
    YAHOO = "yahoo"
    NASDAQ = "nasdaq"


VENDORS = (SourceName.YAHOO, SourceName.NASDAQ)
"""Sources that know the present; the others hold finished bars."""


class Settings(BaseSettings):
    """What an operator may set. `.env.example` explains each; a test keeps the two equal."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file_encoding="utf-8", frozen=True, extra="ignore"
    )

    discord_token: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("DISCORD_TOKEN", "HIGHWATER_DISCORD_TOKEN")
    )
    database_url: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("DATABASE_URL", "HIGHWATER_DATABASE_URL")
    )
    discord_api_base: str = DISCORD_API
    discord_gateway: str = DISCORD_GATEWAY
    data_dir: Path = Path("data")
    source: SourceName | None = None
    fallback: SourceName | None = SourceName.NASDAQ
    stream: bool = True
    folder: Path | None = None
    demo_seed: int = Field(default=7, ge=0, le=2**31)
    time_zone: str = "America/New_York"
    benchmark: str = "SPY"
    scan_interval: int = Field(default=60, ge=5, le=3600)
    web_port: int = Field(default=8765, ge=0, le=65535)
    web_host: str = "127.0.0.1"
    board: bool | None = None
    chart_workers: int = Field(default=1, ge=1, le=16)
    replay_speed: float = Field(default=6.0, gt=0, le=3600)
    sentiment_model: Path | None = None
    prose_url: str | None = None
    prose_model: str = "default"
    prose_key: SecretStr | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"

    @field_validator(
        "discord_token",
        "database_url",
        "source",
        "fallback",
        "folder",
        "sentiment_model",
        "prose_url",
        "prose_key",
        "board",
        mode="before",
    )
    @classmethod
    def _empty_means_unset(cls, value: Any) -> Any:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(
                f"“{value}” is no time zone; use a name such as Europe/Berlin"
            ) from error
        return value

    @field_validator("benchmark")
    @classmethod
    def _a_symbol(cls, value: str) -> str:
        symbol = value.strip().upper()
        if not re.fullmatch(r"[A-Z0-9^][A-Z0-9.^=\-]{0,14}", symbol):
            raise ValueError(f"“{value}” is not a ticker symbol such as SPY")
        return symbol

    @field_validator("discord_api_base", "discord_gateway")
    @classmethod
    def _discord_or_loopback(cls, value: str) -> str:
        if value.rstrip("/") in (DISCORD_API, DISCORD_GATEWAY.rstrip("/")) or is_loopback(value):
            return value.rstrip("/")
        raise ValueError("only Discord itself or an address on this machine (127.0.0.1) is allowed")

    @field_validator("database_url")
    @classmethod
    def _a_postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.match(r"postgres(ql)?://", value.get_secret_value()):
            raise ValueError(
                "it looks like postgresql://name:password@host:5432/highwater; leave it empty to "
                "use the file in HIGHWATER_DATA_DIR"
            )
        return value

    @field_validator("prose_url")
    @classmethod
    def _private(cls, value: str | None) -> str | None:
        if value is None or value.startswith("https://") or is_loopback(value):
            return None if value is None else value.rstrip("/")
        raise ValueError("an https:// address, or one on this machine (127.0.0.1), is needed")

    @field_validator("web_host")
    @classmethod
    def _an_address(cls, value: str) -> str:
        try:
            return str(ipaddress.ip_address(value.strip()))
        except ValueError as error:
            raise ValueError(
                f"“{value}” is no address of this machine; use 127.0.0.1, or 0.0.0.0 for all"
            ) from error

    @property
    def serves_board(self) -> bool:
        """Whoever did not choose has the board where only this machine can see it."""
        if self.board is not None:
            return self.board
        return ipaddress.ip_address(self.web_host).is_loopback

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def database(self) -> Path:
        return self.data_dir / "highwater.db"

    @property
    def store(self) -> Path | str:
        """What storage opens: the file, or the address of a PostgreSQL database."""
        return self.database if self.database_url is None else self.database_url.get_secret_value()

    def apart(self, folder: Path) -> Self:
        """The same settings with a database of their own, so that nothing real is touched."""
        return self.model_copy(update={"data_dir": folder, "database_url": None})

    def secrets(self) -> list[str]:
        """What must not stand in a log."""
        found = [one.get_secret_value() for one in (self.discord_token, self.database_url) if one]
        password = re.match(r"\w+://[^/@]*?:([^/@]+)@", found[-1]) if self.database_url else None
        return [*found, password[1]] if password else found

    @property
    def is_real_discord(self) -> bool:
        return self.discord_api_base == DISCORD_API

    def problems(self) -> list[str]:
        """What is wrong with the values taken together."""
        found = []
        if (self.discord_api_base == DISCORD_API) != (
            self.discord_gateway == DISCORD_GATEWAY.rstrip("/")
        ):
            found.append(
                "HIGHWATER_DISCORD_API_BASE and HIGHWATER_DISCORD_GATEWAY must be set together: "
                "a client that is half elsewhere still dials Discord"
            )
        if self.fallback is not None and self.fallback not in VENDORS:
            found.append("HIGHWATER_FALLBACK is yahoo, nasdaq, or empty for none")
        if self.source is SourceName.FOLDER and self.folder is None:
            found.append(
                "HIGHWATER_FOLDER is missing: HIGHWATER_SOURCE=folder needs a folder of CSV files"
            )
        return found


def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load_settings(env_file: Path | None = Path(".env"), **overrides: Any) -> Settings:
    """Settings from the environment, then `env_file`, then defaults; `overrides` win.

    Raises SettingsError that lists everything missing or wrong, one line each.
    """
    problems = [_unknown(name) for name in sorted(os.environ) if _is_stray(name)]
    try:
        given = {_validation_name(name): v for name, v in overrides.items() if v is not None}
        settings = Settings(_env_file=env_file, **given)  # type: ignore[call-arg]
        problems += settings.problems()
    except ValidationError as error:
        problems += [_in_words(dict(item)) for item in error.errors(include_input=False)]
        raise SettingsError(_report(problems)) from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{env_file} is not a text file in UTF-8: {error}") from error
    if problems:
        raise SettingsError(_report(problems))
    return settings


def notify_socket() -> str | None:
    """Where systemd wants to be told of progress; None where it did not start this program."""
    return os.environ.get("NOTIFY_SOCKET") or None


def _validation_name(field: str) -> str:
    return UNPREFIXED.get(field, field)


def _is_stray(name: str) -> bool:
    known = {PREFIX + field.upper() for field in Settings.model_fields} | {"HIGHWATER_REAL_DATA"}
    return name.startswith(PREFIX) and name not in known


def _unknown(name: str) -> str:
    known = [PREFIX + field.upper() for field in Settings.model_fields]
    close = difflib.get_close_matches(name, known, n=1)
    return f"{name} is not a setting" + (f"; did you mean {close[0]}?" if close else "")


def _in_words(item: dict[str, Any]) -> str:
    name = str(item["loc"][0]) if item["loc"] else "settings"
    shown = name if name.isupper() else PREFIX + name.upper()
    return f"{shown}: {item['msg'].removeprefix('Value error, ')}"


def _report(problems: list[str]) -> str:
    lines = "\n".join(f"  - {problem}" for problem in problems)
    return f"The settings are not usable:\n{lines}\nSee .env.example for what each one means."
