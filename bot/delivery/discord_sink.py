"""Paying alerts through discord.py; its errors are translated here and nowhere else."""

import asyncio
import base64
import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import aiohttp
import discord
from pydantic import ValidationError

from bot.alerts.facts import AlertFacts, Stage, short_id
from bot.alerts.quiet.bundles import Bundle, Form
from bot.cards.alert import card_for
from bot.cards.bundle import bundle_cards
from bot.cards.model import Card, Picture
from bot.delivery.breaker import InvalidRequests
from bot.delivery.content import Content, only
from bot.delivery.notes import Notes
from bot.delivery.sink import Failure, Posted, Undelivered
from bot.errors import HighwaterError
from storage.alerts import AlertRecord

log = logging.getLogger(__name__)

NOBODY = discord.AllowedMentions.none()
HISTORY = 1000
"""Messages looked through, at the most, for an alert that may have been sent before."""
LOOK_BACK = timedelta(hours=25)
"""How much older than the first attempt a message may look: our clock may have been set by a
day since, Discord's was not."""
PICTURES = 4
"""Pictures in one message; one of more alerts goes without."""
UNKNOWN_CHANNEL, UNKNOWN_MESSAGE = 10003, 10008
TOO_MANY_OLD_EDITS = 30046

Draw = Callable[[AlertFacts], Awaitable[Picture | None]]
Foreign = discord.HTTPException | discord.RateLimited | aiohttp.ClientError | OSError
FOREIGN = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError)
"""What a REST call can raise."""

Together = Callable[[AlertRecord], Awaitable[Bundle | None]]
"""What the message of an alert shows where it shows more than the alert itself."""


async def alone(alert: AlertRecord) -> Bundle | None:
    """Every alert is a message of its own."""
    return None


class DiscordSink:
    """`client` gives the present client, because one that dies is replaced. `draw` gives the
    picture of an alert, or None: a missing picture holds no alert back."""

    def __init__(
        self,
        client: Callable[[], discord.Client],
        *,
        draw: Draw,
        together: Together = alone,
        notes: Notes | None = None,
    ) -> None:
        self._client = client
        self._draw = draw
        self._together = together
        self._notes = notes or Notes()

    async def post(self, alert: AlertRecord) -> Posted:
        content = await self._content(alert)
        with Door():
            message = await self._channel(alert).send(
                content.mentions(),
                embeds=content.embeds(),
                files=content.files(),
                view=content.view() or discord.utils.MISSING,
                nonce=nonce(alert),
                allowed_mentions=only(content.roles),
            )
        return Posted(message_id=message.id)

    async def edit(self, alert: AlertRecord, *, message_id: int) -> Posted:
        content = await self._content(alert)
        try:
            with Door():
                partial = self._channel(alert).get_partial_message(message_id)
                await partial.edit(
                    embeds=content.embeds(),
                    attachments=[*content.files(), *await self._notes.kept(partial, content)],
                    view=content.view(),
                    allowed_mentions=NOBODY,
                )
        except Undelivered as problem:
            if isinstance(problem.__cause__, discord.RateLimited):
                # Its channel may go on: of edits alone Discord counts so few.
                raise Undelivered(
                    Failure.OLD_EDITS, problem.detail, after=problem.after
                ) from problem
            raise
        return Posted(message_id=message_id)

    async def reply(self, alert: AlertRecord, *, message_id: int) -> Posted:
        content = await self._content(alert)
        reference = discord.MessageReference(
            message_id=message_id, channel_id=alert.channel_id, fail_if_not_exists=False
        )
        with Door():
            message = await self._channel(alert).send(
                embeds=content.embeds(),
                reference=discord.utils.MISSING if content.stands_alone else reference,
                nonce=nonce(alert),
                allowed_mentions=NOBODY,
            )
        return Posted(message_id=message.id)

    async def find(self, alert: AlertRecord, *, since: datetime) -> Posted | None:
        marks = tuple(f"#{short_id(name)}" for name in alert.names)
        me = self._client().user
        oldest = since - LOOK_BACK
        with Door():
            async for message in self._channel(alert).history(limit=HISTORY):
                footers = [embed.footer.text or "" for embed in message.embeds]
                if message.author == me and any(text.endswith(marks) for text in footers):
                    return Posted(message_id=message.id)
                if message.created_at < oldest:
                    break
        return None

    async def look(self, guild_id: int, channel_id: int) -> None:
        """Raises Undelivered when a message to this channel would be refused."""
        client = self._client()
        guild = client.get_guild(guild_id)
        if guild is not None and guild.unavailable:
            return
        channel = guild.get_channel_or_thread(channel_id) if guild is not None else None
        if guild is None or channel is None:
            with Door():
                await client.fetch_channel(channel_id)
            return
        rights = channel.permissions_for(guild.me)
        if not (rights.view_channel and rights.send_messages and rights.embed_links):
            raise Undelivered(Failure.FORBIDDEN, "the bot's permissions there do not suffice")

    async def tell(self, guild_id: int, channel_id: int, text: str) -> None:
        """Say something to the people of a server, in a channel."""
        client = self._client()
        with Door():
            channel = client.get_partial_messageable(channel_id, guild_id=guild_id)
            await channel.send(text, allowed_mentions=NOBODY)

    def _channel(self, alert: AlertRecord) -> discord.PartialMessageable:
        return self._client().get_partial_messageable(alert.channel_id, guild_id=alert.guild_id)

    async def _content(self, alert: AlertRecord) -> Content:
        try:
            facts = AlertFacts.from_json(alert.facts)
            bundle = await self._together(alert)
        except ValidationError as error:
            detail = f"its row cannot be read: {error}"
            raise Undelivered(Failure.REFUSED, detail) from error
        about = (str(facts.symbol), short_id(alert.target or alert.id))
        if bundle is not None and not bundle.parts:
            raise Undelivered(Failure.REFUSED, "it was withdrawn before it was sent")
        if bundle is None:
            wanted = await self._notes.wanted([alert.target or alert.id])
            card = await self._card(alert, facts)
            if wanted and facts.stage is Stage.OPENED:
                card = await self._notes.beside(card, facts.symbol, guild_id=alert.guild_id)
            return Content(cards=(card,), about=about, briefed=bool(wanted))
        wanted = await self._notes.wanted([part.alert_id for part in bundle.parts])
        cards = bundle_cards(bundle)
        if alert.act == "post":
            symbols = [part.facts.symbol for part in bundle.parts if part.alert_id in wanted]
            cards = await self._notes.beside_all(cards, symbols, guild_id=alert.guild_id)
        if bundle.form is Form.EMBEDS and len(cards) <= PICTURES and alert.act != "reply":
            cards = [
                replace(card, picture=await self._picture(part.facts))
                for card, part in zip(cards, bundle.parts, strict=True)
            ]
        return Content(
            cards=tuple(cards),
            about=about if bundle.form is Form.EMBEDS and len(bundle.parts) == 1 else None,
            roles=bundle.roles,
            stands_alone=bundle.form is Form.DIGEST,
            briefed=bool(wanted),
        )

    async def _card(self, alert: AlertRecord, facts: AlertFacts) -> Card:
        card = card_for(facts, alert_id=alert.target or alert.id)
        if facts.stage is Stage.ENDED:
            return replace(card, footer=card.footer.rsplit("#", 1)[0] + f"#{short_id(alert.id)}")
        return replace(card, picture=await self._picture(facts))

    async def _picture(self, facts: AlertFacts) -> Picture | None:
        try:
            return await self._draw(facts)
        except HighwaterError as error:
            log.warning("no picture for %s: %s", facts.symbol, error)
            return None


