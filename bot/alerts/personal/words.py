"""What people write for a rule, and how a rule is written for people. Pure.

Whatever `written` prints `parse_condition` reads, so a list, an export and an edit speak the
same few words. Texts that do not fit raise UserError and say what to write.
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.alerts.personal.model import (
    HIGHEST,
    LARGEST_MOVE,
    LEVELS,
    MOVES,
    Condition,
    On,
    Repeat,
    What,
)
from bot.errors import UserError
from bot.signals.kinds import KINDS
from bot.signals.model import Kind

EXCHANGE_ZONE = ZoneInfo("America/New_York")
FORMS = (
    "`above 120`, `below 95`, `touch 100`, `up 5%`, `down 3%`, `move 4% from 118.20`, "
    "`52-week high`, `all-time high`, `52-week low`, `all-time low`, `failed breakout`, or a "
    "setup such as `tight flag`"
)
SIDES: Mapping[str, What] = {
    "above": What.ABOVE,
    "over": What.ABOVE,
    ">": What.ABOVE,
    "below": What.BELOW,
    "under": What.BELOW,
    "<": What.BELOW,
    "touch": What.TOUCH,
    "touches": What.TOUCH,
    "at": What.TOUCH,
    "up": What.UP,
    "+": What.UP,
    "down": What.DOWN,
    "-": What.DOWN,
    "−": What.DOWN,
    "move": What.MOVE,
    "moves": What.MOVE,
    "±": What.MOVE,
}
SHORT_NAMES: Mapping[str, Kind] = {
    "52-week high": Kind.HIGH_52_WEEKS,
    "52w high": Kind.HIGH_52_WEEKS,
    "all-time high": Kind.ALL_TIME_HIGH,
    "ath": Kind.ALL_TIME_HIGH,
    "52-week low": Kind.LOW_52_WEEKS,
    "52w low": Kind.LOW_52_WEEKS,
    "52-week closing high": Kind.CLOSING_HIGH_52_WEEKS,
    "tight flag": Kind.TIGHT_FLAG,
    "surf": Kind.AVERAGE_SURF,
    "range breakout": Kind.RANGE,
    "downtrend break": Kind.DOWNTREND_BREAK,
    "support test": Kind.SUPPORT_TEST,
    "volatility contraction": Kind.VOLATILITY_CONTRACTION,
    "20-session breakout": Kind.DONCHIAN_20,
    "55-session breakout": Kind.DONCHIAN_55,
    "relative-strength high": Kind.RS_HIGH,
}
"""How people call the kinds; the first name of a kind is the one that is written."""
NUMBER = r"\$?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
LEVEL = re.compile(rf"(above|over|>|below|under|<|touch(?:es)?|at)\s*{NUMBER}")
MOVE = re.compile(rf"(up|\+|down|-|−|moves?|±)\s*{NUMBER}\s*%(?:\s*from\s*{NUMBER})?")
SPAN = re.compile(r"(\d{1,4})\s*(m|min|h|d|w)")
UNITS: Mapping[str, timedelta] = {
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
LONGEST = timedelta(days=366 * 5)


def parse_condition(text: str) -> Condition:
    """“above 120”, “down 3% from 118.20”, “52-week high”, “tight_flag”. Raises UserError."""
    plain = re.sub(r"\s+", " ", text.strip().lower().removeprefix("new "))
    if level := LEVEL.fullmatch(plain):
        return Condition(what=SIDES[level[1]], level=_price(level[2]))
    if move := MOVE.fullmatch(plain):
        reference = None if move[3] is None else _price(move[3])
        what, change = SIDES[move[1]], _change(move[2])
        if what is What.DOWN and change >= 1:
            raise UserError("A price cannot fall by 100 % or more. Take a smaller move.")
        return Condition(what=what, change=change, reference=reference)
    if plain in ("all-time low", "atl"):
        return Condition(what=What.RECORD_LOW)
    if plain in ("failed breakout", "failed"):
        return Condition(what=What.FAILED)
    kind = SHORT_NAMES.get(plain) or _kind(plain)
    if kind is not None:
        return Condition(what=What.SIGNAL, kind=kind)
    raise UserError(f"“{shown(text)}” is nothing I can watch for. {_hint(plain)}Write {FORMS}.")


def written(condition: Condition) -> str:
    """The condition in the words that `parse_condition` reads."""
    what = condition.what
    if condition.level is not None:
        return f"{what} {number(condition.level)}"
    if condition.change is not None:
        tail = "" if condition.reference is None else f" from {number(condition.reference)}"
        return f"{what} {number(100 * condition.change)}%{tail}"
    if condition.kind is not None:
        return next(name for name, kind in SHORT_NAMES.items() if kind is condition.kind)
    return what.value


def number(value: float) -> str:
    """A number as people type it: no exponent, no trailing zeros, ten digits."""
    digits = max(0, min(12, 9 - math.floor(math.log10(abs(value))))) if value else 0
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def parse_span(text: str, *, name: str) -> timedelta:
    """“30m”, “4h”, “2d”, “1w”, “none”. Raises UserError."""
    plain = text.strip().lower()
    if plain in ("none", "0", "no"):
        return timedelta(0)
    found = SPAN.fullmatch(plain)
    if not found or int(found[1]) * UNITS[found[2]] > LONGEST:
        raise UserError(
            f"“{shown(text)}” is no {name} I know. Write minutes, hours, days or weeks such as "
            "`30m`, `4h`, `2d`, `1w`, or `none`."
        )
    return int(found[1]) * UNITS[found[2]]


def written_span(span: timedelta) -> str:
    """The span in the largest unit that fits."""
    for unit in ("w", "d", "h", "m"):
        count, rest = divmod(span, UNITS[unit])
        if count and not rest:
            return f"{count}{unit}"
    return "none"


def parse_until(text: str, now: datetime, *, name: str, zone: ZoneInfo = EXCHANGE_ZONE) -> datetime:
    """“4h”, “2w” from `now`, or a date, whose end in `zone` is meant. Raises UserError."""
    plain = text.strip().lower()
    if SPAN.fullmatch(plain):
        until = now + parse_span(plain, name=name)
    else:
        try:
            day = date.fromisoformat(plain)
        except ValueError:
            raise UserError(
                f"“{shown(text)}” is no {name} I know. Write a date such as `2026-12-31`, or a "
                "time from now such as `4h`, `2d` or `3w`."
            ) from None
        if day > (now + LONGEST).date():
            raise UserError(f"The {name} {day} lies more than five years ahead.")
        midnight = datetime.combine(day + timedelta(days=1), time(0), tzinfo=zone)
        until = midnight.astimezone(UTC)
    if until <= now:
        raise UserError(f"The {name} “{shown(text)}” has passed already. Take a later one.")
    return until


def parse_expiry(text: str, now: datetime, *, zone: ZoneInfo = EXCHANGE_ZONE) -> datetime | None:
    """What `parse_until` reads, a time as exports write it, or None for “never”."""
    plain = text.strip()
    if plain.lower() in ("never", "none", ""):
        return None
    try:
        exact = datetime.fromisoformat(plain)
    except ValueError:
        return parse_until(plain, now, name="expiry", zone=zone)
    if exact.tzinfo is not None:
        return exact
    return parse_until(plain[:10], now, name="expiry", zone=zone)


def parse_rearm(text: str) -> float:
    """“0.5%” as a fraction. Raises UserError."""
    found = re.fullmatch(r"(\d{1,2}(?:\.\d{1,4})?)\s*%?", text.strip())
    if not found or float(found[1]) > 50:
        raise UserError(
            f"“{shown(text)}” is no margin. Write how far the price must come back before the "
            "level counts again: `0%` to `50%`, such as `0.5%`."
        )
    return float(found[1]) / 100


def parse_repeat(text: str) -> Repeat:
    try:
        return Repeat(text.strip().lower())
    except ValueError:
        raise UserError(
            f"“{shown(text)}” does not say how often. Write `once`, `episode` (again after 20 "
            "sessions without) or `again` (every time the level is re-crossed)."
        ) from None


def parse_on(text: str) -> On:
    try:
        return On(text.strip().lower())
    except ValueError:
        raise UserError(
            f"“{shown(text)}” does not say which prices count. Write `touch` (while the regular "
            "session runs) or `close` (closing prices only)."
        ) from None


def usual_repeat(condition: Condition) -> Repeat:
    """Once for a price the person named; every episode for what the market decides."""
    fixed = condition.what in LEVELS or condition.what in MOVES
    return Repeat.ONCE if fixed else Repeat.EPISODE


def shown(text: str) -> str:
    """Foreign text, short and without any markup, to be quoted in an answer."""
    kept = "".join(c for c in text[:40] if c.isprintable() and c not in "`@<>*_~|[]()#\\")
    return kept.strip()


def _kind(plain: str) -> Kind | None:
    for kind, rule in KINDS.items():
        if plain in (kind.value, rule.title.lower(), rule.title.lower().removeprefix("new ")):
            return kind
    return None


def _hint(plain: str) -> str:
    if re.fullmatch(r"[a-z<>]+\s*\d+,\d{1,2}", plain):
        return "Decimals take a point. "
    if re.fullmatch(rf"(up|down|moves?)\s*{NUMBER}", plain):
        return "A move is in percent. "
    if re.fullmatch(NUMBER, plain):
        return "Say from which side. "
    return ""


def _price(text: str) -> float:
    price = float(text.replace(",", ""))
    if not 0 < price <= HIGHEST:
        raise UserError(f"{shown(text)} is no price I can watch; take one up to {HIGHEST:,.0f}.")
    return price


def _change(text: str) -> float:
    change = float(text.replace(",", "")) / 100
    if not 0 < change <= LARGEST_MOVE:
        raise UserError(
            f"{shown(text)} % is no move I can watch; take one of up to {LARGEST_MOVE:.0%}."
        )
    return change
