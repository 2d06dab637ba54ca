import itertools
from datetime import date

import numpy as np
import pytest

from bot.charts.candles import draw
from bot.charts.names import placed_names
from bot.charts.plot import plot_of
from bot.charts.specs import (
    Band,
    Box,
    Interval,
    LevelLine,
    Marker,
    Tone,
    Touch,
    TrendLine,
    candle_chart,
)
from bot.charts.theme import ACCENT, AVERAGES, BACKGROUND, BAND, BRIGHT, DOWN, UP, UP_VOLUME
from bot.market.model import as_date
from tests.charts.pictures import bars_of, decoded, walk

LEVEL = LevelLine(price=118.0, label="52-week high", since=date(2026, 2, 20), accent=True)


def test_a_chart_is_small_and_has_few_colours() -> None:
    png = draw(candle_chart(bars_of(walk(400)), levels=[LEVEL]))
    picture = decoded(png)

    assert (picture.width, picture.height) == (1000, 600)
    assert picture.colours <= 64
    assert len(png) <= 40_000
    assert picture.count(BACKGROUND) > 0.7 * 1000 * 600


def test_the_same_spec_gives_the_same_bytes() -> None:
    spec = candle_chart(bars_of(walk(300)), levels=[LEVEL])

    assert draw(spec) == draw(spec)


def test_rising_candles_are_teal_and_falling_ones_coral() -> None:
    rising = decoded(draw(candle_chart(bars_of(np.linspace(50, 80, 40)), averages=())))
    falling = decoded(draw(candle_chart(bars_of(np.linspace(80, 50, 40)), averages=())))

    assert rising.count(UP) > 2000
    assert rising.count(DOWN) == 0
    # The first bar opens at its own close: the one candle that is not falling.
    assert falling.count(DOWN) > 2000
    assert falling.mask(UP)[:, 200:].sum() == 0


def test_a_higher_close_stands_higher() -> None:
    closes = np.r_[np.full(20, 100.0), np.full(20, 120.0)]
    picture = decoded(draw(candle_chart(bars_of(closes, open=closes * 0.99), averages=())))
    rows, columns = np.nonzero(picture.mask(UP)[:450, :900])

    left, right = rows[columns < 400], rows[columns > 600]
    assert right.max() < left.min()


def test_candle_bodies_have_straight_edges() -> None:
    """Every body is a full block of one colour: no row of it is smoothed or broken."""
    closes = np.array([100.0, 110.0])
    bars = bars_of(closes, open=np.array([95.0, 100.0]), high=closes, low=np.array([95.0, 100.0]))
    mask = decoded(draw(candle_chart(bars, averages=()))).mask(UP)[70:450, :890]
    rows, columns = np.nonzero(mask)
    body = mask[rows.min() : rows.max() + 1, columns.max() - 22 : columns.max() + 1]

    filled = body[body.any(axis=1)]
    assert filled.all()


@pytest.mark.parametrize("n", [10, 50, 200])
def test_each_average_has_its_colour(n: int) -> None:
    bars = bars_of(walk(400))

    assert decoded(draw(candle_chart(bars, averages=(n,)))).count(AVERAGES[n]) > 300
    assert decoded(draw(candle_chart(bars, averages=()))).count(AVERAGES[n]) == 0


def test_the_accented_level_is_amber_from_its_day_to_the_right_edge() -> None:
    bars = bars_of(np.r_[np.linspace(90, 99, 80), np.linspace(99, 95, 46)])
    level = LevelLine(price=104.0, label="high", since=as_date(bars.days[80]), accent=True)
    mask = decoded(draw(candle_chart(bars, levels=[level], averages=()))).mask(ACCENT)
    row = int(mask.sum(axis=1).argmax())
    columns = np.flatnonzero(mask[row])

    # Slot 80 of 126 lies at about two thirds of the panel.
    assert 540 < columns.min() < 600
    assert columns.max() > 880


def test_a_distant_level_does_not_flatten_the_candles() -> None:
    bars = bars_of(walk(126))
    far = LevelLine(price=900.0, label="all-time high")

    near_rows = np.nonzero(decoded(draw(candle_chart(bars, averages=()))).mask(UP)[:450, :890])[0]
    far_chart = candle_chart(bars, averages=(), levels=[far])
    far_rows = np.nonzero(decoded(draw(far_chart)).mask(UP)[:450, :890])[0]

    assert np.ptp(far_rows) == np.ptp(near_rows)


def test_a_provisional_candle_is_hollow_and_says_so() -> None:
    bars = bars_of(np.linspace(50, 60, 20), open=np.linspace(49, 59, 20))
    running = type(bars)(**{**vars(bars), "final": False})

    final = decoded(draw(candle_chart(bars, averages=())))
    provisional = decoded(draw(candle_chart(running, averages=())))

    assert final.count(ACCENT) == 0
    assert provisional.count(ACCENT) > 30
    assert provisional.count(UP) < final.count(UP) - 1000


