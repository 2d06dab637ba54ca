"""`highwater run` as a process, with the imitation as its Yahoo and the playground as its Discord.

The process is led to the imitation by the environment variables that every program knows,
HTTPS_PROXY and REQUESTS_CA_BUNDLE: nothing of it is replaced.
"""

from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from tests.market.imitation_yahoo.bench import fund
from tests.market.imitation_yahoo.faults import Failure
from tests.market.imitation_yahoo.server import ImitationYahoo, World
from tests.market.known import SESSIONS
from tests.playground.person import Json, Person, option
from tests.program.runner import environment, playground, started


async def test_a_running_program_outlives_a_storm_of_refusals_and_serves_what_it_has(
    tmp_path: Path,
) -> None:
    now = datetime.now(UTC)
    world = World(now=now)
    for symbol in ("SPY", "QQQ", "IWM", "MDY", "DIA"):
        world.listings[symbol] = fund(symbol, sessions=300, last=SESSIONS.last_opened(now))
    with ImitationYahoo(world) as yahoo:
        async with playground(tmp_path) as discord:
            network = yahoo.network()
            env = environment(
                tmp_path,
                DISCORD_TOKEN=discord["token"],
                HIGHWATER_DISCORD_API_BASE=discord["api_base"],
                HIGHWATER_DISCORD_GATEWAY=discord["gateway_url"],
                HIGHWATER_SOURCE="yahoo",
                HIGHWATER_FALLBACK="",
                HIGHWATER_SCAN_INTERVAL="5",
                HTTPS_PROXY=network.proxy or "",
                REQUESTS_CA_BUNDLE=str(network.certificates),
            )
            async with (
                started("bot", "run", env=env, cwd=tmp_path) as program,
                aiohttp.ClientSession(base_url=discord["url"]) as http,
            ):
                await program.says("connected to Discord")
                person = await Person.enter(http, "admin")
                first = await answer(person, "high", option("symbol", "SPY"))
                assert "Yahoo" in footer(first)
                await answer(person, "subscribe", option("what", "SPY QQQ"))
                yahoo.faults.add(Failure.TOO_MANY)
                before = len(yahoo.seen)
                refused = await answer(person, "high", option("symbol", "IWM"))
                assert "slow down" in str(refused)
                for symbol in ("MDY", "DIA", "IWM", "MDY"):
                    await answer(person, "high", option("symbol", symbol))
                assert len(yahoo.seen) - before <= 4  # what had left before the first refusal
                cached = await answer(person, "high", option("symbol", "SPY"))
                assert "Yahoo" in footer(cached)
                status = await answer(person, "status")
                fields = {f["name"]: f["value"] for f in status["embeds"][0]["fields"]}
                assert "pausing for" in fields["Source"]
                assert "requests left this hour" in fields["Source"]
                assert fields["Data"].split()[1:4:2] == ["ok,", "stale,"]
                assert await program.stop() == 0
            assert not [line for line in program.lines if "Traceback" in line or "ERROR" in line]


async def answer(person: Person, name: str, *options: Json) -> Json:
    record = await person.use(name, await person.channel("general"), *options)
    assert record["state"] == "answered", record
    message: Json = record["message"]
    return message


def footer(message: Json) -> str:
    return str(message["embeds"][0]["footer"]["text"])
