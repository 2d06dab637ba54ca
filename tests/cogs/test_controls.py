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


async def test_the_next_page_comes_in_place(admin: Person) -> None:
    message = await answer(admin, "setups", option("what", "demo"))
    assert "Page 1 of" in message["embeds"][0]["description"]
    button = next(part for part in components(message, 2) if part["label"] == "Next ›")
    await admin.press(message, button["custom_id"])
    update = await changed(admin, message)
    assert "Page 2 of" in update["embeds"][0]["description"]
    assert [part["label"] for part in components(update, 2)][:1] == ["‹ Previous"]


async def test_a_list_too_long_for_a_custom_id_has_working_controls(admin: Person) -> None:
    symbols = "SPY QQQ IWM MDY DIA VTI RSP XLB XLC XLE XLF XLI XLK XLP XLRE XLU XLV XLY SMH GDX TAN"
    message = await answer(admin, "setups", option("what", symbols))
    values = [o["value"] for o in components(message, 3)[0]["options"]]
    assert all(value.startswith("#") for value in values)
    await pick(admin, message, 0, "Support test")
    update = await changed(admin, message)
    assert "support" in update["embeds"][0]["title"]


async def test_csv_is_handed_out_privately_to_anybody(admin: Person, member: Person) -> None:
    message = await answer(admin, "compare", option("symbols", "SPY QQQ"))
    button = next(part for part in components(message, 2) if part["label"] == "CSV")
    record = await member.press(message, button["custom_id"])
    shown = [record["message"], *record["followups"]]
    sent = next(m for m in shown if m and m["attachments"])
    assert sent["flags"] & 64
    assert sent["attachments"][0]["filename"] == "compare-spy-qqq-since-6m-basis-price.csv"
    async with member.http.get(sent["attachments"][0]["url"]) as file:
        assert (await file.text()).startswith("symbol,start,end,")


COMMANDS = (
    ("compare", [option("symbols", "SPY QQQ IWM MDY"), option("since", "ytd")]),
    ("rs", [option("symbol", "iwm")]),
    ("rotation", []),
    ("breadth", []),
    ("sectors", [option("symbols", "SPY QQQ")]),
    ("mood", []),
    ("setups", [option("what", "IWM")]),
    ("record", [option("symbol", "IWM")]),
)


@pytest.mark.parametrize(("name", "options"), COMMANDS, ids=[name for name, _ in COMMANDS])
async def test_every_answer_has_a_verdict_a_picture_with_words_and_a_source(
    admin: Person, name: str, options: list[Json]
) -> None:
    message = await answer(admin, name, *options)
    embed = message["embeds"][0]
    assert embed["description"].splitlines()[0].endswith(".")
    assert embed["image"].get("description") or message["attachments"][0]["description"]
    assert "Demo market (synthetic)" in embed["footer"]["text"]
    assert len(embed["description"]) < 4096


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("compare", [option("symbols", "SPY")], "2 to 8 symbols"),
        ("compare", [option("symbols", "SPY QQQ"), option("since", "soon")], "2023-10-27"),
        ("rotation", [option("universe", "🚀")], "not a ticker symbol"),
        ("setups", [option("what", "ZZZZ")], "ZZZZ"),
        ("record", [option("period", "2100-01-01")], "earlier start"),
    ],
)
async def test_a_wrong_question_is_answered_with_what_to_write(
    admin: Person, name: str, options: list[Json], words: str
) -> None:
    message = await answer(admin, name, *options)
    assert words in message["content"]
    assert not message["embeds"]


async def test_the_bot_broke_none_of_discords_rules(admin: Person) -> None:
    log = await admin.ask("GET", "/log")
    assert log["violations"] == []
