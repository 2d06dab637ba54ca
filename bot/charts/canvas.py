"""A sheet of pixels to draw on: matplotlib's Agg renderer used directly.

A figure with axes and ticks spends most of its time on layout that a fixed canvas does not
need. Here the origin is the top left corner, one unit is one pixel, and whatever is drawn later
lies on top. Straight edges are laid on whole pixels without smoothing, so candles stay crisp.

The PNG has a palette of at most 64 colours: every ink used, exactly, and its shades towards the
background for smoothed edges. The same calls give the same bytes.
"""

import io
from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from bot.charts.agg import new_agg
from bot.charts.lettering import clean, face, fitted, text_width
from bot.charts.scales import Frame
from bot.charts.theme import BACKGROUND, BODY, HEIGHT, Dash, Ink, blend, rgb

PALETTE_SIZE = 64
CAP_MIDDLE = 0.36
"""Half the height of DejaVu's capitals, as a share of the text size."""
HEAVY = 40_000
"""Bytes a picture of the standard size may have; a higher one in proportion."""
TRIES = ((PALETTE_SIZE, 6), (3, 9), (2, 9))
"""Shades per ink and zlib's effort: the quick way first, the lighter ones if need be."""

Align = Literal["left", "center", "right"]
Points = NDArray[np.float64]


