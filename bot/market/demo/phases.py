"""Phases: the regimes of the market and the patterns of everything else.

A path is a chain of phases; each has a drift, a volatility and a tether. The tether takes
away a share of the phase's net noise, which makes a base: prices that swing and come back.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.market.demo.streams import fat_tailed, stream

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One stretch of a path.

    `sessions` is the shortest and longest length; `drift` is per session in units of the
    path's daily volatility, `volatility` a multiple of it; `tether` 0…1 is the share of the
    net noise taken away; `heat` multiplies volume; `then` weighs what may follow.
    """

    sessions: tuple[int, int]
    drift: float
    volatility: float
    then: Mapping[str, float]
    tether: float = 0.0
    heat: float = 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Walk:
    """One path: `drift`, `noise` (per session, in daily volatilities), `volatility`, `heat`."""

    drift: Floats
    noise: Floats
    volatility: Floats
    heat: Floats


REGIMES: Mapping[str, Phase] = {
    "bull": Phase(
        sessions=(35, 90),
        drift=0.095,
        volatility=0.75,
        tether=0.6,
        then={"pause": 0.66, "correction": 0.29, "bear": 0.015, "crash": 0.035},
    ),
    "pause": Phase(
        sessions=(8, 22),
        drift=0.0,
        volatility=0.5,
        tether=0.8,
        heat=0.88,
        then={"bull": 0.7, "correction": 0.18, "sideways": 0.12},
    ),
    "sideways": Phase(
        sessions=(25, 55),
        drift=0.0,
        volatility=0.8,
        tether=0.75,
        heat=0.95,
        then={"bull": 0.7, "correction": 0.3},
    ),
    "correction": Phase(
        sessions=(7, 14),
        drift=-0.4,
        volatility=1.2,
        tether=0.3,
        heat=1.25,
        then={"recovery": 0.55, "bull": 0.42, "bear": 0.03},
    ),
    "bear": Phase(
        sessions=(45, 80),
        drift=-0.18,
        volatility=1.5,
        tether=0.4,
        heat=1.2,
        then={"recovery": 0.8, "sideways": 0.2},
    ),
    "crash": Phase(
        sessions=(14, 24),
        drift=-1.3,
        volatility=3.0,
        tether=0.3,
        heat=1.9,
        then={"rebound": 1.0},
    ),
    "rebound": Phase(
        sessions=(28, 44),
        drift=0.62,
        volatility=1.5,
        tether=0.3,
        heat=1.25,
        then={"bull": 0.7, "pause": 0.3},
    ),
    "recovery": Phase(
        sessions=(20, 40),
        drift=0.42,
        volatility=1.25,
        tether=0.3,
        heat=1.1,
        then={"bull": 0.8, "sideways": 0.2},
    ),
}
"""The market's regimes."""

PATTERNS: Mapping[str, Phase] = {
    "drift": Phase(
        sessions=(12, 40),
        drift=0.0,
        volatility=1.0,
        tether=0.0,
        then={"base": 0.6, "run": 0.2, "slide": 0.2},
    ),
    "base": Phase(
        sessions=(15, 45),
        drift=0.0,
        volatility=0.7,
        tether=0.85,
        heat=0.85,
        then={"breakout": 0.72, "slide": 0.28},
    ),
    "breakout": Phase(
        sessions=(1, 3), drift=1.6, volatility=0.8, heat=1.9, then={"run": 0.55, "fade": 0.45}
    ),
    "run": Phase(
        sessions=(10, 32),
        drift=0.2,
        volatility=0.9,
        tether=0.0,
        then={"flag": 0.5, "base": 0.25, "drift": 0.25},
    ),
    "flag": Phase(
        sessions=(6, 14),
        drift=-0.02,
        volatility=0.35,
        tether=0.9,
        heat=0.65,
        then={"breakout": 0.6, "fade": 0.4},
    ),
    "fade": Phase(
        sessions=(3, 9), drift=-0.6, volatility=1.0, heat=1.15, then={"base": 0.55, "slide": 0.45}
    ),
    "slide": Phase(
        sessions=(10, 35),
        drift=-0.12,
        volatility=1.05,
        tether=0.0,
        then={"base": 0.65, "drift": 0.35},
    ),
}
"""The patterns of sectors, other factors and single funds."""

PULL = 0.01
"""How strongly a path off its trend prefers phases that lead back, per squared volatility."""


def walk(
    book: Mapping[str, Phase],
    seed: int,
    name: str,
    *,
    sessions: int,
    trend: float = 0.0,
    patience: float = 1.0,
) -> Walk:
    """The first `sessions` sessions of the path called `name`; shapes (sessions,).

    `trend` is the drift per session, in daily volatilities, that the phases keep near; above
    it the pull back is weaker by the factor `patience`. A longer walk of the same name and
    seed begins with the shorter one.
    """
    choices = stream(seed, name, "phases")
    spare = max(phase.sessions[1] for phase in book.values())
    draws = fat_tailed(stream(seed, name, "noise").standard_normal(sessions + spare))
    sums = np.concatenate(([0.0], np.cumsum(draws))).tolist()
    phase, total, ahead = next(iter(book.values())), 0, 0.0
    phases: list[Phase] = []
    lengths: list[int] = []
    means: list[float] = []
    while total < sessions:
        length_draw, next_draw = choices.random_sample(2).tolist()
        shortest, longest = phase.sessions
        length = shortest + int(length_draw * (longest - shortest + 1))
        mean = (sums[total + length] - sums[total]) / length
        phases.append(phase)
        lengths.append(length)
        means.append(mean * phase.tether)
        total += length
        ahead += length * (phase.drift - trend + mean * (1 - phase.tether) * phase.volatility)
        pull = PULL * (patience if ahead > 0 else 1.0) * ahead
        phase = book[_follower(book, phase.then, draw=next_draw, pull=pull)]

    def spread(values: list[float]) -> Floats:
        return np.repeat(values, lengths)[:sessions]

    volatility = spread([phase.volatility for phase in phases])
    return Walk(
        drift=spread([phase.drift for phase in phases]),
        noise=(draws[:sessions] - spread(means)) * volatility,
        volatility=volatility,
        heat=spread([phase.heat for phase in phases]),
    )


def _follower(
    book: Mapping[str, Phase], then: Mapping[str, float], *, draw: float, pull: float
) -> str:
    """What comes next; a positive `pull` prefers phases that go down, by their whole drift."""
    weights = {
        name: weight * math.exp(-pull * book[name].drift * sum(book[name].sessions) / 2)
        for name, weight in then.items()
    }
    left = draw * sum(weights.values())
    for name, weight in weights.items():
        left -= weight
        if left < 0:
            return name
    return name
