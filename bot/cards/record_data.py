"""What `/record` gives beside its card: the picture, the episodes as CSV, the numbers. Pure."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

import numpy as np

from bot.cards.format import plural
from bot.cards.record import MONTH, RecordView
from bot.cards.tables import csv_text
from bot.charts.state_specs import BaseRate, BaseRateChart, base_rate_chart
from bot.market.model import Floats, as_date
from bot.market.panel import Panel
from bot.signals.bootstrap import Interval
from bot.signals.events import Events
from bot.signals.outcomes import Outcome, forward_returns
from bot.signals.record import HORIZONS, LEAST_EPISODES


def record_picture(view: RecordView, returns: Floats) -> BaseRateChart:
    """Hit rates beside ordinary days; `returns` are those of the episodes after 20 sessions, as
    fractions. Raises NoData without enough outcomes for an interval."""
    study = view.study
    rates = [
        BaseRate(
            horizon=f"{o.sessions} sessions",
            count=o.episodes,
            rate=100 * o.hit_rate,
            low=100 * max(o.hit_interval.low, 0.0),
            high=100 * min(o.hit_interval.high, 1.0),
            ordinary=100 * o.ordinary_hit_rate,
        )
        for o in study.outcomes
        if o.episodes >= LEAST_EPISODES and o.hit_interval.low == o.hit_interval.low
    ]
    return base_rate_chart(
        rates,
        outcomes=100 * returns,
        outcomes_label=f"returns after {MONTH} sessions",
        title=f"{view.title}, {study.scope}",
        fact=f"{plural(study.confirmed, 'episode')}, {study.first.year}–{study.last.year}",
    )


def month_returns(panel: Panel, mine: Events) -> Floats:
    """Returns of the confirmed episodes after 20 sessions, NaN where the data end."""
    confirmed = mine.where(mine.confirmed)
    returns = forward_returns(panel.open, panel.close, MONTH)
    return np.asarray(returns[confirmed.rows, confirmed.columns])


def record_csv(panel: Panel, mine: Events) -> str:
    """Every episode with its returns from the next open, as fractions."""
    after = [forward_returns(panel.open, panel.close, sessions) for sessions in HORIZONS]
    header = (
        "symbol",
        "session",
        "level",
        "close",
        "confirmed",
        "failed_within_5",
        *(f"return_{sessions}" for sessions in HORIZONS),
    )

    def rows() -> Sequence[tuple[object, ...]]:
        return [
            (
                panel.symbols[int(column)],
                as_date(panel.days[row]),
                float(level),
                float(panel.close[row, column]),
                int(confirmed),
                int(failed) if judged else None,
                *(float(table[row, column]) for table in after),
            )
            for row, column, level, confirmed, failed, judged in zip(
                mine.rows,
                mine.columns,
                mine.levels,
                mine.confirmed,
                mine.failed,
                mine.judged,
                strict=True,
            )
        ]

    return csv_text(header, rows())


def numbers(view: RecordView, since: date | None) -> dict[str, object]:
    study = view.study
    return {
        "command": "record",
        "kind": study.kind.value,
        "scope": study.scope,
        "asked": None if view.asked is None else str(view.asked),
        "since": None if since is None else str(since),
        "symbols": [str(symbol) for symbol in study.symbols],
        "pooled": study.pooled,
        "few": study.few,
        "first": str(study.first),
        "last": str(study.last),
        "episodes": study.episodes,
        "confirmed": study.confirmed,
        "failure_rate": study.failure_rate,
        "failure_interval": _pair(study.failure_interval),
        "outcomes": [_outcome(o) for o in study.outcomes],
        "misses": len(view.misses),
        "caution": study.caution,
        "own": None if view.own is None else asdict(view.own),
    }


def _outcome(o: Outcome) -> dict[str, object]:
    return {
        "sessions": o.sessions,
        "n": o.episodes,
        "mean": _known(o.mean),
        "mean_interval": _pair(o.mean_interval),
        "hit_rate": _known(o.hit_rate),
        "hit_interval": _pair(o.hit_interval),
        "ordinary_mean": _known(o.ordinary_mean),
        "ordinary_hit_rate": _known(o.ordinary_hit_rate),
        "ordinary_days": o.ordinary_days,
        "excess": _known(o.excess),
        "excess_interval": _pair(o.excess_interval),
        "over_benchmark": o.over_benchmark,
        "over_benchmark_interval": None
        if o.over_benchmark_interval is None
        else _pair(o.over_benchmark_interval),
        "verdict": o.verdict.value,
    }


def _pair(found: Interval) -> list[float] | None:
    return None if found.low != found.low else [found.low, found.high]


def _known(value: float) -> float | None:
    return None if value != value else value
