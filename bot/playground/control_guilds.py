"""Control requests that change guilds: who is in them, which channels they have."""

from typing import Any

from aiohttp import web

from bot.playground import feeds, world
from bot.playground.calls import Json
from bot.playground.control_requests import ControlError, ControlHandler, read_object
from bot.playground.stage import Stage
from bot.playground.state import ANNOUNCEMENT, TEXT

CHANNEL_KINDS = (TEXT, ANNOUNCEMENT)
NAME_LENGTH = 100


class GuildControl:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._state = stage.state

    def handlers(self) -> list[tuple[str, str, ControlHandler]]:
        member = "/guilds/{guild}/members/{user}"
        return [
            ("POST", "/guilds", self.create_guild),
            ("PUT", member, self.add_member),
            ("DELETE", member, self.remove_member),
            ("POST", f"{member}/roles", self.set_roles),
            ("POST", "/guilds/{guild}/channels", self.create_channel),
            ("POST", "/channels/{channel}/overwrites", self.set_overwrites),
            ("POST", "/channels/{channel}/followers", self.follow),
            ("DELETE", "/channels/{channel}", self.delete_channel),
        ]

    async def create_guild(self, request: web.Request) -> web.Response:
        name = _name(await read_object(request))
        guild = world.add_guild(self._state, name, make_id=lambda _: self._state.ids.fresh())
        self._stage.guild_joined(guild)
        channels = self._state.channels_of(guild["id"])
        shown = {key: guild[key] for key in ("id", "name", "roles")} | {"channels": channels}
        return web.json_response(shown)

    async def add_member(self, request: web.Request) -> web.Response:
        guild = self._state.guild(request.match_info["guild"])
        user = self._state.user(request.match_info["user"])
        if user["id"] in self._state.members[guild["id"]]:
            raise ControlError(400, "that user is a member already")
        own = user["id"] == self._state.bot_id
        roles = [world.bot_role_of(self._state, guild)] if own else []
        member = world.add_member(self._state, guild, user["id"], roles=roles)
        if own:
            self._stage.guild_joined(guild)
        return web.json_response(member)

    async def remove_member(self, request: web.Request) -> web.Response:
        guild = self._state.guild(request.match_info["guild"])
        member = self._state.member(guild["id"], request.match_info["user"])
        if member["user"]["id"] == guild["owner_id"]:
            raise ControlError(400, "the owner cannot leave the guild")
        if member["user"]["id"] == self._state.bot_id:
            self._stage.guild_left(guild)
        del self._state.members[guild["id"]][member["user"]["id"]]
        return web.json_response(member)

    async def set_roles(self, request: web.Request) -> web.Response:
        guild = self._state.guild(request.match_info["guild"])
        member = self._state.member(guild["id"], request.match_info["user"])
        roles = (await read_object(request)).get("roles")
        known = {each["id"] for each in guild["roles"]} - {guild["id"]}
        if not isinstance(roles, list) or not {str(each) for each in roles} <= known:
            raise ControlError(400, "'roles' must be a list of role ids of this guild")
        member["roles"] = [str(each) for each in roles]
        self._stage.member_changed(guild["id"], member)
        return web.json_response(member)

    async def create_channel(self, request: web.Request) -> web.Response:
        guild = self._state.guild(request.match_info["guild"])
        body = await read_object(request)
        kind = body.get("type", TEXT)
        if kind not in CHANNEL_KINDS:
            raise ControlError(400, f"the 'type' of a channel must be one of {CHANNEL_KINDS}")
        channel = world.add_channel(
            self._state, guild, channel_id=self._state.ids.fresh(), name=_name(body), kind=kind
        )
        self._stage.channel_changed("created", channel)
        return web.json_response(channel)

    async def set_overwrites(self, request: web.Request) -> web.Response:
        channel = self._guild_channel(request)
        listed = (await read_object(request)).get("overwrites")
        if not isinstance(listed, list):
            raise ControlError(400, "'overwrites' must be a list")
        channel["permission_overwrites"] = [_overwrite(each) for each in listed]
        self._stage.channel_changed("updated", channel)
        return web.json_response(channel)

    async def follow(self, request: web.Request) -> web.Response:
        """As a member of another server follows an announcement channel."""
        source = self._guild_channel(request)
        target = self._state.channel(str((await read_object(request)).get("channel")))
        if "guild_id" not in target:
            raise ControlError(400, "'channel' must be a channel of a guild")
        user = self._state.user(self._state.default_member_id)
        return web.json_response(feeds.follow(self._state, source, target, user=user))

    async def delete_channel(self, request: web.Request) -> web.Response:
        channel = self._state.drop_channel(self._guild_channel(request)["id"])
        self._stage.channel_changed("deleted", channel)
        return web.json_response(channel)

    def _guild_channel(self, request: web.Request) -> Json:
        channel = self._state.channel(request.match_info["channel"])
        if "guild_id" not in channel:
            raise ControlError(400, "that is no channel of a guild")
        return channel


def _name(body: Json) -> str:
    name = str(body.get("name") or "").strip()
    if not 1 <= len(name) <= NAME_LENGTH:
        raise ControlError(400, f"a 'name' of 1 to {NAME_LENGTH} characters is needed")
    return name


def _overwrite(given: Any) -> Json:
    try:
        kind = int(given.get("type", 0))
        allow, deny = int(given.get("allow") or 0), int(given.get("deny") or 0)
        return world.overwrite(str(int(given["id"])), kind=kind, allow=allow, deny=deny)
    except (AttributeError, KeyError, TypeError, ValueError):
        message = "an overwrite is {id, type: 0 role or 1 member, allow, deny}"
        raise ControlError(400, message) from None
