"""The types inside request bodies, checked before anything looks into them.

A shape is a type or a tuple of types, a list of one shape, or a `Fields`; null stands for an absent
field. Fields that are not named are not looked at.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from bot.playground.refusals import Problem

Shape: TypeAlias = Any


@dataclass(kw_only=True)
class Fields:
    """An object; `shapes` may come to hold the object's own shape, for nested things."""

    required: tuple[str, ...] = ()
    shapes: dict[str, Shape] = field(default_factory=dict)


ID = (str, int)
MEDIA = Fields(required=("url",), shapes={"url": str})
OPTION = Fields(
    required=("label", "value"), shapes={"label": str, "value": str, "description": str}
)
COMPONENT = Fields(
    required=("type",),
    shapes={
        "type": int,
        "id": int,
        "custom_id": str,
        "label": str,
        "placeholder": str,
        "url": str,
        "content": str,
        "title": str,
        "min_values": int,
        "max_values": int,
        "min_length": int,
        "max_length": int,
        "required": bool,
        "disabled": bool,
        "options": [OPTION],
        "items": [Fields(required=("media",), shapes={"media": MEDIA})],
        "media": MEDIA,
        "file": MEDIA,
    },
)
COMPONENT.shapes |= {"components": [COMPONENT], "accessory": COMPONENT, "component": COMPONENT}
PICTURE = Fields(shapes={"url": str})
EMBED = Fields(
    shapes={
        "title": str,
        "description": str,
        "url": str,
        "timestamp": str,
        "color": int,
        "image": PICTURE,
        "thumbnail": PICTURE,
        "footer": Fields(shapes={"text": str, "icon_url": str}),
        "author": Fields(shapes={"name": str, "url": str, "icon_url": str}),
        "fields": [Fields(shapes={"name": str, "value": str, "inline": bool})],
    }
)
MESSAGE = Fields(
    shapes={
        "content": str,
        "nonce": ID,
        "tts": bool,
        "flags": int,
        "embeds": [EMBED],
        "components": [COMPONENT],
        "attachments": [Fields(shapes={"id": ID, "filename": str, "description": str})],
        "message_reference": Fields(required=("message_id",), shapes={"message_id": ID}),
        "allowed_mentions": Fields(
            shapes={"parse": [str], "users": [ID], "roles": [ID], "replied_user": bool}
        ),
    }
)
MODAL = Fields(shapes={"custom_id": str, "title": str, "components": [COMPONENT]})
CHOICES = Fields(shapes={"choices": [Fields(shapes={"name": str, "value": (str, int, float)})]})
CALLBACK = Fields(required=("type",), shapes={"type": int, "data": Fields()})
COMMAND_OPTION = Fields(
    required=("type",),
    shapes={
        "type": int,
        "name": str,
        "description": str,
        "required": bool,
        "autocomplete": bool,
        "choices": [Fields(required=("value",), shapes={"name": str, "value": (str, int, float)})],
        "channel_types": [int],
        "min_value": (int, float),
        "max_value": (int, float),
        "min_length": int,
        "max_length": int,
    },
)
COMMAND_OPTION.shapes["options"] = [COMMAND_OPTION]
COMMAND = Fields(
    shapes={
        "type": int,
        "name": str,
        "description": str,
        "options": [COMMAND_OPTION],
        "contexts": [int],
        "integration_types": [int],
        "default_member_permissions": (str, int),
        "dm_permission": bool,
    }
)


def mismatches(value: Any, shape: Shape, *, path: str = "") -> Iterator[Problem]:
    """Where a body is not made as it should be."""
    if isinstance(shape, list):
        yield from _in_list(value, shape[0], path)
    elif isinstance(shape, Fields):
        yield from _in_object(value, shape, path)
    elif not isinstance(value, shape) or (isinstance(value, bool) and shape is not bool):
        yield Problem(path=path, code="BASE_TYPE_INVALID", message="This has the wrong type")


def _in_list(value: Any, shape: Shape, path: str) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem(path=path, code="LIST_TYPE_CONVERT", message="Must be a list")
        return
    for index, item in enumerate(value):
        yield from mismatches(item, shape, path=_below(path, str(index)))


def _in_object(value: Any, shape: Fields, path: str) -> Iterator[Problem]:
    if not isinstance(value, dict):
        message = "Only dictionaries may be used in a DictType"
        yield Problem(path=path, code="DICT_TYPE_CONVERT", message=message)
        return
    for name in shape.required:
        if value.get(name) is None:
            where = _below(path, name)
            yield Problem(path=where, code="BASE_TYPE_REQUIRED", message="This field is required")
    for name, inner in shape.shapes.items():
        if value.get(name) is not None:
            yield from mismatches(value[name], inner, path=_below(path, name))


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
