"""The program as its users start it: a real process, told by signals, read by what it prints."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from signal import SIGTERM

PATIENCE_SECONDS = 60.0
"""A busy machine with one core starts the program in well under this."""


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """What a new user has: no settings but those given, and a data folder of its own."""
    ours = ("HIGHWATER_", "DISCORD_", "DATABASE_URL")
    kept = {n: v for n, v in os.environ.items() if not n.startswith(ours)}
    return {**kept, "HIGHWATER_DATA_DIR": str(folder / "data"), **settings}


class Program:
    """A running process whose output is collected as it comes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self._news = asyncio.Condition()

    async def read(self) -> None:
        assert self.process.stdout is not None
        async for raw in self.process.stdout:
            async with self._news:
                self.lines.append(raw.decode().rstrip())
                self._news.notify_all()
        async with self._news:
            self.lines.append("(ended)")
            self._news.notify_all()

    async def says(self, words: str) -> str:
        """The first line with these words; fails when the program ends without them."""

        def found() -> str | None:
            return next((line for line in self.lines if words in line), None)

        async with self._news, asyncio.timeout(PATIENCE_SECONDS):
            await self._news.wait_for(lambda: found() or "(ended)" in self.lines)
        line = found()
        assert line is not None, "\n".join(self.lines)
        return line

    async def ends(self) -> int:
        """Its exit code."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.process.wait()

    async def stop(self) -> int:
        self.process.send_signal(SIGTERM)
        return await self.ends()


@asynccontextmanager
async def started(*arguments: str, env: dict[str, str], cwd: Path) -> AsyncIterator[Program]:
    """`highwater` (or another module's) process with stderr in stdout; killed if still there."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *arguments,
        env=env,
        cwd=cwd,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=1 << 20,
    )
    program = Program(process)
    reading = asyncio.create_task(program.read())
    try:
        yield program
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await reading


async def finished(*arguments: str, env: dict[str, str], cwd: Path) -> tuple[int, str]:
    """Exit code and output of a run that ends by itself."""
    async with started(*arguments, env=env, cwd=cwd) as program:
        code = await program.ends()
        await program.says("(ended)")
        return code, "\n".join(program.lines)


@asynccontextmanager
async def playground(cwd: Path) -> AsyncIterator[dict[str, str]]:
    """The stand-in for Discord as a process of its own; its addresses."""
    env = environment(cwd)
    async with started("bot.playground", "--port", "0", env=env, cwd=cwd) as program:
        addresses: dict[str, str] = json.loads(await program.says('"api_base"'))
        yield addresses
