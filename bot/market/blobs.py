"""Bars as bytes: exact, compact and quick to read.

A price that is a multiple of 1/10,000 below 214,748 (all that vendors print) is kept as a
32-bit integer and comes back as the very same double: a level read from the store must equal
the same level in a quote, or "matching is not making" breaks. Volumes are kept as 32-bit
integers likewise. A symbol with any other value keeps doubles. Events are few and stored apart.
"""

import struct
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

import numpy as np

from bot.market.model import Bars, Days, Floats, Symbol

HEADER = struct.Struct("<BBHII")
"""Version, flags, nothing, number of sessions, number of events."""
VERSION = 1
INTEGER_PRICES = 1
INTEGER_VOLUME = 2
UNITS = 10_000.0
"""Price units to the dollar."""
UNIT_PRICES, WHOLE_VOLUME = np.dtype("<i4"), np.dtype("<u4")
DOUBLES, PLACES = np.dtype("<f8"), np.dtype("<i4")
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
    """Bars from one or several encoded pieces, in order. Raises ValueError on damage.

    Everything is written once, straight to where it stays: for thousands of symbols, touching
    memory is what loading costs. Histories over the same sessions share their `days`, those
    without a dividend or a split the zeros that say so.
    """
    pieces = [_piece(symbol, blob) for blob in blobs]
    count = sum([piece.count for piece in pieces])
    values = np.empty((5, count))
    start = 0
    for piece in pieces:
        stop = start + piece.count
        prices = values[:4, start:stop]
        if piece.prices.dtype.kind == "i":
            np.divide(piece.prices, UNITS, out=prices)
        else:
            prices[:] = piece.prices
        values[4, start:stop] = piece.volume
        start = stop
    opened, high, low, close, volume = values
    return Bars(
        symbol=symbol,
        days=_days(b"".join([piece.days for piece in pieces])),
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=volume,
        dividend=_by_session(count, [(p.count, p.events, p.dividend) for p in pieces]),
        split=_by_session(count, [(p.count, p.events, p.split) for p in pieces]),
    )


def _by_session(count: int, pieces: list[tuple[int, np.ndarray, Floats]]) -> Floats:
    """Event values at their sessions, shape (count,); one shared array where there are none."""
    if not any(values.any() for _, _, values in pieces if len(values)):
        return _nothing(count)
    result, start = np.zeros(count), 0
    for length, events, values in pieces:
        result[start + events] = values
        start += length
    return result


@dataclass(frozen=True, kw_only=True, eq=False)
class _Piece:
    """Views into one blob; `prices` is (4, count) in units or dollars, events are (m,)."""

    count: int
    days: bytes
    prices: np.ndarray
    volume: np.ndarray
    events: np.ndarray
    dividend: Floats
    split: Floats


def _piece(symbol: Symbol, blob: bytes) -> _Piece:
    try:
        version, flags, _, n, m = HEADER.unpack_from(blob)
    except struct.error as error:
        raise ValueError(f"the stored history of {symbol} is cut short") from error
    price = UNIT_PRICES if flags & INTEGER_PRICES else DOUBLES
    count = WHOLE_VOLUME if flags & INTEGER_VOLUME else DOUBLES
    sizes = (4 * n, 4 * n * price.itemsize, n * count.itemsize, 4 * m, 8 * m, 8 * m)
    days, prices, volume, events, dividend, split, end = accumulate(sizes, initial=HEADER.size)
    if version != VERSION or len(blob) != end:
        raise ValueError(f"the stored history of {symbol} is damaged")
    places = np.frombuffer(blob, PLACES, m, events)
    if m and not 0 <= places.min() <= places.max() < n:
        raise ValueError(f"the stored history of {symbol} has events outside its sessions")
    return _Piece(
        count=n,
        days=blob[days:prices],
        prices=np.frombuffer(blob, price, 4 * n, prices).reshape(4, n),
        volume=np.frombuffer(blob, count, n, volume),
        events=places,
        dividend=np.frombuffer(blob, DOUBLES, m, dividend),
        split=np.frombuffer(blob, DOUBLES, m, split),
    )


@lru_cache(maxsize=256)
def _days(numbers: bytes) -> Days:
    days = np.frombuffer(numbers, "<i4").astype("datetime64[D]")
    days.flags.writeable = False
    return days


@lru_cache(maxsize=256)
def _nothing(count: int) -> Floats:
    nothing = np.zeros(count)
    nothing.flags.writeable = False
    return nothing


def _units(prices: Floats) -> np.ndarray | None:
    """Prices in 1/10,000 when that is exact, else None."""
    if not (np.abs(prices) <= INT32 / UNITS).all():  # NaN fails as well
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
