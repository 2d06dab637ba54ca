"""The chronicle: what happened becomes episodes, alerts and a watermark in one transaction."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from bot.alerts import policy
from bot.alerts.context import Context
from bot.alerts.facts import AlertFacts, Provenance, Stage, facts_of
from bot.alerts.policy import Wish
from bot.alerts.quiet.quieting import Quieting
from bot.alerts.watch.closes import Happening
from bot.clock import Clock
from bot.episodes import tracker
from bot.episodes.grades import Grade
from bot.episodes.lifecycle import Episode, State
from bot.market.market import Market
from bot.market.model import Symbol
from bot.signals.kinds import KINDS
from storage import alerts, episodes, grades
from storage.alerts import NewAlert, Opening
from storage.connection import Connection
from storage.database import Database
from storage.grades import GradeRecord

NameOf = Callable[[Symbol], str]
Grades = defaultdict[str, tuple[Grade, ...]]


@dataclass(frozen=True, kw_only=True)
class Scanned:
    """Symbols whose closes have been scanned through a session."""

    symbols: Sequence[Symbol]
    through: date


class Chronicle:
    """Writes passes down. `wall` dates the outbox: what is owed is owed in the real world."""

    def __init__(
        self,
        *,
        market: Market,
        db: Database,
        wall: Clock,
        name_of: NameOf,
        context: Context,
        quieting: Quieting,
    ) -> None:
        self._market = market
        self._context = context
        self._db = db
        self._wall = wall
        self._name_of = name_of
        self._quieting = quieting

    async def write(
        self,
        changed: Sequence[Episode],
        happenings: Sequence[Happening],
        wishes: Sequence[Wish],
        *,
        now: datetime,
        scanned: Scanned | None = None,
    ) -> int:
        """Store changed episodes, the watermark and the alerts owed for `happenings`.

        Returns how many alerts are new. Raises StorageFailure; then nothing was stored.
        """
        known = await self._known_grades(happenings)
        facts = await self._in_context(self._facts(happenings, known, now))
        given = [_record(h.episode.id, h.grade) for h in happenings if h.grade is not None]

        def work(connection: Connection) -> int:
            tracker.save(connection, changed)
            grades.save(connection, given)
            if scanned is not None:
                episodes.mark_scanned(connection, scanned.symbols, through=scanned.through, at=now)
            at = self._wall.now()
            opened = [fact for fact in facts if fact.stage is Stage.OPENED]
            announced = policy.announcements(wishes, opened, at=at)
            later = _follow_ups(connection, facts, at)
            return self._quieting.enqueue(connection, announced, later, now=now)

        return await self._db.write(work)

    async def _in_context(self, facts: Sequence[AlertFacts]) -> list[AlertFacts]:
        """The facts with base rate, strength and breadth, for what opened just now."""
        opened = [fact for fact in facts if fact.stage is Stage.OPENED]
        if not opened:
            return list(facts)
        rates = await self._context.base_rates([(fact.kind, fact.symbol) for fact in opened])
        standing = await self._context.standing()
        return [
            replace(
                fact,
                base_rate=rates.get((fact.kind, fact.symbol)),
                rs_rank=standing.ranks.get(fact.symbol),
                breadth=standing.breadth,
            )
            if fact.stage is Stage.OPENED
            else fact
            for fact in facts
        ]

    async def _known_grades(self, happenings: Sequence[Happening]) -> Grades:
        """The grades of the episodes that are being graded, those of this pass included."""
        found: Grades = defaultdict(tuple)
        for happening in happenings:
            if happening.grade is not None:
                identity = happening.episode.id
                if identity not in found:
                    stored = await self._db.read(lambda c, i=identity: grades.of_episode(c, i))  # type: ignore[misc]
                    found[identity] = tuple(_grade(record) for record in stored)
                found[identity] += (happening.grade,)
        return found

    def _facts(
        self, happenings: Sequence[Happening], known: Grades, now: datetime
    ) -> list[AlertFacts]:
        together: dict[tuple[str, Stage], list[Symbol]] = defaultdict(list)
        for happening in happenings:
            together[(happening.episode.kind, happening.stage)].append(happening.episode.symbol)
        return [
            self._one(
                happening,
                together[(happening.episode.kind, happening.stage)],
                tuple(
                    g for g in known[happening.episode.id] if g.sessions <= happening.episode.graded
                ),
                now,
            )
            for happening in happenings
        ]

    def _one(
        self,
        happening: Happening,
        together: Sequence[Symbol],
        earned: tuple[Grade, ...],
        now: datetime,
    ) -> AlertFacts:
        episode = happening.episode
        rule = KINDS[episode.kind]
        source = self._market.source
        freshness = self._market.freshness(episode.symbol)
        told = episode.evidence.get("source") if episode.state is State.OPEN else None
        return facts_of(
            episode,
            happening.stage,
            name=self._name_of(episode.symbol),
            title=rule.title,
            phrase=rule.phrase,
            seen_at=now,
            provenance=Provenance(
                source=str(told or source.label),
                delay_minutes=source.delay_minutes,
                synthetic=source.name == "demo",
                fetched_at=None if freshness is None else freshness.fetched_at,
                guard=tuple(f.text for f in self._market.findings(episode.symbol)),
            ),
            siblings=tuple(symbol for symbol in together if symbol != episode.symbol)[:10],
            ended_close=happening.ended_close,
            ended_after=happening.ended_after,
            grades=earned,
        )


def _record(episode_id: str, grade: Grade) -> GradeRecord:
    return GradeRecord(episode_id=episode_id, **asdict(grade))


def _grade(record: GradeRecord) -> Grade:
    values = {name: getattr(record, name) for name in Grade.__dataclass_fields__}
    return Grade(**values | {"benchmark": Symbol(record.benchmark)})


def _follow_ups(
    connection: Connection, facts: Sequence[AlertFacts], at: datetime
) -> list[NewAlert]:
    later = [fact for fact in facts if fact.stage is not Stage.OPENED]
    told: dict[str, list[Opening]] = defaultdict(list)
    for post in alerts.openings(connection, [fact.episode_id for fact in later]):
        told[post.episode_id].append(post)
    owed: list[NewAlert] = []
    for fact in later:
        posts = told[fact.episode_id]
        first = alerts.get(connection, posts[0].id) if posts else None
        if first is not None:
            whole = fact.following(AlertFacts.from_json(first.facts))
            owed += policy.follow_ups(posts, whole, at=at)
    return owed
