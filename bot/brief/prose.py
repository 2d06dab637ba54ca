"""Another hand for the note: a language model on the operator's own server may reword it.

It may change words only. A reply that changes, drops or adds a number, loses a section, gives
advice or carries a link is put away, and the plain note is shown with a remark that says so.
Nothing is sent anywhere unless the operator named a server.
"""

import json
import logging
import re
from dataclasses import dataclass
from typing import Protocol

import aiohttp

from bot.brief.wording import advice_in, numbers_in
from bot.news.wash import plain
from bot.settings import Settings

log = logging.getLogger(__name__)

PATIENCE = aiohttp.ClientTimeout(total=30.0, connect=5.0)
"""Seconds; a note is not worth more."""
LONGEST_REPLY = 64 * 1024
"""Bytes of an answer that are read."""
GROWTH = 2.0
"""A reworded note may be this many times as long."""
TASK = (
    "Reword this market note in plain, short sentences. Keep every heading as it is and in its "
    "place. Keep every number, date and symbol exactly as written, in its own section, and add "
    "none. Give no advice and no opinion. Answer with the note alone, as Markdown."
)
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
LINK = re.compile(r"https?://|\]\(|<@|@everyone|@here|<[a-zA-Z/]")


@dataclass(frozen=True, kw_only=True)
class Reworded:
    """`text` is empty where the plain note stands; `remark` says what was done, "" for nothing."""

    text: str = ""
    remark: str = ""


class Prose(Protocol):
    async def reworded(self, text: str) -> Reworded:
        """Other words for `text` (Markdown sections), or nothing. Never raises."""
        ...


class PlainProse:
    """The note as it is."""

    async def reworded(self, text: str) -> Reworded:
        return Reworded()


class Endpoint:
    """An OpenAI-compatible server: `POST {url}/chat/completions`."""

    def __init__(self, *, url: str, model: str, key: str = "") -> None:
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._model = model
        self._key = key

    async def reworded(self, text: str) -> Reworded:
        try:
            reply = await self._ask(text)
        except (aiohttp.ClientError, TimeoutError, ValueError, LookupError, TypeError) as error:
            log.warning("the prose server did not help: %s: %s", type(error).__name__, error)
            return Reworded(remark="The prose server did not answer; this is the plain note.")
        fault = fault_of(text, reply)
        reply = tidy(reply)
        fault = fault or fault_of(text, reply)
        if fault:
            log.info("a reworded note was put away: %s", fault)
            return Reworded(remark=f"A reworded note was put away: {fault}.")
        return Reworded(
            text=reply,
            remark=f"Reworded by {plain(self._model, longest=60)}; every number was compared.",
        )

    async def _ask(self, text: str) -> str:
        body = {
            "model": self._model,
            "temperature": 0.2,
            "messages": [
                {"role": "system", "content": TASK},
                {"role": "user", "content": text},
            ],
        }
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        async with (
            aiohttp.ClientSession(timeout=PATIENCE) as session,
            session.post(self._url, json=body, headers=headers, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise ValueError(f"HTTP {response.status}")
            raw = await response.content.read(LONGEST_REPLY + 1)
            while len(raw) <= LONGEST_REPLY and (more := await response.content.read(8192)):
                raw += more
        if len(raw) > LONGEST_REPLY:
            raise ValueError("the answer is too long")
        content = json.loads(raw)["choices"][0]["message"]["content"]
        if not isinstance(content, str):
            raise TypeError("the answer holds no text")
        return content


def prose_of(settings: Settings) -> Prose:
    """The hand the operator named, or none."""
    if settings.prose_url is None:
        return PlainProse()
    key = settings.prose_key
    return Endpoint(
        url=settings.prose_url,
        model=settings.prose_model,
        key=key.get_secret_value() if key else "",
    )


def tidy(text: str) -> str:
    """Plain lines: no control or direction characters, headings and paragraphs kept."""
    lines = (plain(line, longest=4_000) for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def fault_of(original: str, reply: str) -> str:
    """Why `reply` may not stand for `original`; "" when it may."""
    if HEADING.findall(original) != HEADING.findall(reply):
        return "its sections were others"
    if len(reply) > GROWTH * len(original):
        return "it was too long"
    if LINK.search(reply):
        return "it carried a link or a mention"
    if advice_in(reply):
        return "it gave advice"
    pairs = zip(HEADING.split(original), HEADING.split(reply), strict=True)
    if any(numbers_in(one) != numbers_in(other) for one, other in pairs):
        return "it changed a number"
    return ""
