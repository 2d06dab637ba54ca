"""Random streams by name, so that every part of the demo market has its own.

Adding a fund, or sessions at the end, must not change what was there: each part draws from
a stream that depends on the seed and its own name only, in the order of the sessions.
`RandomState` is numpy's frozen generator: its streams are promised never to change.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

SCENARIO = "156"
"""Names this edition of the market: with seed 7 its tenth and eleventh year are lively ones."""

FAT_TAIL = 0.05
"""Weight of z³ in a draw: kurtosis near 6, as daily index returns have."""


def stream(seed: int, *names: str) -> np.random.RandomState:
    """The stream called `names` of this seed."""
    digest = hashlib.blake2b(
        "/".join((SCENARIO, str(seed), *names)).encode(), digest_size=16
    ).digest()
    return np.random.RandomState(np.frombuffer(digest, dtype="<u4").astype(np.uint32))


def fat_tailed(normals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard normal draws turned into fat-tailed ones of variance 1."""
    variance = 1 + 6 * FAT_TAIL + 15 * FAT_TAIL**2
    return np.asarray((normals + FAT_TAIL * normals**3) / np.sqrt(variance))
