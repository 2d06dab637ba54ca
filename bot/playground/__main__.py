"""`python -m bot.playground --port N`: the playground as a process of its own.

Prints one line of JSON with its addresses when it is ready and runs until SIGTERM or SIGINT.
"""

import argparse
import asyncio
import json
import signal
import sys

from bot.playground.server import SEED, TOKEN, Playground


async def serve(playground: Playground) -> None:
    """Run until a signal asks for the end."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, ended.set)
    await playground.start()
    addresses = {
        "url": playground.url,
        "api_base": playground.api_base,
        "gateway_url": playground.gateway_url,
        "cdn_base": playground.cdn_base,
        "token": playground.token,
    }
    sys.stdout.write(json.dumps(addresses) + "\n")
    sys.stdout.flush()
    try:
        await ended.wait()
    finally:
        await playground.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.playground", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args()
    try:
        playground = Playground(chosen.host, chosen.port, token=chosen.token, seed=chosen.seed)
    except ValueError as error:
        parser.error(str(error))
    asyncio.run(serve(playground))


if __name__ == "__main__":
    main()
