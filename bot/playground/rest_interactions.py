"""REST: answers to interactions, the first one and all later ones.

Ephemeral is decided by the first answer; the first follow-up after a deferred answer fills the
"thinking" message. Answers may always carry embeds and files, whatever the bot's permissions.
"""

from bot.playground import messages, refusals, rules, shapes
from bot.playground.calls import NOTHING, Call, Json, Reply, Route
from bot.playground.door import require_object
from bot.playground.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL_SUBMIT,
    Interaction,
)
from bot.playground.messages import DEFAULT_TYPE, REPLY_TYPE, Draft
from bot.playground.refusals import Problem
from bot.playground.stage import Stage
from bot.playground.state import EPHEMERAL, LOADING, Entry

MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
ANSWERS = {
    COMMAND: (MESSAGE, DEFERRED_MESSAGE, MODAL),
    COMPONENT: (MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, MODAL),
    AUTOCOMPLETE: (CHOICES,),
    MODAL_SUBMIT: (MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE),
}
CHAT_COMMAND_TYPE, MENU_COMMAND_TYPE = 20, 23


class Answers:
    """The callback of an interaction."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._state = stage.state

    def routes(self) -> list[Route]:
        return [("POST", "/interactions/{interaction}/{token}/callback", self.answer)]

    def answer(self, call: Call) -> Reply:
        body = require_object(call)
        interaction = self._stage.interactions.to_answer(
            call.part["interaction"], call.part["token"]
        )
        wrong = [*shapes.mismatches(body, shapes.CALLBACK)]
        self._stage.demand("interaction callback", wrong)
        kind, data = body["type"], body.get("data") or {}
        if kind not in self._answers_to(interaction):
            message = f"Value must be one of {self._answers_to(interaction)}."
            raise refusals.invalid_form(Problem(path="type", message=message))
        where = f"interaction callback {kind}"
        if kind in (MESSAGE, DEFERRED_MESSAGE):
            self._stage.demand(where, rules.of_message(data, call.uploads))
            self._answer_with_message(interaction, call, data, deferred=kind == DEFERRED_MESSAGE)
        elif kind in (DEFERRED_UPDATE, UPDATE):
            flags = source.message["flags"] if (source := interaction.opening.source) else 0
            self._stage.demand(where, rules.of_edit(data, call.uploads, flags=flags))
            self._answer_with_update(interaction, call, data if kind == UPDATE else None)
        elif kind == CHOICES:
            self._stage.demand(where, rules.of_choices(data))
            self._answer_with_choices(interaction, data.get("choices") or [])
        else:
            self._stage.demand(where, rules.of_modal(data))
            self._stage.interactions.acknowledge(interaction, deferred=False)
            self._stage.interactions.open_modal(interaction, data)
        if not call.asks("with_response"):
            return NOTHING
        return Reply(body=_described(interaction, kind))

    def _answers_to(self, interaction: Interaction) -> tuple[int, ...]:
        """A modal opened by a command has no message that an update could change."""
        allowed = ANSWERS[interaction.opening.type]
        if interaction.opening.type == MODAL_SUBMIT and interaction.opening.source is None:
            return allowed[:2]
        return allowed

    def _answer_with_message(
        self, interaction: Interaction, call: Call, data: Json, *, deferred: bool
    ) -> None:
        interaction.ephemeral = bool(int(data.get("flags") or 0) & EPHEMERAL)
        extra = _origin(interaction, self._state.application_id, first=True)
        if deferred:
            extra["flags"] = int(data.get("flags") or 0) & EPHEMERAL | LOADING
            data = {}
        interaction.original = messages.post(
            self._state,
            interaction.opening.channel,
            Draft(
                author=self._state.bot,
                body=data,
                uploads=call.uploads,
                addressee=interaction.opening.user_id if interaction.ephemeral else None,
                extra=extra,
            ),
        )
        self._stage.message_created(interaction.original)
        self._stage.interactions.acknowledge(interaction, deferred=deferred)

    def _answer_with_update(self, interaction: Interaction, call: Call, data: Json | None) -> None:
        source = interaction.opening.source
        if data is not None and source is not None:
            messages.edit(self._state, source, body=data, uploads=call.uploads)
            self._stage.message_updated(source)
        interaction.original = source
        interaction.ephemeral = source is not None and source.addressee is not None
        self._stage.interactions.acknowledge(interaction, deferred=False)

    def _answer_with_choices(self, interaction: Interaction, choices: list[Json]) -> None:
        self._stage.interactions.acknowledge(interaction, deferred=False)
        if interaction.choices is not None and not interaction.choices.done():
            interaction.choices.set_result(choices)


class InteractionWebhook:
    """Later answers: `/webhooks/{application}/{token}` and its messages."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._state = stage.state

    def follow_up(self, call: Call) -> Reply:
        interaction, body = self._interaction(call), require_object(call)
        self._stage.demand("interaction follow-up", rules.of_message(body, call.uploads))
        if interaction.loading and interaction.original is not None:
            self._fill(interaction, interaction.original, call)
            return Reply(body=interaction.original.message)
        ephemeral = bool(int(body.get("flags") or 0) & EPHEMERAL)
        draft = Draft(
            author=self._state.bot,
            body=body,
            uploads=call.uploads,
            addressee=interaction.opening.user_id if ephemeral else None,
            extra=_origin(interaction, self._state.application_id, first=False),
        )
        entry = messages.post(self._state, interaction.opening.channel, draft)
        interaction.followups.append(entry)
        self._stage.message_created(entry)
        self._stage.interactions.finish(interaction)
        return Reply(body=entry.message)

    def get(self, call: Call) -> Reply:
        return Reply(body=self._entry(self._interaction(call), call).message)

    def edit(self, call: Call) -> Reply:
        interaction = self._interaction(call)
        entry, body = self._entry(interaction, call), require_object(call)
        problems = rules.of_edit(body, call.uploads, flags=entry.message["flags"])
        self._stage.demand("interaction edit", problems)
        self._fill(interaction, entry, call)
        return Reply(body=entry.message)

    def delete(self, call: Call) -> Reply:
        interaction = self._interaction(call)
        entry = self._entry(interaction, call)
        self._stage.delete_message(entry)
        if entry is interaction.original:
            interaction.original = None
            self._stage.interactions.finish(interaction)
        else:
            interaction.followups.remove(entry)
        return NOTHING

    def _interaction(self, call: Call) -> Interaction:
        return self._stage.interactions.by_token(call.part["token"])

    def _entry(self, interaction: Interaction, call: Call) -> Entry:
        """`@original`, or a message of this interaction by its id."""
        wanted = call.part["message"]
        known = [each for each in (interaction.original, *interaction.followups) if each]
        for entry in known:
            if wanted == entry.id or (wanted == "@original" and entry is interaction.original):
                return self._state.entry(entry.channel_id, entry.id)
        raise refusals.unknown_message()

    def _fill(self, interaction: Interaction, entry: Entry, call: Call) -> None:
        messages.edit(self._state, entry, body=call.fields(), uploads=call.uploads)
        entry.message["flags"] &= ~LOADING
        self._stage.message_updated(entry)
        self._stage.interactions.finish(interaction)


