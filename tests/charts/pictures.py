"""Bars made for charts, and what a PNG really holds."""

import io
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bot.charts.theme import Ink, rgb
from bot.market.model import Bars, Floats, Symbol


def weekdays(count: int, last: str = "2026-04-17") -> NDArray[np.datetime64]:
    """The last `count` weekdays up to and including `last`."""
    return np.busday_offset(np.datetime64(last), np.arange(1 - count, 1), roll="backward")


def bars_of(
    closes: Floats, *, last: str = "2026-04-17", symbol: str = "TEST", **columns: Floats
) -> Bars:
    """Bars around these closes; other columns can be given by name."""
    closes = np.asarray(closes, dtype=float)
    opens = columns.get("open", np.r_[closes[:1], closes[:-1]])
    n = len(closes)
    return Bars(
        symbol=Symbol(symbol),
        days=weekdays(n, last),
        open=opens,
        high=columns.get("high", np.fmax(opens, closes) * 1.005),
        low=columns.get("low", np.fmin(opens, closes) * 0.995),
        close=closes,
        volume=columns.get("volume", np.full(n, 1e6)),
        dividend=np.zeros(n),
        split=np.zeros(n),
    )


def walk(count: int, *, seed: int = 7, start: float = 100.0) -> Floats:
    """A random walk of closes."""
    steps = np.random.default_rng(seed).normal(0.0006, 0.012, count)
    return start * np.exp(np.cumsum(steps))


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A decoded PNG: `pixels` has shape (height, width, 3)."""

    width: int
    height: int
    colours: int
    pixels: NDArray[np.uint8]

    def mask(self, ink: Ink) -> NDArray[np.bool_]:
        """Where exactly this colour is."""
        mask: NDArray[np.bool_] = (self.pixels == rgb(ink)).all(axis=2)
        return mask

    def count(self, ink: Ink) -> int:
        return int(self.mask(ink).sum())


def decoded(png: bytes) -> Picture:
    """What an independent decoder sees; the palette size is read from the file itself."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at = png.index(b"PLTE")
    image = Image.open(io.BytesIO(png))
    assert image.mode == "P"
    return Picture(
        width=image.width,
        height=image.height,
        colours=struct.unpack(">I", png[at - 4 : at])[0] // 3,
        pixels=np.asarray(image.convert("RGB")),
    )
