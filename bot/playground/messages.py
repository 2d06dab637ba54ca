"""Turning request bodies into messages, and edits into changed messages.

A file that an embed or a component shows belongs to the message but is not listed among its
attachments, as Discord has it.
"""

import copy
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from bot.playground import components, files, mentions, refusals
from bot.playground.calls import Json, Upload
from bot.playground.files import StoredFile
from bot.playground.refusals import Problem
from bot.playground.state import COMPONENTS_V2, EPHEMERAL, LOADING, Entry, State
from bot.playground.timing import iso

DEFAULT_TYPE, REPLY_TYPE = 0, 19
SUPPRESS_EMBEDS = 1 << 2
SUPPRESS_NOTIFICATIONS = 1 << 12
SETTABLE_FLAGS = SUPPRESS_EMBEDS | EPHEMERAL | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2
EDITABLE_FLAGS = SUPPRESS_EMBEDS | COMPONENTS_V2
PICTURES = ("image", "thumbnail")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A message about to be posted. `extra` are fields that only its way of posting has."""

    author: Json
    body: Json
    uploads: tuple[Upload, ...] = ()
    addressee: str | None = None
    extra: Json = field(default_factory=dict)


def post(state: State, channel: Json, draft: Draft) -> Entry:
    """Store a new message.

    Raises Refusal for an empty one, a reply to nothing, or a component naming a missing file.
    """
    body = draft.body
    attached = _store(state, channel["id"], body, draft.uploads)
    message: Json = {
        "id": state.ids.fresh(),
        "channel_id": channel["id"],
        "author": draft.author,
        "content": (body.get("content") or "").strip(),
        "timestamp": iso(state.timer.now()),
        "edited_timestamp": None,
        "tts": bool(body.get("tts")),
        "embeds": stored_embeds(body.get("embeds"), attached),
        "components": components.stored(
            body.get("components"), attached, media_ids=_media_ids(state)
        ),
        "pinned": False,
        "type": DEFAULT_TYPE,
        "flags": int(body.get("flags") or 0) & SETTABLE_FLAGS,
    }
    message |= _reference(state, channel, body)
    message |= _pings(state, channel, message, allowed=body.get("allowed_mentions"))
    message |= draft.extra
    if body.get("nonce") is not None:
        message["nonce"] = body["nonce"]
    message["attachments"] = _listed(attached, message)
    if not message["flags"] & LOADING:
        _refuse_empty(message, attached)
    entry = Entry(message=message, addressee=draft.addressee, files=attached)
    state.add_entry(entry)
    return entry


def edit(state: State, entry: Entry, *, body: Json, uploads: tuple[Upload, ...] = ()) -> None:
    """Change a stored message in place; keys that are absent from `body` stay as they are."""
    changed = dict(entry.message)
    channel = state.channel(entry.channel_id)
    attached = _kept(entry, body) + _store(state, entry.channel_id, body, uploads)
    if "flags" in body and body["flags"] is not None:
        kept = changed["flags"] & (~EDITABLE_FLAGS | COMPONENTS_V2)
        changed["flags"] = kept | int(body["flags"]) & EDITABLE_FLAGS
    if "content" in body:
        changed["content"] = (body["content"] or "").strip()
    if "embeds" in body:
        changed["embeds"] = stored_embeds(body["embeds"], attached)
    if "components" in body:
        changed["components"] = components.stored(
            body["components"], attached, media_ids=_media_ids(state)
        )
    if changed["flags"] & COMPONENTS_V2 and (changed["content"] or changed["embeds"]):
        raise refusals.invalid_form(
            Problem(path="flags", message="Content and embeds cannot stand beside components V2")
        )
    if "content" in body or "allowed_mentions" in body:
        changed |= _pings(state, channel, changed, allowed=body.get("allowed_mentions"))
    changed["attachments"] = _listed(attached, changed)
    _refuse_empty(changed, attached)
    changed["edited_timestamp"] = iso(state.timer.now())
    for gone in entry.files:
        if gone not in attached:
            state.files.discard(gone["id"])
    entry.files = attached
    entry.message = changed


def stored_embeds(embeds: Any, attached: list[Json]) -> list[Json]:
    """Embeds as Discord gives them back; a picture that was not uploaded is left out."""
    kept = []
    for embed in embeds or []:
        shown = {"type": "rich", **copy.deepcopy(embed)}
        for each in shown.get("fields") or []:
            each.setdefault("inline", False)
        for place in PICTURES:
            if place in shown:
                shown[place] = _picture(shown[place], attached)
        for place in ("author", "footer"):
            icon = (shown.get(place) or {}).get("icon_url")
            if icon:
                found = components.attached_file(icon, attached)
                shown[place]["icon_url"] = found["url"] if found else icon
        kept.append({key: value for key, value in shown.items() if value is not None})
    return kept


def _picture(picture: Json | None, attached: list[Json]) -> Json | None:
    url = (picture or {}).get("url") or ""
    found = components.attached_file(url, attached)
    if found is None:
        return None if url.startswith("attachment://") else {"url": url}
    copied = ("url", "proxy_url", "width", "height", "content_type", "description")
    return {key: found[key] for key in copied if key in found}


def _store(state: State, channel_id: str, body: Json, uploads: tuple[Upload, ...]) -> list[Json]:
    described = {str(each.get("id")): each for each in body.get("attachments") or []}
    attached = []
    for upload in uploads:
        notes = described.get(upload.key, {})
        filename = notes.get("filename") or upload.filename
        stored = StoredFile(
            filename=filename, content_type=files.content_type_of(filename), data=upload.data
        )
        attachment_id = state.ids.fresh()
        place = f"{channel_id}/{attachment_id}/{quote(filename, safe='')}"
        url = f"{state.base_url}/cdn/attachments/{place}"
        state.files.add(attachment_id, stored)
        shown = files.attachment(stored, attachment_id=attachment_id, url=url)
        if notes.get("description"):
            shown["description"] = notes["description"]
        attached.append(shown)
    return attached


def _kept(entry: Entry, body: Json) -> list[Json]:
    """The files an edit leaves in place: all of them unless it lists which."""
    if body.get("attachments") is None:
        return list(entry.files)
    listed = {str(each.get("id")) for each in body["attachments"]}
    return [each for each in entry.files if each["id"] in listed]


def _listed(attached: list[Json], message: Json) -> list[Json]:
    shown = {
        embed[place]["url"] for embed in message["embeds"] for place in PICTURES if place in embed
    }
    return [each for each in attached if each["url"] not in shown]


def _reference(state: State, channel: Json, body: Json) -> Json:
    wanted = body.get("message_reference")
    if not wanted:
        return {}
    reference = {"type": 0, "channel_id": channel["id"], "message_id": str(wanted["message_id"])}
    if "guild_id" in channel:
        reference["guild_id"] = channel["guild_id"]
    try:
        target = state.entry(channel["id"], reference["message_id"])
    except refusals.Refusal:
        if wanted.get("fail_if_not_exists", True):
            raise refusals.invalid_form(
                Problem(
                    path="message_reference",
                    code="REPLIES_UNKNOWN_MESSAGE",
                    message="Unknown message",
                )
            ) from None
        return {}
    quoted = {key: value for key, value in target.message.items() if key != "referenced_message"}
    return {"type": REPLY_TYPE, "message_reference": reference, "referenced_message": quoted}


def _pings(state: State, channel: Json, message: Json, *, allowed: Json | None) -> Json:
    replied = (message.get("referenced_message") or {}).get("author", {}).get("id", "")
    return mentions.pings(
        state,
        channel,
        author_id=message["author"]["id"],
        text=message["content"],
        allowed=allowed,
        replied=replied if replied in state.users else "",
    )


def _refuse_empty(message: Json, attached: list[Json]) -> None:
    holds = message["content"].strip() or message["embeds"] or message["components"] or attached
    if not holds:
        raise refusals.empty_message()


def _media_ids(state: State) -> Iterator[str]:
    return (state.ids.fresh() for _ in itertools.count())
