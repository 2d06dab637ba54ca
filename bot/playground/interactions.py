"""Interactions: what a member does with the bot, from the click to the last follow-up.

The first answer must come within 3 s, later ones within the 15 minutes that the token lives
(Discord's documentation, "Receiving and Responding").
"""

import asyncio
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from bot.playground import refusals
from bot.playground.audience import Audience
from bot.playground.calls import Json
from bot.playground.gateway import Gateway
from bot.playground.rules import FILE_BYTES
from bot.playground.state import DIRECT, Entry, State
from bot.playground.timing import iso
from bot.playground.world import LOCALE, partial_channel

FIRST_ANSWER_SECONDS = 3.0
TOKEN_SECONDS = 900.0
REMEMBERED = 2_000
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
NO_ANSWER = "The application did not respond"


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What a member did. `source` is the message of a component, `parent` a modal's opener."""

    kind: str
    type: int
    data: Json
    user_id: str
    channel: Json
    source: Entry | None = None
    parent: "Interaction | None" = None


class Interaction:
    """One interaction and how far it got."""

    def __init__(
        self, opening: Opening, *, user: Json, interaction_id: str, created: float
    ) -> None:
        self.id = interaction_id
        self.token = secrets.token_urlsafe(96)
        self.opening = opening
        self.user = user
        self.created = created
        self.state = "waiting"
        self.error: str | None = None
        self.acknowledged = False
        self.loading = False  # the original is a "thinking" message that waits to be filled
        self.ephemeral = False
        self.original: Entry | None = None
        self.modal: Json | None = None
        self.followups: list[Entry] = []
        self.choices: asyncio.Future[list[Json] | None] | None = None
        self.first_response_ms: int | None = None
        self.finished_ms: int | None = None
        self.deadline: asyncio.TimerHandle | None = None
        self._started = asyncio.get_running_loop().time()

    def elapsed_ms(self) -> int:
        return round((asyncio.get_running_loop().time() - self._started) * 1000)

    def record(self) -> Json:
        """As the control API shows it."""
        return {
            "id": self.id,
            "kind": self.opening.kind,
            "state": self.state,
            "created": iso(self.created),
            "first_response_ms": self.first_response_ms,
            "finished_ms": self.finished_ms,
            "message": self.original.message if self.original else None,
            "modal": self.modal,
            "followups": [each.message for each in self.followups],
            "error": self.error,
        }

    def metadata(self) -> Json:
        """The `interaction_metadata` of messages that answer it."""
        opening = self.opening
        owner = opening.channel.get("guild_id", "0")
        described: Json = {
            "id": self.id,
            "type": opening.type,
            "user": self.user,
            "authorizing_integration_owners": {"0": owner},
        }
        if opening.type == COMMAND:
            described |= {"command_type": opening.data["type"], "name": opening.data["name"]}
        if opening.type == COMPONENT and opening.source:
            described["interacted_message_id"] = opening.source.id
        if opening.type == MODAL_SUBMIT and opening.parent:
            described["triggering_interaction_metadata"] = opening.parent.metadata()
        return described


