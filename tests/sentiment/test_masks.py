"""Fund names are no news; news about funds is."""

import pytest

from bot.sentiment import Label, score
from bot.sentiment.masks import mask_names


@pytest.mark.parametrize(
    "name",
    [
        "Mid-Cap Growth ETF",
        "Small Cap Value Fund",
        "S&P 500 High Dividend Low Volatility ETF",
        "Global Clean Energy Index",
        "Ultra Short Treasury ETF",
        "Bull 3X Shares ETF",
        "Russell 2000 Strong Momentum Portfolio",
    ],
)
def test_a_fund_name_says_nothing(name: str) -> None:
    assert score(f"Things to know about the {name}").score == 0


def test_growth_outside_a_name_is_growth() -> None:
    assert score("Sales growth accelerates").label is Label.POSITIVE
    assert mask_names("Sales growth accelerates") == "Sales growth accelerates"


def test_what_happens_to_a_fund_counts() -> None:
    assert score("Mid-Cap Growth ETF sinks 4%").label is Label.NEGATIVE
    assert score("Mid-Cap Growth ETF soars 4%").label is Label.POSITIVE


def test_masking_keeps_every_position() -> None:
    text = "The Mid-Cap Growth ETF fell, Large-Cap Value stocks rose"
    masked = mask_names(text)
    assert len(masked) == len(text)
    assert masked.index("fell") == text.index("fell")
    assert "Growth" not in masked
