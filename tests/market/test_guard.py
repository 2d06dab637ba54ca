"""The guard over good histories with known errors, real histories, and recorded broken ones."""

import csv
import io
import tarfile
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.completeness import check_source
from bot.market.findings import Checked, Finding, Rule, Severity
from bot.market.guard import JUMP_SESSIONS, WINDOW, check
from bot.market.model import Bars, Quote, Symbol, as_date
from bot.market.quote_guard import check_quote
from bot.market.sources.folder import FolderSource
from tests.market.bad_bars import SINGLE, WHOLE, Spoiler, last_session, spoilt_singly
from tests.market.known import (
    REAL,
    SESSIONS,
    TEST,
    evening,
    moment,
    real_folder,
    scaled,
    walk,
    with_values,
)

CALM = walk()
LAST = CALM.last_day


def checked(bars: Bars, now: datetime | None = None, **more: list[date]) -> Checked:
    return check(bars, sessions=SESSIONS, now=now or evening(bars.last_day), **more)


def rules(result: Checked) -> list[tuple[Rule, Severity]]:
    return [(finding.rule, finding.severity) for finding in result.findings]


def the(result: Checked, rule: Rule) -> Finding:
    (finding,) = (f for f in result.findings if f.rule is rule)
    return finding


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.5, 20.0, 3_000.0, 400_000.0]))
def test_a_good_history_passes_untouched(seed: int, price: float) -> None:
    bars = walk("2022-01-03", "2023-06-30", seed=seed, price=price)
    if price == 0.5:
        bars = scaled(walk("2022-01-03", "2023-06-30", seed=seed), 0.005)
    result = checked(bars)
    assert result.findings == ()
    assert result.bars.final
    assert np.array_equal(result.bars.days, bars.days)
    assert np.array_equal(result.bars.close, bars.close)


@given(st.sampled_from([*SINGLE, *WHOLE]), st.integers(0, 2**32 - 1))
def test_no_bad_bar_is_ever_accepted(kind: str | Spoiler, seed: int) -> None:
    random = np.random.default_rng(seed)
    spoilt = spoilt_singly(kind, random) if isinstance(kind, str) else kind(random)
    result = checked(spoilt.bars, evening(last_session()))
    accepted = np.isin(spoilt.days, result.bars.days)
    assert result.hold is not None or not accepted.any()
    assert result.findings


values = st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(st.tuples(*[values] * 7), min_size=0, max_size=30), st.integers(-10, 40))
def test_whatever_the_numbers_are_the_guard_answers(rows: list[tuple[float, ...]], by: int) -> None:
    """Arbitrary columns: no crash, and what is accepted is finite, positive and consistent."""
    table = np.array(rows, dtype=float).reshape(-1, 7).T
    days = CALM.days[-len(rows) :] + by if rows else CALM.days[:0]
    names = ("open", "high", "low", "close", "volume", "dividend", "split")
    bars = Bars(symbol=TEST, days=days, **dict(zip(names, table, strict=True)))
    accepted = checked(bars, evening(LAST)).bars
    for name in names:
        assert np.isfinite(getattr(accepted, name)).all()
    assert (accepted.low > 0).all()
    assert (accepted.close <= accepted.high * 1.003 + 0.02).all()
    assert not len(accepted) or accepted.last_day <= LAST


def test_a_lie_holds_while_it_is_recent_and_is_only_left_out_later() -> None:
    i = 100
    bars = with_values(CALM, i, low=1.0)
    day = as_date(bars.days[i])
    held_until = SESSIONS.offset(day, WINDOW)
    result = checked(bars.through(held_until))
    assert rules(result) == [(Rule.SPIKE, Severity.HOLD)]
    assert result.hold is not None
    assert (result.hold.session, result.hold.value) == (day, 1.0)
    assert f"{day}: 1" in result.hold.text
    later = checked(bars.through(SESSIONS.offset(held_until, 1)))
    assert rules(later) == [(Rule.SPIKE, Severity.DROP)]
    assert later.hold is None
    assert later.bars.index_of(day) is None


def test_sessions_that_are_missing_are_disclosed_and_do_not_hold() -> None:
    keep = np.ones(len(CALM), dtype=bool)
    keep[[10, -20, -19]] = False
    columns = ("open", "high", "low", "close", "volume", "dividend", "split")
    bars = replace(
        CALM, days=CALM.days[keep], **{name: getattr(CALM, name)[keep] for name in columns}
    )
    result = checked(bars)
    gap = the(result, Rule.GAP)
    assert result.hold is None
    assert (gap.severity, gap.count, gap.value) == (Severity.NOTE, 3, 2.0)
    assert gap.session == as_date(CALM.days[-19])


