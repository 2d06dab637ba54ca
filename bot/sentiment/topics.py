"""What a text is about: shares of a small taxonomy of market topics.

A topic matters in two ways. `carry` says how much of the tone of a text is news about the
future of the thing: a note on a new 52-week high repeats what the price already shows, an
earnings report does not. `importance` says how much a story of this kind can move a market.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

READ_CHARACTERS = 20_000
"""Characters of a text that are searched for topics."""
TITLE_TIMES = 2
"""A topic word in the title counts this often."""
MOST_TOPICS = 3


class Topic(StrEnum):
    """The taxonomy; values are the tags people see."""

    TECHNICALS = "Market Technicals & Flows"
    POSITIONING = "Investor Sentiment & Positioning"
    FUNDAMENTALS = "Company Fundamentals"
    RATINGS = "Analyst Ratings & Price Targets"
    RATES = "Monetary Policy & Rates"
    ECONOMY = "Economic Data & Growth"
    CREDIT = "Credit"
    DEALS = "Deals & Corporate Actions"
    LAW = "Law & Regulation"
    GEOPOLITICS = "Geopolitics & Trade"
    PRODUCTS = "Products & Operations"
    PEOPLE = "Management & Jobs"
    COMMODITIES = "Commodities & Currencies"


@dataclass(frozen=True, kw_only=True)
class TopicShare:
    """A topic and its share 0…1 of all topic words of a text."""

    topic: Topic
    share: float


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A row of the taxonomy; `carry` and `importance` are 0…1."""

    topic: Topic
    carry: float
    importance: float
    words: re.Pattern[str]


def _kind(topic: Topic, carry: float, importance: float, words: str) -> Kind:
    return Kind(
        topic=topic,
        carry=carry,
        importance=importance,
        words=re.compile(rf"\b(?:{words})\b", re.IGNORECASE),
    )


