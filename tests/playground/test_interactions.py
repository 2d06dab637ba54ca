"""Commands, buttons, selects and modals of a real bot, used as people use them."""

import aiohttp
import pytest

from bot.playground import interactions
from bot.playground.server import Playground
from tests.playground.conftest import Enter, StartBot
from tests.playground.person import Person, option, upload
from tests.playground.sample_bot import PIXEL, SampleBot, picture

LOADING, EPHEMERAL = 128, 64


async def test_a_command_is_answered(bot: SampleBot, admin: Person, alerts: str) -> None:
    record = await admin.use("quote", alerts, option("symbol", "SPY"), option("days", 7, 4))
    assert record["state"] == "answered"
    assert record["message"]["content"] == "SPY over 7"
    assert record["message"]["type"] == 20
    assert record["message"]["interaction_metadata"]["user"]["username"] == "admin"
    assert 0 <= record["first_response_ms"] < 3_000
    assert [each["id"] for each in await admin.messages(alerts)] == [record["message"]["id"]]


async def test_an_option_out_of_range_never_reaches_the_bot(
    bot: SampleBot, admin: Person, alerts: str
) -> None:
    command = await admin.command("quote", alerts)
    for options, complaint in (
        ([option("days", 7, 4)], "'symbol' is required"),
        ([option("symbol", "SPY"), option("days", 366, 4)], "1…365"),
        ([option("symbol", "SPY"), option("days", True, 4)], "whole number"),
        ([option("symbol", "SPY"), option("colour", "red")], "no option 'colour'"),
    ):
        status, answer = await admin.interact(
            "command", alerts, command=command["id"], options=options
        )
        assert status == 400
        assert complaint in answer["error"]
    assert await admin.messages(alerts) == []


async def test_choices_come_while_typing(bot: SampleBot, admin: Person, alerts: str) -> None:
    command = await admin.command("quote", alerts)
    status, answer = await admin.interact(
        "autocomplete",
        alerts,
        command=command["id"],
        options=[option("symbol", "s", focused=True)],
    )
    assert status == 200
    assert [each["value"] for each in answer["choices"]] == ["SPY", "SOXX"]


async def test_a_deferred_answer_thinks_first_and_shows_its_picture(
    bot: SampleBot, admin: Person, alerts: str, http: aiohttp.ClientSession
) -> None:
    command = await admin.command("chart", alerts)
    interaction = await admin.start(
        "command", alerts, command=command["id"], options=[option("symbol", "SPY")]
    )
    thinking = await admin.wait("message_create")
    assert thinking["flags"] & LOADING
    filled = await admin.wait("message_update", lambda each: each["id"] == thinking["id"])
    assert not filled["flags"] & LOADING
    assert filled["attachments"] == []  # the embed shows it
    image = filled["embeds"][0]["image"]
    assert (image["width"], image["height"]) == (1, 1)
    async with http.get(image["url"]) as answer:
        assert await answer.read() == PIXEL
        assert answer.headers["Content-Type"] == "image/png"
    layout = await admin.wait("message_create")
    assert layout["components"][0]["components"][0]["content"] == "## SPY"
    record = await admin.ask("GET", f"/interactions/{interaction}")
    assert record["followups"][0]["id"] == layout["id"]


async def test_buttons_work_after_a_restart(
    start_bot: StartBot, admin: Person, alerts: str
) -> None:
    first = await start_bot()
    message = (await admin.use("quote", alerts, option("symbol", "QQQ")))["message"]
    await first.close()
    await admin.wait("bot", lambda state: not state["connected"])
    await start_bot()
    record = await admin.press(message, "refresh:QQQ")
    assert record["message"]["id"] == message["id"]
    assert record["message"]["content"] == "refreshed QQQ"


async def test_selects_carry_their_values(bot: SampleBot, admin: Person, alerts: str) -> None:
    message = (await admin.use("choose", alerts))["message"]
    record = await admin.press(message, "kind", values=["Low"])
    assert record["state"] == "answered"
    followup = await admin.wait("message_create", lambda each: each["content"] == "chose Low")
    assert followup["flags"] & EPHEMERAL
    record = await admin.press(message, "where", values=[alerts])
    assert record["message"]["content"] == "in alerts"
    status, answer = await admin.interact(
        "component", alerts, message=message["id"], custom_id="kind", values=["Sideways"]
    )
    assert (status, "among the options" in answer["error"]) == (400, True)


async def test_a_modal_opens_only_for_its_member_and_is_submitted(
    bot: SampleBot, admin: Person, member: Person, alerts: str
) -> None:
    record = await admin.use("form", alerts)
    assert (record["state"], record["message"]) == ("answered", None)
    modal = await admin.wait("modal")
    assert (modal["title"], modal["interaction_id"]) == ("Price alert", record["id"])
    told = {"interaction": record["id"], "custom_id": modal["custom_id"]}
    assert (await member.interact("modal", alerts, **told, values={"price": "1"}))[0] == 404
    for values, complaint in (
        ({"price": "1" * 11, "side": ["above"]}, "0 to 10 characters"),
        ({"price": "", "side": ["above"]}, "'price' is required"),
        ({"price": "1", "side": []}, "hold 1 to 1"),
        ({"price": "1", "side": ["beside"]}, "among the options"),
    ):
        status, answer = await admin.interact("modal", alerts, **told, values=values)
        assert (status, complaint in answer["error"]) == (400, True)
    values = {"price": "123.44", "side": "above"}
    submitted = await admin.settled(await admin.start("modal", alerts, **told, values=values))
    assert submitted["message"]["content"] == "alert above 123.44"


