"""The news desk: polite to the source, every headline stored once, scores kept."""

from datetime import timedelta
from pathlib import Path

from bot.errors import NotOffered, SourceDown
from bot.market.model import Symbol
from bot.sentiment.article import read_article
from storage import headlines as shelf
from tests.news.hostile import TITLES
from tests.news.wire import ACME, NOW, Wire, desk_over, headline

GOOD = headline("Acme profit jumps on record demand", hours=2)
BAD = headline("Acme sued over toxic spill", hours=30)


async def test_a_second_question_within_a_quarter_of_an_hour_asks_nobody(tmp_path: Path) -> None:
    async with desk_over(Wire(GOOD, BAD), tmp_path) as it:
        first = await it.desk.news(ACME)
        it.clock.move_to(NOW + timedelta(minutes=14))
        second = await it.desk.news(ACME)
        assert it.wire.fetches == 1
        assert [item.headline.title for item in second.items] == [GOOD.title, BAD.title]
        assert first.scores == second.scores
        it.clock.move_to(NOW + timedelta(minutes=15))
        await it.desk.news(ACME)
        assert it.wire.fetches == 2


async def test_the_stored_score_is_that_of_the_rules(tmp_path: Path) -> None:
    async with desk_over(Wire(GOOD, BAD), tmp_path) as it:
        news = await it.desk.news(ACME)
    assert news.scores == {
        item.id: read_article(item.title, item.summary).score for item in (GOOD, BAD)
    }
    assert news.scores[GOOD.id] > 0 > news.scores[BAD.id]


async def test_a_headline_that_comes_again_is_stored_once(tmp_path: Path) -> None:
    async with desk_over(Wire(GOOD), tmp_path) as it:
        await it.desk.news(ACME)
        await it.desk.news(Symbol("OTHER"))
        it.clock.move_to(NOW + timedelta(hours=1))
        await it.desk.news(ACME)
        count = await it.db.read(
            lambda c: c.execute("SELECT count(*) FROM headlines").fetchone()[0]
        )
        assert (count, it.wire.fetches) == (1, 3)
        other = await it.desk.news(Symbol("OTHER"))
        assert [item.headline.title for item in other.items] == [GOOD.title]


async def test_a_corrected_title_is_read_again(tmp_path: Path) -> None:
    wire = Wire(headline("Acme profit jumps", id="1"))
    async with desk_over(wire, tmp_path) as it:
        before = await it.desk.news(ACME)
        wire.news = (headline("Correction: Acme profit plunges", id="1"),)
        it.clock.move_to(NOW + timedelta(hours=1))
        after = await it.desk.news(ACME)
    assert before.scores["1"] > 0 > after.scores["1"]


async def test_a_source_that_is_down_leaves_the_stored_news_and_says_so(tmp_path: Path) -> None:
    async with desk_over(Wire(GOOD), tmp_path) as it:
        await it.desk.news(ACME)
        it.wire.down = SourceDown("The wire does not answer.")
        it.clock.move_to(NOW + timedelta(hours=1))
        news = await it.desk.news(ACME)
        assert [item.headline.title for item in news.items] == [GOOD.title]
        assert news.trouble == "The wire does not answer."
        it.wire.down = None
        it.clock.move_to(NOW + timedelta(hours=1, minutes=3))
        assert (await it.desk.news(ACME)).trouble == ""


async def test_a_source_that_is_down_is_left_alone_for_two_minutes(tmp_path: Path) -> None:
    wire = Wire()
    wire.down = NotOffered("no news here")
    async with desk_over(wire, tmp_path) as it:
        for _ in range(5):
            assert (await it.desk.news(ACME)).trouble == "no news here"
        assert wire.fetches == 1


async def test_nothing_later_than_the_moment_is_known(tmp_path: Path) -> None:
    async with desk_over(Wire(GOOD, headline("Acme doubles", hours=-1)), tmp_path) as it:
        news = await it.desk.news(ACME)
        assert [item.headline.title for item in news.items] == [GOOD.title]


async def test_a_replay_that_begins_anew_asks_again(tmp_path: Path) -> None:
    async with desk_over(Wire(GOOD), tmp_path) as it:
        await it.db.write(lambda c: shelf.note_fetch(c, "known", ACME, at=NOW + timedelta(days=30)))
        await it.desk.news(ACME)
        assert it.wire.fetches == 1


async def test_what_is_older_than_400_days_is_forgotten_with_its_scores(tmp_path: Path) -> None:
    async with desk_over(Wire(GOOD), tmp_path) as it:
        await it.desk.news(ACME)
        later = NOW + timedelta(days=401)
        await it.db.write(lambda c: shelf.note_fetch(c, "known", ACME, at=later))
        left = await it.db.read(
            lambda c: [
                c.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("headlines", "headline_symbols", "headline_scores")
            ]
        )
        assert left == [0, 0, 0]


async def test_hostile_headlines_are_washed_before_they_are_stored(tmp_path: Path) -> None:
    wire = Wire(*(headline(title, hours=n + 1) for n, title in enumerate(TITLES)))
    async with desk_over(wire, tmp_path) as it:
        news = await it.desk.news(ACME)
    assert len(news.items) == len(TITLES)
    assert all(item.headline.title.isprintable() for item in news.items)
    assert all(len(item.headline.title) <= 300 for item in news.items)
    assert all(-1 <= item.score <= 1 for item in news.items)
