"""`/why`: an alert explained from what was stored, nothing recomputed."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.alerts.facts import short_id
from bot.answers.model import Caller
from bot.answers.why import why
from bot.errors import UserError
from bot.services import Services
from tests.alerts.stage import HERE, SESSIONS, Stage, evening, quiet_year, write_prices

DAYS = [day.item() for day in SESSIONS.between(date(2022, 1, 3), date(2024, 1, 1))]
CALLER = Caller(user_id=1, guild_id=HERE.guild_id, channel_id=HERE.channel_id)


@pytest.fixture
async def stage(tmp_path: Path) -> Any:
    write_prices(tmp_path / "prices", {"AAA": quiet_year(103, 104, 99)}, first="2022-01-03")
    made = Stage(tmp_path / "prices", tmp_path / "a.db", evening(DAYS[299]))
    await made.subscribe("AAA")
    await made.watcher.run_once()
    await made.play(str(DAYS[300]), str(DAYS[302]))
    yield made
    await made.close()


def services_of(stage: Stage) -> Services:
    """/why reads the database and nothing else."""
    return cast("Services", SimpleNamespace(db=stage.db))


async def test_an_alert_is_explained_with_rule_values_and_everything_that_followed(
    stage: Stage,
) -> None:
    opening = (await stage.outbox())[0]
    answer = await why(services_of(stage), CALLER, alert=f"#{short_id(opening.id)}")
    card = answer.card
    assert card.title == f"Why #{short_id(opening.id)}"
    assert "103.00 strictly above 100.50, set on" in card.body
    assert "seen while the session ran" in card.body
    assert "New 52-week high" in card.body or "New all-time high" in card.body
    stages = [step["stage"] for step in answer.numbers["steps"]]
    assert stages == ["opened", "closed", "ended"]
    assert answer.numbers["facts"]["evidence"]["level"] == 100.5
    assert "bars fetched 2023-03-" in card.footer
    assert answer.private


async def test_what_another_message_already_said_is_named(stage: Stage) -> None:
    opening = (await stage.outbox())[0]
    answer = await why(services_of(stage), CALLER, alert=opening.id)
    beside = {other["kind"]: other["told"] for other in answer.numbers["beside"]}
    assert opening.facts["kind"] == "all_time_high"
    assert beside["high_52w"] is False


async def test_an_id_of_a_later_message_leads_to_the_alert(stage: Stage) -> None:
    opening, closing, _ = await stage.outbox()
    answer = await why(services_of(stage), CALLER, alert=closing.id)
    assert answer.numbers["alert"] == opening.id


@pytest.mark.parametrize("wrong", ["", "#", "k3f", "%%%%%%", "'; --", "zzzzzz", "1189" * 3])
async def test_a_wrong_id_is_answered_with_where_to_find_it(stage: Stage, wrong: str) -> None:
    with pytest.raises(UserError, match="footer"):
        await why(services_of(stage), CALLER, alert=wrong)


async def test_alerts_of_other_servers_stay_theirs(stage: Stage) -> None:
    opening = (await stage.outbox())[0]
    elsewhere = Caller(user_id=1, guild_id=999, channel_id=5)
    with pytest.raises(UserError, match="no alert"):
        await why(services_of(stage), elsewhere, alert=opening.id)
