"""October to December 2023 on real bars, played through the whole way to a channel: every kind of
signal on every fund of the folder, and what people could read at the end.

What should stand there comes from an independent, slow reading of the same files: plain Python
over rows, one loop per session, nothing of the program.
"""

import csv
import gzip
import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio

from bot.alerts.facts import AlertFacts, Stage, short_id
from bot.client import point_at
from bot.episodes.lifecycle import State
from bot.playground.limits import Rate
from bot.playground.server import Playground
from bot.replay import moments
from bot.signals.model import Direction, Kind
from storage.alerts import AlertRecord
from tests.alerts.stage import HIGHS, SESSIONS, evening
from tests.delivery.theatre import Theatre, connected
from tests.market.known import real_folder

pytestmark = pytest.mark.timeout(400)
"""The replay takes 20 s of one core, and a busy machine takes its time."""
FIRST, LAST = date(2023, 10, 2), date(2023, 12, 29)
LEARNT = 25
"""Sessions before the first one that are read in silence."""
LOOKS = (5, 6)
"""The moments of a session that are played: shortly before its end, and after it."""

READ_BY_EYE = """
    XLC 2023-11-14  69.22 of 2023-07-27, close  69.43, held   2023-11-21  69.77
    XLK 2023-11-14 181.46 of 2023-07-19, close 182.04, held   2023-11-21 182.27
    QQQ 2023-11-20 387.98 of 2023-07-19, close 390.74, held   2023-11-28 388.47
    DIA 2023-11-30 356.70 of 2023-08-01, close 360.00, held   2023-12-07 361.22
    SPY 2023-12-01 459.44 of 2023-07-27, close 459.10, rejected
    SPY 2023-12-08 459.65 of 2023-12-01, close 460.20, held   2023-12-15 461.99
    VTI 2023-12-08 228.97 of 2023-07-27, close 228.85, rejected
    XLF 2023-12-13  37.11 of 2023-02-07, close  37.20, failed 2023-12-20  36.90
    IWM 2023-12-14 199.26 of 2023-02-02, close 198.71, rejected
    QQQ 2023-12-19 408.71 of 2021-11-22, close 409.16, failed 2023-12-20 403.08
"""
"""Ten highs looked up in the files by hand: level and its session, close of the day, and the lowest
close while it held or the one that failed it. XLK's prices are those before its split of 2025."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    day: date
    open: float
    high: float
    low: float
    close: float


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A message as it stands in the end."""

    marks: tuple[str, ...]
    answers: int | None
    edited: bool


@dataclass(frozen=True, kw_only=True)
class Story:
    """An episode: the alert that announced it and what followed."""

    opening: AlertRecord
    following: Sequence[AlertRecord]

    @property
    def facts(self) -> AlertFacts:
        return AlertFacts.from_json(self.opening.facts)

    def told(self, stage: Stage) -> AlertFacts | None:
        rows = [row for row in self.following if row.stage == stage]
        return AlertFacts.from_json(rows[0].facts) if rows else None


@dataclass(frozen=True, kw_only=True)
class Quarter:
    bars: Mapping[str, Sequence[Bar]]
    rows: Sequence[AlertRecord]
    messages: Mapping[int, Shown]

    def stories(self) -> list[Story]:
        following = defaultdict(list)
        for row in self.rows:
            following[row.target].append(row)
        return [
            Story(opening=row, following=following[row.id])
            for row in self.rows
            if row.stage == Stage.OPENED
        ]


