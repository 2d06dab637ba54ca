"""Discord's limits on messages and modals, as its documentation states them.

Checked here because a bot that breaks one only learns of it in production.
"""

from collections.abc import Iterator
from typing import Any

from bot.playground import components, shapes
from bot.playground.calls import Json, Upload
from bot.playground.refusals import Problem
from bot.playground.state import COMPONENTS_V2

CONTENT, NONCE, EMBEDS, EMBED_SUM = 2_000, 25, 10, 6_000
EMBED_TEXTS = {"title": 256, "description": 4_096}
FIELDS, FIELD_NAME, FIELD_VALUE, FOOTER, AUTHOR = 25, 256, 1_024, 2_048, 256
ROWS, ROW_BUTTONS, COMPONENTS, DISPLAYED_TEXT = 5, 5, 40, 4_000
CUSTOM_ID, LABEL, OPTIONS, OPTION_TEXT, PLACEHOLDER = 100, 80, 25, 100, 150
ATTACHMENTS, FILE_BYTES, REQUEST_BYTES = 10, 10 * 2**20, 25 * 2**20
NEEDED = {
    components.ACTION_ROW: "components",
    components.TEXT_SELECT: "options",
    components.THUMBNAIL: "media",
    components.GALLERY: "items",
    components.FILE: "file",
}
MODAL_TITLE, MODAL_LABEL, MODAL_PARTS = 45, 45, 5


def of_message(body: Json, uploads: tuple[Upload, ...] = ()) -> list[Problem]:
    """The broken limits of a message body, posted or edited."""
    if wrong := list(shapes.mismatches(body, shapes.MESSAGE)):
        return wrong
    return [
        *_length(body.get("content"), "content", limit=CONTENT),
        *_length(str(body.get("nonce") or ""), "nonce", limit=NONCE),
        *_embeds(body.get("embeds")),
        *_layout(body),
        *_uploads(body, uploads),
        *_allowed_mentions(body.get("allowed_mentions")),
    ]


def of_edit(body: Json, uploads: tuple[Upload, ...], *, flags: int) -> list[Problem]:
    """The broken limits of an edit; `flags` are those of the message, which stays components V2."""
    if wrong := list(shapes.mismatches(body, shapes.MESSAGE)):
        return wrong
    kept = int(body.get("flags") or 0) | flags & COMPONENTS_V2
    return of_message(body | {"flags": kept}, uploads)


def of_modal(body: Json) -> list[Problem]:
    if wrong := list(shapes.mismatches(body, shapes.MODAL)):
        return wrong
    parts = body.get("components") or []
    problems = [
        *_required(body, "custom_id", "", limit=CUSTOM_ID),
        *_required(body, "title", "", limit=MODAL_TITLE),
        *_count(parts, "components", limit=MODAL_PARTS),
        *_custom_ids(parts),
    ]
    if not parts:
        problems.append(Problem(path="components", message="This field is required"))
    for path, part in components.walk(parts):
        where = f"components.{path}"
        problems += _length(part.get("label"), f"{where}.label", limit=MODAL_LABEL)
        problems += _length(part.get("placeholder"), f"{where}.placeholder", limit=OPTION_TEXT)
    return problems


def of_choices(body: Json) -> list[Problem]:
    """The answer to an autocomplete interaction."""
    if wrong := list(shapes.mismatches(body, shapes.CHOICES)):
        return wrong
    choices = body.get("choices") or []
    problems = [*_count(choices, "choices", limit=OPTIONS)]
    for index, choice in enumerate(choices):
        where = f"choices.{index}"
        problems += _required(choice, "name", f"{where}.", limit=OPTION_TEXT)
        value = choice.get("value")
        if value is None or value == "":
            problems.append(Problem(path=f"{where}.value", message="This field is required"))
        problems += _length(str(value), f"{where}.value", limit=OPTION_TEXT)
    return problems


def _embeds(embeds: Any) -> Iterator[Problem]:
    embeds = embeds or []
    yield from _count(embeds, "embeds", limit=EMBEDS)
    for index, embed in enumerate(embeds):
        yield from _embed(embed, f"embeds.{index}")
    if sum(map(embed_length, embeds)) > EMBED_SUM:
        message = f"Embed size exceeds maximum size of {EMBED_SUM}"
        yield Problem(path="embeds", code="MAX_EMBED_SIZE_EXCEEDED", message=message)


def embed_length(embed: Json) -> int:
    """Characters that count towards the 6,000 of all embeds of a message."""
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for each in embed.get("fields") or []:
        texts += [each.get("name"), each.get("value")]
    return sum(len(text or "") for text in texts)


def _embed(embed: Json, where: str) -> Iterator[Problem]:
    for key, limit in EMBED_TEXTS.items():
        yield from _length(embed.get(key), f"{where}.{key}", limit=limit)
    fields = embed.get("fields") or []
    yield from _count(fields, f"{where}.fields", limit=FIELDS)
    for index, each in enumerate(fields):
        yield from _required(each, "name", f"{where}.fields.{index}.", limit=FIELD_NAME)
        yield from _required(each, "value", f"{where}.fields.{index}.", limit=FIELD_VALUE)
    footer, author = embed.get("footer") or {}, embed.get("author") or {}
    yield from _length(footer.get("text"), f"{where}.footer.text", limit=FOOTER)
    yield from _length(author.get("name"), f"{where}.author.name", limit=AUTHOR)
    yield from _url(embed.get("url"), f"{where}.url", schemes=("http", "https"))
    for place in ("image", "thumbnail"):
        url = (embed.get(place) or {}).get("url")
        yield from _url(url, f"{where}.{place}.url", schemes=("http", "https", "attachment"))


