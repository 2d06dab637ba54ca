"""Services that the tests of a folder share, so that processes start once."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio

from bot.charts.renderer import Renderer
from bot.services import Services
from tests.answers.stage import real_folder, services_over


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def renderer() -> AsyncIterator[Renderer]:
    async with Renderer(1) as drawing:
        yield drawing


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def autumn(
    renderer: Renderer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Services]:
    """Real bars of 19 ETFs, on the evening of 27 November 2023."""
    scratch = tmp_path_factory.mktemp("autumn")
    async with services_over(
        real_folder("core"), scratch, as_of=date(2023, 11, 27), renderer=renderer
    ) as services:
        yield services


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def demo(
    renderer: Renderer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Services]:
    """The demo market, which has all kinds of data."""
    scratch: Path = tmp_path_factory.mktemp("demo")
    async with services_over(None, scratch, as_of=date(2024, 6, 28), renderer=renderer) as services:
        yield services
