"""Setups in words: names short enough for a phone, and the numbers that each rule used. Pure."""

from collections.abc import Callable, Mapping
from datetime import date

from bot.cards.format import day_text, plural
from bot.signals.model import Kind, Value
from bot.signals.setup import Setup, Status

NAMES: Mapping[Kind, str] = {
    Kind.TIGHT_FLAG: "Tight flag",
    Kind.AVERAGE_SURF: "Surf",
    Kind.RANGE: "Range",
    Kind.DOWNTREND_BREAK: "Downtrend",
    Kind.SUPPORT_TEST: "Support",
    Kind.VOLATILITY_CONTRACTION: "Contraction",
}
TITLES: Mapping[Kind, str] = {
    Kind.TIGHT_FLAG: "Tight flag",
    Kind.AVERAGE_SURF: "Moving-average surf",
    Kind.RANGE: "Range",
    Kind.DOWNTREND_BREAK: "Downtrend line",
    Kind.SUPPORT_TEST: "Support test",
    Kind.VOLATILITY_CONTRACTION: "Volatility contraction",
}
STATES: Mapping[Status, str] = {
    Status.BUILDING: "building",
    Status.NEAR: "near",
    Status.TRIGGERED: "crossed",
    Status.CONFIRMED: "confirmed",
    Status.FAILED: "failed",
    Status.EXPIRED: "expired",
}


def rule_words(setup: Setup) -> str:
    """The values that the rule of this kind was decided by."""
    return _WORDS[setup.kind](setup.values)


def _flag(v: Mapping[str, Value]) -> str:
    return (
        f"a pole of {_n(v['pole_atr'])} ATR since {_day(v['pole_start'])}, then a rest "
        f"{_n(v['flag_height_atr'])} ATR high ({_p(v['flag_share_of_pole'])} of the pole), true "
        f"range at {_n(v['contraction'], 2)} of usual, {_p(v['closes_above_average'])} of closes "
        "above the 10-session mean"
    )


def _surf(v: Mapping[str, Value]) -> str:
    return (
        f"{v['closes_above']} of 10 closes above the rising {v['average']}-session mean "
        f"({_n(v['average_value'], 2)}), {plural(int(_f(v['pullbacks'])), 'pullback')} turned at "
        f"most {_n(v['furthest_pullback_atr'], 2)} ATR from it"
    )


def _range(v: Mapping[str, Value]) -> str:
    return (
        f"{v['length']} sessions within {_n(v['height_atr'])} ATR ({_p(v['height_share'], 1)}), "
        f"narrower than all but {_p(v['narrower_share'])} of two years; touched "
        f"{v['touches_above']} times above and {v['touches_below']} below"
    )


def _downtrend(v: Mapping[str, Value]) -> str:
    return (
        f"a line through {v['touches']} falling highs from {_day(v['line_start'])} to "
        f"{_day(v['line_end'])}, at {_n(v['line'], 2)} and {_n(v['line_slope'], 2)} a session"
    )


def _support(v: Mapping[str, Value]) -> str:
    return (
        f"{v['touches']} turns at this price, the first in {v['first_touch_year']}; the test’s low "
        f"came within {_n(abs(_f(v['low_distance_atr'])), 2)} ATR and it closed at "
        f"{_p(v['close_in_bar'])} of its bar"
    )


def _contraction(v: Mapping[str, Value]) -> str:
    return (
        f"{v['pullbacks']} pullbacks, from {_p(v['first_depth'], 1)} down to "
        f"{_p(v['last_depth'], 1)}, volume at {_n(v['volume_against_usual'], 2)} of usual"
    )


_WORDS: Mapping[Kind, Callable[[Mapping[str, Value]], str]] = {
    Kind.TIGHT_FLAG: _flag,
    Kind.AVERAGE_SURF: _surf,
    Kind.RANGE: _range,
    Kind.DOWNTREND_BREAK: _downtrend,
    Kind.SUPPORT_TEST: _support,
    Kind.VOLATILITY_CONTRACTION: _contraction,
}


def _f(value: Value) -> float:
    return float(value or 0)


def _n(value: Value, decimals: int = 1) -> str:
    return f"{_f(value):.{decimals}f}".replace("-", "−")


def _p(value: Value, decimals: int = 0) -> str:
    return f"{100 * _f(value):.{decimals}f} %"


def _day(value: Value) -> str:
    return day_text(date.fromisoformat(str(value)))
