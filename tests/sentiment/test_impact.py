import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sentiment.impact import market_impact, novelty_of
from bot.sentiment.topics import Topic, TopicShare, topics_of

CHART = (TopicShare(topic=Topic.TECHNICALS, share=1.0),)
CREDIT = (TopicShare(topic=Topic.CREDIT, share=1.0),)


def test_a_crash_of_the_whole_market_is_near_one() -> None:
    impact = market_impact(CREDIT, volume_share=0.2, move_in_sigmas=-6.0, breadth=0.95, novelty=1.0)
    assert impact.value is not None
    assert impact.value > 0.85


def test_the_parts_are_shown_and_make_the_value() -> None:
    impact = market_impact(CHART, volume_share=0.025, move_in_sigmas=-2.0, breadth=0.4, novelty=0.5)
    assert [(part.name, part.value) for part in impact.parts] == [
        ("size", 0.5),
        ("move", 0.5),
        ("breadth", 0.4),
        ("novelty", 0.5),
    ]
    mean = 0.3 * 0.5 + 0.25 * 0.5 + 0.25 * 0.4 + 0.2 * 0.5
    assert impact.value == pytest.approx(mean * impact.importance)
    assert impact.missing == ()


def test_what_is_unknown_is_left_out_and_said() -> None:
    known = market_impact(CHART, volume_share=None, move_in_sigmas=2.0, breadth=0.5, novelty=None)
    assert known.missing == ("size", "novelty")
    assert known.value == pytest.approx(0.5 * known.importance)


def test_of_nothing_known_there_is_no_impact_to_state() -> None:
    impact = market_impact(
        CHART, volume_share=None, move_in_sigmas=None, breadth=None, novelty=None
    )
    assert impact.value is None
    assert impact.missing == ("size", "move", "breadth", "novelty")


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_lies_between_nothing_and_all(share: float) -> None:
    with pytest.raises(ValueError, match="breadth"):
        market_impact(CHART, volume_share=None, move_in_sigmas=1.0, breadth=share, novelty=None)


def test_news_wears_off() -> None:
    assert [novelty_of(n) for n in (0, 1, 3)] == [1.0, 0.5, 0.25]
    with pytest.raises(ValueError):
        novelty_of(-1)


@given(
    st.floats(0, 1), st.floats(-100, 100), st.floats(0, 1), st.floats(0, 1), st.text(max_size=80)
)
def test_an_impact_lies_between_zero_and_one(
    volume: float, move: float, breadth: float, novelty: float, text: str
) -> None:
    impact = market_impact(
        topics_of(text), volume_share=volume, move_in_sigmas=move, breadth=breadth, novelty=novelty
    )
    assert impact.value is not None
    assert 0 <= impact.value <= 1
