"""Sentiment of market news, by rules that can be shown.

`score(text, entity=None)` reads one headline: a score −1…1, a label, and the hits (span, rule,
value) that made it. It needs the standard library only, no model file and no network, and reads
some 20,000 headlines a second on one core (`benchmarks/bench_sentiment.py`).
`article` reads title and body, `stories` the news of one symbol, `topics` names what a text is
about, `impact` says how much it can matter.

How a text is read
    tokens → comparisons of results → phrases → direction × quantity → words → surroundings
    (negation, degree, hedges, concessions, reasons, questions) → sum → squash. All words and
    weights stand in `lexicon.toml`, written for this project; no word list or data set of others
    ships with it.

How it was tuned and measured
    On 13,000 public headlines and sentences labelled by people, in six sets (company reports,
    Indian and British business news, market tweets, traders' posts) that are not part of this
    project. They were split by a hash of their near-duplicate groups. Weights and phrases were
    chosen by hand while reading the errors on three quarters; of the last quarter only totals
    were looked at. Mean of the six sets, labels cut at ±0.15:

                       three quarters    last quarter     all
        accuracy            0.773            0.730       0.762
        macro-F1            0.726            0.679       0.715
        sign flips          2.5 %            3.5 %       2.7 %

    For one company among several with different news (a seventh set, `entity` given): macro-F1
    0.71, and 0.70 on the last quarter. Expect the figures of the last quarter on new headlines.
    The sets disagree on what is neutral ("X to buy Y" is good news in two of them and no news in
    two others), which no rule can heal. Sarcasm, unnamed subjects and languages other than
    English are read badly or as neutral.
"""

from bot.sentiment.model import Hit, Label, Reading, describe
from bot.sentiment.scorer import score

__all__ = ["Hit", "Label", "Reading", "describe", "score"]
