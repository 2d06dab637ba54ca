"""Discord's permissions: the bits, and how roles and overwrites add up.

The order (base, administrator, everyone overwrite, role overwrites, member overwrite) and the
implicit denials are those of Discord's documentation, "Permissions".
"""

from collections.abc import Collection
from enum import IntFlag

from bot.playground.calls import Json


class Permission(IntFlag):
    """The bits that matter here; the others exist in numbers only."""

    CREATE_INVITE = 1 << 0
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    EXTERNAL_EMOJIS = 1 << 18
    CHANGE_NICKNAME = 1 << 26
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_THREADS = 1 << 35
    SEND_IN_THREADS = 1 << 38


ALL = (1 << 53) - 1
INSTALLATION = int(
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_HISTORY
)
EVERYONE = int(
    INSTALLATION
    | Permission.CREATE_INVITE
    | Permission.ADD_REACTIONS
    | Permission.CHANGE_NICKNAME
    | Permission.EXTERNAL_EMOJIS
    | Permission.USE_COMMANDS
    | Permission.CREATE_THREADS
    | Permission.SEND_IN_THREADS
)
DIRECT_MESSAGE = EVERYONE
NEEDS_SENDING = int(
    Permission.SEND_TTS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.MENTION_EVERYONE
)


def in_guild(guild: Json, user_id: str, *, roles: Collection[str]) -> int:
    """What a member may do in the whole guild."""
    if guild["owner_id"] == user_id:
        return ALL
    held = {guild["id"], *roles}
    granted = 0
    for role in guild["roles"]:
        if role["id"] in held:
            granted |= int(role["permissions"])
    return ALL if granted & Permission.ADMINISTRATOR else granted


def in_channel(guild: Json, channel: Json, *, user_id: str, roles: Collection[str]) -> int:
    """What a member may do in one channel."""
    granted = in_guild(guild, user_id, roles=roles)
    if granted == ALL:
        return ALL
    overwrites = {entry["id"]: entry for entry in channel.get("permission_overwrites", [])}
    granted = _overwritten(granted, [overwrites.get(guild["id"])])
    granted = _overwritten(granted, [overwrites.get(role) for role in roles])
    granted = _overwritten(granted, [overwrites.get(user_id)])
    if not granted & Permission.VIEW_CHANNEL:
        return 0
    return granted if granted & Permission.SEND_MESSAGES else granted & ~NEEDS_SENDING


def _overwritten(granted: int, layer: list[Json | None]) -> int:
    denied = allowed = 0
    for overwrite in layer:
        if overwrite is not None:
            denied |= int(overwrite["deny"])
            allowed |= int(overwrite["allow"])
    return granted & ~denied | allowed
