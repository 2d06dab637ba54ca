"""`/sentiment` and `/brief` as members of a server use them."""

import pytest

from tests.playground.person import Person, option

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_brief_comes_with_its_note_and_leads_to_the_sentiment(admin: Person) -> None:
    record = await admin.use("brief", await admin.channel("general"), option("symbol", "IWM"))
    assert record["state"] == "answered", record
    message = record["message"]
    names = [attachment["filename"] for attachment in message["attachments"]]
    assert len(names) == 1
    assert names[0].startswith("brief-IWM-")
    assert names[0].endswith(".md")
    assert "IWM-brief.png" in message["embeds"][0]["image"]["url"]
    assert "**What would invalidate it**" in message["embeds"][0]["description"]
    buttons = [part for row in message["components"] for part in row["components"]]
    sentiment = next(part for part in buttons if part.get("label") == "Sentiment")
    await admin.press(message, sentiment["custom_id"])
    update = await admin.wait(
        "message_update", lambda m: m["id"] == message["id"] and m["embeds"] != message["embeds"]
    )
    assert "headline" in update["embeds"][0]["description"]
    assert update["attachments"] == []


async def test_the_scored_headlines_are_handed_out_as_csv(member: Person) -> None:
    record = await member.use("sentiment", await member.channel("general"), option("symbol", "SPY"))
    message = record["message"]
    buttons = [part for row in message["components"] for part in row["components"]]
    button = next(part for part in buttons if part.get("label") == "CSV")
    outcome = await member.press(message, button["custom_id"])
    assert [a["filename"] for a in outcome["message"]["attachments"]] == ["sentiment-spy.csv"]