def read_bars(path: Path) -> list[Bar]:
    """The file's rows, at the prices of that time: it knows of splits that came later."""
    with gzip.open(path, "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    later = [float(row["split"]) for row in rows if row["date"] > LAST.isoformat()]
    scale = math.prod(ratio for ratio in later if ratio)
    return [
        Bar(
            day=date.fromisoformat(row["date"]),
            **{name: float(row[name]) * scale for name in ("open", "high", "low", "close")},
        )
        for row in rows
    ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def quarter(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Quarter]:
    folder = real_folder("core")
    bars = {path.name.split(".")[0]: read_bars(path) for path in sorted(folder.iterdir())}
    server = Playground()
    server.limits.messages = Rate(requests=1000, seconds=1.0)
    await server.start()
    point_at(api_base=server.api_base, gateway=server.gateway_url)
    before = evening(SESSIONS.offset(FIRST, -1))
    theatre = Theatre(folder, tmp_path_factory.mktemp("quarter") / "a.db", before)
    try:
        async with connected(server) as client:
            theatre.seat(client)
            await theatre.want(*bars, kinds=list(Kind))
            await theatre.watcher.run_once()
            for number, moment in enumerate(moments(SESSIONS, FIRST, LAST)):
                if number % 7 in LOOKS:
                    await theatre.look(moment.at)
                    await theatre.deliverer.run_once()
            rows = await theatre.outbox()
            messages = {
                message.id: Shown(
                    marks=tuple(
                        (embed.footer.text or "").rpartition("#")[2] for embed in message.embeds
                    ),
                    answers=message.reference.message_id if message.reference else None,
                    edited=message.edited_at is not None,
                )
                async for message in theatre.channel.history(limit=None)
            }
    finally:
        await theatre.close()
        await server.stop()
    yield Quarter(bars=bars, rows=rows, messages=messages)


def test_every_alert_stands_in_one_message_and_no_message_is_without_one(quarter: Quarter) -> None:
    assert {row.state for row in quarter.rows} == {"sent"}
    told = [row for row in quarter.rows if row.act != "edit"]
    assert {row.message_id for row in told} == set(quarter.messages)
    marks = Counter(mark for shown in quarter.messages.values() for mark in shown.marks)
    assert set(marks) <= {short_id(row.id) for row in told}
    assert set(marks.values()) == {1}


def test_what_follows_edits_or_answers_the_message_of_its_opening(quarter: Quarter) -> None:
    for story in quarter.stories():
        opening = story.opening.message_id
        for row in story.following:
            message = quarter.messages[row.message_id or 0]
            if row.act == "edit":
                assert (row.message_id, message.edited) == (opening, True)
            else:
                assert (row.act, message.answers) == ("reply", opening)


def steps(bars: Sequence[Bar], facts: AlertFacts) -> list[tuple[Stage, State]]:
    """What must have followed an alert until the last session."""
    played = [bar for bar in bars if bar.day <= LAST]
    start = [bar.day for bar in played].index(facts.session)
    after = played[start + 1 :]
    found = []
    if facts.state is State.OPEN:
        held = beyond(facts, played[start].close, facts.level)
        found.append((Stage.CLOSED, State.CONFIRMED if held else State.REJECTED))
        if not held:
            return found
    fell = [bar for bar in after[:5] if beyond(facts, facts.invalidation, bar.close)]
    if not fell and len(after) < 5:
        return found
    end = State.FAILED if fell else State.HELD
    graded = [(Stage.GRADED_5, 5), (Stage.GRADED_20, 20)]
    return [
        *found,
        (Stage.ENDED, end),
        *((stage, end) for stage, sessions in graded if len(after) >= sessions),
    ]


def beyond(facts: AlertFacts, price: float, level: float) -> bool:
    return price > level if facts.direction is Direction.UP else price < level


def test_each_kind_runs_through_its_life_as_the_bars_say(quarter: Quarter) -> None:
    for story in quarter.stories():
        facts = story.facts
        followed = [(row.stage, row.facts["state"]) for row in story.following]
        assert followed == steps(quarter.bars[facts.symbol], facts), facts
    assert {story.facts.kind for story in quarter.stories()} == set(Kind)


def test_closes_ends_and_grades_are_those_of_the_bars(quarter: Quarter) -> None:
    for story in quarter.stories():
        facts, bars = story.facts, quarter.bars[story.facts.symbol]
        start = [bar.day for bar in bars].index(facts.session)
        after = bars[start + 1 :]
        if closed := story.told(Stage.CLOSED):
            assert closed.close == pytest.approx(bars[start].close)
        if ended := story.told(Stage.ENDED):
            five = [bar.close for bar in after[:5]]
            fell = [n for n, close in enumerate(five) if beyond(facts, facts.invalidation, close)]
            worst = min(five) if facts.direction is Direction.UP else max(five)
            assert ended.ended_close == pytest.approx(five[fell[0]] if fell else worst)
            assert ended.ended_session == after[fell[0] if fell else 4].day
        last = story.told(Stage.GRADED_20) or story.told(Stage.GRADED_5)
        for grade in last.grades if last else ():
            way = after[: grade.sessions]
            assert (grade.entry_session, grade.exit_session) == (way[0].day, way[-1].day)
            assert grade.change == pytest.approx(way[-1].close / way[0].open - 1)
            assert grade.best == pytest.approx(max(bar.high for bar in way) / way[0].open - 1)
            assert grade.worst == pytest.approx(min(bar.low for bar in way) / way[0].open - 1)
            beside = [bar for bar in quarter.bars["SPY"] if way[0].day <= bar.day <= way[-1].day]
            market = beside[-1].close / beside[0].open - 1
            assert grade.benchmark_change == pytest.approx(market)


def crossings(bars: Sequence[Bar], kind: Kind) -> dict[int, float]:
    """Positions of sessions above every earlier high, of a year or of all time, with that high."""
    days, highs = [bar.day for bar in bars], [bar.high for bar in bars]
    found = {}
    for number in range(days.index(FIRST) - LEARNT, days.index(LAST) + 1):
        year_before = days[number].replace(year=days[number].year - 1)
        first = 0 if kind is Kind.ALL_TIME_HIGH else bisect_left(days, year_before)
        level = max(highs[first:number])
        if highs[number] > level:
            found[number] = level
    return found


def new_highs(bars: Sequence[Bar], kind: Kind) -> dict[date, float]:
    """Those of them that begin something new: not within 20 sessions of another one, unless what
    that belonged to was rejected or failed at least 5 sessions ago."""
    found: dict[date, float] = {}
    newest, fell = None, None
    for number, level in crossings(bars, kind).items():
        quiet = newest is None or number - newest > 20
        if quiet or (fell is not None and number - fell >= 5):
            found[bars[number].day] = level
            closes = [bar.close for bar in bars[number : number + 6]]
            below = [
                n for n, close in enumerate(closes) if close < level or (not n and close == level)
            ]
            fell = number + below[0] if below else None
        newest = number
    return {day: level for day, level in found.items() if FIRST <= day <= LAST}


def test_each_high_is_told_once_when_it_is_news(quarter: Quarter) -> None:
    told = {
        (facts.symbol, facts.kind, facts.session): facts.level
        for facts in (story.facts for story in quarter.stories())
        if facts.kind in HIGHS
    }
    expected = {}
    for symbol, bars in quarter.bars.items():
        ever = new_highs(bars, Kind.ALL_TIME_HIGH)
        for day, level in ever.items():
            expected[symbol, Kind.ALL_TIME_HIGH, day] = level
        for day, level in new_highs(bars, Kind.HIGH_52_WEEKS).items():
            if day not in ever:
                expected[symbol, Kind.HIGH_52_WEEKS, day] = level
    assert told.keys() == expected.keys()
    assert told == pytest.approx(expected)


def test_ten_highs_read_by_eye_are_told_with_these_numbers(quarter: Quarter) -> None:
    lines = set()
    for story in quarter.stories():
        facts, closed, ended = story.facts, story.told(Stage.CLOSED), story.told(Stage.ENDED)
        if facts.kind in HIGHS and closed:
            line = f"{facts.symbol} {facts.session} {facts.level:.2f} of {facts.level_session},"
            end = f"{ended.state} {ended.ended_session} {ended.ended_close:.2f}" if ended else ""
            lines.add(f"{line} close {closed.close:.2f}, {end or closed.state}")
    expected = {" ".join(line.split()) for line in READ_BY_EYE.strip().splitlines()}
    assert expected - lines == set()
