"""How many headlines a second the scorer reads on one core.

Run with `python benchmarks/bench_sentiment.py`. The headlines are put together from the parts
below, so that no data is needed. Times are processor time: a busy machine disturbs it least.
"""

import gc
import itertools
import resource
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bot.market.model import Headline, Symbol
from bot.sentiment import score
from bot.sentiment.stories import symbol_sentiment

NAMES = ("Acme Corp", "Borealis plc", "$COBT", "Dover Foods", "Mid-Cap Growth ETF")
NEWS = (
    "beats estimates and raises full-year guidance",
    "Q3 net profit falls 12% to Rs 340 crore; income up 4%",
    "to buy rival in $2.4 billion deal, sources say",
    "shares slip as investors weigh costs despite strong demand",
    "appoints new head of logistics for northern Europe",
    "operating loss was EUR 2.3 mn, compared to a profit of EUR 1.1 mn a year earlier",
    "downgraded to hold from buy at Northern Research, target cut to $14",
    "hits a 52-week high; is it too late to join the rally?",
)
TAILS = ("", " - report", " https://example.org/a1b2", " after three quiet weeks of trading")
GOAL = 10_000
ROUNDS = 7
REPEATS = 25


def headlines() -> list[str]:
    parts = itertools.product(NAMES, NEWS, TAILS)
    return [f"{name} {news}{tail}" for name, news, tail in parts] * REPEATS


def per_second(texts: list[str], entity: str | None) -> float:
    rates = []
    for _ in range(ROUNDS):
        gc.collect()
        start = time.process_time()
        for text in texts:
            score(text, entity)
        rates.append(len(texts) / (time.process_time() - start))
    return statistics.median(rates)


def symbol_milliseconds(texts: list[str]) -> float:
    now = datetime(2026, 4, 17, tzinfo=UTC)
    news = [
        Headline(
            id=str(number),
            time=now - timedelta(hours=number),
            title=text,
            url="https://example.org",
            publisher=f"Site {number % 9}",
            symbols=(Symbol("ACME"),),
        )
        for number, text in enumerate(texts)
    ]
    start = time.process_time()
    symbol_sentiment(news, now)
    return 1000 * (time.process_time() - start)


def main() -> int:
    texts = headlines()
    plain, asked = per_second(texts, None), per_second(texts, "Acme Corp")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"headlines a second, one core: {plain:,.0f} ({asked:,.0f} for an asked company)")
    print(f"microseconds a headline: {1e6 / plain:.0f}; goal {GOAL:,} a second")
    print(f"news of one symbol, 160 headlines: {symbol_milliseconds(texts[:160]):.0f} ms")
    print(f"memory with everything imported: {memory:.0f} MB")
    return 0 if plain >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
