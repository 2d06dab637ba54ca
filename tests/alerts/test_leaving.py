"""A server that removes the bot leaves no row behind."""

from pathlib import Path

from bot.alerts.subscriptions import Subscriptions
from bot.clock import LiveClock
from storage.database import Database
from tests.storage.test_people import ANN, BOB, HERE, THERE, fill, tables_naming


async def test_no_table_names_the_server_after_it_removed_the_bot(where: Path | str) -> None:
    db = Database.open(where)
    for user, guild in ((ANN, HERE), (BOB, THERE)):
        await db.write(lambda c, u=user, g=guild: fill(c, u, g))
    kept = await db.read(lambda c: tables_naming(c, THERE))
    subscriptions = Subscriptions(db=db, clock=LiveClock(), resolve=lambda *_: ())
    await subscriptions.forget_guild(HERE)
    assert await db.read(lambda c: tables_naming(c, HERE)) == set()
    assert await db.read(lambda c: tables_naming(c, THERE)) == kept
    assert "personal_alerts" in await db.read(lambda c: tables_naming(c, ANN))
    await db.close()
