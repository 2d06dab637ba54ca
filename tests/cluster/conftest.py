"""A database of a cluster, and alerts that are owed in it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from storage.alerts import NewAlert
from storage.database import Database
from tests.postgres import Server

NOW = datetime(2026, 4, 17, 20, tzinfo=UTC)
HERE, THERE = 5 << 22, 6 << 22
"""Two servers, of chunks 5 and 6."""


@pytest.fixture
def address(postgres: Server) -> str:
    return postgres.fresh("schema")


@pytest.fixture
async def db(address: str) -> AsyncIterator[Database]:
    opened = Database.open(address, jobs=True)
    yield opened
    await opened.close()


def owed(name: str, *, guild: int = HERE, channel: int = 1) -> NewAlert:
    return NewAlert(
        id=name,
        subscription_id=1,
        episode_id=name,
        stage="opened",
        act="post",
        target=None,
        guild_id=guild,
        channel_id=channel,
        facts={},
        created_at=NOW,
        market_time=NOW,
    )