def _origin(interaction: Interaction, application_id: str, *, first: bool) -> Json:
    """The fields that tell where an answer comes from."""
    opening = interaction.opening
    kind = DEFAULT_TYPE
    if first and opening.type == COMMAND:
        chat_input = opening.data["type"] == 1
        kind = CHAT_COMMAND_TYPE if chat_input else MENU_COMMAND_TYPE
    origin: Json = {
        "type": kind,
        "application_id": application_id,
        "webhook_id": application_id,
        "interaction_metadata": interaction.metadata(),
    }
    replied = opening.source if first else interaction.original
    if replied is not None:
        origin["type"] = REPLY_TYPE
        channel = replied.channel_id
        origin["message_reference"] = {"type": 0, "channel_id": channel, "message_id": replied.id}
    return origin


def _described(interaction: Interaction, kind: int) -> Json:
    """The answer to a callback `with_response`."""
    told: Json = {"id": interaction.id, "type": interaction.opening.type}
    entry = interaction.original
    if entry is None:
        return {"interaction": told}
    told |= {
        "response_message_id": entry.id,
        "response_message_loading": interaction.loading,
        "response_message_ephemeral": interaction.ephemeral,
    }
    if kind not in (MESSAGE, UPDATE):
        return {"interaction": told}
    return {"interaction": told, "resource": {"type": kind, "message": entry.message}}
