"""Histories with the running session at their end."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from bot.answers.live import live
from bot.app import build, open_database
from bot.charts.renderer import Renderer
from bot.market.model import symbols_of
from bot.services import Services
from bot.settings import Settings, SourceName
from bot.world import frozen_world
from tests.answers.stage import calendar

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOON = datetime(2024, 6, 28, 16, tzinfo=UTC)
WANTED = symbols_of(("SPY", "IVOO", "TLT"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def noon(
    renderer: Renderer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Services]:
    """The demo market at noon in New York, in the middle of a session."""
    scratch: Path = tmp_path_factory.mktemp("noon")
    configured = Settings(data_dir=scratch)
    world = frozen_world(configured, calendar(), moment=NOON, name=SourceName.DEMO)
    db = await open_database(configured)
    services = await build(configured, world, db=db, renderer=renderer)
    yield services
    await db.close()
    await world.source.close()


async def test_the_running_session_comes_from_one_request_of_quotes(noon: Services) -> None:
    found = await live(noon, WANTED)
    quotes = await noon.market.quotes(WANTED)
    assert str(found.session) == "2024-06-28"
    assert [bars.symbol for bars in found.found.bars] == list(WANTED)
    for bars, closed in zip(found.found.bars, found.closed.bars, strict=True):
        quote = quotes[bars.symbol]
        assert not bars.final
        assert (str(bars.last_day), str(closed.last_day)) == ("2024-06-28", "2024-06-27")
        assert bars.close[-1] == quote.last
        assert bars.close[-2] == pytest.approx(quote.prior_close)
        assert (bars.low[-1], bars.high[-1]) == (quote.low, quote.high)
    assert "session of 28 Jun 2024, provisional" in found.footer


async def test_after_the_close_the_bars_are_those_of_the_close(demo: Services) -> None:
    found = await live(demo, WANTED)
    assert found.session is None
    assert all(bars.final for bars in found.found.bars)
    assert "closes of 28 Jun 2024" in found.footer


async def test_nothing_asked_for_is_nothing_found(noon: Services) -> None:
    found = await live(noon, ())
    assert (found.found.bars, found.session) == ((), None)
