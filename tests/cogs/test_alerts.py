"""`/alert` as people use it, in the playground: private, checked, and told by direct message."""

import json
import re
from contextlib import suppress
from typing import Any

import pytest

from tests.playground.person import Json, Person, option, upload

pytestmark = pytest.mark.asyncio(loop_scope="session")
EPHEMERAL = 64


async def alert(
    person: Person, verb: str, *options: Json, channel: str = "general", **body: Any
) -> Json:
    place = await person.direct_channel() if channel == "dm" else await person.channel(channel)
    chosen = {"name": verb, "type": 1, "options": list(options)}
    record = await person.use("alert", place, chosen, **body)
    assert record["state"] == "answered", record
    message: Json = record["message"]
    assert message["flags"] & EPHEMERAL, message
    return message


def number_in(message: Json) -> int:
    found = re.search(r"#(\d+)", message["embeds"][0]["title"])
    assert found, message
    return int(found[1])


def words(message: Json) -> str:
    embed = message["embeds"][0]
    return f"{embed.get('title')} {embed.get('description')}"


async def add(person: Person, symbol: str, when: str, *options: Json, **where: Any) -> Json:
    given = (option("symbol", symbol), option("when", when), *options)
    return await alert(person, "add", *given, **where)


async def test_an_alert_is_made_listed_changed_paused_snoozed_tried_and_removed(
    member: Person,
) -> None:
    made = await add(member, "ivoo", "above 500")
    number = option("number", number_in(made), 4)
    assert "IVOO above 500, once, at touch, by direct message" in words(made)
    assert "IVOO** above 500" in words(await alert(member, "list"))
    again = await add(member, "IVOO", "above 500.00")
    assert f"just this alert: #{number['value']}" in again["content"]
    changed = await alert(member, "edit", number, option("when", "below 20"))
    assert "IVOO below 20" in words(changed)
    assert "Paused" in words(await alert(member, "pause", number))
    assert "Resumed" in words(await alert(member, "resume", number))
    assert "Snoozed" in words(await alert(member, "snooze", number, option("until", "4h")))
    tried = words(await alert(member, "test", number))
    assert "Test · IVOO crossed below 20.00" in tried
    assert "made up" in tried
    assert "Removed" in words(await alert(member, "remove", number))
    gone = await alert(member, "pause", number)
    assert "You have no alert" in gone["content"]


@pytest.mark.parametrize(
    ("when", "title"),
    [
        ("touch 100", "Test · SPY reached 100.00"),
        ("up 5% from 100", "Test · SPY moved +5.0 % from 100.00"),
        ("down 3%", "Test · SPY moved −3.0 %"),
        ("all-time low", "Test · SPY made a new all-time low: "),
        ("failed breakout", "Test · SPY’s breakout of "),
        ("52-week high", "Test · SPY made a new 52-week high: |such signal in the last year"),
    ],
)
async def test_every_kind_of_alert_can_be_tried(member: Person, when: str, title: str) -> None:
    number = option("number", number_in(await add(member, "SPY", when)), 4)
    tried = words(await alert(member, "test", number))
    assert any(part in tried for part in title.split("|")), tried
    await alert(member, "remove", number)


async def test_nobody_finds_the_alert_of_another(admin: Person, member: Person) -> None:
    number = option("number", number_in(await add(member, "SPY", "above 9999")), 4)
    for verb in ("pause", "remove", "test", "edit"):
        assert "You have no alert" in (await alert(admin, verb, number))["content"]
    assert "9999" not in words(await alert(admin, "list"))
    await alert(member, "remove", number)


@pytest.mark.parametrize(
    ("symbol", "when", "more", "answer"),
    [
        ("SPY", "120", {}, "Say from which side. Write `above 120`"),
        ("SPY", "above 95,50", {}, "Decimals take a point"),
        ("SPY", "up 5", {}, "A move is in percent"),
        ("SPY", "@everyone `x`", {}, "is nothing I can watch for"),
        ("SPY", "down 100%", {}, "cannot fall by 100 %"),
        ("SPY", "above 120", {"cooldown": "soon"}, "Write minutes, hours, days or weeks"),
        ("SPY", "above 120", {"expires": "2001-01-01"}, "has passed already"),
        ("SPY", "above 120", {"rearm": "much"}, "is no margin"),
        ("ZZZZQ", "above 120", {}, "I know nothing of ZZZZQ"),
        ("../x", "above 120", {}, "is not a ticker symbol"),
    ],
)
async def test_wrong_input_is_answered_with_what_to_write(
    member: Person, symbol: str, when: str, more: dict[str, str], answer: str
) -> None:
    options = [option(name, text) for name, text in more.items()]
    message = await add(member, symbol, when, *options)
    assert answer in message["content"]
    assert not message.get("mention_everyone")


async def test_the_words_of_a_condition_are_completed(member: Person) -> None:
    channel = await member.channel("general")
    command = await member.command("alert", channel)

    async def offered(*options: Json, verb: str) -> list[Any]:
        status, found = await member.interact(
            "autocomplete",
            channel,
            command=command["id"],
            name="alert",
            options=[{"name": verb, "type": 1, "options": list(options)}],
        )
        assert status == 200
        return [choice["value"] for choice in found["choices"]]

    spy = option("symbol", "SPY")
    assert "52-week high" in await offered(spy, option("when", "52", focused=True), verb="add")
    assert "above 123" in await offered(spy, option("when", "above 123", focused=True), verb="add")


