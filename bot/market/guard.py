"""Bars in, trustworthy bars and findings out; pure.

Nothing is repaired: a bar that lies is left out, and the finding says so. A symbol whose recent
history lost a bar to a lie is held, because the true price of that session could have been the
level an alert is measured against; recent means inside the 260 sessions that the longest rule
looks back on. An older lie is left out as well, but holds nobody for ever. Sessions that are
simply missing (or empty, which is the same) are disclosed and do not hold. A dividend that the
price knows nothing of is left out alone, since prices stay what they were.

A jump that looks like a split nobody applied is different: one side of it is on a wrong scale.
While it is recent the symbol is held; later the history before it is cut off, so that no
all-time high is measured on the wrong scale. `confirmed` names sessions whose odd prices a
second source has confirmed: they pass.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from bot.market.completeness import ending, gaps, untraded
from bot.market.findings import Checked, Finding, Rule, Severity
from bot.market.model import Bars, Days, Floats, as_date
from bot.market.oddities import Jump, Mask, inconsistent, jumps, spikes, unpaid
from bot.market.sessions import Sessions

WINDOW = 260
"""Sessions; the longest look-back of a rule (52 weeks are at most 253) and some reserve."""
JUMP_SESSIONS = 5
"""How long a jump that is no split holds: vendors correct their errors within days."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Context:
    """What the steps need to know about the moment."""

    sessions: Sessions
    opened: date
    closed: date
    recent: np.datetime64
    confirmed: Days


@dataclass(frozen=True, kw_only=True, eq=False)
class _Oddity:
    """Bars that a rule objects to: `bad` and `values` are (n,), `text` completes “n bars …”."""

    rule: Rule
    bad: Mask
    values: Floats
    text: str
    always: Severity | None = None
    """The weight at any age; None: hold while recent, drop later."""


def check(
    bars: Bars, *, sessions: Sessions, now: datetime, confirmed: Collection[date] = ()
) -> Checked:
    """Test one history at the moment `now`.

    The last bar of the result has `final=False` when its session is still running or has not
    settled at `now`. Bars cannot hold a session twice; that is settled by the source.
    """
    opened = sessions.last_opened(now)
    context = _Context(
        sessions=sessions,
        opened=opened,
        closed=sessions.last_closed(now),
        recent=np.datetime64(sessions.offset(opened, -WINDOW)),
        confirmed=np.array(sorted(confirmed), dtype="datetime64[D]"),
    )
    findings: list[Finding] = []
    with np.errstate(all="ignore"):  # absurd numbers may overflow on their way out
        bars = _inspected(bars, context, findings)
    settled = bars.final and (not len(bars) or bars.last_day <= context.closed)
    return Checked(bars=replace(bars, final=settled), findings=tuple(findings))


def _inspected(bars: Bars, context: _Context, findings: list[Finding]) -> Bars:
    """The bars that pass; adds what was found to `findings`."""
    bars = _left_out(bars, _nonsense(bars, context), context, findings)
    missing = gaps(bars, context.sessions, context.recent)
    for oddities in (_implausible, _blocks):
        bars = _left_out(bars, oddities(bars, context), context, findings)
    bars = _without_unpaid(bars, findings)
    bars = _judged(bars, context, findings)
    bars = _left_out(bars, _repeated(bars), context, findings)
    findings += [*missing, *untraded(bars, context.closed)]
    findings += ending(bars, context.sessions, context.closed)
    return bars


def _nonsense(bars: Bars, context: _Context) -> tuple[_Oddity, ...]:
    # Column by column: stacking them first would cost three times the rest of the check.
    prices = (bars.open, bars.high, bars.low, bars.close)
    others = (bars.volume, bars.dividend, bars.split)
    readable = np.logical_and.reduce([np.isfinite(column) for column in (*prices, *others)])
    negative = np.logical_or.reduce([*(p <= 0 for p in prices), *(o < 0 for o in others)])
    negative &= readable
    future = bars.days > np.datetime64(context.opened)
    stray = ~future & ~_are_sessions(bars.days, context.sessions)
    close, drop = bars.close, Severity.DROP
    return (
        _Oddity(
            rule=Rule.UNREADABLE,
            bad=~readable,
            values=close,
            text="without readable prices or volume",
            always=drop,
        ),
        _Oddity(
            rule=Rule.NOT_POSITIVE,
            bad=negative,
            values=close,
            text="with a price of 0 or less, or less than no volume",
            always=drop,
        ),
        _Oddity(
            rule=Rule.FUTURE,
            bad=future,
            values=close,
            text="of sessions that have not begun",
            always=Severity.HOLD,
        ),
        _Oddity(
            rule=Rule.NO_SESSION,
            bad=stray,
            values=close,
            text="on days without a session",
            always=drop,
        ),
    )


def _are_sessions(days: Days, sessions: Sessions) -> Mask:
    known = sessions.days
    places = np.minimum(np.searchsorted(known, days), len(known) - 1)
    return np.asarray((known[places] == days) | (days < known[0]))


def _implausible(bars: Bars, context: _Context) -> tuple[_Oddity, ...]:
    crossed = inconsistent(bars)
    spiked, values = spikes(bars)
    return (
        _Oddity(
            rule=Rule.INCONSISTENT,
            bad=crossed,
            values=bars.high,
            text="whose open or close lies outside the session's range",
        ),
        _Oddity(
            rule=Rule.SPIKE,
            bad=spiked & ~crossed & _unconfirmed(bars, context),
            values=values,
            text="with a price far outside its surroundings",
        ),
    )


def _unconfirmed(bars: Bars, context: _Context) -> Mask:
    return ~np.isin(bars.days, context.confirmed)


