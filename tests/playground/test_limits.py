"""Rate limits as the real client meets them, and Discord's limits on what it sends."""

import asyncio

import discord
import pytest
from discord import ui

from bot.playground import command_rules, rules
from bot.playground.server import Playground
from tests.playground.person import Person
from tests.playground.sample_bot import SampleBot


async def test_a_burst_is_slowed_down_without_a_single_429(
    playground: Playground, bot: SampleBot, admin: Person, alerts: str
) -> None:
    await admin.ask("POST", "/limits", messages=[5, 0.2])
    channel = bot.get_channel(int(alerts))
    await asyncio.gather(*(channel.send(str(number)) for number in range(12)))
    posts = [each for each in playground.log.requests if each.method == "POST"]
    assert [each.status for each in posts] == [200] * 12
    assert posts[-1].moment - posts[0].moment > 0.3


async def test_a_429_is_waited_out_and_retried(
    playground: Playground, bot: SampleBot, admin: Person, alerts: str
) -> None:
    await admin.ask(
        "POST", "/faults", where="rest", act="status", status=429, seconds=0.05, path="/messages$"
    )
    await bot.get_channel(int(alerts)).send("patient")
    posts = [each for each in playground.log.requests if each.path.endswith("/messages")]
    assert [each.status for each in posts] == [429, 200]
    assert (await admin.ask("GET", "/log"))["invalid_requests"] == 1


async def test_the_global_limit_holds_across_routes(
    playground: Playground, bot: SampleBot, admin: Person, alerts: str
) -> None:
    channels = [each for each in bot.guilds[0].text_channels if each.name != "staff"]
    await admin.ask("POST", "/limits", **{"global": 2})
    asked = [each.fetch_message(1) for each in channels]
    asked.append(bot.fetch_guild(bot.guilds[0].id))
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(each).__name__ for each in results] == ["NotFound", "NotFound", "Guild"]
    refused = [each for each in playground.log.requests if each.status == 429]
    assert refused[0].answer()["global"] is True


async def test_what_breaks_a_limit_is_refused_and_recorded(
    bot: SampleBot, admin: Person, alerts: str
) -> None:
    channel = bot.get_channel(int(alerts))
    with pytest.raises(discord.HTTPException) as refused:
        await channel.send("x" * 2_001)
    assert (refused.value.status, refused.value.code) == (400, 50035)
    long = [discord.Embed(description="x" * 4_000), discord.Embed(description="x" * 2_001)]
    with pytest.raises(discord.HTTPException, match="6000"):
        await channel.send(embeds=long)
    view = ui.View()
    view.add_item(ui.Button(label="one", custom_id="same"))
    view.add_item(ui.Button(label="two", custom_id="same"))
    with pytest.raises(discord.HTTPException, match="duplicated"):
        await channel.send("x", view=view)
    violations = (await admin.ask("GET", "/log"))["violations"]
    assert [each["path"] for each in violations] == [
        "content",
        "embeds",
        "components.0.components.1.custom_id",
    ]


BUTTON = {"type": 2, "style": 1, "label": "Chart", "custom_id": "chart"}


def button(**change: object) -> dict[str, object]:
    return {"components": [{"type": 1, "components": [BUTTON | change]}]}


def embed(**parts: object) -> dict[str, object]:
    return {"embeds": [parts]}


