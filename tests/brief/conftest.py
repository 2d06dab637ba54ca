"""Real services over the demo market and over recorded prices, shared by this folder."""

from collections.abc import AsyncIterator
from datetime import date

import pytest
import pytest_asyncio

from bot.charts.renderer import Renderer
from bot.services import Services
from tests.answers.stage import services_over


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def renderer() -> AsyncIterator[Renderer]:
    async with Renderer(1) as drawing:
        yield drawing


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def demo(
    renderer: Renderer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Services]:
    """The demo market, which has all kinds of data."""
    async with services_over(
        None, tmp_path_factory.mktemp("demo"), as_of=date(2024, 6, 28), renderer=renderer
    ) as services:
        yield services
