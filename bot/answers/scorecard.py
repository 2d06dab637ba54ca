"""`/scorecard`: what became of the bot's own alerts, and whether a channel hears of it weekly."""

from bot.alerts.bulletins import week_of
from bot.alerts.subscriptions import Place
from bot.answers.model import Answer, Caller
from bot.cards.format import timestamp
from bot.cards.model import Button, Card, Tone
from bot.cards.scorecard import ScorecardView, numbers, scorecard_card
from bot.errors import MissingPermission
from bot.services import Services
from storage import grades


async def show(services: Services, caller: Caller) -> Answer:
    """The scorecard of the channel they ask in, or of all alerts outside of servers."""
    return await scorecard(services, caller.channel_id)


async def scorecard(services: Services, channel_id: int | None) -> Answer:
    """This week and to date, of what one channel was told, or any (None)."""
    closed = services.sessions.last_closed(services.now())
    first, last = week_of(services.sessions, closed)
    found = await services.db.read(lambda c: grades.scored(c, channel_id=channel_id))
    told = "Of the alerts that this channel got." if channel_id else "Of all alerts that I sent."
    view = ScorecardView(
        scored=found,
        first=first,
        last=min(last, closed),
        whose=told,
        footer=services.market.source.label,
    )
    return Answer(card=scorecard_card(view), numbers=numbers(view))


async def on(services: Services, caller: Caller) -> Answer:
    """Send the caller's channel its scorecard every week. Raises UserError."""
    place = _place(caller)
    if caller.bot_lacks:
        raise MissingPermission(
            f"I cannot post in <#{place.channel_id}>: I lack {' and '.join(caller.bot_lacks)} "
            "there. Grant that in the channel’s settings, then try again."
        )
    record = await services.bulletins.want_scorecard(place)
    text = (
        f"<#{place.channel_id}> gets a scorecard after the last close of every week, the first "
        f"{timestamp(record.next_at, 'R')}. Quiet hours hold it."
    )
    return _done(text, "scorecard off", on=True)


async def off(services: Services, caller: Caller) -> Answer:
    """No more scorecards for the caller's channel. Raises UserError."""
    place = _place(caller)
    record = await services.bulletins.scorecard_of(place)
    if record is not None:
        await services.bulletins.end_scorecard(place, record)
    return _done(f"<#{place.channel_id}> gets no weekly scorecard.", "scorecard on", on=False)


def _place(caller: Caller) -> Place:
    guild_id, channel_id = caller.require_manager()
    return Place(guild_id=guild_id, channel_id=channel_id, user_id=caller.user_id)


def _done(text: str, undo: str, *, on: bool) -> Answer:
    return Answer(
        card=Card(title="", verdict=text, tone=Tone.GOOD),
        numbers={"command": "scorecard", "weekly": on},
        private=True,
        controls=(Button(label="Undo", call=undo),),
    )
