"""A clone that follows later in the session joins the message that already speaks for it."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.alerts.facts import AlertFacts, Stage
from bot.alerts.policy import announcements, follow_ups
from bot.alerts.quiet.quieting import Quieting
from bot.alerts.subscriptions import Subscriptions
from bot.episodes.lifecycle import State
from bot.market.model import Symbol
from bot.market.sessions import Sessions
from storage import alerts, quieted
from tests.delivery.conftest import FACTS, Post


async def happens(post: Post, *facts: AlertFacts) -> None:
    """What the watcher does with these facts; then the deliverer pays."""
    quieting = Quieting(
        sessions=Sessions.load(), benchmark=Symbol("SPY"), zone=ZoneInfo("America/New_York")
    )
    listed = Subscriptions(db=post.db, clock=post.clock, resolve=lambda *_: ())
    wishes = [
        replace(wish, symbols=frozenset({Symbol("SPY"), Symbol("VOO")}))
        for wish in await listed.wishes()
    ]
    at = post.clock.now()
    opened = [one for one in facts if one.stage is Stage.OPENED]
    announced = announcements(wishes, opened, at=at)
    owed = []
    for one in facts:
        if one.stage is not Stage.OPENED:
            known = await post.db.read(lambda c, one=one: alerts.openings(c, [one.episode_id]))
            owed += follow_ups(known, one, at=at)
    await post.db.write(lambda c: quieting.enqueue(c, announced, owed, now=FACTS.seen_at))
    await post.deliverer.run_once()


def of(symbol: str, *, state: State = State.OPEN) -> AlertFacts:
    facts = replace(FACTS, symbol=Symbol(symbol), episode_id=symbol)
    if state is State.OPEN:
        return facts
    close = 123.0 if state is State.CONFIRMED else 122.0
    return replace(facts, stage=Stage.CLOSED, state=state, close=close, provisional=False)


async def test_a_later_clone_is_an_edit_and_shares_what_follows(post: Post) -> None:
    await post.subscribe("alerts")
    await happens(post, of("SPY"))
    (first,) = await post.shown("alerts")
    assert "same index" not in (first.embeds[0].description or "")

    await happens(post, of("VOO"))
    (joined,) = await post.shown("alerts")
    assert joined.id == first.id
    assert "The same index: VOO." in (joined.embeds[0].description or "")

    await happens(post, of("SPY", state=State.CONFIRMED), of("VOO", state=State.REJECTED))
    (closed,) = await post.shown("alerts")
    assert (closed.embeds[0].title or "").startswith("● SPY")
    assert "The same index: VOO ✕." in (closed.embeds[0].description or "")

    told = await post.db.read(lambda c: quieted.told_of(c, ["SPY", "VOO"], since=EVER))
    rows = await post.db.read(lambda c: quieted.read(c, told[post.channels["alerts"]]))
    assert [(row.alert.facts["symbol"], row.alert.act) for row in rows] == [
        ("SPY", "post"),
        ("VOO", "edit"),
    ]
    assert {(row.alert.state, row.alert.message_id) for row in rows} == {("sent", first.id)}
    assert await post.db.read(alerts.counts) == {"sent": 4}


EVER = FACTS.seen_at.replace(year=2000)
