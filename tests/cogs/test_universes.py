"""`/universe` in the playground: made by who manages the server, completed for everybody."""

import re
from typing import Any

import pytest

from tests.cogs.test_quiet import said, sub
from tests.playground.person import Json, Person, option

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def offered(person: Person, name: str, *options: Json) -> list[Any]:
    channel = await person.channel("general")
    command = await person.command(name, channel)
    status, found = await person.interact(
        "autocomplete", channel, command=command["id"], name=name, options=list(options)
    )
    assert status == 200
    return [choice["value"] for choice in found["choices"]]


async def test_a_universe_is_made_offered_subscribed_to_and_deleted(
    admin: Person, member: Person
) -> None:
    named, listed = option("name", "tech-leaders"), option("symbols", "QQQ XLK")
    assert "Created tech-leaders: QQQ and XLK" in await said(
        admin, "universe", sub("create", named, listed)
    )
    typed = option("universe", "tech", focused=True)
    assert (await offered(member, "breadth", typed))[0] == "tech-leaders"
    shown = sub("show", option("name", "tech", focused=True))
    assert await offered(member, "universe", shown) == ["tech-leaders"]
    assert "QQQ XLK" in await said(member, "universe", sub("show", named))
    refused = await said(member, "universe", sub("add", named, option("symbols", "XLC")))
    assert "You need the Manage Server or the Manage Channels permission" in refused
    made = await said(admin, "subscribe", option("what", "tech-leaders"))
    (number,) = re.findall(r"Subscribed: #(\d+)", made)
    assert f"#{number}" in await said(admin, "universe", sub("delete", named))
    await said(admin, "subscriptions", sub("remove", option("number", int(number), 4)))
    assert "Deleted tech-leaders" in await said(admin, "universe", sub("delete", named))
