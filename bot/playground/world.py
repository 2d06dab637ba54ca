"""The world at the start: one guild, three channels, three people and the bot."""

from collections.abc import Callable

from bot.playground import permissions
from bot.playground.calls import Json
from bot.playground.permissions import Permission
from bot.playground.state import DIRECT, TEXT, State
from bot.playground.timing import iso

GUILD_NAME = "Highwater Playground"
BOT_NAME = "Highwater"
CHANNELS = ("alerts", "general", "staff")
PEOPLE = (
    ("admin", "Admin", "Owner of the guild"),
    ("moderator", "Moderator", "Manages channels"),
    ("member", "Member", "Nothing special"),
)
LOCALE = "en-US"


def furnish(state: State) -> None:
    """Fill an empty state."""
    fixed = state.ids.fixed
    state.application_id = fixed("application")
    state.bot_id = fixed("bot")
    add_user(state, state.bot_id, username=BOT_NAME, is_bot=True)
    for username, display_name, title in PEOPLE:
        add_user(state, fixed(username), username=username, display_name=display_name)
        state.titles[fixed(username)] = title
    state.default_member_id = fixed("admin")
    add_guild(state, GUILD_NAME, make_id=fixed)


def add_guild(state: State, name: str, *, make_id: Callable[[str], str]) -> Json:
    """A guild with the three channels, all people and the bot; `make_id` names its things."""
    fixed = state.ids.fixed
    guild = _guild(make_id("guild"), name=name, owner_id=fixed("admin"))
    state.guilds[guild["id"]] = guild
    state.members[guild["id"]] = {}
    moderators = role(make_id("moderators"), name="Moderators", position=2)
    moderators["permissions"] = str(int(Permission.MANAGE_CHANNELS))
    bot_role = role(make_id("bot role"), name=BOT_NAME, position=1)
    bot_role |= {"permissions": str(permissions.INSTALLATION), "managed": True}
    bot_role["tags"] = {"bot_id": state.bot_id}
    guild["roles"] += [bot_role, moderators]
    add_member(state, guild, state.bot_id, roles=[bot_role["id"]])
    for username, _, _ in PEOPLE:
        held = [moderators["id"]] if username == "moderator" else []
        add_member(state, guild, fixed(username), roles=held)
    added = {
        each: add_channel(state, guild, channel_id=make_id(f"#{each}"), name=each)
        for each in CHANNELS
    }
    view = int(Permission.VIEW_CHANNEL)
    added["staff"]["permission_overwrites"] = [
        overwrite(guild["id"], kind=0, deny=view),
        overwrite(moderators["id"], kind=0, allow=view),
    ]
    return guild


def bot_role_of(state: State, guild: Json) -> str:
    """The role that came with the bot."""
    for each in guild["roles"]:
        if each.get("tags", {}).get("bot_id") == state.bot_id:
            return str(each["id"])
    return str(guild["id"])


def add_user(
    state: State,
    user_id: str,
    *,
    username: str,
    display_name: str | None = None,
    is_bot: bool = False,
) -> Json:
    user: Json = {
        "id": user_id,
        "username": username,
        "global_name": display_name,
        "discriminator": "0001" if is_bot else "0",
        "avatar": None,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }
    if is_bot:
        user["bot"] = True
    state.users[user_id] = user
    return user


def add_member(state: State, guild: Json, user_id: str, *, roles: list[str]) -> Json:
    member = {
        "user": state.users[user_id],
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": roles,
        "joined_at": iso(1_704_153_600.0),  # 2024-01-02, after the guild was made
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None,
    }
    state.members[guild["id"]][user_id] = member
    return member


def add_channel(state: State, guild: Json, *, channel_id: str, name: str, kind: int = TEXT) -> Json:
    channel = {
        "id": channel_id,
        "type": kind,
        "guild_id": guild["id"],
        "name": name,
        "position": len(state.channels_of(guild["id"])),
        "permission_overwrites": [],
        "nsfw": False,
        "topic": None,
        "parent_id": None,
        "rate_limit_per_user": 0,
        "last_message_id": None,
        "flags": 0,
    }
    state.channels[channel_id] = channel
    return channel


def role(role_id: str, *, name: str, position: int) -> Json:
    return {
        "id": role_id,
        "name": name,
        "permissions": "0",
        "position": position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def overwrite(target_id: str, *, kind: int, allow: int = 0, deny: int = 0) -> Json:
    """`kind` is 0 for a role, 1 for a member."""
    return {"id": target_id, "type": kind, "allow": str(allow), "deny": str(deny)}


def gateway_guild(state: State, guild: Json) -> Json:
    """The guild as GUILD_CREATE shows it to a bot without the members intent."""
    members = state.members[guild["id"]]
    return guild | {
        "members": [members[state.bot_id]],
        "member_count": len(members),
        "large": False,
        "unavailable": False,
        "joined_at": members[state.bot_id]["joined_at"],
        "channels": [each for each in state.channels_of(guild["id"]) if not is_thread(each)],
        "threads": [each for each in state.channels_of(guild["id"]) if is_thread(each)],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def is_thread(channel: Json) -> bool:
    return "thread_metadata" in channel


def partial_channel(state: State, channel: Json, user_id: str) -> Json:
    """The channel as an interaction carries it, with the user's permissions."""
    shown = {key: value for key, value in channel.items() if key != "permission_overwrites"}
    if channel["type"] != DIRECT:
        shown["permissions"] = str(state.permissions_in(channel, user_id))
    return shown


def _guild(guild_id: str, *, name: str, owner_id: str) -> Json:
    everyone = role(guild_id, name="@everyone", position=0)
    everyone["permissions"] = str(permissions.EVERYONE)
    absent = (
        "icon description home_header splash discovery_splash banner application_id "
        "afk_channel_id system_channel_id widget_channel_id max_presences vanity_url_code "
        "rules_channel_id safety_alerts_channel_id public_updates_channel_id incidents_data"
    )
    return dict.fromkeys(absent.split()) | {
        "id": guild_id,
        "name": name,
        "owner_id": owner_id,
        "features": [],
        "region": "deprecated",
        "afk_timeout": 300,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "verification_level": 0,
        "roles": [everyone],
        "default_message_notifications": 0,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": LOCALE,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
    }