async def test_ephemeral_answers_are_for_one_pair_of_eyes(
    bot: SampleBot, admin: Person, member: Person, alerts: str
) -> None:
    await member.use("whisper", alerts)
    await member.wait("message_create", lambda each: each["content"] == "more")
    assert [each["content"] for each in await member.messages(alerts)] == ["psst", "more"]
    assert await admin.messages(alerts) == []
    status, _ = await admin.interact(
        "component",
        alerts,
        message=(await member.messages(alerts))[0]["id"],
        custom_id="any",
    )
    assert status == 404
    channel = bot.get_partial_messageable(int(alerts))
    assert [each async for each in channel.history()] == []


async def test_a_file_reaches_the_command(bot: SampleBot, admin: Person, alerts: str) -> None:
    record = await admin.use(
        "whisper", alerts, option("file", 0, 11), files=[upload("list.csv", b"SPY,QQQ")]
    )
    assert record["message"]["content"] == "SPY,QQQ"


async def test_subcommands_resolve_people_and_permissions(
    bot: SampleBot, enter: Enter, alerts: str
) -> None:
    moderator = await enter("moderator")
    options = [option("member", moderator.id, 6), option("side", "long")]
    record = await moderator.use("watch", alerts, {"name": "add", "type": 1, "options": options})
    assert record["message"]["content"] == "Moderator long True"


async def test_default_permissions_hide_a_command(
    bot: SampleBot, admin: Person, member: Person, alerts: str
) -> None:
    command = await admin.command("watch", alerts)
    shown = await member.ask("GET", "/commands", **{"as": member.id, "channel": alerts})
    assert command["id"] not in [each["id"] for each in shown]
    status, _ = await member.interact("command", alerts, command=command["id"], options=[])
    assert status == 403
    direct = await admin.direct_channel()
    shown = await admin.ask("GET", "/commands", **{"as": admin.id, "channel": direct})
    assert "watch" not in [each["name"] for each in shown]
    assert "quote" in [each["name"] for each in shown]


async def test_a_message_command_gets_the_message(
    bot: SampleBot, admin: Person, alerts: str
) -> None:
    target = await admin.say(alerts, "IVOO broke out")
    command = await admin.command("Explain", alerts)
    record = await admin.settled(
        await admin.start(
            "message_command", alerts, command=command["id"], name="Explain", target=target["id"]
        )
    )
    assert record["message"]["content"] == "about IVOO broke out"


async def test_an_unanswered_interaction_fails(
    bot: SampleBot, admin: Person, alerts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert interactions.FIRST_ANSWER_SECONDS == 3.0
    monkeypatch.setattr(interactions, "FIRST_ANSWER_SECONDS", 0.05)
    record = await admin.use("silent", alerts)
    assert (record["state"], record["error"]) == ("failed", "The application did not respond")


async def test_an_answer_that_comes_late_or_too_early_finds_nothing(
    playground: Playground,
    bot: SampleBot,
    admin: Person,
    alerts: str,
    http: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(interactions, "FIRST_ANSWER_SECONDS", 0.05)
    record = await admin.use("silent", alerts)
    token = playground.interactions.get(record["id"]).token
    late = f"/api/v10/interactions/{record['id']}/{token}/callback"
    async with http.post(late, json={"type": 4, "data": {"content": "late"}}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (404, 10062)
    early = f"/api/v10/webhooks/{bot.application_id}/{token}"
    async with http.post(early, json={"content": "early"}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (404, 10015)
    assert await admin.messages(alerts) == []


async def test_autocomplete_without_an_answer_times_out(
    bot: SampleBot, admin: Person, alerts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interactions, "FIRST_ANSWER_SECONDS", 0.05)
    command = await admin.command("quote", alerts)
    await bot.close()
    options = [option("symbol", "s", focused=True)]
    status, answer = await admin.interact(
        "autocomplete", alerts, command=command["id"], options=options
    )
    assert (status, answer["error"]) == (504, "The application did not respond")


async def test_a_second_first_answer_is_refused(bot: SampleBot, admin: Person, alerts: str) -> None:
    await admin.use("twice", alerts)
    await admin.wait("message_update", lambda each: each["content"] == "400 40060")


async def test_a_failing_command_can_still_answer(
    bot: SampleBot, admin: Person, alerts: str
) -> None:
    record = await admin.use("fail", alerts)
    assert record["message"]["content"] == "it failed"
    assert "no data" in bot.failures[0]


async def test_a_token_lives_fifteen_minutes(
    playground: Playground,
    bot: SampleBot,
    admin: Person,
    alerts: str,
    http: aiohttp.ClientSession,
) -> None:
    await admin.use("quote", alerts, option("symbol", "SPY"))
    sent = next(each for each in playground.log.requests if "/callback" in each.path)
    token = sent.path.split("/")[3]
    path = f"/api/v10/webhooks/{bot.application_id}/{token}/messages/@original"
    await admin.ask("POST", "/time", advance=14 * 60)
    async with http.get(path) as answer:
        assert (await answer.json())["content"] == "SPY over 30"
    await admin.ask("POST", "/time", advance=90)
    async with http.get(path) as answer:
        assert (answer.status, (await answer.json())["code"]) == (401, 50027)


async def test_commands_answer_in_direct_messages(bot: SampleBot, admin: Person) -> None:
    direct = await admin.direct_channel()
    record = await admin.use("quote", direct, option("symbol", "SPY"))
    assert record["message"]["content"] == "SPY over 30"
    user = await bot.fetch_user(int(admin.id))
    await user.send("good morning", file=picture())
    created = await admin.wait("message_create", lambda each: each["content"] == "good morning")
    assert created["channel_id"] == direct
    assert created["attachments"][0]["filename"] == "chart.png"
