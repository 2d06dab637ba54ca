"""The program's real services over recorded prices, as `highwater ask` builds them."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from bot.answers.model import Answer, Caller
from bot.answers.parse import parse
from bot.app import build, open_database
from bot.charts.renderer import Renderer
from bot.market.sessions import Sessions
from bot.services import Services
from bot.settings import Settings, SourceName
from bot.world import frozen_world

ROOT = Path(__file__).parents[2]
REAL = Path(os.environ.get("HIGHWATER_REAL_DATA", ROOT / "../shared/market"))
NEW_YORK = ZoneInfo("America/New_York")


@cache
def calendar() -> Sessions:
    return Sessions.load()


def real_folder(name: str) -> Path:
    folder = REAL / name
    if not folder.is_dir():
        pytest.skip(f"no real bars at {folder} (set HIGHWATER_REAL_DATA)")
    return folder


@asynccontextmanager
async def services_over(
    prices: Path | None, scratch: Path, *, as_of: date, renderer: Renderer
) -> AsyncIterator[Services]:
    """Services that know what was known on the evening of `as_of`; the demo market without
    `prices`."""
    settings = Settings(data_dir=scratch, folder=prices)
    evening = datetime.combine(as_of, time(23, 0), tzinfo=NEW_YORK)
    name = SourceName.DEMO if prices is None else SourceName.FOLDER
    world = frozen_world(settings, calendar(), moment=evening, name=name)
    db = await open_database(settings)
    try:
        services = await build(settings, world, db=db, renderer=renderer)
        yield services
    finally:
        await db.close()
        await world.source.close()


async def ask(services: Services, text: str) -> Answer:
    return await parse(text).run(services, Caller())


def write_prices(folder: Path, symbol: str, first: date, closes: list[float]) -> None:
    """A file of daily bars on the exchange's sessions, each 2 % high around its close."""
    days = calendar().days
    start = int(np.searchsorted(days, np.datetime64(first)))
    lines = ["date,open,high,low,close,volume"]
    lines += [
        f"{day},{close},{close * 1.01},{close * 0.99},{close},1000"
        for day, close in zip(days[start:], closes, strict=False)
    ]
    (folder / f"{symbol}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
