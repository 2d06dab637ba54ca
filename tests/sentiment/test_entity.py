"""One headline, several names: whose news is it?"""

import pytest

from bot.sentiment import Label, score


@pytest.mark.parametrize(
    ("headline", "entity", "label"),
    [
        ("Gold slips while silver jumps", "Gold", Label.NEGATIVE),
        ("Gold slips while silver jumps", "silver", Label.POSITIVE),
        ("Acme slumps; Borealis rallies 4%", "Acme", Label.NEGATIVE),
        ("Acme slumps; Borealis rallies 4%", "Borealis", Label.POSITIVE),
        ("Index flat; Acme, Borealis and Cobalt fall", "Acme", Label.NEGATIVE),
        ("Index flat; Acme, Borealis and Cobalt fall", "Index", Label.NEUTRAL),
        ("Ginger surges on high demand, copra steady", "copra", Label.NEUTRAL),
        ("Acme rallies as Northern upgrades the stock", "Northern", Label.NEUTRAL),
        ("Dover upgrades Acme to buy", "Dover", Label.NEUTRAL),
        ("Dover upgrades Acme to buy", "Acme", Label.POSITIVE),
        ("Yen rises against the dollar", "dollar", Label.NEUTRAL),
        ("Yen rises against the dollar", "Yen", Label.POSITIVE),
        ("Acme a good buy: Jane Roe, Northern Securities", "Northern Securities", Label.NEUTRAL),
    ],
)
def test_the_clause_of_the_asked_name_counts(headline: str, entity: str, label: Label) -> None:
    assert score(headline, entity).label is label


def test_a_name_that_is_not_there_changes_nothing() -> None:
    text = "Acme profit rose"
    assert score(text, "Zebra Holdings") == score(text)
    assert score(text, "") == score(text, "   ") == score(text)


def test_a_name_is_a_whole_word_and_not_just_corp() -> None:
    text = "Acme Corp slumps; shares of Borealis rally"
    assert score(text, "Zebra Corp") == score(text)
    assert score(text, "hare") == score(text)


def test_an_endless_name_is_harmless() -> None:
    text = "Acme profit rose"
    assert score(text, "(" * 1_000_000) == score(text)


def test_a_name_is_found_by_one_of_its_words() -> None:
    text = "Acme slumps; Borealis rallies"
    assert score(text, "Borealis Industries Inc.").label is Label.POSITIVE