def test_an_unreadable_session_counts_as_missing() -> None:
    result = checked(with_values(CALM, -10, close=np.nan))
    assert rules(result) == [(Rule.UNREADABLE, Severity.DROP), (Rule.GAP, Severity.NOTE)]


def test_a_last_bar_that_is_missing_holds_until_it_comes() -> None:
    late = CALM.through(SESSIONS.offset(LAST, -2))
    stale = the(checked(late, evening(LAST)), Rule.STALE)
    assert (stale.severity, stale.value) == (Severity.HOLD, 2.0)
    assert checked(CALM).hold is None


def test_the_bar_of_a_running_session_is_provisional() -> None:
    opened, closed = SESSIONS.bounds(LAST)
    during = checked(CALM, opened + timedelta(hours=3))
    assert not during.bars.final
    assert rules(during) == [(Rule.PARTIAL, Severity.NOTE)]
    assert not checked(CALM, closed + timedelta(minutes=19)).bars.final
    assert checked(CALM, closed + timedelta(minutes=20)).bars.final


def test_a_bar_without_trades_in_a_running_session_is_no_fault() -> None:
    opened, _ = SESSIONS.bounds(LAST)
    bars = replace(with_values(CALM, -1, volume=0.0), final=False)
    assert checked(bars, opened).hold is None
    assert the(checked(bars), Rule.ZERO_VOLUME).severity is Severity.HOLD


def test_rounding_is_forgiven() -> None:
    high = float(CALM.high[-5])
    assert checked(with_values(CALM, -5, close=high + 0.01, open=high)).findings == ()
    assert checked(with_values(CALM, -5, close=high * 1.01)).hold is not None


@pytest.mark.parametrize(
    ("opened", "high", "low", "close"),
    [(104, 105, 100, 106), (106, 105, 100, 104), (100, 106, 102, 104), (104, 106, 102, 100)],
)
def test_an_open_or_close_outside_the_range_is_a_lie(
    opened: float, high: float, low: float, close: float
) -> None:
    scale = float(CALM.close[-5]) / 103
    values = {"open": opened, "high": high, "low": low, "close": close}
    bars = with_values(CALM, -5, **{name: value * scale for name, value in values.items()})
    assert the(checked(bars), Rule.INCONSISTENT).session == as_date(CALM.days[-5])


def test_a_last_session_that_rises_by_60_percent_in_trading_is_believed() -> None:
    risen = float(CALM.open[-1]) * 1.6
    assert checked(with_values(CALM, -1, close=risen, high=risen)).findings == ()


@pytest.mark.parametrize("ratio", [2.0, 3.0, 1.5, 10.0, 0.5, 0.2, 0.05])
def test_a_split_nobody_applied_holds_and_later_cuts_the_history(ratio: float) -> None:
    i = 150
    later = scaled(CALM, 1 / ratio)
    columns = ("open", "high", "low", "close", "volume")
    bars = replace(
        CALM, **{n: np.append(getattr(CALM, n)[:i], getattr(later, n)[i:]) for n in columns}
    )
    day = as_date(bars.days[i])
    recent = checked(bars.through(SESSIONS.offset(day, 30)))
    assert rules(recent) == [(Rule.SPLIT_NOT_APPLIED, Severity.HOLD)]
    old = checked(bars)
    assert rules(old) == [(Rule.SPLIT_NOT_APPLIED, Severity.DROP)]
    assert as_date(old.bars.days[0]) == day
    vouched = checked(bars, confirmed=[day])
    assert vouched.findings == ()
    assert len(vouched.bars) == len(bars)


def test_a_dividend_explains_a_fall_on_its_day() -> None:
    paid = with_values(CALM, 400, dividend=float(CALM.close[399]) * 0.5)
    fallen = replace(
        paid,
        **{
            n: np.append(getattr(paid, n)[:400], getattr(paid, n)[400:] / 2)
            for n in ("open", "high", "low", "close")
        },
    )
    assert checked(fallen).findings == ()
    unexplained = replace(fallen, dividend=np.zeros(len(fallen)))
    assert checked(unexplained).hold is not None