TAXONOMY = (
    _kind(
        Topic.TECHNICALS,
        0.22,
        0.25,
        r"52[- ]week|all[- ]time|(?:record|new|session|multi-year) (?:highs?|lows?)"
        r"|moving averages?|break(?:s|ing)? ?outs?|breakdown|support|resistance|momentum|oversold"
        r"|overbought|rsi|inflows?|outflows?|fund flows|rall(?:y|ies)|sell-?offs?|volumes?"
        r"|technicals?|alpha|etfs?|relative strength|trend ?lines?",
    ),
    _kind(
        Topic.POSITIONING,
        0.7,
        0.3,
        r"(?:investor|market|consumer) (?:sentiment|confidence|optimism|appetite)"
        r"|risk(?:-on|-off| appetite| aversion)|bullish|bearish|bulls|bears"
        r"|short (?:interest|sellers?)|hedge funds?|positioning|fear|greed|retail investors"
        r"|put/call|vix|crowded|sentiment",
    ),
    _kind(
        Topic.FUNDAMENTALS,
        1.0,
        0.6,
        r"earnings|revenues?|profits?|loss(?:es)?|eps|sales|margins?|guidance|outlook|dividends?"
        r"|cash flow|quarter(?:ly)?|net income|results|costs?|orders?|backlog",
    ),
    _kind(
        Topic.RATINGS,
        0.9,
        0.35,
        r"upgrad\w+|downgrad\w+|price targets?|outperform|underperform|overweight|underweight"
        r"|initiat\w+ (?:coverage|at)|analysts?|buy rating|sell rating|brokers?",
    ),
    _kind(
        Topic.RATES,
        0.9,
        0.8,
        r"fed|fomc|federal reserve|ecb|boj|boe|rbi|central banks?|rate[- ](?:cuts?|hikes?)|powell"
        r"|interest rates?|monetary|quantitative (?:easing|tightening)|treasur(?:y|ies)|yields?"
        r"|rate expectations",
    ),
    _kind(
        Topic.ECONOMY,
        0.9,
        0.7,
        r"inflation|cpi|ppi|gdp|payrolls?|unemployment|jobless|recession|pmi|economy|economic"
        r"|consumer spending|retail sales|housing starts|factory|industrial production",
    ),
    _kind(
        Topic.CREDIT,
        1.0,
        0.9,
        r"credit (?:ratings?|spreads?|markets?|quality|crunch)|bankruptc\w+|chapter (?:7|11)"
        r"|defaults?|going concern|insolven\w+|junk|high[- ]yield|creditors?|debt|bonds?|loans?"
        r"|delinquenc\w+",
    ),
    _kind(
        Topic.DEALS,
        1.0,
        0.6,
        r"acqui\w+|mergers?|takeovers?|buyouts?|spin-?offs?|stakes?|ipos?|offerings?|buybacks?"
        r"|repurchas\w+|splits?|bids?|delist\w*",
    ),
    _kind(
        Topic.LAW,
        1.0,
        0.55,
        r"lawsuits?|sue[ds]?|prob(?:e|es|ed)|investigat\w+|antitrust|sec|fda|fined?|settle\w*"
        r"|recalls?|regulat\w+|courts?|patents?|fraud|compliance",
    ),
    _kind(
        Topic.GEOPOLITICS,
        0.9,
        0.85,
        r"war|tariffs?|sanctions?|trade (?:war|deal|talks|tensions?)|opec|elections?|invasion"
        r"|military|missiles?|ceasefire|embargo\w*|brexit|export (?:ban|controls?)|geopolitic\w+",
    ),
    _kind(
        Topic.PRODUCTS,
        0.9,
        0.35,
        r"launch\w*|products?|plants?|production|contracts?|partner\w*|outages?|supply chain"
        r"|strikes?|trials?|drugs?|stores?|deliver(?:y|ies)|chips?",
    ),
    _kind(
        Topic.PEOPLE,
        0.9,
        0.35,
        r"ceo|cfo|chair(?:man|woman)|chief executive|resign\w*|step(?:s|ped)? down|appoint\w*"
        r"|board|layoffs?|job cuts|jobs|workforce|union",
    ),
    _kind(
        Topic.COMMODITIES,
        0.9,
        0.45,
        r"oil|crude|brent|gold|silver|copper|natural gas|bitcoin|dollar|euro|yen|pound|rupee|wheat"
        r"|corn|currenc(?:y|ies)|commodit(?:y|ies)",
    ),
)
BY_TOPIC = {kind.topic: kind for kind in TAXONOMY}

UNKNOWN_CARRY = 1.0
UNKNOWN_IMPORTANCE = 0.4
"""Of a text without any topic word: its tone counts, its weight is that of ordinary news."""


def topics_of(title: str, body: str = "") -> tuple[TopicShare, ...]:
    """The topics of a text, largest share first, at most three; empty when none is named."""
    body = body[:READ_CHARACTERS]
    counts = {
        kind.topic: TITLE_TIMES * len(kind.words.findall(title[:READ_CHARACTERS]))
        + len(kind.words.findall(body))
        for kind in TAXONOMY
    }
    total = sum(counts.values())
    named = sorted((t for t in counts if counts[t]), key=lambda t: -counts[t])
    return tuple(
        TopicShare(topic=topic, share=counts[topic] / total) for topic in named[:MOST_TOPICS]
    )


def carry_of(shares: tuple[TopicShare, ...]) -> float:
    """The mean `carry` of some topics, weighted by their shares."""
    if not shares:
        return UNKNOWN_CARRY
    weight = sum(share.share for share in shares)
    return sum(BY_TOPIC[share.topic].carry * share.share for share in shares) / weight


def importance_of(shares: tuple[TopicShare, ...]) -> float:
    """The mean `importance` of some topics, weighted by their shares."""
    if not shares:
        return UNKNOWN_IMPORTANCE
    weight = sum(share.share for share in shares)
    return sum(BY_TOPIC[share.topic].importance * share.share for share in shares) / weight
