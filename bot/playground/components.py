"""Buttons, selects and layouts of messages: finding them, numbering them, showing their files."""

import itertools
from collections.abc import Iterator
from typing import Any

from bot.playground.calls import Json
from bot.playground.refusals import Problem, invalid_form

ACTION_ROW, BUTTON, TEXT_SELECT = 1, 2, 3
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
TEXT_DISPLAY, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 10, 11, 12, 13, 14, 17
LABEL = 18
SELECTS = (TEXT_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT)
CLASSIC = (ACTION_ROW, BUTTON, *SELECTS)
DEFAULTS: dict[int, Json] = {
    TEXT_SELECT: {"min_values": 1, "max_values": 1},
    USER_SELECT: {"min_values": 1, "max_values": 1},
    ROLE_SELECT: {"min_values": 1, "max_values": 1},
    MENTIONABLE_SELECT: {"min_values": 1, "max_values": 1},
    CHANNEL_SELECT: {"min_values": 1, "max_values": 1},
    SEPARATOR: {"divider": True, "spacing": 1},
    CONTAINER: {"spoiler": False, "accent_color": None},
    FILE: {"spoiler": False},
    THUMBNAIL: {"spoiler": False, "description": None},
}


def walk(parts: Any) -> Iterator[tuple[str, Json]]:
    """Every component below a list of them, with its dotted path inside the list."""
    for index, part in enumerate(parts or []):
        if not isinstance(part, dict):
            continue
        yield str(index), part
        for key in ("components", "accessory", "component"):
            inner = part.get(key)
            nested = inner if isinstance(inner, list) else [inner] if inner else []
            for path, component in walk(nested):
                yield f"{index}.{key}.{path}", component


def find(parts: Any, custom_id: str) -> Json | None:
    for _, component in walk(parts):
        if component.get("custom_id") == custom_id:
            return component
    return None


def stored(parts: Any, files: list[Json], *, media_ids: Iterator[str]) -> list[Json]:
    """Components as Discord gives them back: numbered, with defaults, files as URLs."""
    return _numbered(parts, files, media_ids=media_ids, numbers=itertools.count(1))


def _numbered(
    parts: Any, files: list[Json], *, media_ids: Iterator[str], numbers: Iterator[int]
) -> list[Json]:
    kept = []
    for part in parts or []:
        shown = DEFAULTS.get(part["type"], {}) | part
        shown["id"] = part.get("id") or next(numbers)
        if part["type"] == GALLERY:
            shown["items"] = [_item(item, files, media_ids) for item in part["items"]]
        if part["type"] == THUMBNAIL:
            shown["media"] = _media(part["media"], files, media_ids)
        if part["type"] == FILE:
            shown["file"] = _media(part["file"], files, media_ids)
            shown |= _name_and_size(shown["file"]["url"], files)
        if part.get("components"):
            shown["components"] = _numbered(
                part["components"], files, media_ids=media_ids, numbers=numbers
            )
        if part.get("accessory"):
            shown["accessory"] = _numbered(
                [part["accessory"]], files, media_ids=media_ids, numbers=numbers
            )[0]
        kept.append(shown)
    return kept


def _item(item: Json, files: list[Json], media_ids: Iterator[str]) -> Json:
    plain = {"spoiler": False, "description": None} | item
    return plain | {"media": _media(item["media"], files, media_ids)}


def _media(media: Json, files: list[Json], media_ids: Iterator[str]) -> Json:
    url = str(media["url"])
    attached = attached_file(url, files)
    if url.startswith("attachment://") and attached is None:
        raise invalid_form(
            Problem(path="components", message=f"The referenced attachment {url} was not found")
        )
    known = attached or {"url": url}
    return {
        "id": next(media_ids),
        "url": known["url"],
        "proxy_url": known["url"],
        "width": known.get("width", 0),
        "height": known.get("height", 0),
        "content_type": known.get("content_type", "application/octet-stream"),
    }


def attached_file(url: str, files: list[Json]) -> Json | None:
    """The attachment that a URL of a message means, by `attachment://name` or by its address."""
    name = url.removeprefix("attachment://")
    for attached in files:
        if attached["url"] == url or (name != url and attached["filename"] == name):
            return attached
    return None


def _name_and_size(url: str, files: list[Json]) -> Json:
    attached = attached_file(url, files) or {}
    return {"name": attached.get("filename", ""), "size": attached.get("size", 0)}
