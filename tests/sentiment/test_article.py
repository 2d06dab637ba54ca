"""Articles. The two fund notes are written for this test in the manner of such notes."""

import pytest

from bot.sentiment import Label, describe, score
from bot.sentiment.article import read_article, split_sentences
from bot.sentiment.impact import market_impact
from bot.sentiment.topics import Topic

MID_CAP_NOTE = (
    "Mid-Cap Growth ETF Hits New 52-Week High",
    "For investors who look for momentum, this mid-cap growth fund may be on the radar. "
    "The fund just hit a 52-week high and is up about 24% from its 52-week low. "
    "Are more gains in store for this ETF? "
    "Here is a quick look at the fund and its near-term outlook. "
    "The fund follows an index of mid-cap growth stocks and charges 17 basis points a year. "
    "The area has been one to watch as investors weigh the path of interest rates. "
    "Such companies offer a middle ground between risk and growth. "
    "The fund has a positive weighted alpha, which may point to a further rally.",
)
LARGE_FUND_NOTE = (
    "Large-Cap Dividend ETF at 52-Week High as Money Flows In",
    "The fund touched a 52-week high on Friday. "
    "It took in $410 million last week, the third week of inflows in a row. "
    "Demand for dividend payers improved as hopes of a rate cut grew. "
    "The fund holds about 100 stocks and charges 6 basis points a year. "
    "Some strategists warn that valuations look stretched. "
    "Shares rose 0.6% on the day.",
)


def test_a_plain_note_on_a_mid_cap_funds_high_is_neutral() -> None:
    reading = read_article(*MID_CAP_NOTE)
    assert reading.score == pytest.approx(0.12, abs=0.03)
    assert describe(reading.score) == "neutral"
    assert reading.topics[0].topic is Topic.TECHNICALS


def test_such_a_note_has_next_to_no_market_impact() -> None:
    impact = market_impact(
        read_article(*MID_CAP_NOTE).topics,
        volume_share=0.00005,
        move_in_sigmas=1.1,
        breadth=0.12,
        novelty=1 / 3,
    )
    assert impact.value == pytest.approx(0.05, abs=0.02)


def test_a_note_on_a_larger_fund_with_inflows_is_mildly_positive() -> None:
    reading = read_article(*LARGE_FUND_NOTE)
    assert reading.score == pytest.approx(0.20, abs=0.03)
    assert describe(reading.score) == "mildly positive"


def test_an_earnings_report_counts_in_full() -> None:
    reading = read_article(
        "Acme beats estimates and raises guidance",
        "Revenue rose 12% to $3.1 billion. Profit doubled.",
    )
    assert describe(reading.score) == "very positive"


def test_a_title_alone_about_the_company_scores_as_a_headline() -> None:
    title = "Acme profit plunges"
    assert read_article(title).score == pytest.approx(score(title).score)


def test_the_title_outweighs_a_sentence() -> None:
    reading = read_article("Acme profit plunges", "Acme profit soars.")
    assert reading.label is Label.NEGATIVE


def test_sentences_that_say_nothing_dilute_but_do_not_drown() -> None:
    title = "Acme profit plunges"
    filler = "The company is based in Leeds. It makes tin cans. It was founded in 1921."
    assert score(title).score < read_article(title, filler).score < 0


def test_an_article_is_read_for_the_asked_company() -> None:
    title = "Acme slumps; Borealis rallies 4%"
    assert (
        read_article(title, entity="Borealis").score > 0 > read_article(title, entity="Acme").score
    )


def test_text_is_split_at_the_ends_of_sentences() -> None:
    text = "Profit rose 3.5% to $1.2 billion. Sales fell! Why? “Demand is weak,” it said."
    assert split_sentences(text) == (
        "Profit rose 3.5% to $1.2 billion.",
        "Sales fell!",
        "Why?",
        "“Demand is weak,” it said.",
    )


def test_an_endless_article_is_read_to_a_bound() -> None:
    reading = read_article("Profit rose", "Profit rose again. " * 60_000)
    assert len(reading.sentences) == 41
    assert read_article("", "").score == 0
    assert read_article("x" * 1_000_000, "y" * 1_000_000).score == 0
