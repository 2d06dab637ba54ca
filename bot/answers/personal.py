"""`/alert`: a user's own alerts. All of it is private."""

from datetime import timedelta
from enum import StrEnum

from bot.alerts.facts import Provenance
from bot.alerts.personal.book import Where, describe
from bot.alerts.personal.facts import PersonalFacts, personal_facts
from bot.alerts.personal.files import fields_of, read, to_csv, to_json, wanted_of
from bot.alerts.personal.looks import lowest_of
from bot.alerts.personal.model import Fired, Look, On, Repeat, What
from bot.alerts.personal.rows import rule_of
from bot.alerts.personal.rules import level_of
from bot.alerts.personal.words import parse_until
from bot.answers.model import Answer, Caller, defaults_for
from bot.cards.format import plural, timestamp
from bot.cards.model import Card, Document
from bot.cards.personal import added_card, export_card, list_card, sample_card
from bot.errors import DataError, RetryableError, UserError
from bot.market.model import Bars, Symbol
from bot.services import Services
from storage.personal import PersonalRecord

BEYOND = 0.001
"""How far beyond its level the price of a made-up sample stands."""


class Place(StrEnum):
    """Where an alert is told."""

    DM = "dm"
    HERE = "here"


class Format(StrEnum):
    """What an export is written in."""

    CSV = "csv"
    JSON = "json"


async def add(
    services: Services,
    caller: Caller,
    *,
    symbol: Symbol,
    when: str,
    repeat: Repeat | None = None,
    on: On = On.TOUCH,
    to: Place = Place.DM,
    rearm: str = "",
    cooldown: str = "",
    expires: str = "",
    note: str = "",
) -> Answer:
    """Raises UserError with what to write instead."""
    fields = {
        "symbol": str(symbol),
        "when": when,
        "repeat": repeat or "",
        "on": on,
        "to": to,
        "rearm": rearm,
        "cooldown": cooldown,
        "expires": expires,
        "note": note,
    }
    user_id = _user(caller)
    here = _here(caller, asked=to is Place.HERE)
    zone = (await defaults_for(services, caller)).zone
    wanted = wanted_of(fields, now=services.now(), here=here, zone=zone)
    bars = await _known(services, symbol)
    record = await services.personal.add(user_id, wanted)
    price = None if bars is None else float(bars.close[-1])
    return Answer(card=added_card(record, price=price), numbers=numbers([record]), private=True)


async def list_alerts(services: Services, caller: Caller) -> Answer:
    """All of the caller's alerts, the finished ones last."""
    records = await services.personal.of_user(_user(caller))
    card = list_card(records, now=services.now())
    return Answer(card=card, numbers=numbers(records), private=True)


async def edit(
    services: Services,
    caller: Caller,
    *,
    number: int,
    when: str | None = None,
    repeat: Repeat | None = None,
    on: On | None = None,
    to: Place | None = None,
    rearm: str | None = None,
    cooldown: str | None = None,
    expires: str | None = None,
    note: str | None = None,
) -> Answer:
    """Change what is given; the alert is active again and looks afresh."""
    record = await _owned(services, caller, number)
    given = {
        "when": when,
        "repeat": repeat,
        "on": on,
        "to": to,
        "rearm": rearm,
        "cooldown": cooldown,
        "expires": expires,
        "note": note,
    }
    changes = {name: text for name, text in given.items() if text is not None}
    if not changes:
        raise UserError(f"Say what to change: `/alert edit number:{number} when:above 120`.")
    kept = fields_of(record)
    if _has_expired(services, record):
        kept["expires"] = "never"
    here = _here(caller, asked=True) if to is Place.HERE else _where(record)
    zone = (await defaults_for(services, caller)).zone
    wanted = wanted_of(kept | changes, now=services.now(), here=here, zone=zone)
    await services.personal.edit(record, wanted)
    changed = await _owned(services, caller, number)
    card = added_card(changed, price=None)
    return Answer(card=card, numbers=numbers([changed]), private=True)