async def test_what_is_exported_is_imported(member: Person) -> None:
    await add(member, "QQQ", "up 5% from 300", option("note", 'a "note", with commas'))
    await add(member, "IWM", "52-week high", option("cooldown", "2d"))
    for form in ("csv", "json"):
        exported = await alert(member, "export", option("format", form))
        (attached,) = exported["attachments"]
        assert attached["filename"] == f"highwater-alerts.{form}"
        async with member.http.get(attached["url"]) as answer:
            text = await answer.text()
        listed = await member_numbers(member)
        for number in listed:
            await alert(member, "remove", option("number", number, 4))
        files = [upload("mine.txt", text.encode())]
        back = await alert(member, "import", option("file", 0, 11), files=files)
        assert "2 alerts added" in words(back)
        again = await alert(member, "import", option("text", text))
        assert "0 alerts added. 2 alerts were there already" in words(again)
    assert 'a "note", with commas' in [row["note"] for row in json.loads(text)]
    for number in await member_numbers(member):
        await alert(member, "remove", option("number", number, 4))


async def member_numbers(person: Person) -> list[int]:
    listed = words(await alert(person, "list"))
    return [int(number) for number in re.findall(r"`#(\d+)`", listed)]


async def test_an_import_with_a_faulty_row_names_it_and_brings_nothing(member: Person) -> None:
    text = "symbol,when\nSPY,above 100\nSPY,sideways\nQQQ,up 5%"
    message = await alert(member, "import", option("text", text))
    assert "Nothing was imported.\nRow 2: “sideways” is nothing" in message["content"]
    for bad in ("not,columns\n1,2", "[1]", '[{"symbol": 1, "when": "x"}]', "{"):
        assert (await alert(member, "import", option("text", bad)))["content"]
    binary = [upload("x.bin", b"\xff\xfe\x00")]
    message = await alert(member, "import", option("file", 0, 11), files=binary)
    assert "no UTF-8 text" in message["content"]
    assert await member_numbers(member) == []


async def test_it_works_in_direct_messages_but_here_needs_a_servers_channel(
    member: Person,
) -> None:
    made = await add(member, "SPY", "above 9999", channel="dm")
    await alert(member, "remove", option("number", number_in(made), 4), channel="dm")
    message = await add(member, "SPY", "above 9999", option("to", "here"), channel="dm")
    assert "server’s channel only" in message["content"]


async def two_sessions(person: Person) -> None:
    """Ask for two sessions of market time: in the first an alert looks, in the second it tells."""
    for _ in range(2):
        await person.ask("POST", "/market", action="step")


def shown(messages: list[Json], words: str) -> Json | None:
    """The newest message with an embed of such a title, leaving out what was only tried."""
    for message in reversed(messages):
        titles = [embed.get("title") or "" for embed in message["embeds"]]
        if any(words in title and not title.startswith("Test · ") for title in titles):
            return message
    return None


async def news_in(person: Person, channel: str, words: str) -> Json:
    """The newest alert in a channel with these words in its title, once it is there."""
    for _ in range(9):
        if found := shown(await person.messages(channel), words):
            return found
        with suppress(TimeoutError):
            await person.wait("message_create", lambda m: m["channel_id"] == channel)
    raise AssertionError(f"no alert with {words}")


async def test_what_comes_true_is_told_by_direct_message_and_in_the_channel(
    member: Person,
) -> None:
    direct, general = await member.direct_channel(), await member.channel("general")
    first = number_in(await add(member, "SPY", "move 0.1%", option("note", "mine")))
    second = number_in(await add(member, "SPY", "move 0.2%", option("to", "here")))
    await two_sessions(member)
    told = await news_in(member, direct, "SPY moved ")
    posted = await news_in(member, general, "SPY moved ")
    assert re.match(r"SPY moved [+−]\d+\.\d %", told["embeds"][0]["title"])
    assert "Your note: mine" in told["embeds"][0]["description"]
    assert f"`/alert resume {first}`" in told["embeds"][0]["description"]
    assert [user["id"] for user in posted["mentions"]] == [member.id]
    listed = words(await alert(member, "list"))
    assert listed.count("fired") == 2
    for number in (first, second):
        await alert(member, "remove", option("number", number, 4))


async def test_a_message_that_is_refused_blocks_its_alert_and_its_user_hears_of_it(
    member: Person,
) -> None:
    direct, general = await member.direct_channel(), await member.channel("general")
    refused = number_in(await add(member, "QQQ", "move 0.1%"))
    beside = number_in(await add(member, "QQQ", "move 0.1%", option("to", "here")))
    await member.ask(
        "POST",
        "/faults",
        where="rest",
        method="POST",
        path=f"/channels/{direct}/",
        act="status",
        status=403,
        code=50007,
    )
    await two_sessions(member)
    await news_in(member, general, "QQQ moved ")
    news = None
    for _ in range(50):
        await member.use("status", general)
        if news := shown(await member.messages(general), "could not reach you"):
            break
    assert news is not None
    assert news["flags"] & EPHEMERAL
    assert f"`#{refused}` QQQ move 0.1%: Discord does not let me send you direct" in words(news)
    assert "blocked: Discord does not let me" in words(await alert(member, "list"))
    assert "Resumed" in words(await alert(member, "resume", option("number", refused, 4)))
    for number in (refused, beside):
        await alert(member, "remove", option("number", number, 4))


async def test_the_bot_broke_none_of_discords_rules(admin: Person) -> None:
    log = await admin.ask("GET", "/log")
    assert log["violations"] == []
