"""`/my-data` and `/forget-me`: what is stored about the one who asks, handed out and deleted."""

import json

from bot.answers.model import Answer, Caller
from bot.cards.format import plural
from bot.cards.model import Button, Card, Document, Tone
from bot.services import Services
from storage import people

WORDS = {
    "watchlists": "watchlist",
    "holdings": "holding",
    "changes": "change that can be undone",
    "personal_alerts": "personal alert",
    "user_preferences": "row of settings",
    "bulletins": "daily digest",
    "messages": "message of personal alerts",
    "subscriptions": "subscription of servers",
    "removed_subscriptions": "removed subscription",
    "mutes": "mute",
    "audit": "audit line",
}
PLURALS = {
    "change that can be undone": "changes that can be undone",
    "row of settings": "rows of settings",
    "message of personal alerts": "messages of personal alerts",
    "subscription of servers": "subscriptions of servers",
}
REST = (
    "-# Buttons whose commands are too long for Discord keep them for 400 days, without who "
    "pressed them. Messages that were sent stay in Discord."
)


async def my_data(services: Services, caller: Caller) -> Answer:
    """Everything stored about the one who asks, as JSON."""
    found = await services.db.read(lambda c: people.stored_about(c, caller.user_id))
    text = json.dumps({"user_id": str(caller.user_id), **found}, indent=2, ensure_ascii=False)
    card = Card(
        title="What I know of you",
        verdict=_counted(found) if found else "Nothing is stored about you.",
        body=REST,
        documents=(Document(filename="my-data.json", text=text),),
    )
    return Answer(card=card, numbers={"command": "my-data", "tables": _counts(found)}, private=True)


async def forget_me(services: Services, caller: Caller, *, sure: bool = False) -> Answer:
    """Say what would be deleted; with `sure` delete it. There is no undo for this."""
    found = await services.db.read(lambda c: people.stored_about(c, caller.user_id))
    numbers = {"command": "forget-me", "tables": _counts(found), "done": sure}
    if not found:
        card = Card(title="", verdict="Nothing is stored about you.", body=REST)
        return Answer(card=card, numbers=numbers, private=True)
    if not sure:
        card = Card(
            title="Forget everything?",
            verdict=f"{_counted(found)} This cannot be undone; `/my-data` gives you a copy first.",
            tone=Tone.WATCH,
            body=(
                "-# Your lists, holdings and alerts are deleted. Subscriptions and mutes belong to "
                "their servers: they stay and no longer say who made them."
            ),
        )
        buttons = (
            Button(label="My data", call="my-data"),
            Button(label="Delete everything", call="forget-me sure:true"),
        )
        return Answer(card=card, numbers=numbers, private=True, controls=buttons)
    await services.db.write(lambda c: people.forget_user(c, caller.user_id))
    card = Card(
        title="", verdict="Done. Nothing about you is stored any more.", tone=Tone.GOOD, body=REST
    )
    return Answer(card=card, numbers=numbers, private=True)


def _counts(found: dict[str, list[dict[str, object]]]) -> dict[str, int]:
    return {table: len(rows) for table, rows in found.items()}


def _counted(found: dict[str, list[dict[str, object]]]) -> str:
    parts = []
    for table, rows in found.items():
        noun = WORDS[table]
        many = PLURALS.get(noun)
        parts.append(f"{len(rows)} {many}" if many and len(rows) > 1 else plural(len(rows), noun))
    return f"Stored about you: {', '.join(parts)}."
