"""What other thresholds would do: each setup rule with one value changed at a time.

Run: python -m studies.thresholds FOLDER > studies/thresholds.md
Looks at the most traded funds of the folder that `studies/kinds.py` reads, session by session.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from bot.market.panel import Panel
from bot.signals.aligned import bars_at, columns_of
from bot.signals.contractions import find_contraction
from bot.signals.crossings import crossings_of
from bot.signals.events import events
from bot.signals.flags import find_flag
from bot.signals.model import Direction, Kind, Signal
from bot.signals.ranges import find_range
from bot.signals.record import study_of
from bot.signals.rules import Detect
from bot.signals.scan import LONGEST
from bot.signals.setups import breakout
from bot.signals.surfs import find_surf
from bot.signals.thresholds import CONTRACTION, FLAG, RANGE, SURF, TRENDLINE
from bot.signals.trendlines import detect_downtrend_break
from studies.kinds import SESSIONS_PER_YEAR, read_panel

FUNDS = 40


def variants() -> Iterator[tuple[Kind, str, Detect]]:
    """A kind, what is changed, and the rule with that change; the first of a kind is as it is."""
    for text, flag in (
        ("as it is", FLAG),
        ("contraction at most 0.75", replace(FLAG, contraction=0.75)),
        ("contraction at most 1.00", replace(FLAG, contraction=1.0)),
        ("pole at least 4 ATR", replace(FLAG, pole_height=4.0)),
        ("at most 0.35 of the pole", replace(FLAG, share_of_pole=0.35)),
    ):
        yield Kind.TIGHT_FLAG, text, breakout(Kind.TIGHT_FLAG, partial(find_flag, rule=flag))
    for text, surf in (
        ("as it is", SURF),
        ("only the 20-session mean", replace(SURF, averages=(20,))),
        ("dips within 0.5 ATR", replace(SURF, touch=0.5)),
    ):
        yield Kind.AVERAGE_SURF, text, breakout(Kind.AVERAGE_SURF, partial(find_surf, rule=surf))
    for text, channel in (
        ("as it is", RANGE),
        ("narrowest 5 %", replace(RANGE, narrowest=0.05)),
        ("narrowest 30 %", replace(RANGE, narrowest=0.30)),
        ("three touches", replace(RANGE, touches=3)),
    ):
        yield Kind.RANGE, text, breakout(Kind.RANGE, partial(find_range, rule=channel))
    for text, line in (
        ("as it is", TRENDLINE),
        ("margin 0.5 ATR", replace(TRENDLINE, margin=0.5)),
        ("four touches", replace(TRENDLINE, touches=4)),
        ("touches within 0.25 ATR", replace(TRENDLINE, touch=0.25)),
    ):
        yield Kind.DOWNTREND_BREAK, text, partial(detect_downtrend_break, rule=line)
    for text, pulls in (
        ("as it is", CONTRACTION),
        ("each at most 0.9 of the last", replace(CONTRACTION, shrink=0.9)),
        ("volume up to the usual", replace(CONTRACTION, volume=1.0)),
        ("last at most 10 %", replace(CONTRACTION, last_depth=0.10)),
    ):
        kind = Kind.VOLATILITY_CONTRACTION
        yield kind, text, breakout(kind, partial(find_contraction, rule=pulls))


def found_by(panel: Panel, detect: Detect) -> Iterator[Signal]:
    for column in range(len(panel.symbols)):
        bars = bars_at(panel, column)
        for day in bars.days[LONGEST:]:
            signal = detect(bars.through(day.item()))
            if signal is not None:
                yield signal


def main() -> None:
    whole = read_panel(Path(sys.argv[1]))
    turnover = np.median(whole.close * whole.volume, axis=0)
    panel = columns_of(whole, np.sort(np.argsort(-turnover)[:FUNDS]))
    years = (len(panel) - LONGEST) / SESSIONS_PER_YEAR * len(panel.symbols)
    first = panel.days[LONGEST].item()
    lines = [
        "# What other thresholds would do",
        "",
        f"The {FUNDS} most traded funds of the study in `kinds.md`, {first} to {panel.days[-1]}.",
        "One value is changed at a time. Made by `studies/thresholds.py`; columns as there.",
        "",
        "| kind | rule | episodes per symbol and year | n | failed within 5 | excess after 20 |",
        "|---|---|---|---|---|---|",
    ]
    for kind, text, detect in variants():
        found = crossings_of(panel, kind, Direction.UP, found_by(panel, detect), warm_up=LONGEST)
        result = study_of(
            panel, found, events(panel, found), symbols=panel.symbols, scope="", first=first
        )
        month, failed = result.outcomes[1], result.failure_rate
        low, high = 100 * month.excess_interval.low, 100 * month.excess_interval.high
        lines.append(
            f"| {kind.value} | {text} | {result.episodes / years:.2f} | {result.episodes} "
            f"| {'–' if failed is None else f'{100 * failed:.0f} %'} "
            f"| {100 * month.excess:+.2f} % ({low:+.2f}…{high:+.2f}) |"
        )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
