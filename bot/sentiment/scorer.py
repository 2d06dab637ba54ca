"""From a text to its reading: find what applies, weigh it by its surroundings, add up.

The order decides who owns a word: results set against earlier ones first, then phrases and
idioms, then direction × quantity, then signed percentages and single words.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.sentiment.clauses import about
from bot.sentiment.figures import find_comparisons, find_signed_percents
from bot.sentiment.lexicon import LEXICON, UNKNOWN, Entry
from bot.sentiment.masks import mask_names
from bot.sentiment.model import Finding, Hit, Label, Reading, label_of, squash
from bot.sentiment.movement import find_movements
from bot.sentiment.phrases import match_end
from bot.sentiment.surroundings import factor, frame_of
from bot.sentiment.tokens import LONGEST_TEXT, Tokens, Unescaped, readable, tokenise, unescaped

ANCHORS = frozenset("%$") | {"+%", "-%", "rs", "eur", "usd"}
NOTHING = Reading(score=0.0, label=Label.NEUTRAL)


def score(text: str, entity: str | None = None) -> Reading:
    """The sentiment of `text`, for `entity` (a company, fund or index it names) if given.

    Any text is accepted; only its first `LONGEST_TEXT` characters are read, and one without
    words of the lexicon is neutral. An entity that the text does not name changes nothing.
    """
    text = text[:LONGEST_TEXT]
    read = unescaped(text) if "&" in text else None
    clean = readable(text if read is None else read.text)
    tokens = tokenise(mask_names(clean))
    if not tokens.words:
        return NOTHING
    findings = weighed_findings(clean, tokens)
    if entity and findings:
        findings = about(entity, clean, tokens, findings)
    evidence = sum(finding.value for finding in findings)
    value = squash(evidence)
    hits = tuple(_hit(finding, clean, tokens) for finding in findings)
    if read is not None:
        hits = tuple(_placed(hit, text, read) for hit in hits)
    return Reading(score=value, label=label_of(value), hits=hits)


def weighed_findings(text: str, tokens: Tokens) -> list[Finding]:
    """All findings of a text in reading order, their values weighed by their surroundings."""
    words = tokens.words
    lookup = LEXICON.entries.get
    entries = [lookup(word, UNKNOWN) for word in words]
    used = [False] * len(words)
    found = find_comparisons(text, tokens, entries, used, LEXICON)
    found += _find_phrases(words, entries, used)
    found += find_movements(words, entries, used, LEXICON)
    found += find_signed_percents(words, used)
    found += _find_words(words, entries, used)
    if not found:
        return found
    found.sort()
    frame = frame_of(words, found, LEXICON, anchored=_is_anchored(words, entries))
    weighed = []
    for finding in found:
        value = finding.value * factor(finding, words, frame, LEXICON)
        if value:
            weighed.append(Finding(finding.first, finding.stop, finding.rule, round(value, 3)))
    return weighed


def _find_phrases(
    words: Sequence[str], entries: Sequence[Entry], used: list[bool]
) -> list[Finding]:
    """The most specific phrase at each token not yet used; marks its words used."""
    found = []
    present = set(words)
    for at, entry in enumerate(entries):
        if not entry.patterns or used[at]:
            continue
        for pattern in entry.patterns:
            if pattern.last.isdisjoint(present):
                continue
            stop = match_end(pattern, words, at)
            if stop and True not in used[at:stop]:
                used[at:stop] = [True] * (stop - at)
                if pattern.value:
                    found.append(Finding(at, stop, f"phrase: {pattern.name}", pattern.value))
                break
    return found


def _find_words(
    words: Sequence[str], entries: Sequence[Entry], used: Sequence[bool]
) -> list[Finding]:
    return [
        Finding(at, at + 1, "word", entry.value)
        for at, entry in enumerate(entries)
        if entry.value and not used[at]
    ]


def _is_anchored(words: Sequence[str], entries: Sequence[Entry]) -> bool:
    return not ANCHORS.isdisjoint(words) or any(entry.quantity for entry in entries)


def _hit(finding: Finding, text: str, tokens: Tokens) -> Hit:
    start, end = tokens.starts[finding.first], tokens.ends[finding.stop - 1]
    return Hit(start=start, end=end, text=text[start:end], rule=finding.rule, value=finding.value)


def _placed(hit: Hit, text: str, read: Unescaped) -> Hit:
    """The hit with its span in `text`, whose entities `read` has read."""
    start, end = read.starts[hit.start], read.ends[hit.end - 1]
    return replace(hit, start=start, end=end, text=text[start:end])
