"""The history store against plain alternatives, ten years of sessions for many symbols.

Run: python benchmarks/bench_history.py [symbols, default 5000]
Loading means arrays of doubles for every symbol; appending means one more session for every
symbol, on disk (synchronous=FULL, WAL). Rows are measured on a tenth of the symbols and their
times multiplied by ten. All alternatives run in this process, one after another, in rounds.
"""

import asyncio
import io
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bot.clock import ReplayClock
from bot.market.blobs import decode, encode
from bot.market.guard import check
from bot.market.history import History, Stored
from bot.market.market import Market
from bot.market.merging import joined
from bot.market.model import Bars, Symbol, as_date
from bot.market.panel import Panel
from storage.database import Database
from tests.market.known import SESSIONS, KnownSource, evening, walk

ROUNDS = 3
ONES = 200
TENTH = 10
REFRESHED = 1_200
PRICES = ("open", "high", "low", "close", "volume")
Step = Callable[[], Awaitable[Any]]


@dataclass(frozen=True, kw_only=True)
class Store:
    """One way to keep histories."""

    name: str
    path: Path
    load_all: Step
    load_one: Callable[[int], Awaitable[Any]]
    append: Step
    times: int = 1


def histories(count: int) -> tuple[list[Bars], list[Bars]]:
    """Generated histories, and the same with one session more."""
    base = [walk("2015-11-23", "2025-11-21", seed=seed, price=20.0 * seed) for seed in range(1, 9)]
    longer = [replace(base[i % 8], symbol=Symbol(f"S{i}")) for i in range(count)]
    last = as_date(base[0].days[-2])
    return [bars.through(last) for bars in longer], longer


async def ours(folder: Path, old: list[Bars], new: list[Bars]) -> tuple[Store, Database]:
    db = Database.open(folder / "ours.db")
    history, at = History(db, "bench"), evening(new[0].last_day)
    for bars in old:
        await history.save(Stored(bars=bars, fetched_at=at), final_through=None)

    async def append() -> None:
        changed = as_date(new[0].days[-10])
        saves = [
            history.save(Stored(bars=bars, fetched_at=at), final_through=None, changed_from=changed)
            for bars in new
        ]
        for i in range(0, len(saves), 500):
            await asyncio.gather(*saves[i : i + 500])

    store = Store(
        name="body and tail (ours)",
        path=folder / "ours.db",
        load_all=history.load_all,
        load_one=lambda i: history.load(old[i].symbol),
        append=append,
    )
    return store, db


def opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA mmap_size = 2147483648")
    return connection


def npz(bars: Bars) -> bytes:
    file = io.BytesIO()
    np.savez(file, days=bars.days, **{name: getattr(bars, name) for name in PRICES})
    return file.getvalue()


def from_npz(symbol: Symbol, blob: bytes) -> Bars:
    with np.load(io.BytesIO(blob)) as file:
        none = np.zeros(len(file["days"]))
        columns = {name: file[name] for name in ("days", *PRICES)}
        return Bars(symbol=symbol, dividend=none, split=none, **columns)


def blobs(
    folder: Path,
    name: str,
    old: list[Bars],
    new: list[Bars],
    *,
    pack: Callable[[Bars], bytes],
    unpack: Callable[[Symbol, bytes], Bars],
) -> Store:
    path = folder / f"{name.replace(' ', '-')}.db"
    connection = opened(path)
    connection.execute("CREATE TABLE h (symbol TEXT PRIMARY KEY, bars BLOB)")
    with connection:
        connection.executemany(
            "INSERT INTO h VALUES (?, ?)", ((bars.symbol, pack(bars)) for bars in old)
        )

    async def load_all() -> list[Bars]:
        return [unpack(Symbol(s), b) for s, b in connection.execute("SELECT * FROM h")]

    async def load_one(i: int) -> Bars:
        query = "SELECT bars FROM h WHERE symbol = ?"
        (blob,) = connection.execute(query, (old[i].symbol,)).fetchone()
        return unpack(old[i].symbol, blob)

    async def append() -> None:
        with connection:
            for i, bars in enumerate(new):
                whole = joined(await load_one(i), bars.since(bars.last_day))
                connection.execute(
                    "UPDATE h SET bars = ? WHERE symbol = ?", (pack(whole), bars.symbol)
                )

    return Store(name=name, path=path, load_all=load_all, load_one=load_one, append=append)


def rows(folder: Path, old: list[Bars], new: list[Bars]) -> Store:
    path = folder / "rows.db"
    connection = opened(path)
    connection.execute(
        "CREATE TABLE h (symbol INTEGER, day INTEGER, open REAL, high REAL, low REAL, close REAL,"
        " volume REAL, PRIMARY KEY (symbol, day)) WITHOUT ROWID"
    )
    insert = "INSERT OR REPLACE INTO h VALUES (?, ?, ?, ?, ?, ?, ?)"

    def values(i: int, bars: Bars) -> Any:
        days = bars.days.astype(int).tolist()
        columns = (getattr(bars, name).tolist() for name in PRICES)
        return ((i, *row) for row in zip(days, *columns, strict=True))

    with connection:
        for i, bars in enumerate(old):
            connection.executemany(insert, values(i, bars))

    async def load_all() -> list[np.ndarray]:
        found = connection.execute("SELECT * FROM h").fetchall()
        table = np.array(found, dtype=float)
        return np.split(table, np.flatnonzero(np.diff(table[:, 0])) + 1)

    async def load_one(i: int) -> np.ndarray:
        return np.array(connection.execute("SELECT * FROM h WHERE symbol = ?", (i,)).fetchall())

    async def append() -> None:
        with connection:
            for i, bars in enumerate(new):
                connection.executemany(insert, values(i, bars.since(bars.last_day)))

    return Store(
        name="rows (a tenth, times ten)",
        path=path,
        load_all=load_all,
        load_one=load_one,
        append=append,
        times=TENTH,
    )


