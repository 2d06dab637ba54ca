"""Late 2023 on real bars: a level crossed and re-crossed, against a plain reading of the files."""

import csv
import gzip
from datetime import date
from pathlib import Path

import pytest

from bot.alerts.personal.book import Personal, Wanted
from bot.alerts.personal.model import On, Repeat, Rule
from bot.alerts.personal.words import parse_condition
from bot.clock import LiveClock
from bot.market.model import Symbol
from tests.alerts.stage import SESSIONS, Stage, evening
from tests.market.known import real_folder

FIRST, LAST = date(2023, 10, 2), date(2023, 12, 29)
MARGIN = 0.005


def crossings(folder: Path, symbol: str, level: float) -> list[str]:
    """Sessions that closed above `level` after a close that was 0.5 % below it, or after the
    start was below."""
    with gzip.open(folder / f"{symbol}.csv.gz", "rt", newline="") as file:
        closes = [(row["date"], float(row["close"])) for row in csv.DictReader(file)]
    before = [close for day, close in closes if day < FIRST.isoformat()][-1]
    ready, found = before <= level, []
    for day, close in closes:
        if FIRST.isoformat() <= day <= LAST.isoformat():
            if ready and close > level:
                found.append(day)
                ready = False
            elif close < level * (1 - MARGIN):
                ready = True
    return found


@pytest.mark.parametrize(("symbol", "level"), [("SPY", 430.0), ("QQQ", 365.0), ("IWM", 172.0)])
async def test_closes_beyond_a_level_are_told_each_time_it_was_recrossed(
    tmp_path: Path, symbol: str, level: float
) -> None:
    folder = real_folder("core")
    stage = Stage(folder, tmp_path / "a.db", evening(SESSIONS.offset(FIRST, -1)))
    rule = Rule(
        symbol=Symbol(symbol),
        condition=parse_condition(f"above {level}"),
        repeat=Repeat.AGAIN,
        on=On.CLOSE,
        rearm=MARGIN,
    )
    try:
        alerts = Personal(db=stage.db, wall=LiveClock(), clock=stage.clock)
        await alerts.add(1, Wanted(rule=rule))
        await stage.watcher.run_once()
        for day in SESSIONS.between(FIRST, LAST):
            await stage.look(evening(day.item()))
        rows = [row for row in await stage.outbox() if row.stage == "personal"]
    finally:
        await stage.close()
    expected = crossings(folder, symbol, level)
    assert [row.facts["session"] for row in rows] == expected
    assert expected, "a level that nothing crosses shows nothing"
