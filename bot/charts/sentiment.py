"""Draws sentiment over time: a dot for each headline, a line for the score of all news."""

import numpy as np

from bot.charts.canvas import Canvas
from bot.charts.lines import LINE_WIDTH, columns
from bot.charts.panels import EDGE, HEADER_HEIGHT, ValueTick, day_axis, header, value_axis
from bot.charts.scales import Frame, Scale, day_ticks
from bot.charts.sentiment_specs import SentimentChart, signed
from bot.charts.theme import BAND, BODY, BRIGHT, DOWN, MUTED, SKY, TEXT, UP, WIDTH

HEIGHT = 400
BOTTOM = 340
DAY_ROW = 372
AXIS_ROOM = 84
NEUTRAL = 0.15
"""Scores nearer to zero than this are neutral."""
TICKS = tuple(
    ValueTick(value=value, text=signed(value) if value else "neutral")
    for value in (-1.0, -0.5, 0.0, 0.5, 1.0)
)
DOT, LAST_DOT = 5.0, 7.0


def draw(spec: SentimentChart) -> bytes:
    """A band marks what is neutral; the last score stands at the right edge."""
    canvas = Canvas(WIDTH, HEIGHT)
    header(canvas, spec.title, spec.fact)
    frame = Frame(left=EDGE, top=HEADER_HEIGHT + 8, right=WIDTH - AXIS_ROOM, bottom=BOTTOM)
    scale = Scale(low=-1.05, high=1.05, top=frame.top, bottom=frame.bottom)
    canvas.rects([(frame.left, scale.y(NEUTRAL), frame.right, scale.y(-NEUTRAL))], BAND)
    value_axis(canvas, frame, scale, TICKS)
    xs = columns(frame, len(spec.days))
    day_axis(
        canvas, day_ticks(spec.days, frame.right - frame.left), xs.tolist(), frame, row=DAY_ROW
    )
    step = (frame.right - frame.left) / max(1, len(spec.days) - 1)
    for place, score in zip(spec.dot_places.tolist(), spec.dot_scores.tolist(), strict=True):
        ink = UP if score >= NEUTRAL else DOWN if score <= -NEUTRAL else MUTED
        canvas.disc(frame.left + place * step, scale.y(score), DOT, ink)
    canvas.line(xs, scale.y(spec.line), SKY, width=LINE_WIDTH)
    last = float(spec.line[-1])
    if np.isfinite(last):
        canvas.disc(float(xs[-1]), scale.y(last), LAST_DOT, BRIGHT)
    else:
        canvas.text(
            frame.right - 8, frame.top + 12, "not enough news now", TEXT, size=BODY, align="right"
        )
    return canvas.png()
