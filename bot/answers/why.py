"""`/why`: one past alert explained from stored inputs, nothing recomputed."""

import inspect
import re

from bot.alerts.facts import AlertFacts
from bot.answers.model import Answer, Caller
from bot.cards.why import Explanation, why_card
from bot.errors import UserError
from bot.services import Services
from bot.signals.kinds import KINDS
from storage import alerts, explanations

ID = re.compile(r"[a-z2-7]{4,20}")
"""Alert ids are base32 in lower case; four characters at least, so that a guess finds little."""


async def why(services: Services, caller: Caller, *, alert: str) -> Answer:
    """Explain the alert with this id (`#k3f9ab` stands in its footer). Raises UserError."""
    prefix = alert.strip().lower().removeprefix("#")
    if not ID.fullmatch(prefix):
        raise UserError("An alert’s id stands at the end of its footer and looks like #k3f9ab.")
    guild_id = caller.guild_id
    found = await services.db.read(lambda c: explanations.find(c, prefix, guild_id=guild_id))
    if not found:
        raise UserError(f"There is no alert #{prefix} here. Its id stands in its footer.")
    if len(found) > 1:
        raise UserError(
            f"Several alerts begin with #{prefix}: {', '.join(f'#{i}' for i in found)}."
        )
    explanation = await _explained(services, found[0])
    return Answer(
        card=why_card(explanation),
        numbers={
            "command": "why",
            "alert": explanation.alert_id,
            "facts": explanation.facts.to_json(),
            "steps": [
                {
                    "id": s.alert_id,
                    "stage": s.stage,
                    "state": s.state,
                    "reason": s.reason,
                    "rule": s.rule,
                }
                for s in explanation.steps
            ],
            "beside": [
                {"kind": r.kind, "state": r.state, "told": r.told} for r in explanation.relatives
            ],
        },
        private=True,
    )


async def _explained(services: Services, opening_id: str) -> Explanation:
    row = await services.db.read(lambda c: alerts.get(c, opening_id))
    if row is None:
        raise UserError("That alert is not stored any more.")
    facts = AlertFacts.from_json(row.facts)
    subscription = row.subscription_id
    return Explanation(
        alert_id=opening_id,
        facts=facts,
        steps=await services.db.read(lambda c: explanations.steps(c, opening_id)),
        relatives=await services.db.read(
            lambda c: explanations.relatives(c, facts.episode_id, subscription_id=subscription)
        ),
        rule=rule_words(facts),
    )


def rule_words(facts: AlertFacts) -> str:
    """The rule's own first paragraph, from the function that decides."""
    rule = KINDS[facts.kind]
    words = inspect.getdoc(rule.detect) or rule.phrase
    return " ".join(words.split("\n\n")[0].split())
