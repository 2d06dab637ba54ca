"""Where labels go: none over another, and where they hide the least.

`spread` moves the names at the right edge apart along one axis. `Placer` chooses among many
places for a label by measuring what each would cover; labels already placed weigh so much that
they are covered only when the caller offers no other place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bot.charts.scales import Frame

DRAWN_WEIGHT = 8
FAINT_WEIGHT = 2
"""Cost of hiding one pixel of a candle, or of a line that goes on beside the label, in pixels of
distance from the best place."""
LABEL_WEIGHT = 1e5
"""Cost of hiding one pixel of another label."""


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
    """Keeps account of what is drawn inside a frame.

    `obstacles` and `faint` have shape (n, 4) like `Spot`; hiding `faint` is less bad. They are
    added up in a summed-area table (Crow, 1984): what any box would cover is then four look-ups,
    however much is drawn.
    """

    def __init__(self, obstacles: ArrayLike, *, within: Frame, faint: ArrayLike = ((),)) -> None:
        self._frame = within
        self._taken: list[Spot] = []
        high, wide = round(within.bottom - within.top), round(within.right - within.left)
        drawn = np.zeros((high + 1, wide + 1), dtype=np.int32)
        for boxes, weight in ((faint, FAINT_WEIGHT), (obstacles, DRAWN_WEIGHT)):
            for left, top, right, bottom in self._grid(np.asarray(boxes, float).reshape(-1, 4)):
                rows, columns = slice(top + 1, bottom + 2), slice(left + 1, right + 2)
                drawn[rows, columns] = weight
        self._sums = drawn.cumsum(axis=0, dtype=np.int32).cumsum(axis=1, dtype=np.int32)

    def take(self, spot: Spot) -> None:
        """Something that must not be covered stands here."""
        self._taken.append(spot)

    def place(self, spots: Iterable[Spot]) -> Spot:
        """The best of `spots`, moved inside the frame; it counts as taken from now on.

        Raises ValueError when no spot is offered.
        """
        offered = [self._inside(spot) for spot in spots]
        if not offered:
            raise ValueError("no place is offered for the label")
        boxes = np.array([(s.left, s.top, s.right, s.bottom) for s in offered]).reshape(-1, 4)
        costs = np.array([spot.cost for spot in offered], dtype=float)
        costs += self._covered(boxes)
        for other in self._taken:
            costs += LABEL_WEIGHT * _overlap(boxes, other)
        best = offered[int(np.argmin(costs))]
        self.take(best)
        return best

    def _covered(self, boxes: NDArray[np.float64]) -> NDArray[np.int32]:
        left, top, right, bottom = np.array(self._grid(boxes)).reshape(-1, 4).T
        sums = self._sums
        covered: NDArray[np.int32] = (
            sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        )
        return covered

    def _grid(self, boxes: NDArray[np.float64]) -> list[list[int]]:
        """Boxes in whole pixels of the frame, cut to it."""
        frame = self._frame
        shifted = boxes - np.array([frame.left, frame.top] * 2)
        limits = np.array([frame.right - frame.left, frame.bottom - frame.top] * 2)
        cut: list[list[int]] = np.clip(np.round(shifted), 0, np.floor(limits)).astype(int).tolist()
        return cut

    def _inside(self, spot: Spot) -> Spot:
        frame = self._frame
        right = max(0.0, spot.right - frame.right)
        below = max(0.0, spot.bottom - frame.bottom)
        x = max(frame.left - spot.left, -right)
        y = max(frame.top - spot.top, -below)
        if not x and not y:
            return spot
        return Spot(
            left=spot.left + x,
            top=spot.top + y,
            right=spot.right + x,
            bottom=spot.bottom + y,
            cost=spot.cost + abs(x) + 10 * abs(y),
        )


def _overlap(boxes: NDArray[np.float64], spot: Spot) -> NDArray[np.float64]:
    """How much of `spot` each box covers, in square pixels."""
    width = np.minimum(spot.right, boxes[:, 2]) - np.maximum(spot.left, boxes[:, 0])
    height = np.minimum(spot.bottom, boxes[:, 3]) - np.maximum(spot.top, boxes[:, 1])
    overlap: NDArray[np.float64] = np.maximum(width, 0) * np.maximum(height, 0)
    return overlap
