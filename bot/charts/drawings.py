"""Which function draws which kind of spec. A new kind of picture is a line here."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.charts import (
    base_rates,
    breadth,
    candles,
    dial,
    lines,
    rotation,
    sectors,
    sentiment,
    strips,
)
from bot.charts.sentiment_specs import SentimentChart
from bot.charts.series_specs import BreadthChart, ComparisonChart, RelativeStrengthChart
from bot.charts.specs import CandleChart, Spec
from bot.charts.state_specs import BaseRateChart, MoodDial, RotationChart
from bot.charts.table_specs import SectorChart, StripTable

DRAWINGS: Mapping[type, Callable[[Any], bytes]] = {
    CandleChart: candles.draw,
    ComparisonChart: lines.draw_comparison,
    RelativeStrengthChart: lines.draw_relative_strength,
    BreadthChart: breadth.draw,
    RotationChart: rotation.draw,
    SectorChart: sectors.draw,
    MoodDial: dial.draw,
    BaseRateChart: base_rates.draw,
    StripTable: strips.draw,
    SentimentChart: sentiment.draw,
}


def draw(spec: Spec) -> bytes:
    """The picture of `spec` as a PNG. Raises KeyError for a kind of spec it does not know."""
    return DRAWINGS[type(spec)](spec)