def _blocks(bars: Bars, context: _Context) -> tuple[_Oddity, ...]:
    """Runs of bars on another scale that end again."""
    hundredfold, other = np.zeros((2, len(bars)), dtype=bool)
    for jump in jumps(bars):
        if jump.stop is not None:
            (hundredfold if jump.hundredfold else other)[jump.index : jump.stop] = True
    free = _unconfirmed(bars, context)
    return (
        _Oddity(
            rule=Rule.HUNDREDFOLD,
            bad=hundredfold & free,
            values=bars.close,
            text="about a hundred times too high or too low",
        ),
        _Oddity(
            rule=Rule.SPIKE,
            bad=other & free,
            values=bars.close,
            text="on another price level than those before and after",
        ),
    )


def _left_out(
    bars: Bars, oddities: tuple[_Oddity, ...], context: _Context, findings: list[Finding]
) -> Bars:
    """The bars that no oddity is about; adds what was found to `findings`."""
    bad = np.zeros(len(bars), dtype=bool)
    for oddity in oddities:
        if oddity.bad.any():
            bad |= oddity.bad
            findings += _reported(bars, oddity, context)
    return _kept(bars, ~bad) if bad.any() else bars


def _reported(bars: Bars, oddity: _Oddity, context: _Context) -> list[Finding]:
    if oddity.always is not None:
        return [_finding(bars, oddity, oddity.bad, oddity.always)]
    recent = oddity.bad & (bars.days >= context.recent)
    older = oddity.bad & ~recent
    weighed = ((recent, Severity.HOLD), (older, Severity.DROP))
    return [_finding(bars, oddity, bad, weight) for bad, weight in weighed if bad.any()]


def _finding(bars: Bars, oddity: _Oddity, bad: Mask, severity: Severity) -> Finding:
    last = int(np.flatnonzero(bad)[-1])
    count, day, value = int(bad.sum()), as_date(bars.days[last]), float(oddity.values[last])
    bar = "1 bar" if count == 1 else f"{count} bars"
    where = f"{day}" if count == 1 else f"the last on {day}"
    return Finding(
        symbol=bars.symbol,
        rule=oddity.rule,
        severity=severity,
        session=day,
        value=value,
        count=count,
        text=f"Left out {bar} {oddity.text} ({where}: {value:g}).",
    )


def _kept(bars: Bars, keep: NDArray[np.bool_]) -> Bars:
    return Bars(
        symbol=bars.symbol,
        days=bars.days[keep],
        open=bars.open[keep],
        high=bars.high[keep],
        low=bars.low[keep],
        close=bars.close[keep],
        volume=bars.volume[keep],
        dividend=bars.dividend[keep],
        split=bars.split[keep],
        final=bars.final or not bool(keep[-1]),
    )


def _without_unpaid(bars: Bars, findings: list[Finding]) -> Bars:
    """Without the dividends that the price knows nothing of: no price changes, and no alert on
    prices is wrong for them, but returns with dividends would be."""
    bad = unpaid(bars)
    if not bad.any():
        return bars
    last = int(np.flatnonzero(bad)[-1])
    count, day, paid = int(bad.sum()), as_date(bars.days[last]), float(bars.dividend[last])
    share = paid / float(bars.close[last - 1])
    what = "1 dividend" if count == 1 else f"{count} dividends"
    findings.append(
        Finding(
            symbol=bars.symbol,
            rule=Rule.DIVIDEND,
            severity=Severity.DROP,
            session=day,
            value=share,
            count=count,
            text=f"Left out {what} that the price did not fall by (the last on {day}: {paid:g}, "
            f"{share:.0%} of the price).",
        )
    )
    return replace(bars, dividend=np.where(bad, 0.0, bars.dividend))


def _judged(bars: Bars, context: _Context, findings: list[Finding]) -> Bars:
    """Weigh the jumps that stay; cut the history before an old one that looks like a split."""
    cut: date | None = None
    for jump in jumps(bars):
        day = bars.days[jump.index]
        if day in context.confirmed:
            continue
        if jump.like_split and day < context.recent:
            cut = as_date(day)
        findings.append(_jump_finding(bars, jump, context))
    return bars if cut is None else bars.since(cut)


def _jump_finding(bars: Bars, jump: Jump, context: _Context) -> Finding:
    day = as_date(bars.days[jump.index])
    times = f"{jump.ratio:.3g} times" if jump.ratio > 1 else f"1/{1 / jump.ratio:.3g} of"
    text = f"From {day} on the price is {times} what it was"
    if jump.like_split:
        rule = Rule.SPLIT_NOT_APPLIED
        recent = np.datetime64(day) >= context.recent
        severity = Severity.HOLD if recent else Severity.DROP
        ending = "" if recent else "; the history before it is left out"
        text += f", like a split that was not applied{ending}."
    else:
        rule = Rule.JUMP
        fresh = len(bars) - jump.index <= JUMP_SESSIONS
        severity = Severity.HOLD if fresh else Severity.NOTE
        text += ", without a split or dividend."
    return Finding(
        symbol=bars.symbol,
        rule=rule,
        severity=severity,
        session=day,
        value=jump.ratio,
        text=text,
    )


def _repeated(bars: Bars) -> tuple[_Oddity, ...]:
    """The last bar when it is nothing but the one before under a new date."""
    bad = np.zeros(len(bars), dtype=bool)
    if len(bars) > 1 and bars.volume[-1] > 0:
        columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
        bad[-1] = all(column[-1] == column[-2] for column in columns)
    text = "that only repeats the session before"
    return (_Oddity(rule=Rule.REPEATED, bad=bad, values=bars.close, text=text),)
