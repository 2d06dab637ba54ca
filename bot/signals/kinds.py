"""The table of all kinds, written by hand: adding one is one rule, one row here, one test."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.signals import high_signals, strength
from bot.signals.model import Direction, Kind
from bot.signals.rules import KindRule, needs_a_benchmark, only_at_the_close
from bot.signals.windows import MOST_SESSIONS_52_WEEKS

RULES = (
    KindRule(
        kind=Kind.HIGH_52_WEEKS,
        title="New 52-week high",
        phrase="made a new 52-week high",
        direction=Direction.UP,
        warm_up=MOST_SESSIONS_52_WEEKS,
        version=high_signals.VERSION,
        intraday=True,
        detect=high_signals.detect_high_52_weeks,
        trigger=high_signals.trigger_high_52_weeks,
    ),
    KindRule(
        kind=Kind.ALL_TIME_HIGH,
        title="New all-time high",
        phrase="made a new all-time high",
        direction=Direction.UP,
        warm_up=MOST_SESSIONS_52_WEEKS,
        version=high_signals.VERSION,
        intraday=True,
        detect=high_signals.detect_all_time_high,
        trigger=high_signals.trigger_all_time_high,
    ),
    KindRule(
        kind=Kind.LOW_52_WEEKS,
        title="New 52-week low",
        phrase="made a new 52-week low",
        direction=Direction.DOWN,
        warm_up=MOST_SESSIONS_52_WEEKS,
        version=high_signals.VERSION,
        intraday=True,
        detect=high_signals.detect_low_52_weeks,
        trigger=high_signals.trigger_low_52_weeks,
    ),
    KindRule(
        kind=Kind.CLOSING_HIGH_52_WEEKS,
        title="New 52-week closing high",
        phrase="closed at a new 52-week high",
        direction=Direction.UP,
        warm_up=MOST_SESSIONS_52_WEEKS,
        version=high_signals.VERSION,
        intraday=False,
        detect=high_signals.detect_closing_high_52_weeks,
        trigger=only_at_the_close,
    ),
    KindRule(
        kind=Kind.RS_HIGH,
        title="New relative-strength high",
        phrase="made a new 52-week high against its benchmark",
        direction=Direction.UP,
        warm_up=MOST_SESSIONS_52_WEEKS,
        version=strength.VERSION,
        intraday=False,
        detect=needs_a_benchmark,
        trigger=only_at_the_close,
        detect_against=strength.detect_strength_high,
    ),
)

KINDS: Mapping[Kind, KindRule] = MappingProxyType({rule.kind: rule for rule in RULES})
