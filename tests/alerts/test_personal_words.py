"""What people write for a rule is read, refused with what to write, and written again."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.personal.book import Wanted, Where
from bot.alerts.personal.files import COLUMNS, fields_of, read, to_csv, to_json, wanted_of
from bot.alerts.personal.model import EPISODES, LEVELS, MOVES, Condition, On, Repeat, Rule, What
from bot.alerts.personal.words import (
    FORMS,
    SHORT_NAMES,
    number,
    parse_condition,
    parse_expiry,
    parse_rearm,
    parse_span,
    parse_until,
    written,
    written_span,
)
from bot.errors import UserError
from bot.market.model import Symbol
from bot.signals.kinds import KINDS
from bot.signals.model import Kind
from storage.personal import PersonalRecord

NOW = datetime(2026, 4, 17, 15, 0, tzinfo=UTC)
HERE = Where(guild_id=7, channel_id=70)

prices = st.decimals("0.0001", "9999999", places=4).map(float).filter(lambda p: p > 0)
percents = st.decimals("0.01", "99.99", places=2).map(lambda p: float(p) / 100)


def conditions() -> st.SearchStrategy[Condition]:
    return st.one_of(
        st.builds(Condition, what=st.sampled_from(sorted(LEVELS)), level=prices),
        st.builds(
            Condition,
            what=st.sampled_from(sorted(MOVES)),
            change=percents,
            reference=st.none() | prices,
        ),
        st.builds(Condition, what=st.just(What.SIGNAL), kind=st.sampled_from(list(Kind))),
        st.sampled_from([Condition(what=What.FAILED), Condition(what=What.RECORD_LOW)]),
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("above 120", Condition(what=What.ABOVE, level=120.0)),
        ("  Over  $1,234.50 ", Condition(what=What.ABOVE, level=1234.5)),
        (">120", Condition(what=What.ABOVE, level=120.0)),
        ("under .5", Condition(what=What.BELOW, level=0.5)),
        ("touch 100", Condition(what=What.TOUCH, level=100.0)),
        ("+5%", Condition(what=What.UP, change=0.05)),
        ("down 3 % from 118.20", Condition(what=What.DOWN, change=0.03, reference=118.2)),
        ("±4%", Condition(what=What.MOVE, change=0.04)),
        ("new 52-week high", Condition(what=What.SIGNAL, kind=Kind.HIGH_52_WEEKS)),
        ("ATH", Condition(what=What.SIGNAL, kind=Kind.ALL_TIME_HIGH)),
        ("52w low", Condition(what=What.SIGNAL, kind=Kind.LOW_52_WEEKS)),
        ("all-time low", Condition(what=What.RECORD_LOW)),
        ("tight_flag", Condition(what=What.SIGNAL, kind=Kind.TIGHT_FLAG)),
        ("Failed breakout", Condition(what=What.FAILED)),
    ],
)
def test_people_write_it_in_many_ways(text: str, meant: Condition) -> None:
    found = parse_condition(text)
    assert (found.what, found.kind) == (meant.what, meant.kind)
    for name in ("level", "change", "reference"):
        assert getattr(found, name) == pytest.approx(getattr(meant, name))


@pytest.mark.parametrize("text", FORMS.split("`")[1::2])
def test_every_form_that_an_answer_recommends_is_read(text: str) -> None:
    parse_condition(text)


def test_every_kind_has_a_name_that_is_written_and_its_title_is_read() -> None:
    assert set(SHORT_NAMES.values()) == set(KINDS)
    for kind, rule in KINDS.items():
        assert parse_condition(rule.title) == Condition(what=What.SIGNAL, kind=kind)


@given(conditions())
def test_what_is_written_is_read_as_the_same(condition: Condition) -> None:
    again = parse_condition(written(condition))
    assert (again.what, again.kind) == (condition.what, condition.kind)
    for name in ("level", "change", "reference"):
        before, after = getattr(condition, name), getattr(again, name)
        assert (after is None) == (before is None)
        assert after is None or after == pytest.approx(before, rel=1e-8)
    assert written(again) == written(condition)


@given(st.text(max_size=60))
def test_any_text_is_a_condition_or_an_answer_without_markup(text: str) -> None:
    try:
        parse_condition(text)
    except UserError as error:
        quoted = str(error).split("“")[1].split("” is")[0] if "“" in str(error) else ""
        assert not set(quoted) & set("@<>`*|")


@pytest.mark.parametrize("text", ["above 0", "above -5", "above 1e9", "up 0%", "up 900%", "above"])
def test_levels_that_no_price_reaches_are_refused(text: str) -> None:
    with pytest.raises(UserError):
        parse_condition(text)


def test_numbers_are_written_as_people_type_them() -> None:
    assert [number(x) for x in (120.0, 118.2, 0.0001, 1e6, 60.123456789)] == [
        "120",
        "118.2",
        "0.0001",
        "1000000",
        "60.12345679",
    ]


@given(st.integers(0, 4000), st.sampled_from(["m", "h", "d", "w"]))
def test_a_span_is_read_as_it_is_written(count: int, unit: str) -> None:
    try:
        span = parse_span(f"{count}{unit}", name="cooldown")
    except UserError:
        return
    assert parse_span(written_span(span), name="cooldown") == span


def test_a_date_means_the_end_of_that_day_in_new_york() -> None:
    # 17 April 2026 is in daylight time: midnight is 04:00 UTC.
    assert parse_until("2026-04-17", NOW, name="expiry") == datetime(2026, 4, 18, 4, tzinfo=UTC)
    assert parse_until("2d", NOW, name="expiry") == NOW + timedelta(days=2)
    for past in ("2026-04-15", "0d", "0001-01-01", "9999-12-31"):
        with pytest.raises(UserError):
            parse_until(past, NOW, name="expiry")


def test_an_expiry_without_a_zone_is_a_date() -> None:
    assert parse_expiry("never", NOW) is None
    assert parse_expiry("2026-05-01T12:00:00", NOW) == parse_expiry("2026-05-01", NOW)
    assert parse_expiry("2026-05-01T12:00:00+00:00", NOW) == datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_a_margin_is_a_percentage() -> None:
    assert parse_rearm("0.5%") == 0.005
    assert parse_rearm("0") == 0.0
    for bad in ("-1%", "51%", "nan", "much", ""):
        with pytest.raises(UserError):
            parse_rearm(bad)


def record_of(wanted: Wanted) -> PersonalRecord:
    return PersonalRecord(
        id=1,
        user_id=1,
        rule=wanted.row,
        state="active",
        reason=None,
        told=False,
        snoozed_until=None,
        memory=None,
        fires=0,
        fired_at=None,
        version=1,
        created_at=NOW,
        made_at=NOW,
    )


def rules() -> st.SearchStrategy[Rule]:
    return st.builds(
        Rule,
        symbol=st.sampled_from([Symbol("IVOO"), Symbol("BRK-B"), Symbol("^GSPC")]),
        condition=conditions(),
        repeat=st.sampled_from(Repeat),
        on=st.sampled_from(On),
        rearm=st.integers(0, 500).map(lambda n: n / 10_000),
        cooldown=st.integers(0, 9_999).map(lambda n: timedelta(minutes=n)),
        expires=st.none() | st.integers(1, 10**6).map(lambda n: NOW + timedelta(minutes=n)),
    )


@given(
    st.lists(
        st.builds(
            Wanted,
            rule=rules(),
            where=st.sampled_from([Where(), HERE]),
            note=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=30),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_an_export_is_imported_as_the_same_alerts(many: list[Wanted]) -> None:
    records = [record_of(wanted) for wanted in many]
    for text in (to_csv(records), to_json(records)):
        back = read(text, now=NOW, here=HERE)
        expected = [wanted_of(fields_of(record), now=NOW, here=HERE) for record in records]
        assert back == list(dict.fromkeys(expected))
        for again, wanted in zip(expected, many, strict=True):
            same = ("symbol", "repeat", "on", "cooldown", "expires")
            assert [getattr(again.rule, n) for n in same] == [getattr(wanted.rule, n) for n in same]
            assert again.rule.rearm == pytest.approx(wanted.rule.rearm)
            assert written(again.rule.condition) == written(wanted.rule.condition)
            assert (again.where, again.note) == (wanted.where, wanted.note)


@given(st.text(max_size=300))
def test_any_file_is_read_or_answered(text: str) -> None:
    for hostile in (text, f"symbol,when\n{text}", f"[{text}]"):
        with suppress(UserError):
            assert read(hostile, now=NOW, here=None)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("", "with symbol and when"),
        ("symbol,when\n", "no alert in it"),
        ("symbol,when\nSPY,above 1,000", "more than its 2 columns"),
        ("symbol,when,colour\nSPY,above 1,red", "do not know colour"),
        ("symbol\nSPY", "with symbol and when"),
        ('[{"symbol": "SPY", "when": 5}]', "have to be texts"),
        ("symbol,when\n" + "SPY,above 5\n" * 51, "you may have 50"),
        ("symbol,when,to\nSPY,above 5,here", "server’s channel only"),
        ("symbol,when\nSPY,above 5\nno symbol!,up 5%", "Row 2: “no symbol!”"),
        ("[" * 5000, "no JSON I can read"),
    ],
)
def test_a_faulty_file_is_answered_with_what_is_wrong(text: str, answer: str) -> None:
    with pytest.raises(UserError, match=answer.replace("(", r"\(")):
        read(text, now=NOW, here=None)


def test_absent_columns_take_their_usual_values() -> None:
    (price,) = read("when,symbol\nabove 5,spy", now=NOW, here=None)
    assert price == Wanted(
        rule=Rule(symbol=Symbol("SPY"), condition=Condition(what=What.ABOVE, level=5.0))
    )
    (high,) = read("when,symbol\n52-week high,spy", now=NOW, here=None)
    assert high.rule.repeat is Repeat.EPISODE
    assert high.rule.condition.what in EPISODES
    assert set(fields_of(record_of(high))) == set(COLUMNS)