async def pause(services: Services, caller: Caller, *, number: int) -> Answer:
    record = await _owned(services, caller, number)
    await services.personal.pause(record)
    return _done(f"Paused #{number}: {describe(record)}. `/alert resume {number}` undoes it.")


async def resume(services: Services, caller: Caller, *, number: int) -> Answer:
    record = await _owned(services, caller, number)
    if _has_expired(services, record):
        raise UserError(
            f"#{number} has expired. `/alert edit number:{number} expires:never` starts it again."
        )
    await services.personal.resume(record)
    return _done(f"Resumed #{number}: {describe(record)}. It looks afresh from now on.")


async def snooze(services: Services, caller: Caller, *, number: int, until: str = "1d") -> Answer:
    """Silence an alert for a while; what happens meanwhile is not told later."""
    record = await _owned(services, caller, number)
    if record.state != "active":
        raise UserError(f"#{number} is {record.state}; only an active alert can be snoozed.")
    zone = (await defaults_for(services, caller)).zone
    end = parse_until(until, services.now(), name="end of the snooze", zone=zone)
    await services.personal.snooze(record, until=end)
    return _done(
        f"Snoozed #{number}: {describe(record)}, until {timestamp(end)}. Then it looks afresh; "
        f"`/alert resume {number}` wakes it now."
    )


async def remove(services: Services, caller: Caller, *, number: int) -> Answer:
    record = await _owned(services, caller, number)
    await services.personal.remove(record)
    return _done(f"Removed #{number}: {describe(record)}.")


async def sample(services: Services, caller: Caller, *, number: int) -> Answer:
    """What the alert would send: a real past case of a signal, else one that is made up."""
    record = await _owned(services, caller, number)
    condition = rule_of(record.rule).condition
    bars = await services.market.bars(Symbol(record.rule.symbol))
    if condition.kind is None:
        facts = _facts(services, record, _made_up(services, record, bars))
        return Answer(card=sample_card(facts, real=False), numbers=facts.to_json(), private=True)
    case = await services.samples.find([bars.symbol], [condition.kind])
    if case is None:
        return _done(
            f"Alert #{number} works, but {bars.symbol} had no such signal in the last year, so "
            "there is nothing to show."
        )
    fired = Fired(
        session=case.session,
        at=services.now(),
        level=case.level,
        price=case.price,
        last=case.last,
        prior_close=case.prior_close,
        closed=True,
        late=False,
        kind=case.kind,
        direction=case.direction,
        began=case.session,
    )
    facts = _facts(services, record, fired)
    return Answer(card=sample_card(facts, real=True), numbers=facts.to_json(), private=True)


async def export(
    services: Services,
    caller: Caller,
    *,
    format: Format = Format.CSV,  # noqa: A002  the option's name in Discord
) -> Answer:
    """All of the caller's alerts as a file."""
    records = await services.personal.of_user(_user(caller))
    if not records:
        raise UserError("You have no alerts to export. `/alert add IVOO above 120` makes one.")
    text = to_csv(records) if format is Format.CSV else to_json(records)
    document = Document(filename=f"highwater-alerts.{format}", text=text)
    return Answer(card=export_card(records, document), numbers=numbers(records), private=True)


async def import_(services: Services, caller: Caller, *, text: str = "") -> Answer:
    """Alerts from CSV or JSON, all or none; those that are there already are passed over."""
    user_id = _user(caller)
    if not text:
        raise UserError("Attach a file, or write its text: `/alert import file:` or `text:`.")
    zone = (await defaults_for(services, caller)).zone
    wanted = read(text, now=services.now(), here=_here(caller, asked=False), zone=zone)
    for symbol in dict.fromkeys(one.rule.symbol for one in wanted):
        await _known(services, symbol)
    added = await services.personal.add_all(user_id, wanted)
    there = f" {plural(added.present, 'alert')} were there already." if added.present else ""
    lines = [f"`#{record.id}` {describe(record)}" for record in added.records]
    card = Card(
        title="Imported",
        verdict=f"{plural(len(added.records), 'alert')} added.{there}",
        body="\n".join(lines),
    )
    return Answer(card=card, numbers=numbers(added.records), private=True)


