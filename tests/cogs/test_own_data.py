"""People's own lists, holdings and data, used through the playground."""

import json

import pytest

from tests.cogs.test_controls import answer, changed, components, pick
from tests.playground.person import Json, Person, option, upload

pytestmark = pytest.mark.asyncio(loop_scope="session")

PRIVATE = 64


def sub(name: str, *options: Json) -> Json:
    return {"name": name, "type": 1, "options": list(options)}


async def use(person: Person, group: str, verb: str, *options: Json, **more: object) -> Json:
    channel = await person.channel("general")
    record = await person.use(group, channel, sub(verb, *options), **more)
    assert record["state"] == "answered", record
    message: Json = record["message"]
    return message


def words(message: Json) -> str:
    parts = [message["content"]]
    for embed in message["embeds"]:
        parts += [embed.get("title", ""), embed.get("description", "")]
        parts += [f"{field['name']} {field['value']}" for field in embed.get("fields", [])]
    return "\n".join(parts)


async def press(person: Person, message: Json, label: str) -> Json:
    """The message as the button of this label changed it."""
    button = next(b for b in components(message, 2) if b["label"] == label)
    record = await person.press(message, button["custom_id"])
    assert record["state"] == "answered", record
    return await changed(person, message)


async def attached(person: Person, message: Json) -> str:
    (file,) = message["attachments"]
    async with person.http.get(file["url"]) as answered:
        return (await answered.read()).decode("utf-8-sig")


async def test_a_list_is_filled_shown_sorted_and_undone_in_private(member: Person) -> None:
    made = await use(member, "watchlist", "add", option("symbols", "$ivoo, SPY;XLK <@1> ZZZZZ"))
    assert made["flags"] & PRIVATE
    assert "Added 3 to main: IVOO, SPY and XLK." in words(made)
    assert "Left out: “1” and ZZZZZ (unknown)." in words(made)

    shown = await use(member, "watchlist", "show")
    assert shown["flags"] & PRIVATE
    table = words(shown).split("```")[1].splitlines()
    assert [line[:4].strip() for line in table if line[:1].isalpha()] == ["IVOO", "SPY", "XLK"]
    async with member.http.get(shown["embeds"][0]["image"]["url"]) as picture:
        assert (await picture.read()).startswith(b"\x89PNG")
    await pick(member, shown, 0, "Symbol")

    gone = await use(member, "watchlist", "remove", option("symbols", "spy"))
    assert "Removed 1 from main: SPY." in words(gone)
    back = await press(member, gone, "Undo")
    assert "Undone: removed 1 from main." in words(back)
    exported = await use(member, "watchlist", "export")
    rows = (await attached(member, exported)).splitlines()
    assert [row.split(",")[0] for row in rows] == ["symbol", "IVOO", "SPY", "XLK"]


async def test_a_file_is_imported_and_a_shared_list_is_copied(
    member: Person, admin: Person
) -> None:
    file = upload("list.csv", "Ticker;Name\r\nQQQ;Größe\r\nIWM;x\r\nbad one;y\r\n".encode("utf-16"))
    done = await use(
        member,
        "watchlist",
        "import",
        option("file", 0, 11),
        option("name", "From file"),
        files=[file],
    )
    assert "Created From file: QQQ and IWM." in words(done)
    assert "“bad one”" in words(done)

    hidden = await use(admin, "watchlist", "show", option("name", "From file"))
    assert "watchlist" in hidden["content"]
    assert not hidden["embeds"]

    shared = await use(member, "watchlist", "share", option("name", "from FILE"))
    code = words(shared).split("code `")[1].split("`")[0]
    copied = await use(admin, "watchlist", "import", option("code", code), option("name", "mine"))
    assert "Created mine: QQQ and IWM." in words(copied)


async def test_a_picture_as_a_file_is_refused_with_what_to_attach(member: Person) -> None:
    png = upload("x.png", b"\x89PNG\r\n\x1a\n" + bytes(64))
    refused = await use(member, "watchlist", "import", option("file", 0, 11), files=[png])
    assert "Attach a CSV" in refused["content"]


async def test_others_see_a_public_list_and_their_presses_show_that_list(
    member: Person, admin: Person
) -> None:
    await use(member, "watchlist", "create", option("name", "seen"), option("symbols", "DIA MDY"))
    await use(admin, "watchlist", "create", option("name", "seen"), option("symbols", "XLU"))
    public = await use(
        member, "watchlist", "show", option("name", "seen"), option("public", True, 5)
    )
    assert not public["flags"] & PRIVATE
    record = await pick(admin, public, 0, "Day’s change")
    assert record["message"]["flags"] & PRIVATE
    assert "DIA" in words(record["message"])
    assert "XLU" not in words(record["message"])


async def test_a_portfolio_is_set_valued_and_undone_in_private(member: Person) -> None:
    done = await use(
        member, "portfolio", "set", option("holdings", "IVOO 10 @ 95.20, SPY 5; BAD 0x3")
    )
    assert done["flags"] & PRIVATE
    assert "Set: IVOO 10 at 95.20 and SPY 5." in words(done)
    shown = await use(member, "portfolio", "show")
    assert shown["flags"] & PRIVATE
    assert "Effective positions" in words(shown)
    assert shown["embeds"][0]["image"]["url"]
    risk = await press(member, shown, "Risk")
    assert "% of the risk" in words(risk)
    file = upload("broker.csv", b'Symbol,Quantity,Cost Basis Total\nQQQ,4,"1,200.00"\n')
    await use(member, "portfolio", "import", option("file", 0, 11), files=[file])
    assert "1 position" in words(await use(member, "portfolio", "show"))
    assert "2 holdings" in words(await use(member, "portfolio", "undo"))


@pytest.mark.parametrize("text", ["IVOO", "IVOO -5", "SPY 1e400", "'; DROP TABLE holdings;--"])
async def test_holdings_that_make_no_sense_change_nothing(member: Person, text: str) -> None:
    refused = await use(member, "portfolio", "set", option("holdings", text))
    assert "Nothing was changed" in refused["content"]


async def test_a_person_gets_everything_as_a_file_and_deletes_it(admin: Person) -> None:
    await use(admin, "watchlist", "add", option("symbols", "SPY"))
    handed = await answer(admin, "my-data")
    assert handed["flags"] & PRIVATE
    data = json.loads(await attached(admin, handed))
    assert data["user_id"] == admin.id
    assert any("SPY" in row["symbols"] for row in data["watchlists"])

    asked = await answer(admin, "forget-me")
    assert "cannot be undone" in words(asked)
    done = await press(admin, asked, "Delete everything")
    assert "Nothing about you is stored any more" in words(done)
    again = await answer(admin, "my-data")
    assert "Nothing is stored about you" in words(again)
