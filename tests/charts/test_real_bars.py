"""Charts of real bars; expected values are those of published articles and of pandas."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from bot.charts.candles import draw
from bot.charts.specs import Interval, LevelLine, candle_chart
from tests.charts.pictures import bars_of, decoded, walk
from tests.signals.bars import real_bars


def test_the_new_high_of_17_april_2026_reads_as_it_was_reported() -> None:
    bars = real_bars("IVOO").through(date(2026, 4, 17))
    level = LevelLine(price=122.74, label="52-week high", since=date(2026, 2, 20), accent=True)

    chart = candle_chart(bars, levels=[level])

    assert chart.fact.split() == ["+2.0", "%", "123.44"]
    assert chart.alt.endswith("52-week high at 122.74 of 20 Feb 2026.")
    assert float(chart.high[-1]) == pytest.approx(124.10)


@pytest.mark.parametrize("symbol", ["SPY", "IVOO", "XLRE"])
@pytest.mark.parametrize("interval", Interval)
def test_the_whole_history_of_a_fund_is_one_small_picture(symbol: str, interval: Interval) -> None:
    png = draw(candle_chart(real_bars(symbol), sessions=20_000, interval=interval))

    assert decoded(png).width == 1000
    assert len(png) <= 40_000


@pytest.mark.parametrize(
    ("interval", "rule"), [(Interval.WEEKLY, "W-FRI"), (Interval.MONTHLY, "ME")]
)
def test_candles_of_longer_periods_agree_with_pandas(interval: Interval, rule: str) -> None:
    bars = bars_of(walk(700), volume=np.random.default_rng(1).uniform(1, 2, 700))
    names = ("open", "high", "low", "close", "volume")
    frame = pd.DataFrame({name: getattr(bars, name) for name in names}, index=bars.days)
    expected = frame.resample(rule).agg(
        {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    )
    averages = expected["close"].rolling(10).mean()

    chart = candle_chart(bars, sessions=700, interval=interval, averages=(10,))

    for name in names:
        np.testing.assert_allclose(getattr(chart, name), expected[name].to_numpy())
    np.testing.assert_allclose(chart.averages[0].values, averages.to_numpy())