class Interactions:
    """All interactions that are remembered."""

    def __init__(self, state: State, gateway: Gateway, *, audience: Audience) -> None:
        self._state = state
        self._gateway = gateway
        self._audience = audience
        self._by_id: OrderedDict[str, Interaction] = OrderedDict()
        self._by_token: dict[str, Interaction] = {}

    def open(self, opening: Opening) -> Interaction:
        """Tell the bot and start the clock."""
        state, loop = self._state, asyncio.get_running_loop()
        interaction = Interaction(
            opening,
            user=state.user(opening.user_id),
            interaction_id=state.ids.fresh(),
            created=state.timer.now(),
        )
        if opening.type == AUTOCOMPLETE:
            interaction.choices = loop.create_future()
        self._by_id[interaction.id] = interaction
        self._by_token[interaction.token] = interaction
        while len(self._by_id) > REMEMBERED:
            _, oldest = self._by_id.popitem(last=False)
            self._by_token.pop(oldest.token, None)
        interaction.deadline = loop.call_later(FIRST_ANSWER_SECONDS, self._expire, interaction)
        self._gateway.deliver(
            "INTERACTION_CREATE",
            payload(state, interaction),
            guild_id=opening.channel.get("guild_id"),
        )
        self._tell(interaction)
        return interaction

    def get(self, interaction_id: str) -> Interaction | None:
        return self._by_id.get(interaction_id)

    def to_answer(self, interaction_id: str, token: str) -> Interaction:
        """The interaction a first answer is for. Raises Refusal when it comes late or twice."""
        interaction = self._by_id.get(interaction_id)
        if interaction is None or interaction.token != token or interaction.state == "failed":
            raise refusals.unknown(10062, "interaction")
        if interaction.acknowledged:
            raise refusals.Refusal(400, 40060, message="Interaction has already been acknowledged.")
        return interaction

    def by_token(self, token: str) -> Interaction:
        """The interaction whose webhook this is; there is none before the first answer."""
        interaction = self._by_token.get(token)
        if interaction is None or not interaction.acknowledged:
            raise refusals.unknown_webhook()
        if self._state.timer.now() - interaction.created > TOKEN_SECONDS:
            raise refusals.invalid_webhook_token()
        return interaction

    def acknowledge(self, interaction: Interaction, *, deferred: bool) -> None:
        """The first answer came."""
        interaction.acknowledged = True
        interaction.loading = deferred
        interaction.first_response_ms = interaction.elapsed_ms()
        self._stop_clock(interaction)
        if not deferred:
            self.finish(interaction)
            return
        interaction.state = "deferred"
        interaction.deadline = asyncio.get_running_loop().call_later(
            TOKEN_SECONDS, self._expire, interaction
        )
        self._tell(interaction)

    def finish(self, interaction: Interaction) -> None:
        """The answer itself came, or a later one changed it."""
        self._stop_clock(interaction)
        interaction.loading = False
        interaction.state = "answered"
        if interaction.finished_ms is None:
            interaction.finished_ms = interaction.elapsed_ms()
        self._tell(interaction)

    def open_modal(self, interaction: Interaction, modal: Json) -> None:
        interaction.modal = {
            "interaction_id": interaction.id,
            "custom_id": modal["custom_id"],
            "title": modal["title"],
            "components": modal["components"],
        }
        self._audience.tell("modal", interaction.modal, only=interaction.opening.user_id)

    def close(self) -> None:
        """Stop all clocks."""
        for interaction in self._by_id.values():
            self._stop_clock(interaction)
            if interaction.choices is not None and not interaction.choices.done():
                interaction.choices.set_result(None)

    def _expire(self, interaction: Interaction) -> None:
        interaction.state = "failed"
        interaction.error = NO_ANSWER
        interaction.finished_ms = interaction.elapsed_ms()
        if interaction.choices is not None and not interaction.choices.done():
            interaction.choices.set_result(None)
        self._tell(interaction)

    def _stop_clock(self, interaction: Interaction) -> None:
        if interaction.deadline is not None:
            interaction.deadline.cancel()

    def _tell(self, interaction: Interaction) -> None:
        self._audience.tell("interaction", interaction.record(), only=interaction.opening.user_id)


def payload(state: State, interaction: Interaction) -> Json:
    """The INTERACTION_CREATE that the bot receives."""
    opening = interaction.opening
    channel, user = opening.channel, state.users[opening.user_id]
    told: Json = {
        "id": interaction.id,
        "application_id": state.application_id,
        "type": opening.type,
        "token": interaction.token,
        "version": 1,
        "data": opening.data,
        "channel_id": channel["id"],
        "channel": partial_channel(state, channel, opening.user_id),
        "app_permissions": str(state.permissions_in(channel, state.bot_id)),
        "locale": LOCALE,
        "entitlements": [],
        "attachment_size_limit": FILE_BYTES,
        "authorizing_integration_owners": {"0": channel.get("guild_id", "0")},
        "context": 1 if channel["type"] == DIRECT else 0,
    }
    if opening.source is not None:
        told["message"] = opening.source.message
    if channel["type"] == DIRECT:
        return told | {"user": user}
    return told | _guild_part(state, channel["guild_id"], channel, opening.user_id)


def _guild_part(state: State, guild_id: str, channel: Json, user_id: str) -> dict[str, Any]:
    member = state.members[guild_id][user_id]
    guild = state.guilds[guild_id]
    return {
        "guild_id": guild_id,
        "guild": {"id": guild_id, "features": [], "locale": guild["preferred_locale"]},
        "guild_locale": guild["preferred_locale"],
        "member": member | {"permissions": str(state.permissions_in(channel, user_id))},
    }
