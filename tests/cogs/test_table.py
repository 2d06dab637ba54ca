"""The table of answers and Discord's command tree are the same commands, all described."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio
from discord import AppCommandOptionType, app_commands

from bot.answers.table import ANSWERS
from bot.client import EXTENSIONS, Highwater, settle_reach
from bot.signals.kinds import KINDS
from cogs.subscriptions import KIND_CHOICES

ONLY_IN_DISCORD = (
    AppCommandOptionType.channel,
    AppCommandOptionType.role,
    AppCommandOptionType.user,
    AppCommandOptionType.mentionable,
    AppCommandOptionType.attachment,
)
"""Kinds of options that mean something in Discord only; answers get what they stand for."""

ONLY_IN_CONTROLS = {
    "watchlist undo": {"number"},
    "portfolio undo": {"number"},
    "setup": {"what", "kind", "quiet", "step", "post"},
}
"""Options that a button fills in and nobody types."""


@pytest_asyncio.fixture
async def tree() -> AsyncIterator[app_commands.CommandTree[Highwater]]:
    """All extensions loaded into a client that connects to nothing."""

    client = Highwater(SimpleNamespace(), became_ready=asyncio.Event())
    for extension in EXTENSIONS:
        await client.load_extension(extension)
    yield client.tree
    for extension in EXTENSIONS:
        await client.unload_extension(extension)


def commands(
    tree: app_commands.CommandTree[Highwater],
) -> Iterator[app_commands.Command[object, ..., object]]:
    for command in tree.walk_commands():
        if isinstance(command, app_commands.Command):
            yield command


async def test_the_table_has_the_commands_of_the_tree(
    tree: app_commands.CommandTree[Highwater],
) -> None:
    assert {command.qualified_name for command in commands(tree)} == set(ANSWERS)


async def test_their_options_have_the_same_names_order_and_need(
    tree: app_commands.CommandTree[Highwater],
) -> None:
    for command in commands(tree):
        pressed = ONLY_IN_CONTROLS.get(command.qualified_name, set())
        known = [
            (p.name, p.default is p.empty)
            for p in inspect.signature(ANSWERS[command.qualified_name]).parameters.values()
            if p.name not in ("services", "caller", *pressed)
        ]
        names = {name for name, _ in known}
        shown = [
            (p.name, p.required)
            for p in command.parameters
            if p.name in names or p.type not in ONLY_IN_DISCORD
        ]
        assert shown == known, command.qualified_name


async def test_every_command_and_option_is_described(
    tree: app_commands.CommandTree[Highwater],
) -> None:
    for command in commands(tree):
        described = [command.description, *(str(p.description) for p in command.parameters)]
        assert all(text.strip("… ") for text in described), command.qualified_name


async def test_choices_fit_into_discords_25(tree: app_commands.CommandTree[Highwater]) -> None:
    for command in commands(tree):
        assert all(len(p.choices) <= 25 for p in command.parameters), command.qualified_name


def test_every_kind_can_be_subscribed_to() -> None:
    assert {choice.value for choice in KIND_CHOICES} == {"highs", *(kind.value for kind in KINDS)}


FOR_SERVERS = {"setup", "subscribe", "subscriptions", "mute", "quiet", "digest", "feed"}
"""What a channel receives is decided in its server, by people who may manage channels."""
GUILD, DIRECT, PRIVATE = 0, 1, 2
"""Discord's interaction contexts; as kinds of installation 0 is a server's, 1 a person's."""


@pytest.mark.parametrize("people", [True, False])
async def test_lookups_work_in_direct_messages_and_channel_matters_in_servers_only(
    tree: app_commands.CommandTree[Highwater], people: bool
) -> None:
    settle_reach(tree, people=people)
    for command in tree.get_commands():
        sent = command.to_dict(tree)
        if sent["name"] in FOR_SERVERS:
            assert (sent["contexts"], sent["integration_types"]) == ([GUILD], [0]), sent["name"]
        elif people:
            assert sent["contexts"] == [GUILD, DIRECT, PRIVATE], sent["name"]
            assert sent["integration_types"] == [0, 1], sent["name"]
        else:
            assert sent["contexts"] == [GUILD, DIRECT], sent["name"]
            assert sent["integration_types"] == [0], sent["name"]


async def test_only_what_changes_a_channel_is_hidden_from_members(
    tree: app_commands.CommandTree[Highwater],
) -> None:
    rights = {sent["name"]: sent["default_member_permissions"] for sent in sent_by(tree)}
    manage_channels = 1 << 4  # from Discord's documentation of permissions
    assert {name for name, bits in rights.items() if bits is not None} == FOR_SERVERS
    assert {rights[name] for name in FOR_SERVERS} == {manage_channels}


def sent_by(tree: app_commands.CommandTree[Highwater]) -> list[dict[str, Any]]:
    return [command.to_dict(tree) for command in tree.get_commands()]


async def test_the_menu_of_a_message_has_the_tickers(
    tree: app_commands.CommandTree[Highwater],
) -> None:
    menus = [sent["name"] for sent in sent_by(tree) if sent["type"] == 3]
    assert menus == ["Tickers in this message"]