def _layout(body: Json) -> Iterator[Problem]:
    parts = body.get("components") or []
    modern = bool(int(body.get("flags") or 0) & COMPONENTS_V2)
    found = list(components.walk(parts))
    yield from _custom_ids(parts)
    for path, part in found:
        yield from _component(part, f"components.{path}")
        if not modern and part.get("type") not in components.CLASSIC:
            message = f"Component type {part.get('type')} needs the flag IS_COMPONENTS_V2"
            yield Problem(path=f"components.{path}", message=message)
    if not modern:
        yield from _count(parts, "components", limit=ROWS)
        return
    yield from _count(found, "components", limit=COMPONENTS)
    if body.get("content") or body.get("embeds"):
        message = "Content and embeds cannot stand beside components V2"
        yield Problem(path="flags", message=message)
    displays = [part for _, part in found if part["type"] == components.TEXT_DISPLAY]
    texts = [part.get("content") or "" for part in displays]
    yield from _length("".join(texts), "components", limit=DISPLAYED_TEXT)


def _component(part: Json, where: str) -> Iterator[Problem]:
    kind = part.get("type")
    yield from _length(part.get("label"), f"{where}.label", limit=LABEL)
    yield from _length(part.get("placeholder"), f"{where}.placeholder", limit=PLACEHOLDER)
    if kind == components.ACTION_ROW:
        inner = part.get("components") or []
        limit = ROW_BUTTONS if all(each["type"] == components.BUTTON for each in inner) else 1
        yield from _count(inner, f"{where}.components", limit=limit)
    for needing, key in NEEDED.items():
        if kind == needing and not part.get(key):
            yield Problem(path=f"{where}.{key}", message="This field is required")
    if kind == components.BUTTON and not (part.get("custom_id") or part.get("url")):
        yield Problem(path=where, message="A custom id or url is required")
    if kind == components.BUTTON and not (part.get("label") or part.get("emoji")):
        yield Problem(path=where, message="A label or emoji is required")
    if kind == components.TEXT_SELECT:
        options = part.get("options") or []
        yield from _count(options, f"{where}.options", limit=OPTIONS)
        for index, option in enumerate(options):
            for key in ("label", "value", "description"):
                path = f"{where}.options.{index}.{key}"
                yield from _length(option.get(key), path, limit=OPTION_TEXT)


def _custom_ids(parts: Any) -> Iterator[Problem]:
    seen: set[str] = set()
    for path, part in components.walk(parts):
        custom_id = part.get("custom_id")
        if custom_id is None:
            continue
        where = f"components.{path}.custom_id"
        yield from _required(part, "custom_id", f"components.{path}.", limit=CUSTOM_ID)
        if custom_id in seen:
            yield Problem(
                path=where,
                code="COMPONENT_CUSTOM_ID_DUPLICATED",
                message="Component custom id cannot be duplicated",
            )
        seen.add(custom_id)


def _uploads(body: Json, uploads: tuple[Upload, ...]) -> Iterator[Problem]:
    listed = body.get("attachments")
    total = max(len(listed or []), len(uploads))
    if total > ATTACHMENTS:
        message = f"Must be {ATTACHMENTS} or fewer in length."
        yield Problem(path="attachments", message=message)
    for index, upload in enumerate(uploads):
        if not upload.data:
            yield Problem(path=f"files.{index}", message="File cannot be empty")


def _allowed_mentions(allowed: Json | None) -> Iterator[Problem]:
    for kind in ("users", "roles"):
        listed = (allowed or {}).get(kind) or []
        if listed and kind in ((allowed or {}).get("parse") or []):
            message = f"parse:[{kind!r}] and {kind}: [ids...] are mutually exclusive."
            yield Problem(path="allowed_mentions", message=message)
        yield from _count(listed, f"allowed_mentions.{kind}", limit=100)


def _length(text: str | None, path: str, *, limit: int) -> Iterator[Problem]:
    if text is not None and len(text) > limit:
        message = f"Must be {limit} or fewer in length."
        yield Problem(path=path, code="BASE_TYPE_MAX_LENGTH", message=message)


def _required(holder: Json, key: str, prefix: str, *, limit: int) -> Iterator[Problem]:
    text = holder.get(key)
    if not isinstance(text, str) or not text.strip():
        yield Problem(
            path=f"{prefix}{key}", code="BASE_TYPE_REQUIRED", message="This field is required"
        )
    else:
        yield from _length(text, f"{prefix}{key}", limit=limit)


def _count(items: Any, path: str, *, limit: int) -> Iterator[Problem]:
    if len(items) > limit:
        message = f"Must be {limit} or fewer in length."
        yield Problem(path=path, code="BASE_TYPE_BAD_LENGTH", message=message)


def _url(url: str | None, path: str, *, schemes: tuple[str, ...]) -> Iterator[Problem]:
    if url and url.partition("://")[0].lower() not in schemes:
        message = f"Not a well formed URL; its scheme must be one of {schemes}."
        yield Problem(path=path, code="URL_TYPE_INVALID_SCHEME", message=message)
