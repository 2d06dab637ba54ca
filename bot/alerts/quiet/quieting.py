"""Quiet between the rules and the outbox: what is owed is arranged and written in one
transaction, and what was held is released when its time has come by the market's clock.

An alert that is all a channel is owed by a pass, where nobody chose anything, is written as it
is: that is most of them when one signal is wanted by very many channels, and the rules would
change nothing about it.

Nothing disappears here: a muted alert is a row that ends dropped with its rule, a held one is a
pending row with the moment of its release.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from bot.alerts.facts import Stage, alert_ids
from bot.alerts.policy import TIME_TO_LIVE, Announcement
from bot.alerts.quiet.grouping import Plan, View, Way, arrange
from bot.alerts.quiet.lines import Top, circle_of, lines
from bot.alerts.quiet.rules import BUDGET, WORDS, Channel, Delivery, Mute, Rule, budget_of, covering
from bot.alerts.schedule import next_hour, parse_quiet, quiet_until
from bot.market.model import Symbol
from bot.market.sessions import Sessions
from bot.signals.model import Kind
from storage import alerts, channels, jobs, preferences, quieted, subscriptions
from storage.alerts import Broadcast, NewAlert
from storage.channels import ChannelRecord, MuteRecord
from storage.connection import Connection
from storage.quieted import Quieted, QuietedRecord

CHANNELS = 1000
"""Arranged at a time."""
MEMORY = timedelta(hours=24)
"""How far back an alert may lie that a later clone joins; the session must be the same."""


class Told:
    """What channels had been told before a pass; `speakers` are the announcements, by channel,
    that one of the pass may join. What is asked of all channels is asked once."""

    def __init__(
        self, connection: Connection, speakers: Mapping[int, Sequence[str]], now: datetime
    ) -> None:
        self._connection = connection
        self._messages: dict[datetime, Mapping[int, int]] = {}
        self.speakers = speakers
        self.now = now

    def messages(self, hour: datetime) -> Mapping[int, int]:
        """How many messages each channel has been owed since that hour began."""
        if hour not in self._messages:
            self._messages[hour] = quieted.messages_since(self._connection, since=hour)
        return self._messages[hour]


class Quieting:
    """`zone` is the time zone of channels that chose none, in servers that chose none."""

    def __init__(self, *, sessions: Sessions, benchmark: Symbol, zone: ZoneInfo) -> None:
        self._sessions = sessions
        self._circle = circle_of(benchmark)
        self._zone = zone

    def enqueue(
        self,
        connection: Connection,
        announced: Sequence[Announcement],
        later: Sequence[NewAlert],
        *,
        now: datetime,
    ) -> int:
        """Write what was announced, and alerts that follow up earlier ones, as quiet arranges
        them; `now` is market time. Returns how many are new.

        What the outbox already has is left as it is: two scanners arrange a pass once.
        """
        told = self._told_before(connection, announced, now)
        plain, special = self._parted(connection, announced, later, told.speakers.keys(), now)
        written = sum(alerts.broadcast(connection, broadcast_of(one)) for one in plain)
        others = [*(post for one in special for post in one.posts()), *later]
        return written + sum(self._arranged(connection, owed, told) for owed in _blocks(others))

    def _told_before(
        self, connection: Connection, announced: Sequence[Announcement], now: datetime
    ) -> Told:
        relatives = self._relatives(announced)
        since = now - MEMORY
        speakers = quieted.told_of(connection, relatives, since=since) if relatives else {}
        return Told(connection, speakers, now)

    def _arranged(self, connection: Connection, owed: Sequence[NewAlert], told: Told) -> int:
        """Write all that some channels are owed; returns how many are new."""
        old = quieted.stored(connection, [alert.id for alert in owed])
        fresh = [alert for alert in owed if alert.id not in old]
        plans = arrange(fresh, self._view(connection, fresh, told)) if fresh else []
        written = alerts.enqueue(connection, [plan.alert for plan in plans])
        _put(connection, plans)
        return written

    def release(self, connection: Connection, *, now: datetime, wall: datetime) -> int:
        """Make due what was held until `now`: one message a channel, of a thousand channels at
        the most, while others wait for this transaction. Returns how many alerts.

        A hold that ends inside quiet hours goes on; what a mute covers by now is dropped, and
        what lay for a day beyond its release, because nobody was there to send it, expires.
        """
        quieted.adopt_orphans(connection)
        due = quieted.due(connection, now=now, channels=CHANNELS)
        together: dict[int, list[Quieted]] = {}
        for one in due:
            together.setdefault(one.alert.channel_id, []).append(one)
        known = self._channels(connection, list(together), Told(connection, {}, now))
        released = 0
        for channel_id, group in together.items():
            ready = _ready(connection, group, known[channel_id], now)
            self._send(connection, ready, wall)
            released += len(ready)
            jobs.wake(connection, {one.alert.guild_id for one in ready})
        return released

    def _parted(
        self,
        connection: Connection,
        announced: Sequence[Announcement],
        later: Sequence[NewAlert],
        told: Collection[int],
        now: datetime,
    ) -> tuple[list[Announcement], list[Announcement]]:
        """The announcements for channels where no rule can touch them, decided for all of these
        at once, and for the other channels, among them those that were `told` of a relative."""
        if not announced:
            return [], []
        count = Counter(wanted.channel_id for one in announced for wanted in one.to)
        count.update(alert.channel_id for alert in later)
        special = channels.particular(connection, now=now)
        # The message before the last of the budget's may go without a look: the last has a note.
        special |= quieted.busy(connection, since=now - timedelta(hours=1), messages=BUDGET - 1)
        special |= set(told)
        special |= {channel_id for channel_id, times in count.items() if times > 1}
        plain = [
            replace(one, to=[wanted for wanted in one.to if wanted.channel_id not in special])
            for one in announced
        ]
        others = [
            replace(one, to=[wanted for wanted in one.to if wanted.channel_id in special])
            for one in announced
        ]
        return [one for one in plain if one.to], others

    def _relatives(self, announced: Sequence[Announcement]) -> set[Symbol]:
        """Who follows the same index as a symbol of these, that symbol left aside."""
        symbols = {one.facts.symbol for one in announced if one.to}
        clones = self._circle.clones
        return {other for one in symbols for other in clones.get(one, ()) if other != one}

    def _view(self, connection: Connection, fresh: Sequence[NewAlert], told: Told) -> View:
        ids = sorted({alert.channel_id for alert in fresh})
        targets = [alert.target for alert in fresh if alert.target is not None]
        return View(
            now=told.now,
            sessions=self._sessions,
            circle=self._circle,
            channels=self._channels(connection, ids, told),
            ways=_ways(connection, sorted({alert.subscription_id for alert in fresh})),
            openings={one.alert.id: one for one in quieted.read(connection, targets)},
            earlier={
                each: quieted.read(connection, told.speakers[each])
                for each in ids
                if each in told.speakers
            },
        )

    def _channels(
        self, connection: Connection, ids: Sequence[int], told: Told
    ) -> dict[int, Channel]:
        now = told.now
        records = channels.settings_of(connection, ids)
        mutes = channels.mutes_of(connection, ids, now=now)
        zones = preferences.zones_of_guilds(connection, [r.guild_id for r in records.values()])
        found = {}
        for channel_id in ids:
            record = records.get(channel_id)
            zone = None if record is None else zones.get(record.guild_id)
            default = ZoneInfo(zone) if zone else self._zone
            channel = channel_of(record, mutes.get(channel_id, ()), default)
            hour = next_hour(channel.zone, now) - timedelta(hours=1)
            found[channel_id] = replace(channel, sent=told.messages(hour).get(channel_id, 0))
        return found

    def _send(self, connection: Connection, ready: Sequence[Quieted], wall: datetime) -> None:
        if not ready:
            return
        root = ready[0].alert.id
        under = lines([Top(alert=one.alert) for one in ready], self._circle, market=False)
        for one in ready:
            record = _record(one)
            if len(ready) > 1:
                record = replace(
                    record,
                    bundle=root,
                    paid_with=None if one.alert.id == root else root,
                    under=under.get(one.alert.id, (None,))[0],
                    form="digest",
                )
            quieted.put(connection, [replace(record, held_until=None, role_id=None)])
        ids = [one.alert.id for one in ready]
        folded = quieted.waiting_follow_ups(connection, ids)
        channel_id = ready[0].alert.channel_id
        quieted.put(
            connection,
            [
                QuietedRecord(
                    alert_id=identity, channel_id=channel_id, rule=Rule.GROUPED, paid_with=root
                )
                for identity in folded
            ],
        )
        quieted.refresh(connection, ids, expires=wall + TIME_TO_LIVE)


def broadcast_of(announced: Announcement) -> Broadcast:
    to = [wanted.id for wanted in announced.to]
    return Broadcast(
        episode_id=announced.facts.episode_id,
        stage=Stage.OPENED,
        facts=announced.body,
        created_at=announced.at,
        market_time=announced.facts.seen_at,
        expires_at=announced.expires,
        ids=dict(zip(to, alert_ids(to, announced.facts.episode_id, Stage.OPENED), strict=True)),
    )


def channel_of(
    record: ChannelRecord | None, mutes: Sequence[MuteRecord], zone: ZoneInfo
) -> Channel:
    """What a channel chose, with the defaults for what it did not.

    A mute of a kind that this version does not know silences nothing.
    """
    known = {None, *(kind.value for kind in Kind)}
    silences = tuple(mute_of(mute) for mute in mutes if mute.kind in known)
    if record is None:
        return Channel(zone=zone, mutes=silences)
    return Channel(
        zone=ZoneInfo(record.zone) if record.zone else zone,
        quiet=parse_quiet(record.quiet) if record.quiet else None,
        digest=record.digest,
        budget=budget_of(record.budget, feed=record.feed),
        mutes=silences,
    )


def mute_of(record: MuteRecord) -> Mute:
    return Mute(
        symbol=None if record.symbol is None else Symbol(record.symbol),
        kind=None if record.kind is None else Kind(record.kind),
        until=record.until,
    )


def _ways(connection: Connection, ids: Sequence[int]) -> Mapping[int, Way]:
    chosen = channels.ways_of(connection, ids)
    named = subscriptions.listing_symbols(connection, ids)
    found = {}
    for subscription_id in ids:
        way = chosen.get(subscription_id)
        found[subscription_id] = Way(
            delivery=Delivery.INSTANT if way is None else Delivery(way.delivery),
            role_id=None if way is None else way.role_id,
            named=subscription_id in named,
        )
    return found


def _blocks(owed: Sequence[NewAlert]) -> Iterator[list[NewAlert]]:
    """What some channels at a time are owed. To arrange it for all at once would let PostgreSQL
    wait for the next statement until it takes the program for one that stands still."""
    by_channel: dict[int, list[NewAlert]] = defaultdict(list)
    for alert in owed:
        by_channel[alert.channel_id].append(alert)
    channels_owed = iter(by_channel.values())
    while block := list(islice(channels_owed, CHANNELS)):
        yield [alert for group in block for alert in group]


def _put(connection: Connection, plans: Sequence[Plan]) -> None:
    quieted.put(connection, [plan.quieted for plan in plans if plan.quieted is not None])
    for plan in plans:
        if plan.dropped:
            alerts.end(connection, plan.alert.id, state="dropped", reason=plan.dropped)


def _ready(
    connection: Connection, group: Sequence[Quieted], channel: Channel, now: datetime
) -> list[Quieted]:
    """Those of a channel's due alerts that are shown now; the others end or are held on."""
    ends = quiet_until(channel.quiet, channel.zone, now)
    ready = []
    for one in group:
        record, facts = _record(one), one.alert.facts
        if covering(channel.mutes, Symbol(facts["symbol"]), Kind(facts["kind"]), now):
            reason = WORDS[Rule.MUTED]
            quieted.put(connection, [replace(record, rule=Rule.MUTED)])
            alerts.end(connection, one.alert.id, state="dropped", reason=reason)
        elif record.held_until is not None and now - record.held_until > TIME_TO_LIVE:
            reason = "nobody was there to send it when it was to be released"
            alerts.end(connection, one.alert.id, state="expired", reason=reason)
        elif ends is not None:
            quieted.put(connection, [replace(record, held_until=ends)])
        else:
            ready.append(one)
    return ready


def _record(one: Quieted) -> QuietedRecord:
    empty = QuietedRecord(alert_id=one.alert.id, channel_id=one.alert.channel_id)
    return one.quieted or empty