def test_a_reverse_split_with_unchanged_volume_is_not_taken_for_news() -> None:
    """The price rises fivefold at once while volume stays: turnover rises fivefold as well."""
    bars = replace(
        CALM,
        **{
            n: np.append(getattr(CALM, n)[:400], getattr(CALM, n)[400:] * 5)
            for n in ("open", "high", "low", "close")
        },
    )
    assert the(checked(bars), Rule.SPLIT_NOT_APPLIED).severity is Severity.HOLD


def test_a_doubling_in_an_uproar_is_traded_and_not_a_split() -> None:
    """The same doubling overnight is believed after a few sessions when the session itself went
    as far again and three times the usual money changed hands; a calm session is a split."""
    i = 150
    doubled = replace(
        CALM,
        **{
            n: np.append(getattr(CALM, n)[:i], getattr(CALM, n)[i:] * 2)
            for n in ("open", "high", "low", "close")
        },
    )
    low, volume = float(doubled.low[i]), 3 * float(np.median(CALM.volume[:i]))
    wild = with_values(doubled, i, high=low * 1.48, volume=volume)
    assert rules(checked(wild)) == [(Rule.JUMP, Severity.NOTE)]
    assert len(checked(wild).bars) == len(wild)
    for calm in (
        with_values(doubled, i, volume=volume),
        with_values(doubled, i, high=low * 1.48),
    ):
        assert rules(checked(calm)) == [(Rule.SPLIT_NOT_APPLIED, Severity.DROP)]


def test_turnover_that_is_nothing_new_for_the_fund_does_not_excuse_a_jump() -> None:
    i = 400
    halved = replace(
        CALM,
        **{
            n: np.append(getattr(CALM, n)[:i], getattr(CALM, n)[i:] / 2)
            for n in ("open", "high", "low", "close")
        },
    )
    busy = with_values(halved, i, volume=30e6)
    assert the(checked(busy), Rule.JUMP).severity is Severity.NOTE
    as_ever = with_values(busy, i - 7, volume=40e6)
    assert the(checked(as_ever), Rule.SPLIT_NOT_APPLIED).severity is Severity.HOLD


def test_a_dividend_that_the_price_knows_nothing_of_is_left_out_and_holds_nobody() -> None:
    i = 400
    before = float(CALM.close[i - 1])
    result = checked(with_values(CALM, i, dividend=before * 0.24))
    assert rules(result) == [(Rule.DIVIDEND, Severity.DROP)]
    assert "24% of the price" in the(result, Rule.DIVIDEND).text
    assert not result.bars.dividend.any()
    assert np.array_equal(result.bars.close, CALM.close)
    assert checked(with_values(CALM, i, dividend=before * 0.02)).findings == ()


def test_a_jump_with_news_holds_for_a_few_sessions_only() -> None:
    i = 400
    bars = replace(
        CALM,
        **{
            n: np.append(getattr(CALM, n)[:i], getattr(CALM, n)[i:] * 1.7)
            for n in ("open", "high", "low", "close")
        },
    )
    bars = with_values(bars, i, volume=30e6)
    fresh = bars.through(as_date(bars.days[i + JUMP_SESSIONS - 1]))
    assert rules(checked(fresh)) == [(Rule.JUMP, Severity.HOLD)]
    settled = bars.through(as_date(bars.days[i + JUMP_SESSIONS]))
    assert rules(checked(settled)) == [(Rule.JUMP, Severity.NOTE)]


def test_nothing_left_is_said_in_a_sentence() -> None:
    result = checked(replace(CALM, close=np.full(len(CALM), np.nan)), evening(LAST))
    assert len(result.bars) == 0
    assert the(result, Rule.EMPTY).severity is Severity.HOLD


FRIDAY = date(2024, 3, 8)
THURSDAY = date(2024, 3, 7)
A_WEEK_BEFORE = date(2024, 3, 1)


@pytest.mark.parametrize(
    ("absent", "of", "suspended"), [(4, 20, False), (5, 20, True), (5, 100, False), (6, 100, True)]
)
def test_the_source_is_suspended_beyond_five_percent(absent: int, of: int, suspended: bool) -> None:
    last = {Symbol(f"S{i}"): THURSDAY if i < absent else FRIDAY for i in range(of)}
    finding = check_source(last, FRIDAY, since=A_WEEK_BEFORE)
    assert (finding is not None) == suspended
    if finding is not None:
        assert finding.count == absent
        assert finding.symbol is None


