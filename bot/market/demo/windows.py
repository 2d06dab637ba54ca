"""What the sessions before each session looked like."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def mean_before(values: Floats, window: int) -> Floats:
    """Mean of the `window` values before each one; NaN where there are fewer; same shape."""
    sums = np.concatenate(([0.0], np.cumsum(values)))
    means = np.full(len(values), np.nan)
    means[window:] = (sums[window:-1] - sums[: -window - 1]) / window
    return means


def highest_before(values: Floats, window: int) -> Floats:
    """The highest of the `window` values before each one; infinite where there are fewer."""
    highest = np.full(len(values), np.inf)
    if len(values) > window:
        views = np.lib.stride_tricks.sliding_window_view(values[:-1], window)
        highest[window:] = views.max(axis=1)
    return highest
