"""The watcher from prices to outbox rows, on a real database."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.errors import RetryableError
from bot.market.asof import AsOf
from bot.market.market import Market
from bot.market.model import Quote, Symbol
from bot.market.sources.folder import FolderSource
from storage import episodes, grades
from storage.alerts import AlertRecord
from tests.alerts.stage import SESSIONS, Stage, at, evening, quiet_year, write_prices

FIRST = "2022-01-03"
DAYS = [day.item() for day in SESSIONS.between(date(2022, 1, 3), date(2024, 1, 1))]
LAST_QUIET = DAYS[299]
BREAKS = DAYS[300]

MakeStage = Callable[..., Stage]


@pytest.fixture
async def make_stage(tmp_path: Path) -> AsyncIterator[MakeStage]:
    stages: list[Stage] = []

    def make(**closes: list[float]) -> Stage:
        if closes:
            write_prices(tmp_path / "prices", closes, first=FIRST)
        stage = Stage(tmp_path / "prices", tmp_path / "data" / "a.db", evening(LAST_QUIET))
        stages.append(stage)
        return stage

    yield make
    for stage in stages:
        await stage.close()


def told(rows: list[AlertRecord]) -> list[tuple[str, str, str]]:
    return [(row.facts["symbol"], row.act, row.facts["state"]) for row in rows]


async def test_the_first_scan_posts_nothing_even_on_the_day_of_a_high(
    make_stage: MakeStage,
) -> None:
    stage = make_stage(AAA=quiet_year(103, 104, 105))
    await stage.subscribe("AAA")
    await stage.look(evening(BREAKS))
    await stage.look(evening(DAYS[301]))
    assert await stage.outbox() == []


async def test_a_breakout_is_posted_when_touched_and_confirmed_by_an_edit(
    make_stage: MakeStage,
) -> None:
    stage = make_stage(AAA=quiet_year(103))
    await stage.subscribe("AAA")
    await stage.watcher.run_once()
    await stage.play(str(BREAKS), str(BREAKS))
    rows = await stage.outbox()
    assert told(rows) == [("AAA", "post", "open"), ("AAA", "edit", "confirmed")]
    assert rows[0].facts["level"] == 100.5
    assert rows[0].facts["provisional"] is True
    assert rows[1].target == rows[0].id
    assert rows[1].facts["close"] == 103.0


async def test_a_level_counts_as_reached_by_a_quote_until_a_pass_has_found_it_reached(
    make_stage: MakeStage,
) -> None:
    stage = make_stage(AAA=quiet_year(103))
    await stage.subscribe("AAA")
    await stage.watcher.run_once()
    heard: list[Quote] = []

    async def listen(polled: Mapping[Symbol, Quote]) -> None:
        heard.extend(polled.values())

    stage.watcher.on_quotes = listen
    await stage.look(at(str(BREAKS), "13:30"))
    (quote,) = heard
    calm = replace(quote, last=95.0, high=95.0, low=95.0)
    assert stage.watcher.crossing([calm]) == set()
    assert stage.watcher.crossing([replace(calm, last=100.6, high=100.6)]) == set()
    assert stage.watcher.crossing([replace(calm, symbol=Symbol("ELSE"), high=500.0)]) == set()
    other = make_stage(BBB=quiet_year(99.0))
    await other.subscribe("BBB")
    await other.watcher.run_once()
    await other.look(at(str(BREAKS), "13:30"))
    high = replace(calm, symbol=Symbol("BBB"), last=100.6, high=100.6)
    assert other.watcher.crossing([high]) == {"BBB"}


async def test_a_breakout_that_closes_below_is_rejected(make_stage: MakeStage) -> None:
    stage = make_stage(AAA=quiet_year(100.2))
    await stage.subscribe("AAA")
    await stage.watcher.run_once()
    await stage.play(str(BREAKS), str(BREAKS))
    rows = await stage.outbox()
    assert told(rows) == [("AAA", "post", "open"), ("AAA", "edit", "rejected")]


async def test_seen_at_the_close_only_it_is_one_message_already_decided(
    make_stage: MakeStage,
) -> None:
    stage = make_stage(AAA=quiet_year(103))
    await stage.subscribe("AAA")
    await stage.watcher.run_once()
    await stage.look(evening(BREAKS))
    assert told(await stage.outbox()) == [("AAA", "post", "confirmed")]


async def test_a_run_of_new_highs_is_one_episode_with_one_post(make_stage: MakeStage) -> None:
    stage = make_stage(AAA=quiet_year(103, 104, 105, 106, 107, 108, 109, 110))
    await stage.subscribe("AAA")
    await stage.watcher.run_once()
    await stage.play(str(BREAKS), str(DAYS[307]))
    assert told(await stage.outbox()) == [
        ("AAA", "post", "open"),
        ("AAA", "edit", "confirmed"),
        ("AAA", "reply", "held"),
        ("AAA", "edit", "held"),
    ]


async def test_a_fall_below_the_level_is_a_reply_that_says_failed(make_stage: MakeStage) -> None:
    stage = make_stage(AAA=quiet_year(103, 104, 99))
    await stage.subscribe("AAA")
    await stage.watcher.run_once()
    await stage.play(str(BREAKS), str(DAYS[302]))
    last = (await stage.outbox())[-1]
    assert (last.act, last.facts["state"]) == ("reply", "failed")
    assert last.facts["ended_close"] == 99.0
    assert last.facts["ended_after"] == 2


async def test_looking_again_adds_nothing(make_stage: MakeStage) -> None:
    stage = make_stage(AAA=quiet_year(103))
    await stage.subscribe("AAA")
    await stage.watcher.run_once()
    await stage.play(str(BREAKS), str(BREAKS))
    before = await stage.outbox()
    assert await stage.watcher.run_once() == 0
    assert await stage.another_watcher().run_once() == 0
    assert await stage.outbox() == before


async def test_two_watchers_on_one_database_write_each_alert_once(
    make_stage: MakeStage,
) -> None:
    one = make_stage(AAA=quiet_year(103), BBB=quiet_year(93, level=90.0))
    two = make_stage()
    await one.subscribe("AAA", "BBB")
    await one.watcher.run_once()
    for stage in (one, two, one):
        await stage.look(at(str(BREAKS), "18:00"))
    for stage in (two, one):
        await stage.look(evening(BREAKS))
    rows = await one.outbox()
    assert len({row.id for row in rows}) == len(rows) == 4
    assert sorted(told(rows)) == [
        (symbol, act, state)
        for symbol in ("AAA", "BBB")
        for act, state in (("edit", "confirmed"), ("post", "open"))
    ]


async def test_missed_sessions_are_replayed_in_order_and_labelled_late(
    make_stage: MakeStage,
) -> None:
    stage = make_stage(AAA=quiet_year(103, 104, 99, 98))
    await stage.subscribe("AAA")
    await stage.watcher.run_once()
    await stage.look(evening(DAYS[303]))
    rows = await stage.outbox()
    assert told(rows) == [("AAA", "post", "confirmed"), ("AAA", "reply", "failed")]
    assert rows[0].facts["late"] is True
    assert rows[0].facts["session"] == str(BREAKS)


async def test_subscribing_after_the_touch_posts_nothing_for_it(make_stage: MakeStage) -> None:
    stage = make_stage(AAA=quiet_year(103, 104, 99))
    stage.clock.move_to(at(str(BREAKS), "18:00"))
    await stage.subscribe("AAA")
    await stage.watcher.run_once()
    await stage.play(str(DAYS[301]), str(DAYS[302]))
    assert await stage.outbox() == []


async def test_a_symbol_without_data_does_not_silence_the_others(make_stage: MakeStage) -> None:
    stage = make_stage(AAA=quiet_year(103))
    await stage.subscribe("AAA", "ZZZZ")
    await stage.watcher.run_once()
    await stage.play(str(BREAKS), str(BREAKS))
    assert told(await stage.outbox())[0] == ("AAA", "post", "open")
    assert "ZZZZ" in stage.watcher.progress.unavailable


async def test_a_held_symbol_never_alerts_and_says_why(
    make_stage: MakeStage, tmp_path: Path
) -> None:
    stage = make_stage(AAA=quiet_year(103), BBB=quiet_year(103))
    path = tmp_path / "prices" / "AAA.csv"
    lines = path.read_text().splitlines()
    day = str(DAYS[280])
    spoiled = [re.sub(r"^((?:[^,]*,){4})[^,]*", r"\g<1>0.27", x) if day in x else x for x in lines]
    assert spoiled != lines
    path.write_text("\n".join(spoiled) + "\n")
    await stage.subscribe("AAA", "BBB")
    await stage.watcher.run_once()
    await stage.play(str(BREAKS), str(BREAKS))
    assert {row.facts["symbol"] for row in await stage.outbox()} == {"BBB"}
    assert "0.27" in stage.watcher.progress.unavailable["AAA"]


async def test_a_split_between_touch_and_follow_up_rescales_the_episode(
    make_stage: MakeStage, tmp_path: Path
) -> None:
    stage = make_stage(AAA=quiet_year(103, 104, 105))
    split_in_two(tmp_path / "prices" / "AAA.csv", DAYS[302])
    await stage.subscribe("AAA")
    await stage.watcher.run_once()
    await stage.play(str(BREAKS), str(DAYS[302]))
    rows = await stage.outbox()
    assert rows[0].facts["level"] == 100.5
    assert told(rows) == [("AAA", "post", "open"), ("AAA", "edit", "confirmed")]
    known = await stage.db.read(lambda c: episodes.latest(c, ["AAA"]))
    kept = next(episode for episode in known if episode.kind == "high_52w")
    assert kept.level == pytest.approx(50.25)
    assert kept.scale == pytest.approx(0.5)


async def test_a_split_found_between_passes_is_settled_before_the_next_quotes(
    make_stage: MakeStage, tmp_path: Path
) -> None:
    """On the morning of the split somebody asks for a chart, then the program dies: the one
    that starts anew rescales what it remembers first, and the breakout of that day is told at
    its touch, against a level on the new scale."""
    stage = make_stage(AAA=quiet_year(99.9, 103, level=100.0))
    split_in_two(tmp_path / "prices" / "AAA.csv", DAYS[301])
    await stage.subscribe("AAA")
    await stage.watcher.run_once()
    await stage.play(str(BREAKS), str(BREAKS))
    stage.clock.move_to(at(str(DAYS[301]), "15:00"))
    await stage.market.bars(Symbol("AAA"))
    assert len(await stage.market.unsettled()) == 1
    stage.market = Market(source=stage.source, sessions=SESSIONS, clock=stage.clock, db=stage.db)
    stage.watcher = stage.another_watcher()
    await stage.look(at(str(DAYS[301]), "19:45"))
    assert await stage.market.unsettled() == ()
    (row,) = await stage.outbox()
    assert (row.facts["level"], row.facts["state"]) == (50.25, "open")


async def test_levels_of_the_running_session_follow_a_split_found_late(
    make_stage: MakeStage, tmp_path: Path
) -> None:
    stage = make_stage(AAA=quiet_year(99.5, 103, level=100.0))
    path = tmp_path / "prices" / "AAA.csv"
    await stage.subscribe("AAA")
    await stage.watcher.run_once()
    await stage.play(str(BREAKS), str(BREAKS))
    rows = path.read_text().splitlines()
    rows = [
        ",".join([*r.split(",")[:2], "99", "103.5", "98.5", *r.split(",")[5:]])
        if f",{DAYS[301]}," in r
        else r
        for r in rows
    ]
    path.write_text("\n".join(rows) + "\n")
    assert await stage.look(at(str(DAYS[301]), "13:31")) == 0  # levels on the old scale
    split_in_two(path, DAYS[301])
    stage.source = AsOf(FolderSource(path.parent), stage.clock, SESSIONS)
    stage.market.source = stage.market._intake._source = stage.source
    stage.clock.move_to(at(str(DAYS[301]), "19:30"))
    assert await stage.market.quotes([Symbol("AAA")]) == {}  # its prior close is half the bars'
    await stage.market.bars(Symbol("AAA"))
    await stage.look(at(str(DAYS[301]), "19:45"))
    (row,) = await stage.outbox()
    assert row.facts["level"] == 50.25


def split_in_two(path: Path, day: date) -> None:
    """Write the same prices after a 2:1 split on `day`."""
    halved = []
    for line in path.read_text().splitlines():
        parts = line.split(",")
        if parts[0] == "AAA":
            parts[2:7] = [f"{float(p) / 2:.4f}" for p in parts[2:7]]
            parts[9] = "2" if parts[1] == str(day) else "0"
        halved.append(",".join(parts))
    path.write_text("\n".join(halved) + "\n")


async def test_a_source_that_lacks_the_session_altogether_suspends_alerts(
    make_stage: MakeStage,
) -> None:
    stage = make_stage(**{f"S{i:02}": quiet_year(103) for i in range(6)})
    await stage.subscribe(*(f"S{i:02}" for i in range(6)))
    await stage.watcher.run_once()
    with pytest.raises(RetryableError):
        await stage.look(evening(DAYS[301]))
    assert await stage.outbox() == []


async def test_grades_after_5_and_20_sessions_edit_the_message_and_enter_the_record(
    make_stage: MakeStage,
) -> None:
    after = [103.0, *(104.0 + i / 2 for i in range(21))]
    flat = [50.0] * 300 + [50.0 + i / 4 for i in range(22)]
    stage = make_stage(AAA=quiet_year(*after), BENCH=flat)
    await stage.subscribe("AAA")
    await stage.watcher.run_once()
    await stage.play(str(BREAKS), str(DAYS[320]))
    graded = [row for row in await stage.outbox() if row.stage.startswith("graded")]
    assert [(row.stage, row.act) for row in graded] == [("graded 5", "edit"), ("graded 20", "edit")]
    # Entry at the open of DAYS[301] (104.00; opens equal closes here), exit at the close of
    # DAYS[305] (106.00) and DAYS[320] (113.50); best and worst half a point beyond the closes.
    five, twenty = graded[1].facts["grades"]
    assert (five["entry_session"], five["exit_session"]) == (str(DAYS[301]), str(DAYS[305]))
    assert five["change"] == pytest.approx(106 / 104 - 1)
    assert five["best"] == pytest.approx(106.5 / 104 - 1)
    assert five["worst"] == pytest.approx(103.5 / 104 - 1)
    assert five["benchmark_change"] == pytest.approx(51.25 / 50.25 - 1)
    assert twenty["change"] == pytest.approx(113.5 / 104 - 1)
    stored = await stage.db.read(lambda c: grades.of_episode(c, graded[0].episode_id))
    assert [record.sessions for record in stored] == [5, 20]
    assert stored[1].exit == 113.5


async def test_a_graded_episode_is_not_graded_again(make_stage: MakeStage) -> None:
    stage = make_stage(AAA=quiet_year(103, *(104.0 + i / 2 for i in range(24))))
    await stage.subscribe("AAA")
    await stage.watcher.run_once()
    await stage.play(str(BREAKS), str(DAYS[324]))
    stages = [row.stage for row in await stage.outbox()]
    assert stages == ["opened", "closed", "ended", "graded 5", "graded 20"]


async def test_a_rejected_episode_is_not_graded(make_stage: MakeStage) -> None:
    stage = make_stage(AAA=quiet_year(100.2, *([96.0] * 8)))
    await stage.subscribe("AAA")
    await stage.watcher.run_once()
    await stage.play(str(BREAKS), str(DAYS[307]))
    assert [row.stage for row in await stage.outbox()] == ["opened", "closed"]


async def test_volume_while_the_session_runs_is_compared_with_as_much_of_a_usual_one(
    make_stage: MakeStage,
) -> None:
    stage = make_stage(AAA=quiet_year(103))
    await stage.subscribe("AAA")
    await stage.watcher.run_once()
    await stage.look(at(str(BREAKS), "16:45"))
    opening = (await stage.outbox())[0]
    # Every session trades 1,000 shares, evenly: half the session, half the volume, ratio 1.
    assert opening.facts["volume_ratio"] == pytest.approx(1.0)
    assert opening.facts["participation"] == "routine"


async def test_later_messages_keep_what_the_opening_knew(make_stage: MakeStage) -> None:
    stage = make_stage(AAA=quiet_year(103), BBB=quiet_year(93, level=90.0))
    await stage.subscribe("AAA", "BBB")
    await stage.watcher.run_once()
    await stage.play(str(BREAKS), str(BREAKS))
    rows = [row for row in await stage.outbox() if row.facts["symbol"] == "AAA"]
    opened, closed = (row.facts for row in rows)
    assert opened["siblings"] == ["BBB"]
    assert opened["breadth"]["counted"] == 2
    for name in ("siblings", "rs_rank", "breadth", "base_rate"):
        assert closed[name] == opened[name]
