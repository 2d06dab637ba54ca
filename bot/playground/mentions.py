"""Who a message pings: the mentions in its text, narrowed by allowed_mentions and permissions."""

import re
from collections.abc import Collection

from bot.playground.calls import Json
from bot.playground.permissions import Permission
from bot.playground.state import DIRECT, State

USER_MENTION = re.compile(r"<@!?(\d+)>")
ROLE_MENTION = re.compile(r"<@&(\d+)>")
EVERYONE = re.compile(r"@(everyone|here)\b")


def pings(
    state: State, channel: Json, *, author_id: str, text: str, allowed: Json | None, replied: str
) -> Json:
    """The `mentions`, `mention_roles` and `mention_everyone` of a message.

    `allowed` is the request's allowed_mentions or None for Discord's default (everything), and
    `replied` the author of the message it replies to, or "".
    """
    users = [each for each in USER_MENTION.findall(text) if each in state.users]
    users = _permitted(users, "users", allowed)
    if replied and (allowed is None or allowed.get("replied_user")):
        users.append(replied)
    rights = state.permissions_in(channel, author_id)
    may_ping_all = bool(rights & Permission.MENTION_EVERYONE) and channel["type"] != DIRECT
    roles = _permitted(_roles(state, channel, text, may_ping_all), "roles", allowed)
    wants_everyone = allowed is None or "everyone" in (allowed.get("parse") or [])
    return {
        "mentions": [state.users[each] for each in dict.fromkeys(users)],
        "mention_roles": list(dict.fromkeys(roles)),
        "mention_everyone": bool(EVERYONE.search(text)) and wants_everyone and may_ping_all,
    }


def _permitted(found: Collection[str], kind: str, allowed: Json | None) -> list[str]:
    if allowed is None or kind in (allowed.get("parse") or []):
        return list(found)
    listed = {str(each) for each in allowed.get(kind) or []}
    return [each for each in found if each in listed]


def _roles(state: State, channel: Json, text: str, may_ping_all: bool) -> list[str]:
    if channel["type"] == DIRECT:
        return []
    known = {each["id"]: each for each in state.guilds[channel["guild_id"]]["roles"]}
    named = [known[each] for each in ROLE_MENTION.findall(text) if each in known]
    return [each["id"] for each in named if each["mentionable"] or may_ping_all]