def test_symbols_that_fell_silent_long_ago_do_not_suspend_the_source() -> None:
    last = {Symbol(f"S{i}"): FRIDAY for i in range(40)}
    last |= {Symbol(f"OLD{i}"): date(2024, 2, 29) for i in range(30)}
    last |= {Symbol(f"NONE{i}"): None for i in range(30)}
    assert check_source(last, FRIDAY, since=A_WEEK_BEFORE) is None


def quote(**values: float | datetime | int) -> Quote:
    fields = {
        "last": 100.0,
        "prior_close": 99.0,
        "open": 99.5,
        "high": 100.5,
        "low": 99.0,
        "volume": 10_000.0,
        "time": moment("2024-12-30T16:00"),
        "delay_minutes": 0,
    }
    return Quote(symbol=TEST, source="test", **(fields | values))


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"last": float("nan")}, Rule.UNREADABLE),
        ({"volume": float("inf")}, Rule.UNREADABLE),
        ({"low": 0.0}, Rule.NOT_POSITIVE),
        ({"volume": -1.0}, Rule.NOT_POSITIVE),
        ({"last": 101.5}, Rule.INCONSISTENT),
        ({"time": moment("2024-12-30T16:03")}, Rule.FUTURE),
        ({"time": moment("2024-12-30T15:44")}, Rule.STALE),
        ({"time": moment("2024-12-27T20:00")}, Rule.STALE),
        ({"prior_close": 49.5}, Rule.JUMP),
        ({"last": 9_950.0, "high": 9_960.0}, Rule.JUMP),
        ({"high": 151.0}, Rule.SPIKE),
        ({"low": 0.99}, Rule.SPIKE),
    ],
)
def test_a_quote_that_lies_is_not_used(values: dict[str, float], rule: Rule) -> None:
    finding = check_quote(quote(**values), sessions=SESSIONS, now=moment("2024-12-30T16:00"))
    assert finding is not None
    assert finding.rule is rule
    assert finding.severity is Severity.HOLD


@pytest.mark.parametrize(
    ("values", "now"),
    [
        ({}, "2024-12-30T16:00"),
        ({"delay_minutes": 15, "time": moment("2024-12-30T15:31")}, "2024-12-30T16:00"),
        ({"time": moment("2024-12-27T21:00")}, "2024-12-30T12:00"),
        ({"time": moment("2024-12-27T21:00")}, "2024-12-30T14:40"),
    ],
)
def test_a_quote_that_is_as_fresh_as_can_be_is_used(values: dict[str, float], now: str) -> None:
    """The last one is of Friday, ten minutes after Monday's opening bell."""
    assert check_quote(quote(**values), sessions=SESSIONS, now=moment(now)) is None


def test_a_quote_on_another_scale_than_the_bars_is_not_used() -> None:
    before = CALM.through(date(2024, 12, 27))
    price = float(before.close[-1])
    fitting = quote(last=price, open=price, high=price, low=price, prior_close=price)
    now = moment("2024-12-30T16:00")
    assert check_quote(fitting, sessions=SESSIONS, now=now, bars=before) is None
    halved = check_quote(fitting, sessions=SESSIONS, now=now, bars=scaled(before, 2.0))
    assert halved is not None
    assert halved.rule is Rule.PRIOR_CLOSE


async def test_dfen_is_held_for_a_low_of_27_cents_and_set_free_a_year_later() -> None:
    bars = await FolderSource(real_folder("etfs")).bars(Symbol("DFEN"))
    held = checked(bars.through(date(2024, 6, 10)))
    assert held.hold is not None
    assert (held.hold.rule, held.hold.session, held.hold.value) == (
        Rule.SPIKE,
        date(2024, 6, 3),
        0.27,
    )
    free = checked(bars)
    assert free.hold is None
    assert free.bars.index_of(date(2024, 6, 3)) is None


async def test_the_doubling_of_drip_when_oil_crashed_is_part_of_its_history() -> None:
    """On 2020-03-09 crude oil fell by a quarter; DRIP is twice its inverse."""
    bars = await FolderSource(real_folder("etfs")).bars(Symbol("DRIP"))
    bars = bars.through(date(2021, 12, 31))
    result = checked(bars)
    assert result.hold is None
    assert len(result.bars) == len(bars)
    assert the(result, Rule.JUMP).session == date(2020, 3, 9)


async def test_a_dividend_of_kba_that_is_listed_twice_counts_once() -> None:
    """A fifth of the price on 2022-12-14, which it fell by, and once more two weeks later."""
    bars = await FolderSource(real_folder("etfs")).bars(Symbol("KBA"))
    result = checked(bars).bars
    paid = dict(zip(map(as_date, result.days), result.dividend, strict=True))
    assert paid[date(2022, 12, 14)] > 0
    assert paid[date(2022, 12, 28)] == 0


