"""October to December 2023 on real bars: the 52-week highs that really happened, each once.

The expected sessions come from an independent, slow reading of the same files: plain Python
over rows, one loop per session, nothing of the program.
"""

import csv
import gzip
from collections import defaultdict
from datetime import date
from pathlib import Path

from tests.alerts.stage import SESSIONS, Stage, evening
from tests.market.known import real_folder

FUNDS = ("SPY", "QQQ", "IWM", "MDY", "IJH", "DIA", "XLC", "XLF", "XLI", "XLK")
FIRST, LAST = date(2023, 10, 2), date(2023, 12, 29)


def highs_that_happened(folder: Path, symbol: str) -> list[tuple[date, bool]]:
    """Sessions with a high above every high of the year before, and whether the close was too."""
    with gzip.open(folder / f"{symbol}.csv.gz", "rt", newline="") as file:
        rows = [
            (date.fromisoformat(row["date"]), float(row["high"]), float(row["close"]))
            for row in csv.DictReader(file)
        ]
    found = []
    for day, high, close in rows:
        if FIRST <= day <= LAST:
            a_year_before = day.replace(year=day.year - 1)
            level = max(h for d, h, _ in rows if a_year_before <= d < day)
            if high > level:
                found.append((day, close > level))
    return found


async def test_the_replay_of_late_2023_posts_each_52_week_high_once(tmp_path: Path) -> None:
    folder = real_folder("core")
    stage = Stage(folder, tmp_path / "a.db", evening(SESSIONS.offset(FIRST, -1)))
    try:
        await stage.subscribe(*FUNDS)
        await stage.watcher.run_once()
        await stage.play(str(FIRST), str(LAST))
        rows = await stage.outbox()
    finally:
        await stage.close()

    posts, closes = defaultdict(list), {}
    for row in rows:
        if row.act == "post":
            posts[row.facts["symbol"]].append(date.fromisoformat(row.facts["session"]))
        if row.stage == "closed":
            closes[(row.facts["symbol"], row.facts["session"])] = row.facts["state"]
    for symbol in FUNDS:
        happened = highs_that_happened(folder, symbol)
        days = [day for day, _ in happened]
        assert len(posts[symbol]) == len(set(posts[symbol]))
        assert set(posts[symbol]) <= set(days), f"{symbol}: a high that never was"
        assert posts[symbol][:1] == days[:1], f"{symbol}: its first high is missing"
        for day, held in happened:
            if day in posts[symbol]:
                expected = "confirmed" if held else "rejected"
                assert closes[(symbol, day.isoformat())] == expected
