"""Control requests by which a member uses the bot: commands, autocomplete, buttons, modals."""

from typing import Any

from aiohttp import web

from bot.playground import components
from bot.playground.calls import Json
from bot.playground.commands import CHAT_INPUT, MESSAGE_MENU
from bot.playground.control_requests import (
    ControlError,
    eyes,
    read_object,
    seen_channel,
    uploads,
)
from bot.playground.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL_SUBMIT,
    Interaction,
    Opening,
)
from bot.playground.options import (
    BadOption,
    Filling,
    fill,
    resolve_channel,
    resolve_role,
    resolve_user,
)
from bot.playground.stage import Stage
from bot.playground.state import Entry

LONGEST_INPUT = 4_000


class InteractionControl:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._state = stage.state

    async def show(self, request: web.Request) -> web.Response:
        found = self._stage.interactions.get(request.match_info["interaction"])
        if found is None:
            raise ControlError(404, "there is no such interaction")
        return web.json_response(found.record())

    async def start(self, request: web.Request) -> web.Response:
        body = await read_object(request)
        user_id = eyes(self._state, body.get("as"))
        channel = seen_channel(self._state, str(body.get("channel")), user_id=user_id)
        openings = {
            "command": self._command,
            "autocomplete": self._command,
            "message_command": self._message_command,
            "component": self._component,
            "modal": self._modal,
        }
        kind = str(body.get("kind"))
        if kind not in openings:
            raise ControlError(400, f"'kind' must be one of: {', '.join(openings)}")
        try:
            opening = openings[kind](body, user_id, channel)
        except BadOption as error:
            raise ControlError(400, str(error)) from error
        interaction = self._stage.interactions.open(opening)
        if kind == "autocomplete":
            return await _choices(interaction)
        return web.json_response({"id": interaction.id}, status=202)

    def _command(self, body: Json, user_id: str, channel: Json) -> Opening:
        command = self._usable(body, user_id, channel, kind=CHAT_INPUT)
        asking = body["kind"] == "autocomplete"
        filling = Filling(
            state=self._state,
            channel=channel,
            user_id=user_id,
            uploads=uploads(body.get("files")),
            autocomplete=asking,
        )
        options = fill(command["options"], body.get("options") or [], filling)
        if asking and not _has_focus(options):
            raise ControlError(400, "autocomplete needs one option with 'focused': true")
        data = _command_data(command) | {"options": options}
        if filling.resolved:
            data["resolved"] = filling.resolved
        return Opening(
            kind=body["kind"],
            type=AUTOCOMPLETE if asking else COMMAND,
            data=data,
            user_id=user_id,
            channel=channel,
        )

    def _message_command(self, body: Json, user_id: str, channel: Json) -> Opening:
        command = self._usable(body, user_id, channel, kind=MESSAGE_MENU)
        target = self._shown(channel, body.get("target"), user_id)
        data = _command_data(command) | {
            "target_id": target.id,
            "resolved": {"messages": {target.id: target.message}},
        }
        return Opening(
            kind="message_command", type=COMMAND, data=data, user_id=user_id, channel=channel
        )

    def _component(self, body: Json, user_id: str, channel: Json) -> Opening:
        source = self._shown(channel, body.get("message"), user_id)
        custom_id = str(body.get("custom_id"))
        component = components.find(source.message["components"], custom_id)
        if component is None:
            raise ControlError(400, f"the message has no component {custom_id!r}")
        if component.get("disabled"):
            raise ControlError(400, "the component is disabled")
        data: Json = {
            "component_type": component["type"],
            "custom_id": custom_id,
            "id": component["id"],
        }
        if component["type"] in components.SELECTS:
            filling = Filling(
                state=self._state, channel=channel, user_id=user_id, uploads=(), autocomplete=False
            )
            data["values"] = _selected(component, body.get("values"), filling)
            if component["type"] != components.TEXT_SELECT:
                data["resolved"] = filling.resolved
        return Opening(
            kind="component",
            type=COMPONENT,
            data=data,
            user_id=user_id,
            channel=channel,
            source=source,
        )

    def _modal(self, body: Json, user_id: str, channel: Json) -> Opening:
        parent = self._stage.interactions.get(str(body.get("interaction")))
        if parent is None or parent.modal is None or parent.opening.user_id != user_id:
            raise ControlError(404, "that interaction opened no modal for this member")
        if body.get("custom_id") != parent.modal["custom_id"]:
            raise ControlError(400, "'custom_id' is not that of the modal")
        values = body.get("values") or {}
        if not isinstance(values, dict):
            raise ControlError(400, "'values' must be an object of custom ids and values")
        filling = Filling(
            state=self._state, channel=channel, user_id=user_id, uploads=(), autocomplete=False
        )
        parts = [_submitted(part, values, filling) for part in parent.modal["components"]]
        data: Json = {"custom_id": parent.modal["custom_id"], "components": parts}
        if filling.resolved:
            data["resolved"] = filling.resolved
        return Opening(
            kind="modal",
            type=MODAL_SUBMIT,
            data=data,
            user_id=user_id,
            channel=channel,
            source=parent.opening.source,
            parent=parent,
        )

    def _usable(self, body: Json, user_id: str, channel: Json, *, kind: int) -> Json:
        command_id = str(body.get("command"))
        command = self._stage.commands.find(command_id, user_id, channel=channel)
        if command is None or command["type"] != kind:
            raise ControlError(403, "this member has no such command here")
        return command

    def _shown(self, channel: Json, message_id: Any, user_id: str) -> Entry:
        entry = self._state.entry(channel["id"], str(message_id))
        if entry.hidden_from(user_id):
            raise ControlError(404, "this member sees no such message")
        return entry


