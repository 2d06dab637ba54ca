"""Logging: one readable line or one JSON object per event, and never a secret."""

import json
import logging
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

WEBHOOK = re.compile(r"(/webhooks/\d+/)[\w.-]+|(/interactions/\d+/)[\w.-]+")
"""Discord's own URLs carry tokens of webhooks and interactions."""
QUIET = ("discord", "aiohttp", "yfinance", "peewee", "matplotlib", "PIL", "asyncio", "curl_cffi")
"""Libraries that are only heard from WARNING on, or at our own level when that is DEBUG."""
SILENT = ("procrastinate", "psycopg.pool")
"""Libraries whose troubles we tell in our own words, once and without a trace."""


class Redact(logging.Filter):
    """Replaces secrets in the finished text of every record."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        self._secrets = [secret for secret in secrets if len(secret) >= 8]

    def clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        return WEBHOOK.sub(lambda m: f"{m[1] or m[2]}[secret]", text)


class TextFormatter(logging.Formatter):
    """2026-04-17 13:41:00 INFO watcher: …"""

    def __init__(self, redact: Redact) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self._redact.clean(super().format(record))


class JsonFormatter(logging.Formatter):
    """One object a line: time, level, logger, message, and error where there is one."""

    def __init__(self, redact: Redact) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            event["error"] = self.formatException(record.exc_info)
        return self._redact.clean(json.dumps(event))


def set_up(level: str, style: str, *, secrets: Sequence[str] = ()) -> None:
    """Log to stderr. `style` is text or json."""
    redact = Redact(secrets)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(redact) if style == "json" else TextFormatter(redact))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in SILENT:
        logging.getLogger(name).setLevel("INFO" if level == "DEBUG" else "CRITICAL")
    for name in QUIET:
        logging.getLogger(name).setLevel("INFO" if level == "DEBUG" else "WARNING")
