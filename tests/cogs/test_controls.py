"""Answers that change in place, used by people in the playground."""

import pytest

from tests.playground.person import Json, Person, option

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def answer(person: Person, name: str, *options: Json) -> Json:
    record = await person.use(name, await person.channel("general"), *options)
    assert record["state"] == "answered", record
    message: Json = record["message"]
    return message


def components(message: Json, kind: int) -> list[Json]:
    rows = message["components"]
    return [part for row in rows for part in row["components"] if part["type"] == kind]


async def pick(person: Person, message: Json, menu: int, label: str) -> Json:
    select = components(message, 3)[menu]
    value = next(o["value"] for o in select["options"] if o["label"] == label)
    interaction = await person.start(
        "component",
        message["channel_id"],
        message=message["id"],
        custom_id=select["custom_id"],
        component_type=3,
        values=[value],
    )
    return await person.settled(interaction)


async def changed(person: Person, message: Json) -> Json:
    update: Json = await person.wait(
        "message_update", lambda m: m["id"] == message["id"] and m["embeds"] != message["embeds"]
    )
    return update


async def test_another_range_is_picked_in_place(admin: Person) -> None:
    message = await answer(admin, "chart", option("symbol", "SPY"))
    assert "126 sessions" in message["embeds"][0]["description"]
    await pick(admin, message, 0, "1 year")
    update = await changed(admin, message)
    assert "252 sessions" in update["embeds"][0]["description"]
    chosen = [o["label"] for o in components(update, 3)[0]["options"] if o.get("default")]
    assert chosen == ["1 year"]


async def test_others_get_the_outcome_privately_and_change_nothing(
    admin: Person, member: Person
) -> None:
    message = await answer(admin, "high", option("symbol", "IWM"))
    record = await pick(member, message, 0, "Price, closing highs")
    assert record["message"]["id"] != message["id"]
    assert record["message"]["flags"] & 64
    assert "closing high" in str(record["message"]["embeds"][0])
    stored = await admin.messages(message["channel_id"])
    assert next(m for m in stored if m["id"] == message["id"])["embeds"] == message["embeds"]


async def test_the_bot_broke_none_of_discords_rules(admin: Person) -> None:
    log = await admin.ask("GET", "/log")
    assert log["violations"] == []
