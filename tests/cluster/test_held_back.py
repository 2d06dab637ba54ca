"""A request in the name of a life that is over does not reach Discord, and costs no time."""

from datetime import UTC, datetime

import pytest

from bot.alerts.facts import AlertFacts
from bot.client import logged_in
from bot.cluster.heart import Heart
from bot.cluster.roles import Role
from bot.cluster.sender import LIFE, traces
from bot.delivery.breaker import InvalidRequests
from bot.delivery.discord_sink import DiscordSink
from bot.delivery.retry import Decision, Verb, decide
from bot.delivery.sink import Failure, Undelivered
from storage.database import Database
from tests.delivery.conftest import (
    Post,
    playground,  # noqa: F401  a fixture
    post,  # noqa: F401  another
)

NOW = datetime(2026, 4, 17, 20, tzinfo=UTC)


async def no_picture(facts: AlertFacts) -> None:
    return None


async def test_only_a_life_that_goes_on_may_send(db: Database, post: Post) -> None:  # noqa: F811
    heart = Heart(db, Role.SENDER)
    await heart.run_once()
    alert = await post.row(await post.owe(await post.subscribe("alerts"), "alerts"))
    async with logged_in(post.server.token, traces(InvalidRequests(), heart)) as client:
        sink = DiscordSink(lambda: client, draw=no_picture)
        LIFE.set("a life before")
        with pytest.raises(Undelivered) as refused:
            await sink.post(alert)
        assert refused.value.failure is Failure.HELD_BACK
        assert await post.shown("alerts") == []
        LIFE.set(heart.owner)
        await sink.post(alert)
        assert len(await post.shown("alerts")) == 1
    # Nothing was wrong with Discord, so whoever sends it instead need not wait.
    decision = decide(alert, refused.value, now=NOW)
    assert decision == Decision(verb=Verb.RETRY, at=NOW, reason=str(refused.value))