def test_overlays_draw_what_the_rule_used() -> None:
    bars = bars_of(walk(126, seed=3))
    day = [as_date(d) for d in bars.days]
    low, high = float(bars.low.min()), float(bars.high.max())
    chart = candle_chart(
        bars,
        averages=(),
        boxes=[Box(first=day[100], last=day[120], low=low, high=high, label="flag")],
        bands=[Band(low=low, high=low * 1.02, label="support", since=date(2018, 12, 24))],
        trends=[
            TrendLine(
                first=day[10],
                first_price=high,
                last=day[90],
                last_price=low,
                touches=(Touch(day=day[10], price=high),),
                label="downtrend",
            )
        ],
        markers=[Marker(day=day[125], price=high, label="break", tone=Tone.WATCH)],
    )
    bare = decoded(draw(candle_chart(bars, averages=(), title=chart.title, fact=chart.fact)))
    picture = decoded(draw(chart))

    assert picture.count(BAND) > 5_000
    assert picture.count(BRIGHT) > bare.count(BRIGHT) + 300
    assert picture.count(ACCENT) > 100
    assert bare.count(BAND) == 0


@pytest.mark.parametrize(
    "closes",
    [
        np.array([42.0]),
        np.array([42.0, 43.0]),
        np.full(126, 25.0),
        np.zeros(30),
        walk(126, start=0.0001),
        walk(126, start=700_000.0),
        np.geomspace(0.0001, 700_000.0, 300),
        walk(5_000),
        np.where(np.arange(126) % 7 == 3, np.nan, walk(126)),
        np.r_[walk(40), np.full(40, np.nan), walk(46)],
        np.r_[walk(40), np.nan],
        -walk(60),
    ],
    ids="one two flat zero tiny huge both many gaps hole last negative".split(),  # noqa: SIM905
)
def test_any_series_becomes_a_small_picture(closes: np.ndarray) -> None:
    for interval in Interval:
        png = draw(candle_chart(bars_of(closes), sessions=5_000, interval=interval))
        picture = decoded(png)

        assert (picture.width, picture.height) == (1000, 600)
        assert len(png) <= 40_000
        assert picture.count(UP) + picture.count(DOWN) > 50


def test_without_volume_the_price_panel_takes_the_room() -> None:
    closes = walk(126)
    silent = decoded(draw(candle_chart(bars_of(closes, volume=np.zeros(126)), averages=())))
    unknown = decoded(draw(candle_chart(bars_of(closes, volume=np.full(126, np.nan)), averages=())))

    assert silent.count(UP_VOLUME) == 0
    np.testing.assert_array_equal(silent.pixels, unknown.pixels)
    assert np.nonzero(silent.mask(DOWN)[:, :890])[0].max() > 480


@pytest.mark.parametrize(
    "words",
    ["$x^2$ and $", "漢字 🚀 \u202eevil", "two\nlines\tand\x00more", "\ud800", "W" * 5_000, ""],
)
def test_odd_characters_are_only_text(words: str) -> None:
    bars = bars_of(walk(60))
    chart = candle_chart(
        bars,
        title=words,
        fact=words,
        levels=[LevelLine(price=100.0, label=words)],
        markers=[Marker(day=bars.last_day, price=100.0, label=words)],
        bands=[Band(low=99.0, high=100.0, label=words)],
    )

    assert len(draw(chart)) <= 40_000


@pytest.mark.parametrize("price", [float("nan"), float("inf"), -float("inf")])
def test_overlays_without_a_price_are_left_out(price: float) -> None:
    bars = bars_of(walk(60))
    day = bars.last_day
    chart = candle_chart(
        bars,
        levels=[LevelLine(price=price, label="level")],
        markers=[Marker(day=day, price=price, label="mark")],
        boxes=[Box(first=day, last=day, low=price, high=100.0, label="box")],
        bands=[Band(low=90.0, high=price, label="band")],
        trends=[
            TrendLine(
                first=day,
                first_price=100.0,
                last=day,
                last_price=100.0,
                touches=(Touch(day=day, price=price),),
            )
        ],
    )

    assert draw(chart) == draw(candle_chart(bars))
    assert chart.alt == candle_chart(bars).alt


def test_overlays_of_one_day_or_upside_down_are_drawn() -> None:
    bars = bars_of(walk(60))
    day = bars.last_day
    chart = candle_chart(
        bars,
        boxes=[Box(first=day, last=as_date(bars.days[0]), low=101.0, high=99.0, label="box")],
        bands=[Band(low=100.0, high=100.0, since=day)],
        trends=[TrendLine(first=day, first_price=100.0, last=day, last_price=90.0, label="line")],
    )

    assert decoded(draw(chart)).width == 1000


def test_labels_at_nearly_the_same_price_do_not_overlap() -> None:
    levels = [LevelLine(price=100.0 + 0.01 * i, label=f"level number {i}") for i in range(6)]
    plot = plot_of(candle_chart(bars_of(walk(126, start=98.0)), levels=levels))

    spots = [spot for _, spot in placed_names(plot)]

    assert len(spots) == 6
    for one, other in itertools.combinations(spots, 2):
        beside = one.right <= other.left or other.right <= one.left
        assert beside or one.bottom <= other.top or other.bottom <= one.top


def test_no_label_hides_a_candle_where_there_is_room() -> None:
    bars = bars_of(np.r_[np.linspace(90, 110, 80), np.linspace(110, 104, 46)])
    level = LevelLine(price=111.0, label="52-week high", since=as_date(bars.days[80]), accent=True)
    plot = plot_of(candle_chart(bars, levels=[level]))

    ((_, spot),) = placed_names(plot)

    left, top, right, bottom = plot.candle_boxes().T
    beside = (
        (right <= spot.left) | (left >= spot.right) | (bottom <= spot.top) | (top >= spot.bottom)
    )
    assert beside.all()
