"""The table of all commands by name, written by hand; a test keeps it equal to the cogs'."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from bot.answers import (
    feed,
    personal,
    portfolio,
    quiet,
    scorecard,
    settings,
    subscriptions,
    universes,
    watchlists,
)
from bot.answers.breadth import breadth
from bot.answers.brief import brief
from bot.answers.chart import chart
from bot.answers.compare import compare
from bot.answers.high import high
from bot.answers.model import Answer
from bot.answers.mood import mood
from bot.answers.onboarding import setup
from bot.answers.privacy import forget_me, my_data
from bot.answers.record import record
from bot.answers.rotation import rotation
from bot.answers.sectors import sectors
from bot.answers.sentiment import sentiment
from bot.answers.setups import setups
from bot.answers.status import help_on, status
from bot.answers.strength import rs
from bot.answers.why import why
from bot.services import Services

Answerer = Callable[..., Awaitable[Answer]]


async def help_(services: Services, *, topic: str = "") -> Answer:
    """`/help` about all of this table. Raises UserError for a topic that nothing is about."""
    return await help_on(topic, names=tuple(ANSWERS))


ANSWERS: Mapping[str, Answerer] = MappingProxyType(
    {
        "high": high,
        "chart": chart,
        "compare": compare,
        "rs": rs,
        "rotation": rotation,
        "breadth": breadth,
        "sectors": sectors,
        "mood": mood,
        "setups": setups,
        "record": record,
        "sentiment": sentiment,
        "brief": brief,
        "why": why,
        "scorecard show": scorecard.show,
        "scorecard on": scorecard.on,
        "scorecard off": scorecard.off,
        "setup": setup,
        "subscribe": subscriptions.subscribe,
        "subscriptions list": subscriptions.list_subscriptions,
        "subscriptions pause": subscriptions.pause,
        "subscriptions resume": subscriptions.resume,
        "subscriptions remove": subscriptions.remove,
        "subscriptions test": subscriptions.sample,
        "subscriptions edit": quiet.edit,
        "universe list": universes.list_universes,
        "universe show": universes.show,
        "universe create": universes.create,
        "universe add": universes.add,
        "universe remove": universes.remove,
        "universe delete": universes.delete,
        "mute add": quiet.mute,
        "mute list": quiet.mutes,
        "mute remove": quiet.unmute,
        "quiet set": quiet.quiet,
        "quiet show": quiet.show,
        "quiet off": quiet.loud,
        "digest set": quiet.digest,
        "digest off": quiet.undigest,
        "feed on": feed.on,
        "feed off": feed.off,
        "alert add": personal.add,
        "alert list": personal.list_alerts,
        "alert edit": personal.edit,
        "alert pause": personal.pause,
        "alert resume": personal.resume,
        "alert snooze": personal.snooze,
        "alert remove": personal.remove,
        "alert test": personal.sample,
        "alert export": personal.export,
        "alert import": personal.import_,
        "watchlist show": watchlists.show,
        "watchlist add": watchlists.add,
        "watchlist remove": watchlists.remove,
        "watchlist create": watchlists.create,
        "watchlist rename": watchlists.rename,
        "watchlist delete": watchlists.delete,
        "watchlist undo": watchlists.undo,
        "watchlist lists": watchlists.overview,
        "watchlist import": watchlists.import_,
        "watchlist export": watchlists.export,
        "watchlist share": watchlists.share,
        "watchlist alert": watchlists.alert,
        "watchlist digest": watchlists.digest,
        "portfolio show": portfolio.show,
        "portfolio risk": portfolio.risk,
        "portfolio set": portfolio.set_,
        "portfolio import": portfolio.import_,
        "portfolio clear": portfolio.clear,
        "portfolio undo": portfolio.undo,
        "settings me": settings.me,
        "settings server": settings.server,
        "my-data": my_data,
        "forget-me": forget_me,
        "status": status,
        "help": help_,
    }
)
