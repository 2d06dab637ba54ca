"""Answers with any one place changed at random: read, or a known error, never a crash."""

import copy
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import HighwaterError
from bot.market.model import Symbol
from bot.market.sources.door import Answer
from bot.market.sources.nasdaq import UNREADABLE, data_in, quote_in
from bot.market.sources.nasdaq import bars_in as nasdaq_bars_in
from bot.market.sources.yahoo_chart import bars_in
from bot.market.sources.yahoo_facts import headlines_in, instruments_in, profile_in
from bot.market.sources.yahoo_quotes import page_in, quotes_in
from tests.market.imitation_yahoo import answers, nasdaq
from tests.market.imitation_yahoo.bench import RUNNING, fund

IVOO = Symbol("IVOO")
LISTING = fund("IVOO", sessions=4)
LISTING.dividends = {LISTING.rows[1].stamp: 0.4}
LISTING.splits = {LISTING.rows[2].stamp: (2, 1)}
LISTING.gains = {LISTING.rows[1].stamp: 0.1}
ETF = {"assetclass": "etf", "fromdate": "2020-01-01", "todate": str(date(2026, 10, 1))}

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, -1, 1e300, 1e-320, "", "N/A", "x", [], {}, [None], [[]], {"raw": 1}]),
    st.text(max_size=5),
)


def read_nasdaq_bars(answer: Answer) -> object:
    """As the source does it, which translates what cannot be read."""
    data = data_in(IVOO, answer)
    try:
        return nasdaq_bars_in(IVOO, data, {}, now=RUNNING)
    except UNREADABLE:
        return None


READERS: dict[str, tuple[Any, Callable[[Answer], object]]] = {
    "chart": (
        answers.chart(LISTING, {}, RUNNING)[1],
        lambda answer: bars_in(IVOO, answer, since=None, now=RUNNING),
    ),
    "quotes": (answers.quotes([LISTING], RUNNING), quotes_in),
    "screen": (answers.page([LISTING], 0, 250, RUNNING), page_in),
    "profile": (answers.summary(LISTING, "IVOO")[1], lambda answer: profile_in(IVOO, answer)),
    "news": (
        answers.news("IVOO", 2, RUNNING),
        lambda answer: headlines_in(IVOO, answer, limit=5),
    ),
    "search": (answers.search("iv", [LISTING], 1), instruments_in),
    "nasdaq history": (nasdaq.answer(LISTING, "historical", ETF, RUNNING), read_nasdaq_bars),
    "nasdaq quote": (
        nasdaq.answer(LISTING, "info", ETF, RUNNING),
        lambda answer: quote_in(IVOO, data_in(IVOO, answer), nasdaq.summary(LISTING)["data"]),
    ),
}


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to every node below this one."""
    below = node.items() if isinstance(node, dict) else enumerate(node)
    found = [path] if path else []
    if isinstance(node, dict | list):
        for key, child in below:
            found += (
                places(child, (*path, key)) if isinstance(child, dict | list) else [(*path, key)]
            )
    return found


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_one_place_of_another_form_is_read_or_a_known_error(name: str, data: st.DataObject) -> None:
    body, read = READERS[name]
    body = copy.deepcopy(body)
    *path, last = data.draw(st.sampled_from(places(body)))
    node = body
    for key in path:
        node = node[key]
    if isinstance(node, dict) and data.draw(st.booleans()):
        del node[last]
    else:
        node[last] = data.draw(JUNK)
    with suppress(HighwaterError):
        read(Answer(status=200, body=body))