class Canvas:
    """A picture in the making, `width` × `height` pixels on the theme's background."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._renderer = new_agg(width, height)
        self._flip = Affine2D().scale(1, -1).translate(0, height)
        self._inks: dict[Ink, None] = {BACKGROUND: None}
        self.rects([(0, 0, width, height)], BACKGROUND)

    def rects(self, boxes: ArrayLike, ink: Ink) -> None:
        """Fill boxes, shape (n, 4): left, top, right, bottom; rounded to whole pixels.

        A box that rounds to nothing is drawn one pixel wide or high.
        """
        edges = np.floor(np.asarray(boxes, dtype=float).reshape(-1, 4) + 0.5)
        edges = edges[np.isfinite(edges).all(axis=1)]
        if not len(edges):
            return
        left, top = edges[:, 0], edges[:, 1]
        right, bottom = np.maximum(edges[:, 2], left + 1), np.maximum(edges[:, 3], top + 1)
        corners = [left, top, left, bottom, right, bottom, right, top, left, top]
        vertices = np.stack(corners, axis=1).reshape(-1, 2)
        codes = np.tile([Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY], len(edges))
        self._fill(Path(vertices, codes), ink, smooth=False)

    def hline(self, y: float, left: float, right: float, ink: Ink, *, dash: Dash = ()) -> None:
        """A crisp horizontal line one pixel high (two when dashed)."""
        thick = 2 if dash else 1
        self.rects([(a, y, b, y + thick) for a, b in _strokes(left, right, dash)], ink)

    def vline(self, x: float, top: float, bottom: float, ink: Ink, *, dash: Dash = ()) -> None:
        """A crisp vertical line one pixel wide."""
        self.rects([(x, a, x + 1, b) for a, b in _strokes(top, bottom, dash)], ink)

    def line(
        self,
        xs: ArrayLike,
        ys: ArrayLike,
        ink: Ink,
        *,
        width: float = 2.0,
        dash: Dash = (),
        clip: Frame | None = None,
    ) -> None:
        """A smooth line through the points, as far as it lies in `clip`; it breaks at a NaN."""
        points = np.column_stack([np.asarray(xs, float), np.asarray(ys, float)])
        if np.isfinite(points).all(axis=1).sum() < 2:
            return
        gc = self._context(ink)
        gc.set_linewidth(width)
        gc.set_joinstyle("round")
        gc.set_capstyle("butt" if dash else "round")
        if dash:
            gc.set_dashes(0, list(dash))
        if clip:
            top, bottom = self.height - clip.top, self.height - clip.bottom
            gc.set_clip_rectangle(Bbox.from_extents(clip.left, bottom, clip.right, top))
        self._renderer.draw_path(gc, Path(points), self._flip)

    def polygon(self, points: ArrayLike, ink: Ink) -> None:
        """Fill a smooth polygon, shape (n, 2)."""
        vertices = np.asarray(points, dtype=float)
        self._fill(Path(vertices, closed=False), ink, smooth=True)

    def disc(self, x: float, y: float, radius: float, ink: Ink) -> None:
        """Fill a circle."""
        self.polygon(_circle(x, y, radius), ink)

    def ring(self, x: float, y: float, radius: float, ink: Ink, *, width: float = 2.0) -> None:
        """Draw a circle's outline."""
        points = _circle(x, y, radius)
        self.line(points[:, 0], points[:, 1], ink, width=width)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        ink: Ink,
        *,
        size: int = BODY,
        bold: bool = False,
        align: Align = "left",
        room: float | None = None,
    ) -> None:
        """Set one line of text, its capitals centred on `y`; cut to `room` pixels with “…”."""
        shown = fitted(words, room, size, bold=bold) if room is not None else clean(words)
        if not shown:
            return
        share = {"left": 0.0, "center": 0.5, "right": 1.0}[align]
        left = round(x - share * text_width(shown, size, bold=bold))
        baseline = round(y + CAP_MIDDLE * size)
        gc = self._context(ink)
        self._renderer.draw_text(gc, left, baseline, shown, face(size, bold), 0)

    def png(self) -> bytes:
        """The picture as a palette PNG, with fewer shades where it would be heavy."""
        pixels = self._renderer.buffer_rgba()
        image = Image.fromarray(np.asarray(pixels)).convert("RGB")
        png = b""
        for steps, effort in TRIES:
            palette = Image.new("P", (1, 1))
            palette.putpalette([part for ink in self._palette(steps) for part in rgb(ink)])
            flat = image.quantize(palette=palette, dither=Image.Dither.NONE)
            buffer = io.BytesIO()
            flat.save(buffer, "PNG", compress_level=effort)
            png = buffer.getvalue()
            if len(png) <= HEAVY * max(1.0, self.height / HEIGHT):
                break
        return png

    def _palette(self, most_steps: int) -> list[Ink]:
        inks = list(self._inks)[:PALETTE_SIZE]
        steps = max(1, min(most_steps, (PALETTE_SIZE - 1) // max(1, len(inks) - 1)))
        shades = (blend(ink, 1 - step / steps) for step in range(1, steps) for ink in inks if step)
        return list(dict.fromkeys([*inks, *shades]))[:PALETTE_SIZE]

    def _context(self, ink: Ink) -> GraphicsContextBase:
        self._inks[ink] = None
        gc = self._renderer.new_gc()
        gc.set_foreground(ink)
        return gc

    def _fill(self, path: Path, ink: Ink, *, smooth: bool) -> None:
        gc = self._context(ink)
        gc.set_linewidth(0)
        gc.set_antialiased(smooth)
        gc.set_snap(False)
        self._renderer.draw_path(gc, path, self._flip, _unit(ink))


def _unit(ink: Ink) -> tuple[float, float, float]:
    red, green, blue = rgb(ink)
    return red / 255, green / 255, blue / 255


def _circle(x: float, y: float, radius: float) -> Points:
    turns = np.linspace(0, 2 * np.pi, 49)
    return np.column_stack([x + radius * np.cos(turns), y + radius * np.sin(turns)])


def _strokes(start: float, stop: float, dash: Dash) -> Sequence[tuple[float, float]]:
    if not dash:
        return [(start, stop)]
    strokes = []
    position, turn = start, 0
    while position < stop:
        length = dash[turn % len(dash)]
        if turn % 2 == 0:
            strokes.append((position, min(position + length, stop)))
        position, turn = position + length, turn + 1
    return strokes
