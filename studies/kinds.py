"""How often each kind fires on real funds, how often it fails, and what came after.

Run: python -m studies.kinds FOLDER > studies/kinds.md
FOLDER holds part-*.csv.gz with the columns symbol, date, open, high, low, close, volume. Every
session is scanned as the program would have scanned it that evening; only symbols without a
missing session take part, so that all kinds look at the same funds.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from bot.market.model import Symbol
from bot.market.panel import COLUMNS, Panel
from bot.signals.aligned import bars_at, columns_of, rows_of
from bot.signals.crossings import (
    CROSSERS,
    Crossings,
    crossings,
    crossings_of,
    strength_crossings,
)
from bot.signals.events import events
from bot.signals.kinds import KINDS
from bot.signals.model import Kind, Signal
from bot.signals.record import Study, study_of
from bot.signals.scan import LONGEST, SIEVED_KINDS, scan

BENCHMARK = Symbol("SPY")
SESSIONS_PER_YEAR = 252
SUPPORT_STEP = 4
"""Every fourth fund is tested for supports, which takes long."""


def read_panel(folder: Path) -> Panel:
    """The funds that have a bar in every session in which most funds have one."""
    names = ["symbol", "date", *COLUMNS]
    parts = sorted(folder.glob("part-*.csv.gz"))
    rows = pd.concat(
        pd.read_csv(part, usecols=names, keep_default_na=False, na_values=[""]) for part in parts
    )
    tables = {name: rows.pivot(index="date", columns="symbol", values=name) for name in COLUMNS}
    usual = tables["close"].notna().mean(axis=1) > 0.5
    tables = {name: table[usual] for name, table in tables.items()}
    whole = np.logical_and.reduce([tables[n].notna().all(axis=0) for n in COLUMNS[:4]])
    chosen = tables["close"].columns[whole]
    return Panel(
        symbols=tuple(Symbol(name) for name in chosen),
        days=tables["close"].index.to_numpy().astype("datetime64[D]"),
        **{
            name: np.asfortranarray(table[chosen].to_numpy(float)) for name, table in tables.items()
        },
    )


def setup_signals(panel: Panel, first: int) -> Iterator[Signal]:
    """The signals of the setup kinds of every session from row `first` on."""
    for row in range(first, len(panel)):
        evening = rows_of(panel, row + 1 - LONGEST, row + 1)
        hits = scan(evening, kinds=SIEVED_KINDS)
        for kind, columns in hits.columns.items():
            for column in columns:
                signal = KINDS[kind].detect(bars_at(evening, int(column)))
                if signal is not None:
                    yield signal


def support_signals(panel: Panel, first: int) -> Iterator[Signal]:
    """The support tests of the panel's funds, of every session from row `first` on."""
    for column in range(len(panel.symbols)):
        bars = bars_at(panel, column)
        for day in bars.days[first:]:
            signal = KINDS[Kind.SUPPORT_TEST].detect(bars.through(day.item()))
            if signal is not None:
                yield signal


def all_crossings(panel: Panel) -> Iterator[tuple[Panel, Crossings]]:
    """The crossings of every kind, each with the panel that they point into."""
    for kind in CROSSERS:
        yield panel, crossings(panel, kind)
    if BENCHMARK in panel.symbols:
        yield panel, strength_crossings(panel, BENCHMARK)
    found = list(setup_signals(panel, LONGEST))
    for kind in SIEVED_KINDS:
        direction = KINDS[kind].direction
        yield panel, crossings_of(panel, kind, direction, found, warm_up=LONGEST)
    kind = Kind.SUPPORT_TEST
    some = columns_of(panel, np.arange(0, len(panel.symbols), SUPPORT_STEP))
    found = list(support_signals(some, LONGEST))
    yield some, crossings_of(some, kind, KINDS[kind].direction, found, warm_up=LONGEST)


def row_of(study: Study, found: Crossings, years: float) -> str:
    month = study.outcomes[1]
    low, high = month.excess_interval.low, month.excess_interval.high
    failed, failure = 100 * (study.failure_rate or 0.0), study.failure_interval
    cells = (
        KINDS[study.kind].title,
        f"{len(found.rows) / years:.1f}",
        f"{study.episodes / years:.2f}",
        f"{study.episodes:,}",
        f"{100 * study.confirmed / max(1, study.episodes):.0f} %",
        f"{failed:.0f} % ({100 * failure.low:.0f}…{100 * failure.high:.0f})",
        f"{100 * month.hit_rate:.0f} % / {100 * month.ordinary_hit_rate:.0f} %",
        f"{100 * month.excess:+.2f} % ({100 * low:+.2f}…{100 * high:+.2f})",
        month.verdict.value,
    )
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    panel = read_panel(Path(sys.argv[1]))
    first, last = panel.days[LONGEST], panel.days[-1]
    lines = [
        "# How often each kind fires, and what came after",
        "",
        f"{len(panel.symbols)} US ETFs without a missing session, {first} to {last}, rules as in",
        "`bot/signals/thresholds.py`. Made by `studies/kinds.py`. Survivors only: funds that",
        "closed are not in the data. RS highs are against SPY; supports were tested for on every",
        "fourth fund.",
        "",
        "Fires: sessions per symbol and year on which the rule is true. Episodes: those that",
        "would open an alert. Confirmed: closed above the level. Failed: of the confirmed, a close",
        "back below the level within 5 sessions. Up after 20: gains (of lows: losses) from the",
        "next open to the close 20 sessions after the signal, beside all ordinary days of the same",
        "funds. Excess: mean return minus the ordinary day's. Brackets: 95 % intervals,",
        "date-block bootstrap.",
        "",
        "| kind | fires | episodes | n | confirmed | failed within 5 | up after 20 / ordinary "
        "| excess after 20 | verdict |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for funds, found in all_crossings(panel):
        years = (len(panel) - LONGEST) / SESSIONS_PER_YEAR * len(funds.symbols)
        late = found.rows >= LONGEST
        mine = Crossings(
            kind=found.kind,
            direction=found.direction,
            rows=found.rows[late],
            columns=found.columns[late],
            levels=found.levels[late],
            eligible=found.eligible,
        )
        result = study_of(
            funds,
            mine,
            events(funds, mine),
            symbols=funds.symbols,
            scope="ETFs",
            first=first.item(),
        )
        lines.append(row_of(result, mine, years))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
