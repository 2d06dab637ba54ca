"""The options of a slash command as a member fills them in: checked, resolved, passed on.

Discord's client and server refuse what does not fit the command's description, so the bot never
sees it; the playground does the same.
"""

from dataclasses import dataclass, field
from typing import Any

from bot.playground.calls import Json, Upload
from bot.playground.command_rules import (
    ATTACHMENT,
    INTEGER,
    NUMBER,
    STRING,
    SUBCOMMAND,
    SUBCOMMAND_GROUP,
)
from bot.playground.files import StoredFile, attachment, content_type_of
from bot.playground.state import State
from bot.playground.world import partial_channel

BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE = 5, 6, 7, 8, 9
LARGEST_INTEGER = 2**53
LONGEST_STRING = 6_000
MEMBER_EXTRAS = ("user", "deaf", "mute")


class BadOption(ValueError):
    """An option does not fit; the text names it."""


@dataclass(kw_only=True)
class Filling:
    """One set of options being filled in, with what they refer to."""

    state: State
    channel: Json
    user_id: str
    uploads: tuple[Upload, ...]
    autocomplete: bool
    resolved: Json = field(default_factory=dict)


def fill(described: list[Json], given: Any, filling: Filling) -> list[Json]:
    """The options for the interaction. Raises BadOption."""
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise BadOption("'options' must be a list of objects with name and value")
    known = {each["name"]: each for each in described}
    names = [each.get("name") for each in given]
    if unknown := [name for name in names if name not in known]:
        raise BadOption(f"this command has no option {unknown[0]!r}")
    if len(names) != len(set(names)):
        raise BadOption("an option is given twice")
    for option in described:
        nested = option["type"] in (SUBCOMMAND, SUBCOMMAND_GROUP)
        missing = option.get("required") and option["name"] not in names
        if missing and not nested and not filling.autocomplete:
            raise BadOption(f"the option {option['name']!r} is required")
    if any(each["type"] in (SUBCOMMAND, SUBCOMMAND_GROUP) for each in described) and (
        len(given) != 1
    ):
        raise BadOption("choose one subcommand")
    return [_filled(known[each["name"]], each, filling) for each in given]


def _filled(option: Json, given: Json, filling: Filling) -> Json:
    kind = option["type"]
    told: Json = {"name": option["name"], "type": kind}
    if kind in (SUBCOMMAND, SUBCOMMAND_GROUP):
        return told | {
            "options": fill(option.get("options") or [], given.get("options") or [], filling)
        }
    value = given.get("value")
    if given.get("focused") and filling.autocomplete:
        return told | {"value": "" if value is None else value, "focused": True}
    if filling.autocomplete:
        return told | {"value": value}
    _check(option, value)
    return told | {"value": _resolve(option, value, filling)}


def _check(option: Json, value: Any) -> None:
    """Type, choices and range."""
    name, kind = option["name"], option["type"]
    if kind == BOOLEAN and not isinstance(value, bool):
        raise BadOption(f"{name!r} must be true or false")
    if kind == STRING:
        _check_text(option, value)
    if kind in (INTEGER, NUMBER):
        _check_number(option, value)
    choices = option.get("choices")
    if choices and value not in [each["value"] for each in choices]:
        raise BadOption(f"{name!r} must be one of its choices")


def _check_text(option: Json, value: Any) -> None:
    if not isinstance(value, str) or not value:
        raise BadOption(f"{option['name']!r} must be a text")
    shortest, longest = option.get("min_length", 0), option.get("max_length", LONGEST_STRING)
    if not shortest <= len(value) <= longest:
        raise BadOption(f"{option['name']!r} must have {shortest} to {longest} characters")


def _check_number(option: Json, value: Any) -> None:
    whole = option["type"] == INTEGER
    right_type = isinstance(value, int) if whole else isinstance(value, int | float)
    if not right_type or isinstance(value, bool):
        raise BadOption(f"{option['name']!r} must be a {'whole ' if whole else ''}number")
    lowest = option.get("min_value", -LARGEST_INTEGER)
    highest = option.get("max_value", LARGEST_INTEGER)
    if not lowest <= value <= highest:
        raise BadOption(f"{option['name']!r} must lie in {lowest}…{highest}")


def _resolve(option: Json, value: Any, filling: Filling) -> Any:
    """The value as the bot gets it; what it refers to goes into `resolved`."""
    kind, state = option["type"], filling.state
    if kind == ATTACHMENT:
        return _upload(option, value, filling)
    if kind == CHANNEL:
        return resolve_channel(filling, value, kinds=option.get("channel_types"))
    if kind in (USER, MENTIONABLE) and str(value) in state.users:
        return resolve_user(filling, str(value))
    if kind in (ROLE, MENTIONABLE):
        return resolve_role(filling, value)
    if kind == USER:
        raise BadOption(f"{option['name']!r} names nobody here")
    return value


def resolve_user(filling: Filling, user_id: str) -> str:
    state, guild_id = filling.state, filling.channel.get("guild_id")
    if user_id not in state.users:
        raise BadOption(f"there is no user {user_id}")
    filling.resolved.setdefault("users", {})[user_id] = state.users[user_id]
    member = state.members.get(guild_id or "", {}).get(user_id)
    if member is not None:
        shown = {key: each for key, each in member.items() if key not in MEMBER_EXTRAS}
        shown["permissions"] = str(state.permissions_in(filling.channel, user_id))
        filling.resolved.setdefault("members", {})[user_id] = shown
    return user_id


def resolve_channel(filling: Filling, value: Any, *, kinds: list[int] | None) -> str:
    state, guild_id = filling.state, filling.channel.get("guild_id")
    channel = state.channels.get(str(value))
    if channel is None or channel.get("guild_id") != guild_id:
        raise BadOption(f"there is no channel {value}")
    if kinds and channel["type"] not in kinds:
        raise BadOption(f"{channel['name']!r} is not the right kind of channel")
    shown = partial_channel(state, channel, filling.user_id)
    filling.resolved.setdefault("channels", {})[channel["id"]] = shown
    return str(channel["id"])


def resolve_role(filling: Filling, value: Any) -> str:
    guild = filling.state.guilds.get(filling.channel.get("guild_id") or "", {"roles": []})
    for role in guild["roles"]:
        if role["id"] == str(value):
            filling.resolved.setdefault("roles", {})[role["id"]] = role
            return str(role["id"])
    raise BadOption(f"there is no role {value}")


def _upload(option: Json, value: Any, filling: Filling) -> str:
    state = filling.state
    if not isinstance(value, int) or not 0 <= value < len(filling.uploads):
        raise BadOption(f"{option['name']!r} must be the index of one of 'files'")
    upload = filling.uploads[value]
    attachment_id = state.ids.fresh()
    stored = StoredFile(
        filename=upload.filename, content_type=content_type_of(upload.filename), data=upload.data
    )
    state.files.add(attachment_id, stored)
    url = f"{state.base_url}/cdn/attachments/{filling.channel['id']}/{attachment_id}/upload"
    shown = attachment(stored, attachment_id=attachment_id, url=url) | {"ephemeral": True}
    filling.resolved.setdefault("attachments", {})[attachment_id] = shown
    return attachment_id