async def test_the_weeks_that_ivoo_lacks_are_disclosed() -> None:
    """Between 2025-12-24 and 2026-02-03 lie 4 sessions in December, 20 in January, 1 after."""
    bars = await FolderSource(real_folder("core")).bars(Symbol("IVOO"))
    result = checked(bars.through(date(2026, 4, 17)))
    gap = the(result, Rule.GAP)
    assert result.hold is None
    assert gap.severity is Severity.NOTE
    assert gap.session == date(2026, 2, 2)
    assert gap.value == 25


PAIRS = REAL.parent / "yahoo" / "repair_pairs.tar.gz"
BROKEN_SCALE = {
    "4063-T-1d-bad-stock-split": date(2023, 3, 29),
    "ALPHA-PA-1d-bad-stock-split": date(2023, 5, 8),
    "CNE-L-1d-bad-stock-split": date(2023, 5, 9),
    "DEX-AX-1d-bad-stock-split": date(2023, 5, 22),
    "LA-V-1d-bad-stock-split": date(2020, 8, 26),
    "MOB-ST-1d-bad-stock-split": date(2023, 5, 22),
    "SPM-MI-1d-bad-stock-split": date(2022, 6, 21),
    "SSW-JO-1d-100x-error": date(2023, 6, 1),
    "AET-L-1d-100x-error": date(2022, 5, 19),
}
"""Histories whose scale breaks, and a session at the break, found by comparing the pairs."""


@pytest.mark.parametrize("name", BROKEN_SCALE)
def test_a_broken_scale_of_recorded_histories_is_held(name: str) -> None:
    if not PAIRS.is_file():
        pytest.skip(f"no recorded histories at {PAIRS}")
    bars = _pair(name)
    after = SESSIONS.offset(BROKEN_SCALE[name], 2)
    result = checked(bars.through(after), evening(after))
    scale = {Rule.SPIKE, Rule.HUNDREDFOLD, Rule.SPLIT_NOT_APPLIED, Rule.JUMP}
    assert scale & {f.rule for f in result.findings if f.severity is Severity.HOLD}


HUNDREDFOLD_DIVIDENDS = {
    "ABDP-L-1d-bad-div": 5,
    "ELCO-L-1d-bad-div": 5,
    "KME-MI-1d-bad-div": 1,
    "PSH-L-1d-bad-div": 11,
    "TEM-L-1d-bad-div": 1,
}
"""Histories with dividends in pence for pounds, or doubled, and how many: by the pairs."""


@pytest.mark.parametrize("name", HUNDREDFOLD_DIVIDENDS)
def test_wrong_dividends_of_recorded_histories_are_left_out(name: str) -> None:
    if not PAIRS.is_file():
        pytest.skip(f"no recorded histories at {PAIRS}")
    broken, mended = _pair(name), _pair(f"{name}-fixed")
    assert the(checked(broken), Rule.DIVIDEND).count == HUNDREDFOLD_DIVIDENDS[name]
    assert Rule.DIVIDEND not in {f.rule for f in checked(mended).findings}


@pytest.mark.parametrize("name", ["CALM", "EWG", "HSBK-IL", "IBE-MC", "KMR-L", "TISG-MI"])
def test_large_true_dividends_of_recorded_histories_stay(name: str) -> None:
    if not PAIRS.is_file():
        pytest.skip(f"no recorded histories at {PAIRS}")
    result = checked(_pair(f"{name}-1d-no-bad-divs"))
    assert Rule.DIVIDEND not in {f.rule for f in result.findings}


def _pair(name: str) -> Bars:
    with tarfile.open(PAIRS) as archive:
        file = archive.extractfile(f"tests/data/{name}.csv")
        assert file is not None
        rows = list(csv.DictReader(io.StringIO(file.read().decode())))
    day = "Date" if "Date" in rows[0] else "Datetime"
    rows.sort(key=lambda row: row[day])

    def column(title: str) -> np.ndarray:
        return np.array([float(row[title] or "nan") for row in rows])

    return Bars(
        symbol=TEST,
        days=np.array([row[day][:10] for row in rows], dtype="datetime64[D]"),
        open=column("Open"),
        high=column("High"),
        low=column("Low"),
        close=column("Close"),
        volume=column("Volume"),
        dividend=column("Dividends"),
        split=column("Stock Splits"),
    )
