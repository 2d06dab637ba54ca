"""`/sentiment` and `/brief` through the real services, as commands typed as text."""

from datetime import date
from pathlib import Path

import pytest

from bot.answers.model import Caller
from bot.answers.parse import parse
from bot.cards.model import Button
from bot.charts.renderer import Renderer
from bot.errors import NoData, UnknownSymbol
from bot.services import Services
from tests.answers.stage import ask, services_over, write_prices

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_sentiment_shows_score_words_impact_and_a_picture(demo: Services) -> None:
    answer = await ask(demo, "/sentiment IWM")
    numbers = answer.numbers
    assert numbers["headlines"] >= numbers["stories"] > 0
    assert numbers["score"] is None or -1 <= numbers["score"] <= 1
    assert 0 <= numbers["impact"]["value"] <= 1
    assert set(numbers["impact"]["parts"]) == {"size", "move", "breadth", "novelty"}
    assert "read by rules, no model" in answer.card.footer
    assert answer.card.picture is not None
    assert answer.card.picture.png.startswith(b"\x89PNG")


async def test_sentiment_hands_out_what_it_stored(demo: Services) -> None:
    answer = await ask(demo, "/sentiment IWM")
    again = await parse(answer.call).run(demo, Caller())
    assert again.table == answer.table
    assert answer.table.splitlines()[0] == "time,score,publisher,title,url"


async def test_the_controls_lead_from_one_to_the_other(demo: Services) -> None:
    sentiment = await ask(demo, "/sentiment IWM")
    calls = [control.call for control in sentiment.controls if isinstance(control, Button)]
    brief = await parse(calls[0]).run(demo, Caller())
    assert brief.numbers["command"] == "brief"


async def test_a_source_without_news_is_not_enough_news(autumn: Services) -> None:
    answer = await ask(autumn, "/sentiment IWM")
    assert answer.numbers["score"] is None
    assert answer.card.verdict.startswith("Not enough news: 0 headlines")
    assert "holds daily bars only, no news" in answer.card.body


async def test_an_unknown_symbol_is_said(demo: Services) -> None:
    with pytest.raises(UnknownSymbol):
        await ask(demo, "/sentiment ZZZZ")
    with pytest.raises(UnknownSymbol):
        await ask(demo, "/brief ZZZZ")


async def test_a_brief_is_a_card_with_the_whole_note_beside_it(demo: Services) -> None:
    answer = await ask(demo, "/brief IWM")
    (document,) = answer.card.documents
    assert document.filename == "brief-IWM-2024-06-28.md"
    assert document.text.startswith(f"# {answer.card.title}\n")
    for line in answer.card.body.splitlines():
        if not line.startswith("**"):
            assert line in document.text or line.split(". ")[0] in document.text
    assert len(answer.card.verdict) + len(answer.card.body) + 1 <= 4096
    assert answer.card.picture is not None


async def test_a_brief_of_three_sessions_says_what_is_missing(
    renderer: Renderer, tmp_path: Path
) -> None:
    folder = tmp_path / "prices"
    folder.mkdir()
    write_prices(folder, "NEW", date(2024, 6, 3), [100.0, 101.0, 103.0])
    async with services_over(
        folder, tmp_path, as_of=date(2024, 6, 5), renderer=renderer
    ) as services:
        answer = await ask(services, "/brief NEW")
    text = answer.card.documents[0].text
    assert "NEW made a new high since listing: 104.03, above 102.01 of 4 Jun 2024" in text
    assert "No breadth can be read here." in text
    assert "TLT, IEF, TIP, HYG and LQD (not in this source)" in text
    assert "There is no earlier case in these data." in text
    assert "average" not in text.split("## Breadth")[0]


async def test_a_single_session_is_too_little_for_a_brief(
    renderer: Renderer, tmp_path: Path
) -> None:
    folder = tmp_path / "prices"
    folder.mkdir()
    write_prices(folder, "NEW", date(2024, 6, 3), [100.0])
    async with services_over(
        folder, tmp_path, as_of=date(2024, 6, 3), renderer=renderer
    ) as services:
        with pytest.raises(NoData, match="two are needed"):
            await ask(services, "/brief NEW")
