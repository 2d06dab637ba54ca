"""Direction × quantity: whether a rise is good depends on what rises.

"Profit rose" and "costs fell" are good, "loss widened" and "sales fell" are bad. Each word
of motion looks for its quantity in its own clause: the thing before it for most verbs, the
thing after it for verbs with an object ("cut costs") and for adjectives ("rising costs"),
the complement for nouns ("growth in sales").
"""

from collections.abc import Sequence

from bot.sentiment.lexicon import Entry, Lexicon, Movement
from bot.sentiment.model import Finding
from bot.sentiment.tokens import NUMBER, PERCENT

REACH_BACK = 8
REACH_FORWARD = 5
REACH_OF_INVERSION = 2
REACH_COMPLEMENT = 5
REACH_OF_A_NOUN = 2
REACH_OF_HEAD = 4

ALONE = 0.7
"""Share of a movement's strength that stays when nothing says what moved ("Acme up")."""
ALONE_WITH_PERCENT = 1.0
OBJECT_UNKNOWN = 0.3
"""The same for verbs that take an object ("cut … what?")."""
BOTTOM_LINE = 1.3
"""Profits, guidance and dividends weigh more than other quantities."""
RAISED_MONEY = 0.05
"""Raising an amount of money is financing, not growth."""


def find_movements(
    words: Sequence[str], entries: Sequence[Entry], used: list[bool], lexicon: Lexicon
) -> list[Finding]:
    """Findings of all words of motion not yet `used`; marks them and what they move used."""
    found = []
    for at, entry in enumerate(entries):
        movement = entry.movement
        if movement is None or used[at]:
            continue
        used[at] = True
        if movement.is_noun and _is_moved_itself(at, entries):
            continue
        found.append(_weigh(movement, at, words, entries, used, lexicon))
    return found


def _is_moved_itself(at: int, entries: Sequence[Entry]) -> bool:
    """In "growth slows" and "slowing growth" growth is the thing that moves."""
    if entries[at].quantity is None:
        return False
    after = entries[at + 1].movement if at + 1 < len(entries) else None
    before = entries[at - 1].movement if at else None
    return (after is not None and not after.is_noun) or (before is not None and before.is_adjective)


def _weigh(
    movement: Movement,
    at: int,
    words: Sequence[str],
    entries: Sequence[Entry],
    used: list[bool],
    lexicon: Lexicon,
) -> Finding:
    follower = words[at + 1] if at + 1 < len(words) else ""
    if movement.base == "raise" and (
        follower == NUMBER or follower in lexicon.classes["amount_lead"]
    ):
        return Finding(at, at + 1, "raised money", RAISED_MONEY)
    moved = _moved(movement, at, words, entries, lexicon)
    if moved is None:
        return Finding(at, at + 1, "moved", movement.value * _share_alone(movement, at, words))
    used[moved] = True
    quantity = _verdict(moved, words, entries, lexicon)
    thing = words[moved]
    weight = BOTTOM_LINE if thing in lexicon.classes["bottom_line"] else 1.0
    return Finding(at, at + 1, f"moved: {thing}", movement.value * quantity * weight)


def _verdict(moved: int, words: Sequence[str], entries: Sequence[Entry], lexicon: Lexicon) -> int:
    """Whether more of the thing is good (1) or bad (-1); 0 for neither.

    An "unemployment rate" is unemployment; "consumer prices" are prices that people pay.
    """
    quantity = entries[moved].quantity or 0
    before = entries[moved - 1].quantity if moved else None
    if quantity == 0 and before:
        return before
    payers = lexicon.classes["price_payers"]
    if moved and words[moved] in ("price", "prices") and words[moved - 1] in payers:
        return -1
    return quantity


def _share_alone(movement: Movement, at: int, words: Sequence[str]) -> float:
    if movement.takes_object:
        return OBJECT_UNKNOWN
    return ALONE_WITH_PERCENT if PERCENT in words[at + 1 : at + 4] else ALONE


def _moved(
    movement: Movement,
    at: int,
    words: Sequence[str],
    entries: Sequence[Entry],
    lexicon: Lexicon,
) -> int | None:
    """The index of the quantity that moves, if the clause names one."""
    after = at + 1
    if after < len(words) and words[after] in ("in", "of"):
        inside = _first_quantity(after + 1, REACH_COMPLEMENT, words, entries, lexicon)
        if inside is not None:
            return inside
    if movement.is_adjective and after < len(words) and entries[after].quantity is not None:
        return _compound_end(after, entries)
    reach = REACH_OF_A_NOUN if movement.is_noun else REACH_BACK
    before = _last_quantity(at, reach, words, entries, lexicon)
    if before is not None and not movement.takes_object:
        return before
    reach = REACH_FORWARD if movement.takes_object else REACH_OF_INVERSION
    ahead = _first_quantity(after, reach, words, entries, lexicon)
    return ahead if ahead is not None else before


def _last_quantity(
    at: int, reach: int, words: Sequence[str], entries: Sequence[Entry], lexicon: Lexicon
) -> int | None:
    stops = lexicon.classes["subject_end"]
    for k in range(at - 1, max(-1, at - 1 - reach), -1):
        if words[k] in stops:
            return None
        if words[k] in ("tax", "taxes") and k and words[k - 1] in ("before", "after"):
            continue
        entry = entries[k]
        if entry.quantity is not None and (
            entry.movement is None or (entry.movement.is_noun and k == at - 1)
        ):
            return _head(k, words, entries)
    return None


def _head(k: int, words: Sequence[str], entries: Sequence[Entry]) -> int:
    """Of "fears of a recession" the fears move: the quantity before an "of" just before `k`."""
    for of in range(k - 1, max(0, k - REACH_OF_HEAD), -1):
        if words[of] == "of":
            return of - 1 if entries[of - 1].quantity is not None else k
    return k


def _first_quantity(
    start: int, reach: int, words: Sequence[str], entries: Sequence[Entry], lexicon: Lexicon
) -> int | None:
    stops = lexicon.classes["object_end"]
    for k in range(start, min(len(words), start + reach)):
        if words[k] in stops:
            return None
        if entries[k].quantity is not None:
            return _compound_end(k, entries)
    return None


def _compound_end(k: int, entries: Sequence[Entry]) -> int:
    """ "Sales costs" are costs: the last quantity of a compound names the thing."""
    while k + 1 < len(entries) and entries[k + 1].quantity is not None:
        k += 1
    return k