def numbers(records: list[PersonalRecord] | tuple[PersonalRecord, ...]) -> dict[str, object]:
    return {
        "command": "alert",
        "alerts": [
            {
                "id": record.id,
                **fields_of(record),
                "state": record.state,
                "reason": record.reason,
                "told": record.fires,
            }
            for record in records
        ],
    }


def _user(caller: Caller) -> int:
    if not caller.user_id:
        raise UserError("Alerts belong to people in Discord; a terminal has none of its own.")
    return caller.user_id


async def _owned(services: Services, caller: Caller, number: int) -> PersonalRecord:
    return await services.personal.find(number, user_id=_user(caller))


def _here(caller: Caller, *, asked: bool) -> Where | None:
    """This channel as a place for alerts; None, or UserError when it was asked for, if it
    cannot be one."""
    problem = ""
    if caller.guild_id is None or caller.channel_id is None:
        problem = "I can post in a server’s channel only; write `to:dm`."
    elif not caller.may_post:
        problem = "You may not write in this channel, so your alerts may not either: `to:dm`."
    elif caller.bot_lacks:
        problem = f"I lack {' and '.join(caller.bot_lacks)} in this channel; write `to:dm`."
    if not problem:
        return Where(guild_id=caller.guild_id or 0, channel_id=caller.channel_id or 0)
    if asked:
        raise UserError(problem)
    return None


def _has_expired(services: Services, record: PersonalRecord) -> bool:
    expires = record.rule.expires_at
    return expires is not None and expires <= services.now()


def _where(record: PersonalRecord) -> Where:
    return Where(guild_id=record.rule.guild_id, channel_id=record.rule.channel_id)


async def _known(services: Services, symbol: Symbol) -> Bars | None:
    """The symbol's bars, None where they cannot be had now. Raises UserError for a symbol that
    neither a source nor the directory knows."""
    try:
        return await services.market.bars(symbol)
    except (UserError, DataError) as error:
        if services.directory.get(symbol) is None:
            raise UserError(
                f"I know nothing of {symbol}. Check the spelling; nothing was changed."
            ) from error
        return None
    except RetryableError:
        return None


def _made_up(services: Services, record: PersonalRecord, bars: Bars) -> Fired:
    """The condition as if it had come true just after the last close."""
    rule, last = rule_of(record.rule), float(bars.close[-1])
    look = Look(
        session=bars.last_day,
        at=services.now(),
        last=last,
        high=last,
        low=last,
        prior_close=last,
        closed=rule.on is On.CLOSE,
        record_low=lowest_of(bars),
    )
    what = rule.condition.what
    level = last if what is What.FAILED else level_of(rule, look)
    beyond = {What.ABOVE: BEYOND, What.BELOW: -BEYOND, What.RECORD_LOW: -BEYOND}
    price = level * (1 + beyond.get(what, 0.0))
    return Fired(
        session=look.session,
        at=look.at,
        level=level,
        price=price,
        last=price,
        prior_close=last,
        closed=look.closed,
        late=False,
        began=look.session - timedelta(days=3) if what is What.FAILED else None,
    )


def _facts(services: Services, record: PersonalRecord, fired: Fired) -> PersonalFacts:
    source = services.market.source
    return personal_facts(
        record,
        rule_of(record.rule),
        fired,
        name=services.name_of(Symbol(record.rule.symbol)),
        seen_at=services.now(),
        provenance=Provenance(
            source=source.label,
            delay_minutes=source.delay_minutes,
            synthetic=source.name == "demo",
        ),
    )


def _done(text: str) -> Answer:
    return Answer(card=Card(title="", verdict=text), private=True)
