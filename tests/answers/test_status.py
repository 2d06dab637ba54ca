"""`/status` tells what waits from what is held, and how the deliverer is."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.cards.model import Tone
from bot.charts.renderer import Renderer
from bot.services import Services
from storage import alerts, quieted, turns
from storage.alerts import NewAlert
from storage.database import Database
from storage.quieted import QuietedRecord
from tests.answers.stage import ask, services_over
from tests.postgres import Server

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


async def test_a_part_of_a_cluster_tells_who_else_runs_and_who_is_missing(
    services: Services, postgres: Server
) -> None:
    db = Database.open(postgres.fresh("schema"))
    part = replace(services, db=db, is_part=True)

    async def told() -> tuple[dict[str, str], str, str, Tone]:
        card = (await ask(part, "status")).card
        return (
            {field.name: field.value for field in card.fields},
            card.verdict,
            card.body,
            card.tone,
        )

    for name in ("gateway 0-1/4", "gateway 2-3/4", "scanner a:1"):
        await db.write(lambda c, n=name: turns.take(c, f"turn of {n}", "a:1"))  # type: ignore[misc]
    fields, verdict, body, tone = await told()
    assert fields["Running"] == "2 gateways and 1 scanner"
    assert fields["Delivery"] == "nothing sent yet"
    assert "Last close scanned" not in fields
    assert verdict == "A part of the cluster is missing."
    assert (body, tone) == ("-# No sender runs: alerts wait.", Tone.WATCH)
    await db.write(lambda c: turns.take(c, "turn of sender a:2", "a:2"))
    fields, verdict, body, tone = await told()
    assert fields["Running"] == "2 gateways, 1 scanner and 1 sender"
    assert (verdict, body, tone) == ("All parts run.", "", Tone.GOOD)
    await db.write(lambda c: turns.leave(c, "turn of gateway 0-1/4", "a:1"))
    _, verdict, body, tone = await told()
    assert verdict == "A part of the cluster is missing."
    assert body == "-# No gateway holds shards 0 and 1: commands there fail."
    await db.close()
