"""`/watchlist`: users' own lists.

Everything is private but `show public:true`, whose controls then carry the list's code: who
else presses them sees that list and never one of their own of the same name.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.alerts.personal.files import wanted_of
from bot.alerts.personal.model import Repeat
from bot.alerts.personal.words import written as condition_words
from bot.alerts.schedule import CLOSE, parse_digest
from bot.answers.calls import menu, pages, written
from bot.answers.histories import left_out
from bot.answers.model import Answer, Caller, defaults_for, with_picture
from bot.answers.symbol_check import checked
from bot.answers.watch_rows import watched
from bot.cards.format import day_text, escape, joined, plural, timestamp
from bot.cards.model import Button, Card, Control, Document, Tone
from bot.cards.tables import csv_text
from bot.cards.watchlist import (
    ORDER_WORDS,
    Order,
    WatchView,
    numbers,
    watch_card,
    watch_csv,
    watch_picture,
)
from bot.errors import UserError
from bot.market.model import Symbol, symbols_of
from bot.services import Services
from bot.watchlists.lists import MOST_LISTS, MOST_SYMBOLS, Changed, Watchlists
from bot.watchlists.reading import Pasted, read_symbols
from storage.watchlists import WatchlistRecord

NAMED = 12
"""Symbols that an answer names one by one."""


async def create(services: Services, caller: Caller, *, name: str, symbols: str = "") -> Answer:
    """Make a list, empty or with symbols. Raises UserError with what to do instead."""
    pasted = await _pasted(services, symbols) if symbols.strip() else Pasted(symbols=(), bad=())
    done = await _lists(services).create(caller.user_id, name, pasted.symbols)
    return _changed(done, pasted.bad)


async def add(services: Services, caller: Caller, *, symbols: str, name: str = "") -> Answer:
    """Add symbols to a list. Raises UserError when none of them is one that anybody knows."""
    pasted = await _pasted(services, symbols)
    done = await _lists(services).add(caller.user_id, pasted.symbols, name)
    return _changed(done, pasted.bad)


async def remove(services: Services, caller: Caller, *, symbols: str, name: str = "") -> Answer:
    pasted = read_symbols(symbols)
    if not pasted.symbols:
        raise UserError("Name the symbols to remove: `/watchlist remove symbols:IVOO SPY`.")
    done = await _lists(services).remove(caller.user_id, pasted.symbols, name)
    return _changed(done, pasted.bad)


async def rename(services: Services, caller: Caller, *, name: str, to: str) -> Answer:
    return _changed(await _lists(services).rename(caller.user_id, name, to), ())


async def delete(services: Services, caller: Caller, *, name: str) -> Answer:
    """Delete a list; the answer has a button that brings it back."""
    return _changed(await _lists(services).delete(caller.user_id, name), ())


async def undo(services: Services, caller: Caller, *, number: int | None = None) -> Answer:
    """Put the lists back as they were before the last change, or before that of `number`."""
    lists = _lists(services)
    what = await lists.undo(caller.user_id, number)
    return _overview(await lists.of_user(caller.user_id), f"Undone: {escape(what)}.")


async def import_(
    services: Services, caller: Caller, *, text: str = "", code: str = "", name: str = ""
) -> Answer:
    """A pasted list, or a copy of a shared one, onto a list, which is made when it is not there.

    Without a name a copy keeps its own, and a pasted list goes to the first one. Raises
    UserError when there is nothing to import.
    """
    lists = _lists(services)
    if code.strip():
        source = await lists.shared(code)
        pasted, name = Pasted(symbols=symbols_of(source.symbols), bad=()), name or source.name
    elif text.strip():
        pasted = await _pasted(services, text)
    else:
        raise UserError("Attach a file, paste symbols as `text`, or give the `code` of a list.")
    existing = await lists.of_user(caller.user_id)
    new = name.strip() and not any(o.name.casefold() == name.strip().casefold() for o in existing)
    if new:
        done = await lists.create(caller.user_id, name, pasted.symbols)
    else:
        done = await lists.add(caller.user_id, pasted.symbols, name)
    return _changed(done, pasted.bad)


async def export(services: Services, caller: Caller, *, name: str = "") -> Answer:
    """The symbols of a list as a CSV file that `import` reads again."""
    record = await _lists(services).find(caller.user_id, name)
    rows = [(symbol, services.name_of(Symbol(symbol))) for symbol in record.symbols]
    card = Card(
        title="",
        verdict=f"{escape(record.name)}, {plural(len(rows), 'symbol')}, as a file.",
        documents=(Document(filename="watchlist.csv", text=csv_text(("symbol", "name"), rows)),),
    )
    return Answer(card=card, numbers=_record_numbers([record]), private=True)


async def share(
    services: Services, caller: Caller, *, name: str = "", stop: bool = False
) -> Answer:
    """A code with which others look at a list and copy it; `stop` takes it back."""
    lists = _lists(services)
    if stop:
        record = await lists.unshare(caller.user_id, name)
        text = f"{escape(record.name)} is private again. Copies that others made stay theirs."
        return _said(text, [record])
    record = await lists.share(caller.user_id, name)
    text = (
        f"Anybody with the code `{record.code}` can see {escape(record.name)} and copy it with "
        f"`/watchlist import code:{record.code}`. `/watchlist share stop:True` ends that."
    )
    return _said(text, [record])


async def alert(
    services: Services, caller: Caller, *, when: str, name: str = "", repeat: Repeat | None = None
) -> Answer:
    """One of the user's own alerts for every symbol that is on the list now, told directly.

    All or nothing. Raises UserError for what is no condition and for more alerts than a user
    may have.
    """
    if not caller.user_id:
        raise UserError("Alerts belong to people in Discord; a terminal has none of its own.")
    record = await _lists(services).find(caller.user_id, name)
    if not record.symbols:
        raise UserError(f"{record.name} is empty, so there is nothing to be told of.")
    now = services.now()
    fields = {"when": when, "repeat": repeat or ""}
    wanted = [wanted_of({**fields, "symbol": s}, now=now, here=None) for s in record.symbols]
    done = await services.personal.add_all(caller.user_id, wanted)
    there = f" {done.present} were there already." if done.present else ""
    text = (
        f"{plural(len(done.records), 'alert')} for {escape(record.name)}: "
        f"{escape(condition_words(wanted[0].rule.condition))}.{there}"
    )
    card = Card(
        title="",
        verdict=text,
        tone=Tone.GOOD,
        body=(
            "-# They are for the symbols that are on the list now; `/alert list` shows them with "
            "their numbers."
        ),
    )
    return Answer(card=card, numbers=_record_numbers([record]), private=True)


async def overview(services: Services, caller: Caller) -> Answer:
    """All lists of the one who asks."""
    return _overview(await _lists(services).of_user(caller.user_id))


def _overview(records: Sequence[WatchlistRecord], said: str = "") -> Answer:
    lines = [
        f"**{escape(r.name)}**{'' if i else ' (default)'} · {plural(len(r.symbols), 'symbol')}"
        f"{' · shared' if r.code else ''} · since {day_text(r.created_at.date())}"
        for i, r in enumerate(records)
    ]
    empty = "You have no watchlist. `/watchlist add symbols:IVOO SPY` makes one."
    count = f"{len(records)} of {MOST_LISTS} lists." if records else empty
    card = Card(title="Watchlists", verdict=f"{said} {count}".strip(), body="\n".join(lines))
    controls = _list_menu(records, None) if records else ()
    return Answer(card=card, numbers=_record_numbers(records), private=True, controls=controls)


async def show(
    services: Services,
    caller: Caller,
    *,
    name: str = "",
    sort: Order = Order.ADDED,
    page: int = 1,
    public: bool = False,
    code: str = "",
) -> Answer:
    """The live table of a list, one's own or the shared one of `code`.

    Raises UserError for a list or page that does not exist and for an empty list.
    """
    lists = _lists(services)
    record = await (lists.shared(code) if code else lists.find(caller.user_id, name))
    if public and not code:
        record = await lists.share(caller.user_id, record.name)
    if not record.symbols:
        raise UserError(f"{record.name} is empty. `/watchlist add symbols:IVOO SPY` fills it.")
    symbols = symbols_of(record.symbols)
    found = await watched(services, symbols, order=sort, page=page)
    shared = bool(public or code)
    view = WatchView(
        title=record.name,
        rows=found.rows,
        order=sort,
        page=page,
        footer=found.live.footer,
        notes=left_out(found.live.found.missing),
        shared=f"Copy it: `/watchlist import code:{record.code}`" if shared else "",
    )
    if not 1 <= page <= view.pages:
        raise UserError(f"There is no page {page}: {record.name} has {view.pages}.")
    card = await with_picture(
        services, watch_card(view), watch_picture(view), filename="watchlist.png"
    )
    mine = () if shared else _list_menu(await lists.of_user(caller.user_id), record)
    return Answer(
        card=card,
        numbers=numbers(view),
        private=not public,
        controls=(*mine, *_show_controls(record, view, shared=shared)),
        table=watch_csv(view.rows),
        call=_show(record, shared=shared),
    )


def _show(
    record: WatchlistRecord, *, shared: bool, order: Order | None = None, page: int | None = None
) -> str:
    which = f"code:{record.code}" if shared else f"name:{record.name}"
    paged = written("watchlist show", sort=order, page=page)
    return f"{paged} {which}"  # the name may hold blanks, so it comes last


def _show_controls(
    record: WatchlistRecord, view: WatchView, *, shared: bool
) -> tuple[Control, ...]:
    return (
        menu(
            "Sort by",
            [(order.value, words) for order, words in ORDER_WORDS.items()],
            chosen=view.order,
            call=lambda value: _show(record, shared=shared, order=Order(value)),
        ),
        *pages(
            view.page,
            view.pages,
            call=lambda page: _show(record, shared=shared, order=view.order, page=page),
        ),
    )


def _list_menu(
    records: Sequence[WatchlistRecord], chosen: WatchlistRecord | None
) -> tuple[Control, ...]:
    """A menu of the lists; none where there is nothing to choose."""
    if chosen is not None and len(records) < 2:
        return ()
    names = [(record.name, record.name) for record in records]
    return (
        menu(
            "List",
            names,
            chosen="" if chosen is None else chosen.name,
            call=lambda name: f"watchlist show name:{name}",
        ),
    )


def _lists(services: Services) -> Watchlists:
    return Watchlists(db=services.db, wall=services.wall)


async def digest(
    services: Services, caller: Caller, *, times: str = CLOSE, stop: bool = False, name: str = ""
) -> Answer:
    """Send the list by direct message at these times, or `stop` that. Raises UserError."""
    if not caller.user_id:
        raise UserError("Digests go to people in Discord; a terminal has none.")
    record = await _lists(services).find(caller.user_id, name)
    before = await services.bulletins.digest_of(caller.user_id, record.id)
    shown = escape(record.name)
    if stop:
        if before is None:
            return _said(f"{shown} is not sent to you; nothing was changed.", [record])
        await services.bulletins.end(before)
        undo_ = _again(before.times, record)
        return replace(_said(f"{shown} is no longer sent to you.", [record]), controls=(undo_,))
    chosen = parse_digest(times)
    zone = (await defaults_for(services, Caller(user_id=caller.user_id))).zone
    wish = await services.bulletins.want_digest(caller.user_id, record.id, times=chosen, zone=zone)
    when = joined(["after each close" if one == CLOSE else f"at {one}" for one in chosen])
    clock = "" if chosen == (CLOSE,) else f" by the clock of {zone.key}"
    text = (
        f"{shown} comes by direct message {when}{clock}, next {timestamp(wish.next_at, 'R')}. "
        "Your privacy settings must let me write to you."
    )
    ended = Button(label="Undo", call=f"watchlist digest stop:True name:{record.name}")
    undo_ = ended if before is None else _again(before.times, record)
    return replace(_said(text, [record]), controls=(undo_,))


def _again(times: Sequence[str], record: WatchlistRecord) -> Button:
    chosen = " ".join(times) or CLOSE
    return Button(label="Undo", call=f"watchlist digest name:{record.name} times:{chosen}")


async def _pasted(services: Services, text: str) -> Pasted:
    """What of the text is symbols that somebody knows. Raises UserError when nothing is."""
    read = read_symbols(text)
    if len(read.symbols) > MOST_SYMBOLS:
        raise UserError(
            f"That is {len(read.symbols)} symbols; a list takes up to {MOST_SYMBOLS}. Nothing "
            "was changed."
        )
    found = await checked(services, read.symbols)
    bad = (*read.bad, *(f"{symbol} (unknown)" for symbol in found.unknown))
    if not found.known:
        named_bad = f" I could not use {_some(bad)}." if bad else ""
        raise UserError(f"There is no symbol in that.{named_bad} Nothing was changed.")
    return Pasted(symbols=found.known, bad=bad)


def _changed(done: Changed, bad: Sequence[str]) -> Answer:
    words = escape(done.what[0].upper() + done.what[1:])
    symbols = f": {_some(done.symbols)}" if done.symbols else ""
    left = f"-# Left out: {_some(bad)}." if bad else ""
    now = "" if done.record is None else f" It has {plural(len(done.record.symbols), 'symbol')}."
    undo_ = Button(label="Undo", call=written("watchlist undo", str(done.change)))
    see = () if done.record is None else (_see(done.record),)
    return Answer(
        card=Card(
            title="",
            verdict=f"{words}{symbols}.{now}",
            tone=Tone.WATCH if bad else Tone.GOOD,
            body=left,
        ),
        numbers=_record_numbers([] if done.record is None else [done.record]),
        private=True,
        controls=(*see, undo_),
    )


def _see(record: WatchlistRecord) -> Button:
    return Button(label="Show", call=f"watchlist show name:{record.name}")


def _some(words: Sequence[str]) -> str:
    if len(words) <= NAMED:
        return joined(words)
    return f"{', '.join(words[:NAMED])} and {len(words) - NAMED} more"


def _said(text: str, records: Sequence[WatchlistRecord]) -> Answer:
    card = Card(title="", verdict=text)
    return Answer(card=card, numbers=_record_numbers(records), private=True)


def _record_numbers(records: Sequence[WatchlistRecord]) -> dict[str, object]:
    return {
        "command": "watchlist",
        "lists": [
            {"name": record.name, "symbols": list(record.symbols), "code": record.code}
            for record in records
        ],
    }
