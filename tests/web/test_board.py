"""The public board: what it shows, what it refuses, and what it lets nobody do."""

import re

import pytest

from bot.web.board_pages import Composer
from tests.web.conftest import Stand

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_board_shows_today_what_is_followed_up_breadth_setups_and_the_score(
    stand: Stand,
) -> None:
    async with stand.http.get("/board") as answer:
        assert answer.status == 200
        text = await answer.text()
    assert "28 Jun 2024: 1 signal<" in text
    row = re.search(r"<tr>(?:(?!</tr>).)*SPY.*?</tr>", text, re.DOTALL)
    assert row is not None
    assert "New 52-week high" in row[0]
    assert "● confirmed" in row[0]
    for title in ("Breadth of 3 symbols", "Setups in ", "Scorecard, "):
        assert title in text
    assert "Synthetic data: every price is invented" in text
    assert "never advises" in text


async def test_a_page_asks_nothing_of_anybody_else_and_runs_nothing(stand: Stand) -> None:
    for path in ("/board", "/board/symbol/SPY", "/board/symbol/zzzz"):
        async with stand.http.get(path) as answer:
            policy = answer.headers["Content-Security-Policy"]
            text = await answer.text()
        assert policy.startswith("default-src 'none'")
        assert "script" not in policy
        assert "<script" not in text
        assert not re.findall(r'(?:src|href)="(?![/#])', text)


async def test_a_symbol_has_its_cards_pictures_and_episodes(stand: Stand) -> None:
    async with stand.http.get("/board/symbol/iwm") as answer:
        text = await answer.text()
    assert "<h1>IWM · " in text
    assert "✕ failed" in text
    (high, *_) = re.findall(r'<img src="(/board/picture/\w+\.png)" alt="([^"]+)"', text)
    assert "IWM" in high[1]
    async with stand.http.get(high[0]) as answer:
        assert answer.content_type == "image/png"
        assert (await answer.read()).startswith(b"\x89PNG")
    async with stand.http.get("/board/picture/" + "0" * 24 + ".png") as answer:
        assert answer.status == 404


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/board/symbol/..%2F..%2Fetc", "is not a ticker symbol"),
        ("/board/symbol/%3Cscript%3Ealert(1)%3C%2Fscript%3E", "is not a ticker symbol"),
        ("/board/symbol/" + "A" * 500, "is not a ticker symbol"),
        ("/board/symbol/%F0%9F%93%88", "is not a ticker symbol"),
        ("/board/symbol/ZZZZQ", "No channel follows ZZZZQ"),
        ("/board/symbol?q=", "is not a ticker symbol"),
        ("/board/symbol?q=a%0d%0aSet-Cookie:x", "is not a ticker symbol"),
    ],
)
async def test_hostile_and_unknown_symbols_are_not_found_in_words(
    stand: Stand, path: str, words: str
) -> None:
    async with stand.http.get(path) as answer:
        assert answer.status == 404
        assert words in await answer.text()
        assert answer.headers["Cache-Control"] == "no-store"


async def test_what_people_watch_for_themselves_alone_is_not_shown(stand: Stand) -> None:
    """Episodes of a personal alert’s symbol are stored like those of channels."""
    async with stand.http.get("/board") as answer:
        assert "GLD" not in await answer.text()
    async with stand.http.get("/board/symbol/GLD") as answer:
        assert answer.status == 404
        assert "No channel follows GLD" in await answer.text()


async def test_breadth_and_setups_are_computed_once_for_a_close(stand: Stand) -> None:
    composer = Composer(stand.services)
    first, second = (await composer.board(), await composer.board())
    titles = [card.title for card in first.values["cards"]]
    assert [title.split()[0] for title in titles] == ["Breadth", "Setups", "Scorecard,"]
    same = [a is b for a, b in zip(first.values["cards"], second.values["cards"], strict=True)]
    assert same == [True, True, False]


async def test_who_has_a_page_already_is_sent_nothing(stand: Stand) -> None:
    async with stand.http.get("/board") as answer:
        tag = answer.headers["ETag"]
        assert "max-age=60" in answer.headers["Cache-Control"]
    async with stand.http.get("/board", headers={"If-None-Match": tag}) as answer:
        assert answer.status == 304
        assert await answer.read() == b""


async def test_the_theme_is_remembered_and_only_known_ones_are_taken(stand: Stand) -> None:
    async with stand.http.get("/board/theme/light", allow_redirects=False) as answer:
        assert answer.status == 302
        assert answer.cookies["highwater-theme"].value == "light"
    for cookie, theme in (("light", "light"), ('"><script>', "dark")):
        headers = {"Cookie": f"highwater-theme={cookie}"}
        async with stand.http.get("/board", headers=headers) as answer:
            assert f'data-theme="{theme}"' in await answer.text()
    async with stand.http.get("/board/theme/pink") as answer:
        assert answer.status == 404


async def test_nothing_but_reading_is_possible(stand: Stand) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        async with stand.http.request(method, "/board") as answer:
            assert answer.status == 405
