"""A transcript of a replay: every message, edit and reply that was sent, one JSON object a line."""

import json
from datetime import datetime
from typing import Any, TextIO

from bot.alerts.bulletins import STAGE as BULLETIN
from bot.alerts.facts import AlertFacts, short_id
from bot.alerts.personal.facts import STAGE as PERSONAL
from bot.alerts.personal.facts import PersonalFacts
from bot.cards.alert import card_for
from bot.cards.personal import personal_card
from bot.cards.text import to_text
from bot.clock import Clock
from bot.delivery.bulletin_sink import bulletin_card
from bot.delivery.sink import Posted, Sink
from storage import quieted
from storage.alerts import AlertRecord
from storage.database import Database


class TranscriptSink:
    """Writes down what `sink` really sent; what failed is not written. A message that shows
    several alerts is a line for each, with the message's id in all of them."""

    def __init__(self, sink: Sink, *, file: TextIO, clock: Clock, db: Database) -> None:
        self._sink = sink
        self._file = file
        self._clock = clock
        self._db = db

    async def post(self, alert: AlertRecord) -> Posted:
        return await self._written(alert, await self._sink.post(alert))

    async def edit(self, alert: AlertRecord, *, message_id: int) -> Posted:
        return await self._written(alert, await self._sink.edit(alert, message_id=message_id))

    async def reply(self, alert: AlertRecord, *, message_id: int) -> Posted:
        return await self._written(alert, await self._sink.reply(alert, message_id=message_id))

    async def find(self, alert: AlertRecord, *, since: datetime) -> Posted | None:
        return await self._sink.find(alert, since=since)

    async def _written(self, alert: AlertRecord, posted: Posted) -> Posted:
        paid = await self._db.read(lambda c: quieted.paid_together(c, alert))
        for one in paid:
            line = describe(one.alert, posted, at=self._clock.now())
            line["rule"] = None if one.quieted is None else one.quieted.rule
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()
        return posted


def describe(alert: AlertRecord, posted: Posted, *, at: datetime) -> dict[str, Any]:
    """One act: when, where, what kind, about which signal, and all it says."""
    act = {
        "time": at.isoformat(),
        "channel": str(alert.channel_id),
        "act": alert.act,
        "alert": alert.id,
        "short_id": short_id(alert.target or alert.id),
        "message": str(posted.message_id),
    }
    if alert.stage == BULLETIN:
        return act | {"stage": BULLETIN, "text": to_text(bulletin_card(alert))}
    if alert.stage == PERSONAL:
        return act | _personal(alert)
    facts = AlertFacts.from_json(alert.facts)
    card = card_for(facts, alert_id=alert.target or alert.id)
    return act | {
        "symbol": str(facts.symbol),
        "kind": facts.kind.value,
        "stage": facts.stage.value,
        "state": facts.state.value,
        "session": facts.session.isoformat(),
        "level": facts.level,
        "price": facts.price,
        "close": facts.close,
        "text": to_text(card),
        "fields": {field.name: field.value for field in card.fields},
    }


def _personal(alert: AlertRecord) -> dict[str, Any]:
    facts = PersonalFacts.from_json(alert.facts)
    return {
        "symbol": str(facts.symbol),
        "stage": PERSONAL,
        "words": facts.words,
        "session": facts.session.isoformat(),
        "level": facts.level,
        "price": facts.price,
        "text": to_text(personal_card(facts, alert_id=alert.id)),
    }
