"""The application's commands, global and of single guilds, and who may use them."""

from bot.playground import refusals
from bot.playground.calls import Json
from bot.playground.permissions import ALL, Permission
from bot.playground.state import DIRECT, State

CHAT_INPUT, USER_MENU, MESSAGE_MENU = 1, 2, 3
GUILD_CONTEXT, BOT_DM_CONTEXT = 0, 1


class Commands:
    """Commands by scope: a guild id, or None for the global ones."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._scopes: dict[str | None, dict[str, Json]] = {}

    def listed(self, scope: str | None) -> list[Json]:
        return list(self._scopes.get(scope, {}).values())

    def get(self, scope: str | None, command_id: str) -> Json:
        found = self._scopes.get(scope, {}).get(command_id)
        if found is None:
            raise refusals.unknown(10063, "application command")
        return found

    def replace(self, scope: str | None, bodies: list[Json]) -> list[Json]:
        """All commands of a scope at once; those that keep type and name keep their id."""
        known = {_key(each): each for each in self.listed(scope)}
        kept = [self._stored(body, scope, known.get(_key(body))) for body in bodies]
        self._scopes[scope] = {each["id"]: each for each in kept}
        return kept

    def add(self, scope: str | None, body: Json) -> tuple[Json, bool]:
        """Add or overwrite one command; whether it is new."""
        known = {_key(each): each for each in self.listed(scope)}
        old = known.get(_key(body))
        command = self._stored(body, scope, old)
        self._scopes.setdefault(scope, {})[command["id"]] = command
        return command, old is None

    def edit(self, scope: str | None, command_id: str, *, body: Json) -> Json:
        old = self.get(scope, command_id)
        command = self._stored(old | body, scope, old)
        self._scopes[scope][command_id] = command
        return command

    def remove(self, scope: str | None, command_id: str) -> None:
        self.get(scope, command_id)
        del self._scopes[scope][command_id]

    def usable(self, user_id: str, channel: Json) -> list[Json]:
        """The commands this user may use in this channel; a guild's own hide global ones."""
        guild_id = channel.get("guild_id")
        found = {_key(each): each for each in self.listed(None)}
        if guild_id:
            found |= {_key(each): each for each in self.listed(guild_id)}
        return [each for each in found.values() if self.allows(each, user_id, channel)]

    def allows(self, command: Json, user_id: str, channel: Json) -> bool:
        """Whether contexts and default_member_permissions let this user use it here."""
        context = BOT_DM_CONTEXT if channel["type"] == DIRECT else GUILD_CONTEXT
        contexts = command.get("contexts")
        if contexts is not None and context not in contexts:
            return False
        if context == BOT_DM_CONTEXT:
            return "guild_id" not in command and self._state.may_view(channel, user_id)
        if not self._state.has_joined(channel["guild_id"]):
            return False
        granted = self._state.permissions_in(channel, user_id)
        needed = Permission.VIEW_CHANNEL | Permission.USE_COMMANDS
        if granted & needed != needed:
            return False
        demanded = command["default_member_permissions"]
        if demanded is None or granted == ALL:
            return True
        return int(demanded) != 0 and granted & int(demanded) == int(demanded)

    def find(self, command_id: str, user_id: str, *, channel: Json) -> Json | None:
        for command in self.usable(user_id, channel):
            if command["id"] == command_id:
                return command
        return None

    def _stored(self, body: Json, scope: str | None, old: Json | None) -> Json:
        demanded = body.get("default_member_permissions")
        command = {
            "id": old["id"] if old else self._state.ids.fresh(),
            "application_id": self._state.application_id,
            "version": self._state.ids.fresh(),
            "type": body.get("type") or CHAT_INPUT,
            "name": body["name"],
            "name_localizations": body.get("name_localizations") or None,
            "description": body.get("description") or "",
            "description_localizations": body.get("description_localizations") or None,
            "options": body.get("options") or [],
            "default_member_permissions": None if demanded is None else str(demanded),
            "dm_permission": body.get("dm_permission", True),
            "nsfw": bool(body.get("nsfw")),
        }
        if scope is not None:
            return command | {"guild_id": scope}
        contexts = body.get("contexts")
        if contexts is None and command["dm_permission"] is False:
            contexts = [GUILD_CONTEXT]
        return command | {
            "contexts": contexts,
            "integration_types": body.get("integration_types") or [0],
        }


def _key(command: Json) -> tuple[int, str]:
    return command.get("type") or CHAT_INPUT, command["name"]
