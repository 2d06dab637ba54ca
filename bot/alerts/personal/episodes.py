"""A user's own rule about signals: which episodes are news to it? Pure.

The watcher keeps episodes for every symbol it watches. Those that a rule finds at its first
look are known to it; every later one is news once. A close-only rule waits until the close has
confirmed an episode; a failed breakout is one that the close rejected, or that failed later.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from bot.alerts.personal.model import Fired, Memory, On, Repeat, Rule, Step, What
from bot.episodes.lifecycle import Episode, State
from bot.signals.model import Direction


def look_at_episodes(
    rule: Rule,
    memory: Memory | None,
    episodes: Iterable[Episode],
    *,
    session: date,
    at: datetime,
) -> Step:
    """One look of a rule about signals, at the symbol's episodes that matter now."""
    ripe = {_key(rule, e): e for e in episodes if _ripe(rule, e)}
    known = tuple(sorted(ripe))
    if memory is None:
        return Step(memory=Memory(session=session, closed=True, known=known))
    fresh = sorted(
        (ripe[key] for key in ripe.keys() - set(memory.known)), key=lambda e: e.last_crossed
    )
    after = replace(memory, session=max(session, memory.session), known=known)
    if not fresh:
        return Step(memory=after)
    cool = memory.fired_at is None or at - memory.fired_at >= rule.cooldown
    if not cool:
        return Step(memory=after)
    told = fresh[:1] if rule.repeat is Repeat.ONCE else fresh
    return Step(
        memory=replace(after, fired_at=at),
        fired=tuple(_fired_by(rule, episode, at) for episode in told),
    )


def _ripe(rule: Rule, episode: Episode) -> bool:
    """Whether the episode is what the rule waits for, by now."""
    if rule.condition.what is What.FAILED:
        breakout = episode.direction is Direction.UP
        return breakout and episode.state in (State.FAILED, State.REJECTED)
    if episode.kind is not rule.condition.kind:
        return False
    if rule.on is On.TOUCH:
        return True
    return episode.close is not None and episode.state is not State.REJECTED


def _key(rule: Rule, episode: Episode) -> str:
    if rule.repeat is Repeat.AGAIN and rule.condition.what is What.SIGNAL:
        return f"{episode.id}@{episode.last_crossed.isoformat()}"
    return episode.id


def _fired_by(rule: Rule, episode: Episode, at: datetime) -> Fired:
    failed = rule.condition.what is What.FAILED
    prior = episode.evidence.get("prior_close")
    last = episode.evidence.get("last")
    return Fired(
        session=episode.ended or episode.began if failed else episode.last_crossed,
        at=at,
        level=episode.invalidation if failed else episode.level,
        price=episode.price,
        last=episode.close or (float(last) if isinstance(last, int | float) else episode.price),
        prior_close=float(prior) if isinstance(prior, int | float) else None,
        closed=not episode.provisional or episode.close is not None,
        late=episode.late,
        kind=episode.kind,
        direction=episode.direction,
        began=episode.began,
    )
