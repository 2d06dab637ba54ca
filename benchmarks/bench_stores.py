"""The two engines side by side: one signal for 100,000 channels, the outbox, small writes, prices.

    python -m benchmarks.bench_stores [--channels 100000]

PostgreSQL runs on the same machine as a server of its own with the settings of deploy/cluster.yaml,
and writes to its disk like any other (fsync on); SQLite runs in this process. The signal, which
wakes a cluster's senders too, is the median of several, of which each adds its rows to those of
the ones before; the rest is of one run. Compare columns.
"""

import argparse
import asyncio
import re
import statistics
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.alerts.facts import Stage, alert_ids
from storage import alerts, claims, facts, histories
from storage.alerts import Broadcast, NewAlert
from storage.connection import Connection
from storage.database import Database
from storage.histories import HistoryRow
from tests.postgres import running

NOW = datetime(2026, 4, 17, 20, tzinfo=UTC)
FACTS = {"symbol": "SPY", "words": "a new 52-week high " * 100}
COMPOSE = Path(__file__).resolve().parents[1] / "deploy" / "cluster.yaml"
SIGNALS = 5
WRITES = 2000
SYMBOLS = 300
BODY = b"\x07" * 100_000
"""As long as eleven years of daily bars."""


def deployed() -> dict[str, str]:
    """The server's settings on its machine of a cluster."""
    command = re.findall(r"^    command: \[postgres, (.+)\]$", COMPOSE.read_text(), re.MULTILINE)[0]
    return dict(re.findall(r"-c, (\w+)=(\w+)", command))


def subscribe(connection: Connection, channels: int) -> None:
    """A subscription in each channel, ten channels in a server."""
    text = NOW.isoformat()
    connection.executemany(
        """INSERT INTO subscriptions (guild_id, channel_id, kinds, symbols, state, created_by,
            created_at) VALUES (?, ?, '[]', '[]', 'active', 1, ?)""",
        [((1 + n // 10) << 22, (1 + n) << 22, text) for n in range(channels)],
    )


async def signals(where: Path | str, channels: int) -> list[float]:
    """Seconds until one signal is committed to the outbox for all channels, several times."""
    db = Database.open(where, jobs=True)
    await db.write(lambda c: subscribe(c, channels))
    found = []
    for number in range(SIGNALS):
        at, to = NOW + timedelta(hours=number), range(1, channels + 1)
        began = time.perf_counter()
        post = Broadcast(
            episode_id=f"e{number}",
            stage=Stage.OPENED,
            facts=FACTS | {"number": number},
            created_at=at,
            market_time=at,
            expires_at=at + timedelta(hours=24),
            ids=dict(zip(to, alert_ids(to, f"e{number}", Stage.OPENED), strict=True)),
        )
        assert await db.write(lambda c, p=post: alerts.broadcast(c, p)) == channels  # type: ignore[misc]
        found.append(time.perf_counter() - began)
    await db.close()
    return found


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
    found[f"{channels:,} alerts of any kind committed"] = seconds(began)

    began = time.perf_counter()
    due = await db.read(lambda c: claims.due_channels(c, now=NOW))
    found[f"survey of {len(due):,} due channels"] = seconds(began)

    began, part, lease = time.perf_counter(), due[:WRITES], NOW + timedelta(minutes=5)

    async def pay(number: int) -> None:
        one = [part[number]]
        taken = await db.write(lambda c: claims.claim(c, one, now=NOW, lease_until=lease, each=5))
        paid = taken[0][0].alert.id
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
    with tempfile.TemporaryDirectory() as folder, running(deployed()) as server:
        ours = asyncio.run(signals(Path(folder) / "signals.db", channels))
        theirs = asyncio.run(signals(server.fresh("template1"), channels))
        file = measured(Path(folder) / "a.db", channels)
        postgres = measured(server.fresh("template1"), channels)
    print(f"{'':44}{'SQLite':>12}{'PostgreSQL':>14}")
    middles = [statistics.median(times) for times in (ours, theirs)]
    name = f"one signal → {channels:,} rows committed"
    print(f"{name:44}{middles[0]:>10.2f} s{middles[1]:>12.2f} s")
    for name, figure in file.items():
        print(f"{name:44}{figure:>12}{postgres[name]:>14}")
    print(f"PostgreSQL takes {middles[1] / middles[0]:.1f} times SQLite's time for a signal.")


if __name__ == "__main__":
    main()
