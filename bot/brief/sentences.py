"""One sentence, or two short ones, for each kind of fact. Numbers first, no advice.

The table is written by hand; a test holds that every kind of fact is in it and that every
sentence carries a number.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.brief.model import Fact, Finding
from bot.brief.numbers import Numbers
from bot.brief.outlook import OUTLOOK, extreme_of, high_name, trend_of
from bot.cards.format import joined, plural

SETUP_NAMES = {
    "tight_flag": "a tight flag",
    "average_surf": "a ride on the moving average",
    "range": "a range",
    "downtrend_break": "the break of a downtrend line",
    "support_test": "a test of support",
    "volatility_contraction": "a volatility contraction",
}
CLEAR = 0.01
"""A change below 1 % of a bond fund is not read as a move of yields."""


def sentence_of(finding: Finding) -> str:
    """The sentence of a finding."""
    return SENTENCES[finding.fact](Numbers(finding.numbers))


def _move(n: Numbers) -> str:
    verb = "closed" if n.flag("final") else "trades"
    return (
        f"{n.text('symbol')} {verb} at {n.price('last')} on {n.day('session')}, "
        f"{n.percent('change')} from {n.price('prior_close')}."
    )


def _new_high(n: Numbers) -> str:
    text = (
        f"The session high of {n.price('price')} is a new {high_name(n)}, above "
        f"{n.price('level')} of {n.day('level_session')}, after a base of "
        f"{n.counted('base', 'session')}."
    )
    return f"{text} {_against(n, up=True)}"


def _new_low(n: Numbers) -> str:
    text = (
        f"The session low of {n.price('price')} is a new 52-week low, below {n.price('level')} of "
        f"{n.day('level_session')}."
    )
    return f"{text} {_against(n, up=False)}"


def _against(n: Numbers, *, up: bool) -> str:
    """Where the close stands against the crossed level."""
    gap = n.real("last") / n.real("level") - 1
    word = "close" if n.flag("final") else "last price"
    side = "above" if gap > 0 else "below" if gap < 0 else "at"
    what = "confirms it" if (gap > 0) is up and gap != 0 else "does not confirm it"
    if not n.flag("final"):
        what = "is provisional"
    distance = "0.0 %" if gap == 0 else f"{abs(100 * gap):.1f} %"
    return f"The {word} of {n.price('last')}, {distance} {side} that level, {what}."


def _below_high(n: Numbers) -> str:
    return (
        f"It stands {n.size('distance')} below its {high_name(n)} of {n.price('level')} "
        f"({n.day('level_session')})."
    )


def _all_time(n: Numbers) -> str:
    if n.flag("new"):
        if n.flag("same_level"):
            return f"{n.price('session_high')} is also the all-time high."
        return (
            f"{n.price('session_high')} is also the all-time high; the old one was "
            f"{n.price('level')} of {n.day('level_session')}."
        )
    return (
        f"From the all-time high of {n.price('level')} ({n.day('level_session')}) it is "
        f"{n.percent('distance')}."
    )


def _size(n: Numbers) -> str:
    return (
        f"The move is {n.real('times'):.1f} times its daily σ of {n.size('sigma')} (the "
        f"{n.count('returns')} daily moves before)."
    )


def _averages(n: Numbers) -> str:
    parts = [
        f"{n.percent(f'{name}_distance')} from its {n.count(f'{name}_sessions')}-session average "
        f"({n.price(name)})"
        for name in ("short", "long")
        if n.known(name)
    ]
    return f"The price stands {joined(parts)}."


def _setup(n: Numbers) -> str:
    text = f"{capital(setup_name(n))}, {n.counted('age', 'session')} long, is {n.text('status')}"
    trigger = f"its trigger of {n.price('trigger')}"
    if n.text("status") == "triggered":
        return f"{text}: {trigger} was exceeded, but not yet at a close."
    gap = n.real("distance")
    side = "above" if gap > 0 else "below"
    return f"{text}: {trigger} lies {n.size('distance')} {side} the price."


def setup_name(n: Numbers) -> str:
    """“a tight flag”."""
    return SETUP_NAMES.get(n.text("kind"), "a setup")


def capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _ratio(n: Numbers) -> str:
    text = (
        f"{n.text('long')} ÷ {n.text('short')}: {n.percent('change')} in "
        f"{n.count('sessions')} sessions{trend_of(n)}"
    )
    return f"{text}{extreme_of(n)}."


def _sectors(n: Numbers) -> str:
    return (
        f"{n.count('above')} of {n.counted('counted', 'sector')} close above their "
        f"{n.count('sessions')}-session average."
    )


def _reading(n: Numbers) -> str:
    return (
        f"Of {plural(n.count('counted'), 'count')}, {n.count('broader')} for broadening and "
        f"{n.count('narrower')} for narrowing: {n.text('reading')}."
    )


def _volume(n: Numbers) -> str:
    word = n.text("word")
    judged = "" if word == "unknown" else f": {word}"
    return f"Volume was {n.times('ratio')} times its 50-session average{judged}."


def _up_volume(n: Numbers) -> str:
    return (
        f"The {n.counted('days', 'up day')} of the last {n.count('sessions')} sessions carried "
        f"{n.share('share')} of the volume."
    )


def _calendar(n: Numbers) -> str:
    month = _until(n, "month", "Month-end")
    if n.text("month_end") == n.text("quarter_end"):
        return f"{month}; it is the quarter-end too."
    return f"{month}; {_until(n, 'quarter', 'quarter-end')}."


def _until(n: Numbers, name: str, words: str) -> str:
    left = n.count(f"{name}_left")
    when = "is this session" if left == 0 else f"is {plural(left, 'session')} away"
    return f"{words} {when}, {n.day(f'{name}_end')}"


def _treasuries(n: Numbers) -> str:
    long, middle = n.real("long"), n.real("middle")
    text = (
        f"Treasuries: TLT {n.percent('long')} and IEF {n.percent('middle')} in "
        f"{n.count('sessions')} sessions"
    )
    if long * middle <= 0 or abs(middle) < CLEAR:
        return f"{text}."
    return f"{text}: yields {'fell' if long > 0 else 'rose'}."


def _inflation(n: Numbers) -> str:
    return (
        f"TIP ÷ IEF, a proxy for expected inflation: {n.percent('change')} in "
        f"{n.count('sessions')} sessions."
    )


def _credit(n: Numbers) -> str:
    change = n.real("change")
    text = (
        f"HYG ÷ LQD, a proxy for credit: {n.percent('change')} in {n.count('sessions')} sessions"
        f"{trend_of(n)}"
    )
    if abs(change) < CLEAR:
        return f"{text}."
    return f"{text}; high yield {'gained on' if change > 0 else 'lost against'} investment grade."


def _excess(n: Numbers) -> str:
    text = (
        f"{n.text('symbol')} {n.percent('month')} against {n.text('benchmark')} "
        f"{n.percent('benchmark_month')} in {n.count('month_sessions')} sessions"
    )
    if not n.known("quarter", "benchmark_quarter"):
        return f"{text}."
    return (
        f"{text}; {n.percent('quarter')} against {n.percent('benchmark_quarter')} in "
        f"{n.count('quarter_sessions')}."
    )


def _rank(n: Numbers) -> str:
    return (
        f"It ranks {n.ordinal('place')} of {n.count('counted')} in “{n.text('home')}” over "
        f"{n.count('sessions')} sessions, from {n.text('best')} {n.percent('best_change')} to "
        f"{n.text('worst')} {n.percent('worst_change')}."
    )


def _strength_high(n: Numbers) -> str:
    return (
        f"Its ratio to {n.text('benchmark')} made a new 52-week high: {n.real('line'):.4f} above "
        f"{n.real('level'):.4f} of {n.day('level_session')}."
    )


def _distances(n: Numbers) -> str:
    parts = [f"{symbol} {n.percent(symbol)}" for symbol in n.symbols()]
    return f"From their all-time highs: {joined(parts)}."


SENTENCES: Mapping[Fact, Callable[[Numbers], str]] = MappingProxyType(
    {
        Fact.MOVE: _move,
        Fact.NEW_HIGH: _new_high,
        Fact.NEW_LOW: _new_low,
        Fact.BELOW_HIGH: _below_high,
        Fact.ALL_TIME: _all_time,
        Fact.SIZE: _size,
        Fact.AVERAGES: _averages,
        Fact.SETUP: _setup,
        Fact.RATIO: _ratio,
        Fact.SECTORS: _sectors,
        Fact.READING: _reading,
        Fact.VOLUME: _volume,
        Fact.UP_VOLUME: _up_volume,
        Fact.CALENDAR: _calendar,
        Fact.TREASURIES: _treasuries,
        Fact.INFLATION: _inflation,
        Fact.CREDIT: _credit,
        Fact.EXCESS: _excess,
        Fact.RANK: _rank,
        Fact.STRENGTH_HIGH: _strength_high,
        Fact.DISTANCES: _distances,
        **OUTLOOK,
    }
)
