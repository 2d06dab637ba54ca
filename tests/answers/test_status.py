"""`/status` tells what waits from what is held, and how the deliverer is."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.cards.model import Tone
from bot.charts.renderer import Renderer
from bot.services import Services
from storage import alerts, quieted
from storage.alerts import NewAlert
from storage.quieted import QuietedRecord
from tests.answers.stage import ask, services_over

NOW = datetime(2024, 3, 1, 15, 0, tzinfo=UTC)


@pytest.fixture
async def services(tmp_path: Path, renderer: Renderer) -> AsyncIterator[Services]:
    async with services_over(None, tmp_path, as_of=date(2024, 3, 1), renderer=renderer) as made:
        yield made


def owed(name: str, *, target: str | None = None) -> NewAlert:
    return NewAlert(
        id=name,
        subscription_id=1,
        episode_id=name,
        stage="opened" if target is None else "closed",
        act="post" if target is None else "edit",
        target=target,
        guild_id=1,
        channel_id=10,
        facts={},
        created_at=NOW,
        market_time=NOW,
    )


async def test_a_held_alert_and_what_follows_it_up_do_not_count_as_waiting(
    services: Services,
) -> None:
    rows = [owed("a"), owed("b"), owed("c", target="b")]
    await services.db.write(lambda c: alerts.enqueue(c, rows))
    until = NOW + timedelta(hours=8)
    held = QuietedRecord(alert_id="b", channel_id=10, rule="quiet hours", held_until=until)
    await services.db.write(lambda c: quieted.put(c, [held]))
    answer = await ask(services, "status")
    shown = {field.name: field.value for field in answer.card.fields}
    assert (shown["Alerts waiting"], shown["Alerts held"]) == ("1", "2")
    assert (answer.numbers["alerts_waiting"], answer.numbers["alerts_held"]) == (1, 2)


async def test_the_deliverers_pulse_is_told(services: Services) -> None:
    async def told() -> tuple[str, Tone]:
        card = (await ask(services, "status")).card
        return next(f.value for f in card.fields if f.name == "Delivery"), card.tone

    assert await told() == ("nothing sent yet", Tone.GOOD)
    services.delivery.last_paid = NOW
    assert await told() == ("last message <t:1709305200:R>", Tone.GOOD)
    services.delivery.halted = "Discord is not connected."
    halted = "halted: Discord is not connected. Last message <t:1709305200:R>."
    assert await told() == (halted, Tone.WATCH)
    services.delivery.stuck_since = NOW + timedelta(minutes=5)
    text, tone = await told()
    assert text.startswith("a send makes no progress since <t:1709305500:R>")
    assert tone is Tone.WATCH
