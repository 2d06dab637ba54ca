"""Words one typing error away, in constant time.

Two words differ by one error (a letter missing, added, wrong, or two swapped) only if they
become the same after taking away at most one letter of each: the words are filed under all
their one-letter deletions (the SymSpell idea), and the few candidates are then compared.
"""

from collections.abc import Iterable

SHORTEST = 3
"""Letters; one error in fewer makes anything of anything."""
LONGEST = 24


class Spelling:
    """Known words, to be found despite one typing error."""

    def __init__(self, words: Iterable[str]) -> None:
        self._filed: dict[str, list[str]] = {}
        for word in dict.fromkeys(words):
            if SHORTEST <= len(word) <= LONGEST:
                for key in deletions(word):
                    self._filed.setdefault(key, []).append(word)

    def near(self, word: str) -> frozenset[str]:
        """All known words one error away from `word`, and the word itself if known."""
        if not SHORTEST <= len(word) <= LONGEST:
            return frozenset()
        filed = (self._filed.get(key, ()) for key in deletions(word))
        return frozenset(known for words in filed for known in words if one_error(word, known))


def deletions(word: str) -> set[str]:
    """The word and every word made by taking one letter away."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def one_error(word: str, other: str) -> bool:
    """Whether at most one insertion, deletion, substitution or swap of neighbours separates them.

    The restricted Damerau-Levenshtein distance, cut off at 1.
    """
    if word == other:
        return True
    if len(word) < len(other):
        word, other = other, word
    if len(word) - len(other) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), len(other))
    if len(word) > len(other):
        return word[at + 1 :] == other[at:]
    if word[at + 1 :] == other[at + 1 :]:
        return True
    swapped = word[at + 1 : at + 2] + word[at]
    return swapped == other[at : at + 2] and word[at + 2 :] == other[at + 2 :]