@pytest.mark.parametrize(
    ("fits", "breaks"),
    [
        ({"content": "x" * 2_000}, {"content": "x" * 2_001}),
        ({"nonce": "n" * 25}, {"nonce": "n" * 26}),
        ({"embeds": [{"title": "x"}] * 10}, {"embeds": [{"title": "x"}] * 11}),
        (embed(title="x" * 256), embed(title="x" * 257)),
        (embed(description="x" * 4_096), embed(description="x" * 4_097)),
        (embed(footer={"text": "x" * 2_048}), embed(footer={"text": "x" * 2_049})),
        (embed(author={"name": "x" * 256}), embed(author={"name": "x" * 257})),
        (
            embed(fields=[{"name": "n", "value": "v"}] * 25),
            embed(fields=[{"name": "n", "value": "v"}] * 26),
        ),
        (
            embed(fields=[{"name": "n" * 256, "value": "v" * 1_024}]),
            embed(fields=[{"name": "n" * 256, "value": "v" * 1_025}]),
        ),
        (
            embed(fields=[{"name": "n", "value": "v"}]),
            embed(fields=[{"name": "n", "value": " "}]),
        ),
        (embed(description="x" * 3_000, footer={"text": "x" * 2_000}, title="x" * 200), None),
        (
            {"embeds": [{"description": "x" * 3_000}] * 2},
            {"embeds": [{"description": "x" * 3_000}] * 2 + [{"title": "x"}]},
        ),
        (embed(url="https://example.org"), embed(url="ftp://example.org")),
        (button(custom_id="c" * 100), button(custom_id="c" * 101)),
        (button(label="l" * 80), button(label="l" * 81)),
        (
            {"components": [{"type": 1, "components": [BUTTON]}]},
            {"components": [{"type": 1, "components": []}]},
        ),
        (None, {"components": [{"type": 10, "content": "no flag"}]}),
        (
            {"components": [{"type": 10, "content": "x"}], "flags": 1 << 15},
            {"components": [{"type": 10, "content": "x"}], "flags": 1 << 15, "content": "y"},
        ),
        (
            {"components": [{"type": 10, "content": "x"}] * 40, "flags": 1 << 15},
            {"components": [{"type": 10, "content": "x"}] * 41, "flags": 1 << 15},
        ),
        (
            {"allowed_mentions": {"parse": [], "users": ["1"]}},
            {"allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        ),
    ],
)
def test_a_message_may_go_to_the_limit_but_not_beyond(
    fits: dict[str, object] | None, breaks: dict[str, object] | None
) -> None:
    assert fits is None or rules.of_message(fits) == []
    assert breaks is None or len(rules.of_message(breaks)) == 1


def command(**change: object) -> dict[str, object]:
    return {"name": "high", "description": "Highs of a symbol"} | change


def choices(count: int) -> list[dict[str, object]]:
    return [{"name": str(number), "value": str(number)} for number in range(count)]


def options(*parts: dict[str, object]) -> dict[str, object]:
    return command(options=[{"type": 3, "description": "d", **part} for part in parts])


@pytest.mark.parametrize(
    ("fits", "breaks"),
    [
        (command(name="h" * 32), command(name="h" * 33)),
        (command(name="höhe-2_x"), command(name="High")),
        (command(name="high"), command(name="high low")),
        (command(description="d" * 100), command(description="d" * 101)),
        (command(description="d"), command(description="")),
        (
            options(*({"name": f"o{number}"} for number in range(25))),
            options(*({"name": f"o{number}"} for number in range(26))),
        ),
        (
            options({"name": "a", "required": True}, {"name": "b"}),
            options({"name": "a"}, {"name": "b", "required": True}),
        ),
        (options({"name": "a"}, {"name": "b"}), options({"name": "a"}, {"name": "a"})),
        (
            options({"name": "a", "choices": choices(25)}),
            options({"name": "a", "choices": choices(26)}),
        ),
        (
            options({"name": "a", "autocomplete": True}),
            options({"name": "a", "autocomplete": True, "type": 5}),
        ),
        ({"type": 3, "name": "Explain this"}, {"type": 3, "name": "E" * 33}),
        ({"type": 3, "name": "Explain"}, {"type": 3, "name": "Explain", "description": "no"}),
    ],
)
def test_a_command_may_go_to_the_limit_but_not_beyond(
    fits: dict[str, object], breaks: dict[str, object]
) -> None:
    assert list(command_rules.of_command(fits)) == []
    assert len(list(command_rules.of_command(breaks))) == 1


def test_a_command_has_8000_characters_at_most() -> None:
    listed = [{"name": f"{number:02}" + "n" * 98, "value": "v" * 50} for number in range(25)]
    parts = ({"name": f"o{number}", "choices": listed} for number in range(2))
    assert list(command_rules.of_command(options(*parts))) == []
    parts = ({"name": f"o{number}", "choices": listed} for number in range(3))
    found = list(command_rules.of_command(options(*parts)))
    assert [each.message for each in found] == ["Command exceeds maximum size (11280 > 8000)"]


def test_an_application_has_100_commands_at_most() -> None:
    bodies = [command(name=f"high{number}") for number in range(101)]
    assert command_rules.of_commands(bodies[:100]) == []
    with pytest.raises(Exception, match=r"Maximum number of application commands reached \(100\)"):
        command_rules.of_commands(bodies)


async def test_a_second_sync_keeps_the_ids(bot: SampleBot) -> None:
    before = {each.name: each.id for each in await bot.tree.fetch_commands()}
    after = {each.name: each.id for each in await bot.tree.sync()}
    assert before == after
    assert "quote" in after


async def test_a_guild_has_commands_of_its_own(bot: SampleBot, admin: Person, alerts: str) -> None:
    guild = bot.guilds[0]
    bot.tree.copy_global_to(guild=guild)
    await bot.tree.sync(guild=guild)
    shown = await admin.ask("GET", "/commands", **{"as": admin.id, "channel": alerts})
    names = [each["name"] for each in shown]
    assert len(names) == len(set(names))
    assert {each.get("guild_id") for each in shown} == {str(guild.id)}


async def test_autocomplete_gives_25_choices_at_most() -> None:
    assert rules.of_choices({"choices": choices(25)}) == []
    assert len(rules.of_choices({"choices": choices(26)})) == 1
    assert len(rules.of_choices({"choices": [{"name": "n" * 101, "value": "v"}]})) == 1