async def timed(step: Step) -> tuple[float, float]:
    """Milliseconds of the clock and of this process's processors, all threads."""
    began, worked = perf_counter(), process_time()
    await step()
    return (perf_counter() - began) * 1000, (process_time() - worked) * 1000


async def measure(stores: list[Store], count: int) -> None:
    random = np.random.default_rng(3)
    results: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for _ in range(ROUNDS):
        for store in stores:
            chosen = random.integers(0, count // store.times, ONES).tolist()
            ones = [("one", lambda store=store, i=i: store.load_one(i)) for i in chosen]
            steps = [("all", store.load_all), ("append", store.append), *ones]
            for name, step in steps:
                times = 1 if name == "one" else store.times
                took, worked = await timed(step)
                results.setdefault((store.name, name), []).append((took * times, worked * times))
    print(f"{'median ms (of processor)':28} {'file':>8} {'load all':>16} {'load one':>15} ", end="")
    print(f"{'append a session':>18}")
    for store in stores:
        size = store.path.stat().st_size / 1e6 * store.times
        median = {
            name: np.median(results[store.name, name], axis=0) for name in ("all", "one", "append")
        }
        print(
            f"{store.name:28} {size:5.0f} MB {median['all'][0]:8.0f} ({median['all'][1]:5.0f}) "
            f"{median['one'][0]:7.3f} ({median['one'][1]:.3f}) "
            f"{median['append'][0]:10.0f} ({median['append'][1]:5.0f})"
        )


async def lag(folder: Path, bars: list[Bars]) -> None:
    """How late a timer of 5 ms rings while a market tops up `REFRESHED` symbols."""
    known, last = bars[:REFRESHED], bars[0].last_day
    source = KnownSource(*known)
    clock = ReplayClock(evening(as_date(known[0].days[-2])))
    db = Database.open(folder / "lag.db")
    market = Market(source=source, sessions=SESSIONS, clock=clock, db=db)
    symbols = [one.symbol for one in known]
    await market.refresh(symbols, session=as_date(known[0].days[-2]))
    clock.move_to(evening(last))
    idle = await lateness(asyncio.sleep(2.0))
    began = perf_counter()
    busy = await lateness(market.refresh(symbols, session=last))
    seconds = perf_counter() - began
    print(f"\nrefresh of {len(symbols):,} symbols: {seconds:.1f} s; a timer of 5 ms is late by")
    for name, late in (("idle", idle), ("refreshing", busy)):
        p50, p99 = np.percentile(late, [50, 99])
        print(f"{name:28} {p50:7.1f} ms (median) {p99:7.1f} ms (p99) {max(late):7.1f} ms (most)")
    await db.close()


async def lateness(work: Awaitable[Any]) -> list[float]:
    """Milliseconds by which a timer rang late, again and again, until `work` was done."""
    late: list[float] = []
    doing = asyncio.ensure_future(work)
    while not doing.done():
        due = perf_counter() + 0.005
        await asyncio.sleep(0.005)
        late.append((perf_counter() - due) * 1000)
    await doing
    return late


async def onwards(loaded: list[Bars]) -> None:
    """What comes after loading: the guard and the panel."""
    now = evening(loaded[0].last_day)
    days = SESSIONS.between(as_date(loaded[0].days[-260]), loaded[0].last_day)
    for name, step in (
        ("guard, all symbols", lambda: [check(b, sessions=SESSIONS, now=now) for b in loaded]),
        ("panel of 260 sessions", lambda: Panel.of(loaded, days)),
        ("panel of all sessions", lambda: Panel.of(loaded, loaded[0].days)),
    ):
        times = []
        for _ in range(ROUNDS):
            began = perf_counter()
            step()
            times.append((perf_counter() - began) * 1000)
        print(f"{name:28} {statistics.median(times):7.0f} ms")


async def main(count: int) -> None:
    old, new = histories(count)
    print(f"{count:,} symbols, {len(old[0]):,} sessions each; medians of {ROUNDS} rounds")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mine, db = await ours(folder, old, new)
        stores = [
            mine,
            blobs(folder, "one blob", old, new, pack=encode, unpack=decode),
            blobs(folder, "one npz blob", old, new, pack=npz, unpack=from_npz),
            rows(folder, old[: count // TENTH], new[: count // TENTH]),
        ]
        await measure(stores, count)
        loaded = [stored.bars for stored in (await mine.load_all()).values()]
        await db.close()
        print()
        await onwards(loaded)
        await lag(folder, loaded)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000))
