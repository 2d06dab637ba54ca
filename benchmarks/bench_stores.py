"""The two engines side by side: the outbox of 100,000 channels, small writes, price histories.

    python -m benchmarks.bench_stores [--channels 100000]

PostgreSQL runs on the same machine as a server of its own that writes to its disk like any other
(fsync on); SQLite runs in this process. Seconds and rates are of one run; compare columns.
"""

import argparse
import asyncio
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from storage import alerts, facts, histories
from storage.alerts import NewAlert
from storage.database import Database
from storage.histories import HistoryRow
from tests.postgres import running

NOW = datetime(2026, 4, 17, 20, tzinfo=UTC)
FACTS = {"symbol": "SPY", "words": "a new 52-week high " * 100}
WRITES = 2000
SYMBOLS = 300
BODY = b"\x07" * 100_000
"""As long as eleven years of daily bars."""


def owed(channels: int) -> list[NewAlert]:
    return [
        NewAlert(
            id=f"a{number}",
            subscription_id=number,
            episode_id="e1",
            stage="opened",
            act="post",
            target=None,
            guild_id=number // 10,
            channel_id=number,
            facts=FACTS,
            created_at=NOW,
            market_time=NOW,
        )
        for number in range(channels)
    ]


async def measure(where: Path | str, channels: int) -> dict[str, str]:
    db = Database.open(where)
    found = {}
    rows = owed(channels)
    began = time.perf_counter()
    assert await db.write(lambda c: alerts.enqueue(c, rows)) == channels
    found[f"one signal → {channels:,} rows committed"] = seconds(began)

    began = time.perf_counter()
    due = await db.read(lambda c: alerts.due_channels(c, now=NOW))
    found[f"survey of {len(due):,} due channels"] = seconds(began)

    began, part, lease = time.perf_counter(), due[:WRITES], NOW + timedelta(minutes=5)

    async def pay(number: int) -> None:
        one = [part[number]]
        claims = await db.write(lambda c: alerts.claim(c, one, now=NOW, lease_until=lease, each=5))
        paid = claims[0][0].alert.id
        await db.write(lambda c: alerts.mark_sent(c, paid, message_id=1, at=NOW))

    for first in range(0, len(part), 50):
        await asyncio.gather(*(pay(n) for n in range(first, min(first + 50, len(part)))))
    found["claim and mark, 50 lanes"] = rate(began, len(part))

    began = time.perf_counter()
    for number in range(WRITES // 10):
        await db.write(lambda c, n=number: facts.put(c, f"n{n}", "1"))  # type: ignore[misc]
    found["small writes, one at a time"] = rate(began, WRITES // 10)

    began = time.perf_counter()
    for number in range(SYMBOLS):
        await db.write(lambda c, n=number: histories.save_history(c, history(n)))  # type: ignore[misc]
    found["histories of 100 kB written"] = rate(began, SYMBOLS)

    began = time.perf_counter()
    count = await db.read(lambda c: sum(1 for _ in histories.load_histories(c, "yahoo")))
    found["all histories read"] = rate(began, count)
    await db.close()
    return found


def measured(where: Path | str, channels: int) -> dict[str, str]:
    return asyncio.run(measure(where, channels))


def history(number: int) -> HistoryRow:
    return HistoryRow(
        source="yahoo",
        symbol=f"S{number}",
        fetched_at=NOW,
        final_through=date(2026, 4, 17),
        body_through=date(2026, 3, 17),
        body=BODY,
        tail=b"tail",
    )


def seconds(began: float) -> str:
    return f"{time.perf_counter() - began:.2f} s"


def rate(began: float, count: int) -> str:
    return f"{count / (time.perf_counter() - began):,.0f}/s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--channels", type=int, default=100_000)
    channels = parser.parse_args().channels
    with tempfile.TemporaryDirectory() as folder, running({}) as server:
        file = measured(Path(folder) / "a.db", channels)
        postgres = measured(server.fresh("template1"), channels)
    print(f"{'':44}{'SQLite':>12}{'PostgreSQL':>14}")
    for name, figure in file.items():
        print(f"{name:44}{figure:>12}{postgres[name]:>14}")


if __name__ == "__main__":
    main()
