"""Where labels go: none over another, and where they hide the least.

`spread` moves the names at the right edge apart along one axis. `Placer` chooses among several
places for a label by counting what each would cover; labels already placed weigh so much that
they are covered only when the caller offers no other place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bot.charts.scales import Frame

LABEL_WEIGHT = 1e6
"""Cost of one pixel of another label, in pixels of candles."""


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A place for a label: its box in pixels. `cost` is what speaks against it beforehand."""

    left: float
    top: float
    right: float
    bottom: float
    cost: float = 0.0


def spread(positions: Sequence[float], *, gap: float, low: float, high: float) -> tuple[float, ...]:
    """The positions moved as little as needed to lie at least `gap` apart within low…high.

    Their order is kept. Where there is not enough room for all, the gaps shrink evenly.
    """
    if not positions:
        return ()
    gap = min(gap, (high - low) / max(1, len(positions) - 1))
    order = sorted(range(len(positions)), key=lambda i: (positions[i], i))
    steps = np.arange(len(positions)) * gap
    wished = np.array([positions[i] for i in order], dtype=float) - steps
    placed = np.clip(_isotonic(wished), low, max(low, high - steps[-1])) + steps
    spots = dict(zip(order, placed.tolist(), strict=True))
    return tuple(spots[i] for i in range(len(positions)))


def _isotonic(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nearest non-decreasing sequence (pool adjacent violators)."""
    blocks: list[tuple[float, int]] = []
    for value in values.tolist():
        mean, count = value, 1
        while blocks and blocks[-1][0] > mean:
            before, size = blocks.pop()
            mean, count = (before * size + mean * count) / (size + count), size + count
        blocks.append((mean, count))
    return np.concatenate([np.full(count, mean) for mean, count in blocks])


class Placer:
    """Keeps account of what is drawn where; `obstacles` has shape (n, 4) like `Spot`."""

    def __init__(self, obstacles: ArrayLike, *, within: Frame) -> None:
        self._obstacles = np.asarray(obstacles, dtype=float).reshape(-1, 4)
        self._taken: list[Spot] = []
        self._within = within

    def take(self, spot: Spot) -> None:
        """Something that must not be covered stands here."""
        self._taken.append(spot)

    def place(self, spots: Iterable[Spot]) -> Spot:
        """The best of `spots`, moved inside the frame; it counts as taken from now on.

        Raises ValueError when no spot is offered.
        """
        best = min((self._inside(spot) for spot in spots), key=self._cost)
        self.take(best)
        return best

    def _cost(self, spot: Spot) -> float:
        taken = np.array([(t.left, t.top, t.right, t.bottom) for t in self._taken]).reshape(-1, 4)
        covered = _overlap(spot, self._obstacles) + LABEL_WEIGHT * _overlap(spot, taken)
        return spot.cost + covered

    def _inside(self, spot: Spot) -> Spot:
        frame = self._within
        right = max(0.0, spot.right - frame.right)
        below = max(0.0, spot.bottom - frame.bottom)
        x = max(frame.left - spot.left, -right)
        y = max(frame.top - spot.top, -below)
        moved = abs(x) + abs(y)
        return Spot(
            left=spot.left + x,
            top=spot.top + y,
            right=spot.right + x,
            bottom=spot.bottom + y,
            cost=spot.cost + moved,
        )


def _overlap(spot: Spot, boxes: NDArray[np.float64]) -> float:
    """Covered area in square pixels."""
    width = np.minimum(spot.right, boxes[:, 2]) - np.maximum(spot.left, boxes[:, 0])
    height = np.minimum(spot.bottom, boxes[:, 3]) - np.maximum(spot.top, boxes[:, 1])
    return float((np.maximum(width, 0) * np.maximum(height, 0)).sum())
