"""Another hand may change the words; a real server on this machine tries all it should not."""

import asyncio
import json
from collections.abc import Callable

import pytest
from aiohttp import web

from bot.brief.prose import Endpoint, PlainProse, Reworded, fault_of, prose_of
from bot.errors import SettingsError
from bot.settings import load_settings
from tests.brief.hand import Body, server

NOTE = (
    "## What happened\n"
    "IVOO closed at 123.44 on 17 Apr 2026, +2.0 % from 120.97.\n\n"
    "## Base rate\n"
    "67 % of 43 highs closed below the level within 5 sessions."
)
GOOD = (
    "## What happened\n"
    "On 17 Apr 2026 IVOO finished at 123.44. That is +2.0 % from 120.97.\n\n"
    "## Base rate\n"
    "Of 43 highs, 67 % fell back below their level within 5 sessions."
)
BAD = {
    "it changed a number": GOOD.replace("123.44", "123.45"),
    "its sections were others": GOOD.replace("## Base rate", "## Odds"),
    "it carried a link or a mention": GOOD + " See https://evil.example.",
    "it gave advice": GOOD + " Investors should take note.",
    "it was too long": GOOD + " and so on" * 200,
}


async def reworded(answer: Callable[[Body], object]) -> Reworded:
    async with server(answer) as url:
        return await Endpoint(url=url, model="small", key="secret").reworded(NOTE)


async def test_other_words_with_the_same_numbers_are_shown() -> None:
    asked: list[Body] = []
    async with server(lambda _: GOOD, asked) as url:
        result = await Endpoint(url=url, model="small", key="secret").reworded(NOTE)
    assert result.text == GOOD
    assert result.remark == "Reworded by small; every number was compared."
    (call,) = asked
    assert call["headers"]["Authorization"] == "Bearer secret"
    assert NOTE in json.dumps(call["body"], ensure_ascii=False).replace("\\n", "\n")


@pytest.mark.parametrize("fault", BAD)
async def test_what_changes_more_than_words_is_put_away_and_said(fault: str) -> None:
    result = await reworded(lambda _: BAD[fault])
    assert result == Reworded(remark=f"A reworded note was put away: {fault}.")


def test_a_number_may_not_move_to_another_section() -> None:
    moved = GOOD.replace(" within 5 sessions", "").replace("120.97.", "120.97, 5 sessions.")
    assert fault_of(NOTE, moved) == "it changed a number"


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: web.Response(status=500),
        lambda _: web.Response(status=302, headers={"Location": "https://evil.example"}),
        lambda _: web.Response(text="no json"),
        lambda _: web.json_response({"choices": []}),
        lambda _: web.json_response([1]),
        lambda _: web.Response(text=" " * 100_000),
        lambda _: 7,
    ],
    ids=["500", "redirect", "text", "empty", "list", "huge", "number"],
)
async def test_a_server_that_does_not_help_leaves_the_plain_note(
    answer: Callable[[Body], object],
) -> None:
    result = await reworded(answer)
    assert result.text == ""
    assert result.remark == "The prose server did not answer; this is the plain note."


async def test_a_server_that_is_not_there_leaves_the_plain_note() -> None:
    async with server(lambda _: GOOD) as url:
        gone = url
    result = await Endpoint(url=gone, model="small").reworded(NOTE)
    assert result.text == ""


async def test_direction_and_control_characters_do_not_come_through() -> None:
    result = await reworded(lambda _: GOOD.replace("finished", "fin\u202eished\x07"))
    assert result.text == GOOD


async def test_nothing_is_asked_unless_the_operator_names_a_server() -> None:
    plain = prose_of(load_settings(env_file=None))
    assert isinstance(plain, PlainProse)
    assert await plain.reworded(NOTE) == Reworded()
    named = prose_of(load_settings(env_file=None, prose_url="http://127.0.0.1:1/v1"))
    assert isinstance(named, Endpoint)


async def test_many_notes_at_once_are_reworded_each_for_itself() -> None:
    async with server(lambda _: GOOD) as url:
        hand = Endpoint(url=url, model="small")
        results = await asyncio.gather(*(hand.reworded(NOTE) for _ in range(5)))
    assert {result.text for result in results} == {GOOD}


@pytest.mark.parametrize("url", ["http://10.0.0.1/v1", "http://prose.example/v1", "file:///x"])
def test_a_note_leaves_this_machine_encrypted_only(url: str) -> None:
    with pytest.raises(SettingsError, match="HIGHWATER_PROSE_URL: an https://"):
        load_settings(env_file=None, prose_url=url)
