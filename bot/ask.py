"""`highwater ask`: a slash command answered in a terminal, by the same services and cards."""

import asyncio
import json
import tempfile
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from bot.answers.model import Answer, Caller
from bot.answers.parse import parse
from bot.app import build, open_database
from bot.cards.text import to_text
from bot.charts.renderer import Renderer
from bot.clock import LiveClock
from bot.errors import OperatorError, UserError
from bot.market.sessions import FIRST, Sessions
from bot.settings import Settings, SourceName
from bot.world import World, frozen_world, live_world


@dataclass(frozen=True, kw_only=True)
class Question:
    """A command as typed. `as_of` is the session after whose close it is asked, None for now."""

    text: str
    as_of: date | None
    as_json: bool
    picture: Path | None
    document: Path | None = None


async def ask(settings: Settings, question: Question) -> str:
    """The answer as text or JSON; the picture is written to its file.

    Raises UserError and DataError like the command itself, OperatorError when it cannot run.
    """
    call = parse(question.text)
    sessions = await asyncio.to_thread(Sessions.load)
    world = _world(settings, sessions, question.as_of)
    with tempfile.TemporaryDirectory() as folder:
        scratch = settings.apart(Path(folder))
        db = await open_database(scratch if question.as_of else settings)
        try:
            async with Renderer(1) as renderer:
                services = await build(settings, world, db=db, renderer=renderer)
                answer = await call.run(services, Caller())
        finally:
            await db.close()
            await world.source.close()
    return _shown(answer, question)


def _world(settings: Settings, sessions: Sessions, as_of: date | None) -> World:
    if as_of is None:
        return live_world(settings, sessions)
    if not FIRST < as_of <= LiveClock().now().date():
        raise UserError(f"--as-of takes a day between {FIRST} and today, not {as_of}.")
    day = as_of if sessions.is_session(as_of) else sessions.offset(as_of, -1)
    _, closed = sessions.bounds(day)
    late = datetime.combine(as_of, time(23, 59), tzinfo=closed.tzinfo)
    name = settings.source or SourceName.YAHOO
    return frozen_world(settings, sessions, moment=max(closed, late), name=name)


def _shown(answer: Answer, question: Question) -> str:
    picture, documents = answer.card.picture, answer.card.documents
    if question.picture is not None:
        _write(question.picture, None if picture is None else picture.png, "picture")
    if question.document is not None:
        _write(question.document, documents[0].text.encode() if documents else None, "document")
    if question.as_json:
        return json.dumps(_as_json(answer), indent=2, ensure_ascii=False)
    return to_text(answer.card)


def _write(path: Path, data: bytes | None, what: str) -> None:
    if data is None:
        raise UserError(f"This answer has no {what}, so no file was written.")
    try:
        path.write_bytes(data)
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}") from error


def _as_json(answer: Answer) -> dict[str, object]:
    card = answer.card
    return {
        **answer.numbers,
        "card": {
            "title": card.title,
            "verdict": card.verdict,
            "body": card.body,
            "tone": card.tone.value,
            "fields": {field.name: field.value for field in card.fields},
            "footer": card.footer,
            "picture": None if card.picture is None else card.picture.alt,
            "documents": {document.filename: document.text for document in card.documents},
        },
    }
