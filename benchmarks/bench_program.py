"""The whole program: start to ready, `/high` from interaction to card, memory, loop lag.

The program runs in this process against a playground in a process of its own, and a third
process uses it. Loop lag is how late a timer of 5 ms wakes. Run: python benchmarks/bench_program.py
"""

import asyncio
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

import aiohttp

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

CALLS = 200
TICK = 0.005
SYMBOLS = (
    *("IVOO", "SPY", "QQQ", "IWM", "MDY", "IJH", "DIA", "VTI", "RSP", "TLT"),
    *("XLK", "XLF", "XLE", "XLV", "XLI", "XLP", "XLY", "XLU", "XLB", "XLC"),
    *("GLD", "SLV", "HYG", "LQD", "IEF", "TIP", "EEM", "EFA", "EWJ", "EWZ"),
    *("MCHI", "INDA", "EWC", "EWG", "SMH", "XBI", "ITB", "KRE", "XOP", "GDX"),
    *("VUG", "VTV", "EWU", "ITA", "IYT", "AGG", "SHY", "XLRE", "ARKK", "USO"),
)
"""Fifty funds, four pictures of each: no answer is drawn twice."""


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def drive(url: str) -> None:
    """Use `/high` one after the other, as a member would; print what it took."""
    from tests.playground.person import Person, option  # noqa: PLC0415  only the driving process

    first, finished = [], []
    async with aiohttp.ClientSession(base_url=url) as http:
        person = await Person.enter(http, "admin")
        channel = await person.channel("general")
        for i in range(CALLS):
            on = ("intraday", "close")[i // 10 % 2]
            basis = ("price", "total")[i // 20 % 2]
            asked = (option("symbol", SYMBOLS[i // 40 * 10 % 50 + i % 10]), option("on", on))
            record = await person.use("high", channel, *asked, option("basis", basis))
            assert record["state"] == "answered", record
            first.append(record["first_response_ms"])
            finished.append(record["finished_ms"])
        await person.socket.close()
    print(json.dumps({"first": first, "finished": finished}))


async def measure_start() -> tuple[float, float]:
    """Seconds from `highwater run` to a page with a connected bot, first and second start."""
    from tests.program.runner import environment, started  # noqa: PLC0415

    taken = []
    with tempfile.TemporaryDirectory() as folder:
        env = environment(Path(folder), HIGHWATER_WEB_PORT="0")
        for _ in range(3):
            begun = time.perf_counter()
            async with started("bot", "run", env=env, cwd=Path(folder)) as program:
                await program.says("playground: ")
                taken.append(time.perf_counter() - begun)
                await program.stop()
    return taken[0], statistics.median(taken[1:])


async def lag(samples: list[float], stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    while not stop.is_set():
        due = loop.time() + TICK
        await asyncio.sleep(TICK)
        samples.append(1000 * (loop.time() - due))


async def main() -> None:
    from bot.app import open_program  # noqa: PLC0415  the measured program, not the driver
    from bot.client import point_at  # noqa: PLC0415
    from bot.clock import LiveClock  # noqa: PLC0415
    from bot.market.sessions import Sessions  # noqa: PLC0415
    from bot.settings import SourceName, load_settings  # noqa: PLC0415
    from bot.world import demo_days, replay_world  # noqa: PLC0415
    from tests.program.runner import playground  # noqa: PLC0415

    cold, warm = await measure_start()
    with tempfile.TemporaryDirectory() as folder:
        async with playground(Path(folder)) as discord:
            point_at(api_base=discord["api_base"], gateway=discord["gateway_url"])
            os.environ["HIGHWATER_DATA_DIR"] = folder
            settings = load_settings(env_file=None)
            sessions = Sessions.load()
            first, last = demo_days(sessions, LiveClock().now())
            world, _ = replay_world(
                settings, sessions, start=first, last=last, name=SourceName.DEMO
            )
            async with open_program(settings, world) as program:
                stop = asyncio.Event()
                keeping = asyncio.create_task(program.connection.keep(discord["token"], stop))
                await program.connection.wait_ready(stop)
                idle: list[float] = []
                busy: list[float] = []
                for samples, work in ((idle, asyncio.sleep(3)), (busy, _use(discord["url"]))):
                    done = asyncio.Event()
                    sampling = asyncio.create_task(lag(samples, done))
                    result = await work
                    done.set()
                    await sampling
                stop.set()
                await program.connection.close(5)
                await keeping
    report(cold, warm, result, idle, busy)


async def _use(url: str) -> dict[str, list[float]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--drive", url, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    answer: dict[str, list[float]] = json.loads(out)
    return answer


def report(
    cold: float, warm: float, used: dict[str, list[float]], idle: list[float], busy: list[float]
) -> None:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = [
        ("start to a ready page, first time", f"{cold:.1f} s", ""),
        ("start to a ready page, after that", f"{warm:.1f} s", ""),
        *(
            (
                f"/high: {words}",
                f"{percentile(used[key], 0.5):.0f} ms",
                f"{percentile(used[key], 0.95):.0f} ms",
            )
            for key, words in (("first", "first response"), ("finished", "finished card"))
        ),
        (
            "loop lag, idle",
            f"{percentile(idle, 0.5):.1f} ms",
            f"p99 {percentile(idle, 0.99):.1f} ms",
        ),
        (
            "loop lag, drawing",
            f"{percentile(busy, 0.5):.1f} ms",
            f"p99 {percentile(busy, 0.99):.1f} ms",
        ),
        ("memory, peak", f"{memory:.0f} MB", ""),
    ]
    print(f"{CALLS} calls; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{'':<36}{'median':>12}{'p95':>14}")
    for name, one, two in rows:
        print(f"{name:<36}{one:>12}{two:>14}")


if __name__ == "__main__":
    if "--drive" in sys.argv:
        asyncio.run(drive(sys.argv[-1]))
    else:
        asyncio.run(main())
