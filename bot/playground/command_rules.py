"""Discord's limits on application commands.

Source: Discord's documentation, "Application Commands". The size of a command is the sum of the
characters of all names, descriptions and choice values, 8,000 at the most.
"""

import re
from collections.abc import Iterator
from typing import Any

from bot.playground import shapes
from bot.playground.calls import Json
from bot.playground.commands import CHAT_INPUT, MESSAGE_MENU, USER_MENU
from bot.playground.refusals import Problem, Refusal

COUNTS = {CHAT_INPUT: 100, USER_MENU: 15, MESSAGE_MENU: 15}
DESCRIPTION, OPTIONS, CHOICES, COMMAND_SIZE = 100, 25, 25, 8_000
MENU_NAME, CHOICE_TEXT = 32, 100
NAME = re.compile(r"[-_'\w]{1,32}")
SUBCOMMAND, SUBCOMMAND_GROUP, STRING, INTEGER, NUMBER, ATTACHMENT = 1, 2, 3, 4, 10, 11
WITH_CHOICES = (STRING, INTEGER, NUMBER)


def of_commands(bodies: list[Json]) -> list[Problem]:
    """The broken limits of a set of commands. Raises Refusal when there are too many."""
    for index, body in enumerate(bodies):
        if wrong := list(shapes.mismatches(body, shapes.COMMAND, path=str(index))):
            return wrong
    counted: dict[int, int] = {}
    seen: set[tuple[int, str]] = set()
    problems: list[Problem] = []
    for index, body in enumerate(bodies):
        kind = body.get("type") or CHAT_INPUT
        counted[kind] = counted.get(kind, 0) + 1
        key = (kind, str(body.get("name")))
        if key in seen:
            problems.append(
                Problem(
                    path=f"{index}.name",
                    code="APPLICATION_COMMANDS_DUPLICATE_NAME",
                    message="Application command names must be unique",
                )
            )
        seen.add(key)
        problems += of_command(body, where=f"{index}.")
    for kind, most in COUNTS.items():
        if counted.get(kind, 0) > most:
            message = f"Maximum number of application commands reached ({most})."
            raise Refusal(400, 30032, message=message)
    return problems


def of_command(body: Json, *, where: str = "") -> Iterator[Problem]:
    if wrong := list(shapes.mismatches(body, shapes.COMMAND, path=where.rstrip("."))):
        yield from wrong
        return
    if not str(body.get("default_member_permissions") or "0").isdecimal():
        yield _bad(f"{where}default_member_permissions", "Must be a permission bit set")
    if (body.get("type") or CHAT_INPUT) not in COUNTS:
        yield _bad(f"{where}type", f"Value must be one of {tuple(COUNTS)}.")
        return
    if (body.get("type") or CHAT_INPUT) != CHAT_INPUT:
        name = body.get("name")
        if not isinstance(name, str) or not 1 <= len(name) <= MENU_NAME:
            yield _bad(f"{where}name", f"Must be between 1 and {MENU_NAME} in length.")
        if body.get("description"):
            yield _bad(f"{where}description", "Context menu commands have no description")
        return
    yield from _named(body, where)
    yield from _options(body.get("options"), f"{where}options", depth=0)
    size = _size(body)
    if size > COMMAND_SIZE:
        yield _bad(where.rstrip("."), f"Command exceeds maximum size ({size} > {COMMAND_SIZE})")


def _named(holder: Json, where: str) -> Iterator[Problem]:
    name, description = holder.get("name"), holder.get("description")
    if not isinstance(name, str) or not NAME.fullmatch(name) or name != name.lower():
        yield Problem(
            path=f"{where}name",
            code="APPLICATION_COMMAND_INVALID_NAME",
            message="Command name is invalid",
        )
    if not isinstance(description, str) or not description:
        yield Problem(
            path=f"{where}description", code="BASE_TYPE_REQUIRED", message="This field is required"
        )
    elif len(description) > DESCRIPTION:
        yield _bad(f"{where}description", f"Must be between 1 and {DESCRIPTION} in length.")


def _options(options: Any, where: str, *, depth: int) -> Iterator[Problem]:
    options = options or []
    if len(options) > OPTIONS:
        yield _bad(where, f"Must be {OPTIONS} or fewer in length.")
    names = [option.get("name") for option in options]
    if len(names) != len(set(names)):
        yield _bad(where, "Option names must be unique")
    nested = [option.get("type") in (SUBCOMMAND, SUBCOMMAND_GROUP) for option in options]
    if any(nested) and not all(nested):
        yield _bad(where, "Subcommands and other options cannot be mixed")
    optional_before = False
    for index, option in enumerate(options):
        path = f"{where}.{index}"
        yield from _named(option, f"{path}.")
        if option.get("required") and optional_before:
            message = "Required options must be placed before non-required options"
            yield Problem(
                path=path, code="APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message=message
            )
        optional_before |= not option.get("required")
        yield from _choices(option, path)
        if option.get("type") == SUBCOMMAND_GROUP and depth > 0:
            yield _bad(path, "Subcommand groups cannot be nested")
        if option.get("type") in (SUBCOMMAND, SUBCOMMAND_GROUP):
            yield from _options(option.get("options"), f"{path}.options", depth=depth + 1)


def _choices(option: Json, where: str) -> Iterator[Problem]:
    choices = option.get("choices") or []
    if len(choices) > CHOICES:
        yield _bad(f"{where}.choices", f"Must be {CHOICES} or fewer in length.")
    if choices and option.get("autocomplete"):
        yield _bad(where, "Choices and autocomplete exclude each other")
    if option.get("autocomplete") and option.get("type") not in WITH_CHOICES:
        yield _bad(where, "This type of option cannot be autocompleted")
    for index, choice in enumerate(choices):
        if not 1 <= len(str(choice.get("name") or "")) <= CHOICE_TEXT:
            message = f"Must be between 1 and {CHOICE_TEXT} in length."
            yield _bad(f"{where}.choices.{index}.name", message)


def _size(holder: Json) -> int:
    size = len(str(holder.get("name") or "")) + len(str(holder.get("description") or ""))
    for choice in holder.get("choices") or []:
        size += len(str(choice.get("name"))) + len(str(choice.get("value")))
    return size + sum(map(_size, holder.get("options") or []))


def _bad(path: str, message: str) -> Problem:
    return Problem(path=path, code="BASE_TYPE_BAD_LENGTH", message=message)