def nonce(alert: AlertRecord) -> str:
    """25 characters that are the same at every try, whoever leads the message; the channel is
    inside, because Discord tells nonces apart per author only."""
    digest = hashlib.sha256(f"{alert.names[0]}|{alert.channel_id}".encode()).digest()
    return base64.b32encode(digest).decode()[:25]


def counting(invalid: InvalidRequests) -> aiohttp.TraceConfig:
    """For `discord.Client(http_trace=…)`: counts what Discord may ban us for, also where
    discord.py waits and tries again by itself."""

    async def note(
        session: aiohttp.ClientSession, context: object, end: aiohttp.TraceRequestEndParams
    ) -> None:
        invalid.note(end.response.status, asyncio.get_running_loop().time())

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(note)
    return trace


class HeldBack(aiohttp.ClientConnectionError):
    """A request that was not let out, because somebody else may send it."""


class Door:
    """Where discord.py's errors become ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, FOREIGN):
            raise translated(error) from error


def translated(error: Foreign) -> Undelivered:
    """What a failed REST call means for an alert."""
    if isinstance(error, discord.RateLimited):
        detail = f"rate limit, for {error.retry_after:.0f} s"
        return Undelivered(Failure.BUSY, detail, after=timedelta(seconds=error.retry_after))
    if isinstance(error, HeldBack):
        return Undelivered(Failure.HELD_BACK, str(error))
    if not isinstance(error, discord.HTTPException):
        return Undelivered(Failure.BUSY, f"{type(error).__name__}: {error}")
    detail = f"{error.status} {error.text} (code {error.code})"
    if error.status == 401:
        return Undelivered(Failure.UNAUTHORIZED, detail)
    if error.code == UNKNOWN_MESSAGE:
        return Undelivered(Failure.MESSAGE_GONE, detail)
    if error.status == 404:
        return Undelivered(Failure.GONE, detail)
    if error.status == 403:
        return Undelivered(Failure.FORBIDDEN, detail)
    if error.code == TOO_MANY_OLD_EDITS:
        return Undelivered(Failure.OLD_EDITS, detail, after=timedelta(minutes=30))
    if error.status == 429 or error.status >= 500:
        after = getattr(error, "retry_after", 0.0) or 0.0
        return Undelivered(Failure.BUSY, detail, after=timedelta(seconds=after))
    return Undelivered(Failure.REFUSED, detail)
