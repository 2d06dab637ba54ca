"""Which function draws which kind of spec. A new kind of picture is a line here."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.charts import candles
from bot.charts.specs import CandleChart, Spec

DRAWINGS: Mapping[type, Callable[[Any], bytes]] = {
    CandleChart: candles.draw,
}


def draw(spec: Spec) -> bytes:
    """The picture of `spec` as a PNG. Raises KeyError for a spec nothing is known about."""
    return DRAWINGS[type(spec)](spec)
