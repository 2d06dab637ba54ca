"""A board over the invented market, served on loopback, for all tests of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date

import aiohttp
import pytest
import pytest_asyncio

from bot.alerts.subscriptions import Place
from bot.charts.renderer import Renderer
from bot.market.model import symbols_of
from bot.services import Services
from bot.signals.model import Kind
from bot.web.board import Board
from bot.web.health import Report
from bot.web.server import HealthServer
from storage import episodes
from tests.answers.stage import services_over
from tests.storage.episodes import episode
from tests.web.test_health import REPORT

AS_OF = date(2024, 6, 28)


@dataclass(frozen=True, kw_only=True)
class Stand:
    """The board and what it shows."""

    services: Services
    http: aiohttp.ClientSession
    url: str


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def stand(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stand]:
    async def look() -> Report:
        return REPORT

    scratch = tmp_path_factory.mktemp("board")
    async with (
        Renderer(1) as renderer,
        services_over(None, scratch, as_of=AS_OF, renderer=renderer) as services,
    ):
        place = Place(guild_id=1, channel_id=10, user_id=7)
        watched = symbols_of(("SPY", "QQQ", "IWM"))
        await services.subscriptions.add(
            place, [Kind.HIGH_52_WEEKS], universe=None, symbols=watched
        )
        for record in (
            episode("spy", symbol="SPY", state="confirmed", began=AS_OF, close=495.0),
            episode("spy too", symbol="SPY", kind="all_time_high", state="confirmed", began=AS_OF),
            episode("iwm", symbol="IWM", state="failed", began=date(2024, 6, 3)),
            episode("own", symbol="GLD", state="open", began=AS_OF),
            episode("own too", symbol="GLD", state="confirmed", began=date(2024, 6, 27)),
        ):
            await services.db.write(lambda c, r=record: episodes.save(c, r))
        server = HealthServer(look, port=0, routes=Board(services).routes())
        await server.start()
        async with aiohttp.ClientSession(server.url) as http:
            yield Stand(services=services, http=http, url=server.url)
        await server.stop()