async def _choices(interaction: Interaction) -> web.Response:
    if interaction.choices is None:
        raise ControlError(500, "this interaction has no choices")
    choices = await interaction.choices
    if choices is None:
        raise ControlError(504, interaction.error or "the playground is stopping")
    return web.json_response({"choices": choices})


def _command_data(command: Json) -> Json:
    data = {key: command[key] for key in ("id", "name", "type")}
    return data | ({"guild_id": command["guild_id"]} if "guild_id" in command else {})


def _has_focus(options: list[Json]) -> bool:
    return any(each.get("focused") or _has_focus(each.get("options", [])) for each in options)


def _selected(component: Json, given: Any, filling: Filling) -> list[str]:
    """The values of a select. Raises ControlError or BadOption."""
    if not isinstance(given, list | None):
        raise ControlError(400, "'values' must be a list")
    values = [str(each) for each in given or []]
    fewest, most = component.get("min_values", 1), component.get("max_values", 1)
    if not fewest <= len(values) <= most:
        raise ControlError(400, f"'values' must hold {fewest} to {most} of its options")
    if component["type"] == components.TEXT_SELECT:
        offered = {each["value"] for each in component["options"]}
        if not set(values) <= offered:
            raise ControlError(400, "'values' must be among the options of the select")
        return values
    for value in values:
        _resolve_selected(component, value, filling)
    return values


def _resolve_selected(component: Json, value: str, filling: Filling) -> None:
    kind = component["type"]
    if kind == components.CHANNEL_SELECT:
        resolve_channel(filling, value, kinds=component.get("channel_types"))
    elif kind == components.ROLE_SELECT:
        resolve_role(filling, value)
    elif kind == components.USER_SELECT or value in filling.state.users:
        resolve_user(filling, value)
    else:
        resolve_role(filling, value)


def _submitted(part: Json, values: Json, filling: Filling) -> Json:
    """One component of a modal as its submission carries it."""
    told: Json = {"type": part["type"], "id": part.get("id", 0)}
    if part["type"] == components.LABEL:
        return told | {"component": _submitted(part["component"], values, filling)}
    if part["type"] == components.ACTION_ROW:
        return told | {"components": [_submitted(x, values, filling) for x in part["components"]]}
    if "custom_id" not in part:
        return told
    told["custom_id"] = part["custom_id"]
    given = values.get(part["custom_id"])
    if part["type"] in components.SELECTS:
        optional = {"min_values": 1 if part.get("required", True) else 0}
        listed = [given] if isinstance(given, str) else given
        return told | {"values": _selected(optional | part, listed, filling)}
    text = str(given or "")
    shortest, longest = part.get("min_length") or 0, part.get("max_length") or LONGEST_INPUT
    if part.get("required", True) and not text:
        raise ControlError(400, f"the field {part['custom_id']!r} is required")
    if text and not shortest <= len(text) <= longest:
        raise ControlError(
            400, f"the field {part['custom_id']!r} must have {shortest} to {longest} characters"
        )
    return told | {"value": text}
