import pytest

from bot.sentiment.topics import BY_TOPIC, TAXONOMY, Topic, carry_of, importance_of, topics_of


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Index breaks out above its 200-day moving average", Topic.TECHNICALS),
        ("Hedge funds turn bearish as risk appetite fades", Topic.POSITIONING),
        ("Quarterly earnings and revenue top forecasts", Topic.FUNDAMENTALS),
        ("Analysts trim price targets", Topic.RATINGS),
        ("Fed officials see no rate cut before summer", Topic.RATES),
        ("GDP shrinks as consumer spending stalls", Topic.ECONOMY),
        ("Retailer files for bankruptcy as creditors balk", Topic.CREDIT),
        ("Takeover bid values miner at $4 billion", Topic.DEALS),
        ("Antitrust lawsuit goes to court", Topic.LAW),
        ("New tariffs and sanctions loom after election", Topic.GEOPOLITICS),
        ("Outage at plant delays product launch", Topic.PRODUCTS),
        ("CEO resigns, chairman takes over", Topic.PEOPLE),
        ("Copper and crude oil slide", Topic.COMMODITIES),
    ],
)
def test_a_headline_gets_its_topic(title: str, topic: Topic) -> None:
    assert topics_of(title)[0].topic is topic


def test_a_text_without_topic_words_has_none() -> None:
    assert topics_of("Hello there") == ()
    assert carry_of(()) == 1.0
    assert 0 < importance_of(()) < 1


def test_shares_are_of_all_topic_words() -> None:
    first, second = topics_of("Earnings, revenue and sales", "The court ruled.")
    assert (first.topic, second.topic) == (Topic.FUNDAMENTALS, Topic.LAW)
    assert first.share == pytest.approx(6 / 7)
    assert second.share == pytest.approx(1 / 7)


def test_every_topic_has_one_row() -> None:
    assert [kind.topic for kind in TAXONOMY] == list(Topic)
    assert set(BY_TOPIC) == set(Topic)


def test_charts_carry_and_matter_less_than_credit() -> None:
    charts, credit = topics_of("New 52-week high"), topics_of("Bankruptcy and default")
    assert carry_of(charts) < carry_of(credit)
    assert importance_of(charts) < importance_of(credit)
