"""The scorer against headlines that people labelled.

The data sets are not part of the project: the test looks for the folder `sentiment` beside the
one named by HIGHWATER_REAL_DATA (default `../shared/market`) and skips where there is none.
"""

import csv
import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.sentiment import Label, score

ROOT = Path(__file__).resolve().parents[2]
MARKET = Path(os.environ.get("HIGHWATER_REAL_DATA", ROOT.parent / "shared" / "market"))
HEADLINES = MARKET.parent / "sentiment" / "data" / "dev.csv"
CONFLICT = "sentfin_conflict"
LABELS = {"neg": Label.NEGATIVE, "neu": Label.NEUTRAL, "pos": Label.POSITIVE}

Pairs = list[tuple[Label, Label]]


@pytest.fixture(scope="module")
def results() -> dict[str, Pairs]:
    """(label by people, label by rule) of each data set."""
    if not HEADLINES.exists():
        pytest.skip(f"no labelled headlines at {HEADLINES}")
    pairs: dict[str, Pairs] = {}
    with HEADLINES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            entity = row["entity"] if row["dataset"] == CONFLICT else None
            found = (LABELS[row["label"]], score(row["text"], entity).label)
            pairs.setdefault(row["dataset"], []).append(found)
    return pairs


def accuracy(pairs: Pairs) -> float:
    return sum(truth is found for truth, found in pairs) / len(pairs)


def macro_f1(pairs: Pairs) -> float:
    return mean(f1(pairs, label) for label in Label)


def f1(pairs: Pairs, label: Label) -> float:
    both = sum(truth is found is label for truth, found in pairs)
    either = sum((truth is label) + (found is label) for truth, found in pairs)
    return 2 * both / either if either else 0.0


def flips(pairs: Pairs) -> float:
    opposite = {Label.NEGATIVE, Label.POSITIVE}
    return sum({truth, found} == opposite for truth, found in pairs) / len(pairs)


def mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)


def test_seven_of_ten_headlines_are_read_as_people_read_them(results: dict[str, Pairs]) -> None:
    general = [pairs for name, pairs in results.items() if name != CONFLICT]
    assert len(general) == 6
    assert mean(accuracy(pairs) for pairs in general) >= 0.70
    assert mean(macro_f1(pairs) for pairs in general) >= 0.66


def test_good_and_bad_are_rarely_mistaken_for_each_other(results: dict[str, Pairs]) -> None:
    general = [pairs for name, pairs in results.items() if name != CONFLICT]
    assert mean(flips(pairs) for pairs in general) <= 0.033


def test_of_opposite_news_in_one_headline_each_company_gets_its_own(
    results: dict[str, Pairs],
) -> None:
    assert macro_f1(results[CONFLICT]) >= 0.55
