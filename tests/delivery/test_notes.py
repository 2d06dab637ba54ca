"""A brief beside an alert: it comes with the post, stays when the message is edited, and holds
nothing back when it cannot be written."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.alerts.facts import AlertFacts
from bot.app import together
from bot.cards.model import Document
from bot.delivery.deliverer import Deliverer
from bot.delivery.discord_sink import DiscordSink
from bot.delivery.limiter import Pace
from bot.delivery.notes import Notes
from bot.market.model import Symbol
from storage import channels
from storage.channels import WayRecord
from storage.database import Database
from tests.delivery.conftest import Post, closed


@dataclass
class Shelf:
    """Notes that lie ready; without one it says why."""

    db: Database
    text: str = ""

    async def wanted(self, alert_ids: Sequence[str]) -> set[str]:
        return await self.db.read(lambda c: channels.briefed(c, alert_ids))

    async def document(self, symbol: Symbol, *, guild_id: int) -> Document | str:
        if not self.text:
            return "the source is down"
        return Document(filename=f"brief-{symbol}.md", text=self.text)


async def no_picture(facts: AlertFacts) -> None:
    return None


def deliverer(post: Post, shelf: Shelf) -> Deliverer:
    sink = DiscordSink(
        lambda: post.client, draw=no_picture, together=together(post.db), notes=Notes(shelf)
    )
    return Deliverer.of(db=post.db, sink=sink, wall=post.clock, pace=Pace(1000.0, 1000))


async def subscribe(post: Post, *, brief: bool) -> int:
    number = await post.subscribe("alerts")
    way = WayRecord(subscription_id=number, guild_id=post.guild, brief=brief)
    await post.db.write(lambda c: channels.set_way(c, way))
    return number


async def test_a_brief_comes_with_the_opening_and_stays_through_edits(post: Post) -> None:
    shelf = Shelf(post.db, "# IVOO\n122.77 is new.")
    number = await subscribe(post, brief=True)
    await post.owe(number, "alerts")
    await deliverer(post, shelf).run_once()
    (opened,) = await post.shown("alerts")
    assert [each.filename for each in opened.attachments] == ["brief-IVOO.md"]
    shelf.text = "# a later one"
    await post.owe(number, "alerts", closed())
    await deliverer(post, shelf).run_once()
    (edited,) = await post.shown("alerts")
    assert "Confirmed" in str(edited.embeds[0].description)
    (kept,) = edited.attachments
    assert (await kept.read()).decode() == "# IVOO\n122.77 is new."


async def test_without_a_brief_the_alert_comes_and_says_so(post: Post) -> None:
    number = await subscribe(post, brief=True)
    await post.owe(number, "alerts")
    assert await deliverer(post, Shelf(post.db)).run_once() == 1
    (opened,) = await post.shown("alerts")
    assert opened.attachments == []
    line = "-# There is no brief for IVOO: the source is down"
    assert str(opened.embeds[0].description).endswith(line)


async def test_who_did_not_ask_gets_none(post: Post) -> None:
    number = await subscribe(post, brief=False)
    await post.owe(number, "alerts")
    await deliverer(post, Shelf(post.db, "text")).run_once()
    (opened,) = await post.shown("alerts")
    assert opened.attachments == []
