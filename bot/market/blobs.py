"""Bars as bytes: exact, compact and quick to read.

A price that is a multiple of 1/10,000 below 214,748 (all that vendors print) is kept as a
32-bit integer and comes back as the very same double: a level read from the store must equal
the same level in a quote, or "matching is not making" breaks. Volumes are kept as 32-bit
integers likewise. A symbol with any other value keeps doubles. Events are few and stored apart.
"""

import struct
from functools import reduce

import numpy as np

from bot.market.merging import joined
from bot.market.model import Bars, Floats, Symbol

HEADER = struct.Struct("<BBHII")
"""Version, flags, nothing, number of sessions, number of events."""
VERSION = 1
INTEGER_PRICES = 1
INTEGER_VOLUME = 2
UNITS = 10_000.0
"""Price units to the dollar."""
INT32 = 2**31 - 1
UINT32 = 2**32 - 1


def encode(bars: Bars) -> bytes:
    """The bars as bytes; `symbol` and `final` are not part of them."""
    prices = np.stack([bars.open, bars.high, bars.low, bars.close])
    units = _units(prices)
    volume = _whole(bars.volume)
    events = np.flatnonzero((bars.dividend != 0) | (bars.split != 0))
    flags = (INTEGER_PRICES if units is not None else 0) | (
        INTEGER_VOLUME if volume is not None else 0
    )
    pieces = (
        bars.days.astype("datetime64[D]").astype(np.int32),
        prices if units is None else units,
        bars.volume if volume is None else volume,
        events.astype(np.int32),
        bars.dividend[events],
        bars.split[events],
    )
    header = HEADER.pack(VERSION, flags, 0, len(bars), len(events))
    return header + b"".join(piece.tobytes() for piece in pieces)


def decode(symbol: Symbol, *blobs: bytes) -> Bars:
    """Bars from one or several encoded pieces, in order. Raises ValueError on damage."""
    return reduce(joined, (_decode(symbol, blob) for blob in blobs))


def _decode(symbol: Symbol, blob: bytes) -> Bars:
    try:
        version, flags, _, n, m = HEADER.unpack_from(blob)
    except struct.error as error:
        raise ValueError(f"the stored history of {symbol} is cut short") from error
    price = np.dtype("<i4" if flags & INTEGER_PRICES else "<f8")
    count = np.dtype("<u4" if flags & INTEGER_VOLUME else "<f8")
    expected = HEADER.size + n * (4 + 4 * price.itemsize + count.itemsize) + m * 20
    if version != VERSION or len(blob) != expected:
        raise ValueError(f"the stored history of {symbol} is damaged")
    at = HEADER.size

    def take(dtype: np.dtype, size: int) -> np.ndarray:
        nonlocal at
        values = np.frombuffer(blob, dtype, size, at)
        at += values.nbytes
        return values

    days = take(np.dtype("<i4"), n).astype("datetime64[D]")
    prices = take(price, 4 * n).reshape(4, n).astype(np.float64)
    if flags & INTEGER_PRICES:
        prices /= UNITS
    volume = take(count, n).astype(np.float64)
    at_event = take(np.dtype("<i4"), m)
    dividend, split = np.zeros(n), np.zeros(n)
    dividend[at_event] = take(np.dtype("<f8"), m)
    split[at_event] = take(np.dtype("<f8"), m)
    opened, high, low, close = prices
    return Bars(
        symbol=symbol,
        days=days,
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=volume,
        dividend=dividend,
        split=split,
    )


def _units(prices: Floats) -> np.ndarray | None:
    """Prices in 1/10,000 when that is exact, else None."""
    if not np.isfinite(prices).all() or (prices.size and np.abs(prices).max() * UNITS > INT32):
        return None
    units = np.rint(prices * UNITS).astype(np.int32)
    return units if np.array_equal(units / UNITS, prices) else None


def _whole(volume: Floats) -> np.ndarray | None:
    if not np.isfinite(volume).all() or (volume.size and volume.min() < 0):
        return None
    if volume.size and volume.max() > UINT32:
        return None
    whole = volume.astype(np.uint32)
    return whole if np.array_equal(whole, volume) else None
