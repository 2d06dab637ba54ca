"""What headlines mean. All headlines are made up for these tests."""

import pytest

from bot.sentiment import Label, score
from bot.sentiment.model import squash

GOOD = (
    "Acme beats estimates and raises full-year guidance",
    "Acme profit rises 12% on strong demand",
    "Acme's quarterly loss narrows to $3 million",
    "Acme input costs fell for a third month",
    "Borealis upgraded to buy from hold at Northern Research",
    "Borealis swings to profit after two years",
    "Cobalt Air wins $400 mln order from the navy",
    "Cobalt Air shares hit a 52-week high",
    "Regulator drops probe into Dover Foods",
    "Dover Foods reopens plant ahead of schedule",
    "Worries ease as Elm Bank repays loan early",
    "Elm Bank gets FDA approval for heart drug",
    "Stocks recoup losses in late trade",
    "Falcon price target raised to $80 from $65",
    "Jobless claims drop more than expected",
    "$FLCN breaking out above resistance, staying long",
)
BAD = (
    "Acme misses estimates, cuts outlook",
    "Acme profit falls 12% on weak demand",
    "Acme's quarterly loss widened to $30 million",
    "Acme input costs rose for a third month",
    "Borealis downgraded to sell from hold at Northern Research",
    "Borealis swings to loss as orders dry up",
    "Cobalt Air loses navy contract",
    "Cobalt Air shares sink to a 52-week low",
    "Regulator opens probe into Dover Foods",
    "Dover Foods recalls frozen meals",
    "Elm Bank files for bankruptcy protection",
    "Elm Bank to cut 2,000 jobs",
    "Stocks pare gains in late trade",
    "Falcon price target cut to $50 from $65",
    "Inflation accelerates to 6%",
    "$FLCN broke support, going short here",
)
FLAT = (
    "Acme to report second-quarter results on Tuesday",
    "Borealis appoints new head of logistics",
    "Cobalt Air sets up a unit in Peru",
    "Dover Foods holds annual general meeting in Leeds",
    "Interest rate decision due on Thursday",
    "Elm Bank declined to comment",
    "Share capital of Falcon plc stands at 12 million euros",
    "Mid-Cap Growth ETF declares quarterly distribution",
)


@pytest.mark.parametrize("headline", GOOD)
def test_good_news_reads_positive(headline: str) -> None:
    assert score(headline).label is Label.POSITIVE


@pytest.mark.parametrize("headline", BAD)
def test_bad_news_reads_negative(headline: str) -> None:
    assert score(headline).label is Label.NEGATIVE


@pytest.mark.parametrize("headline", FLAT)
def test_no_news_reads_neutral(headline: str) -> None:
    assert score(headline).label is Label.NEUTRAL


@pytest.mark.parametrize(
    ("thing", "sign"),
    [("Profit", 1), ("Revenue", 1), ("Debt", -1), ("Costs", -1), ("Unemployment", -1)],
)
def test_a_rise_is_as_good_as_the_thing_that_rises(thing: str, sign: int) -> None:
    assert score(f"{thing} rose last year").score * sign > 0
    assert score(f"{thing} fell last year").score * sign < 0


def test_an_interest_rate_carries_no_verdict() -> None:
    assert score("Deposit rate rises to 3%").score == 0


def test_a_compound_is_judged_by_what_it_measures() -> None:
    assert score("Unemployment rate falls to 3.5%").score > 0
    assert score("Consumer prices rise 0.4%").score < 0
    assert score("Copper prices rise 0.4%").score > 0


def test_of_fears_of_a_recession_the_fears_move() -> None:
    assert score("Fears of a recession fade").score > 0
    assert score("Cost of sales rose 3%").score < 0


def test_what_moves_does_not_count_twice() -> None:
    assert [hit.text for hit in score("Worries ease at Acme").hits] == ["ease"]


def test_the_highest_is_as_good_as_what_is_high() -> None:
    assert score("Sales at highest since 2007").score > 0
    assert score("Unemployment at highest since 2007").score < 0
    assert score("Unemployment at lowest since 2007").score > 0


def test_growth_is_the_thing_that_slows() -> None:
    assert score("Growth slows at Acme").score < 0
    assert score("Growth accelerates at Acme").score > 0


