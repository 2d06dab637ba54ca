"""Which alert is only a line of another: twins, clones, and sectors under the market. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.alerts.quiet.rules import Rule
from bot.market.model import Symbol
from bot.market.universes import clone_groups, universe
from storage.alerts import NewAlert

SECTORS = "sectors"


@dataclass(frozen=True, kw_only=True)
class Circle:
    """What symbols are to each other: the market's benchmark, its sectors, and who follows the
    same index (by symbol: the group's members, the one that trades most first)."""

    benchmark: Symbol
    sectors: frozenset[Symbol]
    clones: Mapping[Symbol, tuple[Symbol, ...]]


@dataclass(frozen=True, kw_only=True)
class Top:
    """An alert that may stand for others. `named`: its subscription lists its symbol."""

    alert: NewAlert
    named: bool = False

    @property
    def symbol(self) -> Symbol:
        return Symbol(self.alert.facts["symbol"])

    @property
    def about(self) -> tuple[str, str, str]:
        """What has to be the same: the kind, the session and what has become of it."""
        facts = self.alert.facts
        return facts["kind"], facts["session"], facts["state"]


def circle_of(benchmark: Symbol) -> Circle:
    """The circle of the shipped universes and clone groups."""
    clones = {symbol: group.symbols for group in clone_groups() for symbol in group.symbols}
    return Circle(benchmark=benchmark, sectors=frozenset(universe(SECTORS).symbols), clones=clones)


def lines(
    alerts: Sequence[Top], circle: Circle, *, market: bool = True
) -> dict[str, tuple[str, Rule]]:
    """Under which alert of the same pass and channel others stand, and why, by alert id.

    Nothing stands under an alert that stands under another itself.
    """
    found: dict[str, tuple[str, Rule]] = {}
    first: dict[tuple[str, str], Top] = {}
    for top in alerts:
        twin = first.setdefault((top.alert.episode_id, top.alert.stage), top)
        if twin is not top:
            found[top.alert.id] = (twin.alert.id, Rule.TWIN)
    single = list(first.values())
    for top in single:
        speaker = _speaker(top, single, circle)
        if speaker is not top:
            found[top.alert.id] = (speaker.alert.id, Rule.CLONE)
    speaking = [top for top in single if top.alert.id not in found]
    for top in speaking:
        leader = _market(top, speaking, circle) if market else None
        if leader is not None:
            found[top.alert.id] = (leader.alert.id, Rule.MARKET)
    return {identity: (_highest(top, found), rule) for identity, (top, rule) in found.items()}


def alike(speaker: NewAlert, alert: NewAlert, circle: Circle) -> bool:
    """Whether an alert says of a clone what an earlier one said, of the same session."""
    one, other = Top(alert=speaker), Top(alert=alert)
    group = circle.clones.get(other.symbol, ())
    return one.symbol != other.symbol and one.symbol in group and one.about[:2] == other.about[:2]


def _speaker(top: Top, among: Sequence[Top], circle: Circle) -> Top:
    group = circle.clones.get(top.symbol, (top.symbol,))
    same = [other for other in among if other.symbol in group and other.about == top.about]
    return min(same, key=lambda other: group.index(other.symbol))


def _market(top: Top, among: Sequence[Top], circle: Circle) -> Top | None:
    if top.named or top.symbol not in circle.sectors:
        return None
    same = circle.clones.get(circle.benchmark, (circle.benchmark,))
    found = [other for other in among if other.symbol in same and other.about == top.about]
    return found[0] if found else None


def _highest(identity: str, found: Mapping[str, tuple[str, Rule]]) -> str:
    while identity in found:
        identity = found[identity][0]
    return identity
