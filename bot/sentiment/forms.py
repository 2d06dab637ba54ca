"""English inflection: the other forms of a base word.

The lexicon is written in base forms. Expanding them once when it is loaded makes a lookup at
reading time a single dictionary access, and no stemmer can mistake one word for another.
A form that is no English word ("strongs") never occurs, so it does no harm.
"""

VOWELS = "aeiou"


def inflections(base: str) -> frozenset[str]:
    """`base` and its regular -s, -ed, -ing forms; hyphenated words inflect at the end."""
    if len(base) < 3 or not base[-1].isalpha():
        return frozenset((base,))
    return frozenset((base, _plural(base), *_tenses(base)))


def _plural(base: str) -> str:
    if base.endswith("y") and base[-2] not in VOWELS:
        return base[:-1] + "ies"
    return base + ("es" if base.endswith(("s", "x", "z", "ch", "sh")) else "s")


def _tenses(base: str) -> tuple[str, ...]:
    if base.endswith("e"):
        return base + "d", base[:-1] + "ing"
    if base.endswith("y") and base[-2] not in VOWELS:
        return base[:-1] + "ied", base + "ing"
    plain = (base + "ed", base + "ing")
    if base[-1] in VOWELS + "wxy" or base[-2] not in VOWELS or base[-3:-2] in VOWELS:
        return plain
    return *plain, base + base[-1] + "ed", base + base[-1] + "ing"