def test_adjectives_and_nouns_of_motion_find_their_quantity() -> None:
    assert score("Rising costs at Acme").score < 0
    assert score("Lower debt at Acme").score > 0
    assert score("Drop in sales at Acme").score < 0
    assert score("Drop in expenses at Acme").score > 0


def test_negation_turns_the_sign() -> None:
    assert score("Acme is profitable").score > 0
    assert score("Acme is not profitable").score < 0
    assert score("Acme isn't profitable").score < 0
    assert score("Acme isn’t profitable").score < 0


def test_not_only_is_no_negation() -> None:
    assert score("Not only profitable, says Acme").score > 0


def test_failing_to_stop_a_fall_is_bad_twice_and_not_good() -> None:
    assert score("Acme fails to stop sales decline").score < score("Acme sales decline").score


def test_hedges_weaken() -> None:
    assert 0 < score("Acme profit may rise").score < score("Acme profit rises").score


def test_degrees_strengthen_and_weaken() -> None:
    slightly, plainly, sharply = (
        score(f"Acme profit {degree}higher").score for degree in ("slightly ", "", "sharply ")
    )
    assert 0 < slightly < plainly < sharply


def test_a_question_asserts_less() -> None:
    assert abs(score("Is Acme profit falling?").score) < abs(score("Acme profit falling").score)


def test_what_is_conceded_hardly_counts() -> None:
    assert score("Acme shares fall despite strong results").label is Label.NEGATIVE
    assert score("Despite strong results, Acme shares fall").label is Label.NEGATIVE


def test_what_follows_but_outweighs_what_stands_before() -> None:
    assert score("Sales weak but profit strong").score > 0
    assert score("Profit strong but sales weak").score < 0


def test_what_comes_first_weighs_more() -> None:
    assert score("Profit rises, sales fall").score > 0
    assert score("Sales fall, profit rises").score < score("Profit rises, sales fall").score


def test_the_news_outweighs_its_reason() -> None:
    assert score("Gold falls after strong jobs report").score < 0
    assert score("Acme shares rise after competitor's recall").score > 0


def test_a_result_is_compared_with_the_earlier_one() -> None:
    year = "in the same quarter of last year"
    assert score(f"Net sales were EUR 16 mn, compared to EUR 21 mn {year}").score < 0
    assert score(f"Net sales were EUR 21 mn, compared to EUR 16 mn {year}").score > 0
    assert score(f"Operating loss of EUR 2 mn, compared to a loss of EUR 9 mn {year}").score > 0


def test_units_and_years_do_not_confuse_a_comparison() -> None:
    assert score("Profit in 2009 was EUR 1.2 bn, compared to EUR 900 mn in 2008").score > 0
    assert score("Profit was 8.3 mn in the period, compared to 8.4 a year before").score < 0


def test_a_swing_across_zero_needs_no_amounts() -> None:
    assert score("Pretax profit of EUR 1 mn versus a loss of EUR 9 mn").score > 0
    assert score("Pretax loss of EUR 1 mn versus a profit of EUR 9 mn").score < 0


def test_a_range_of_percentages_is_no_loss() -> None:
    assert score("Acme targets a margin of 10 % -20 %").score == 0


def test_signed_percentages_speak_and_share_their_weight() -> None:
    assert score("$ACME +4%").label is Label.POSITIVE
    assert score("$ACME -4%").label is Label.NEGATIVE
    one, three = score("$ACME +4%").score, score("$ACME +4% $BORL +3% $COBT +9%").score
    assert 0 < three <= one


def test_raising_money_is_no_growth() -> None:
    assert score("Acme raises $40 million").label is Label.NEUTRAL


def test_a_hit_says_where_what_and_why() -> None:
    text = "Acme profit rose, shares soared"
    first, second = score(text).hits
    assert (first.text, first.rule) == ("rose", "moved: profit")
    assert (second.text, second.rule) == ("soared", "moved: shares")
    assert text[second.start : second.end] == "soared"


def test_the_hits_add_up_to_the_score() -> None:
    reading = score("Acme beats estimates, but the outlook is weak and costs may rise")
    assert len(reading.hits) >= 3
    assert squash(sum(hit.value for hit in reading.hits)) == pytest.approx(reading.score)
