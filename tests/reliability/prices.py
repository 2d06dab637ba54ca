"""A market in which something happens often: made up, the same at every run."""

import csv
import random
from datetime import date
from pathlib import Path

from bot.market.sessions import Sessions

FIELDS = "symbol,date,open,high,low,close,adj_close,volume,dividend,split"
FIRST = date(2021, 1, 4)
QUIET_START = 300
"""Sessions before anything is played: a year and more of highs to break."""


TOGETHER = 3
"""Symbols that break out on the same day, so that a pass has several alerts for a channel."""


def symbols(count: int) -> list[str]:
    return [f"S{i:02}" for i in range(count)]


def write_market(folder: Path, sessions: Sessions, *, count: int, length: int) -> None:
    """CSV files of `count` symbols and `length` sessions that break out about once a month,
    some together, and fall back in between."""
    folder.mkdir(parents=True, exist_ok=True)
    days = sessions.between(FIRST, date(2030, 1, 1))[:length]
    for number, symbol in enumerate(symbols(count)):
        rng = random.Random(number)
        top, close = 100.0, 95.0
        with (folder / f"{symbol}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(FIELDS.split(","))
            for day, name in enumerate(days):
                breaks = (day + 3 * (number // TOGETHER)) % 26 == 0
                close = top * 1.012 if breaks else close * (1 - 0.002 + rng.uniform(-0.004, 0.004))
                top = max(top, close + 0.3)
                prices = (close, close + 0.2, close - 0.2, close, close)
                writer.writerow([symbol, name, *(f"{p:.2f}" for p in prices), 1000, 0, 0])
