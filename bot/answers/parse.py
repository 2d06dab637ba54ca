"""A command typed as text → the call it means: `/high IVOO basis:total`.

Words without a name fill the options in their order, as the playground's command box does;
the last text option takes all the words that are left.
"""

import difflib
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from bot.answers.model import Answer, Caller
from bot.answers.table import ANSWERS, Answerer
from bot.errors import InvalidSymbol, UserError
from bot.services import Services

OPTION = re.compile(r"([a-z_]+):(.*)", re.DOTALL)
LONGEST = 6000
"""Characters of a command; Discord allows no longer option either."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A command's name and its options, validated."""

    name: str
    answerer: Answerer
    options: Mapping[str, Any]

    async def run(self, services: Services, caller: Caller) -> Answer:
        """Raises whatever the command raises."""
        given = dict(self.options)
        if "caller" in inspect.signature(self.answerer).parameters:
            given["caller"] = caller
        return await self.answerer(services, **given)


def parse(text: str) -> Call:
    """Raises UserError that says what to write instead."""
    words = text[:LONGEST].strip().removeprefix("/").split()
    if not words:
        raise UserError(f"Write a command, such as /high IVOO. There are: {_known()}.")
    for length in (2, 1):
        name = " ".join(words[:length]).lower()
        if name in ANSWERS:
            answerer = ANSWERS[name]
            return Call(
                name=name, answerer=answerer, options=_options(name, answerer, words[length:])
            )
    close = difflib.get_close_matches(words[0].lower(), [n.split()[0] for n in ANSWERS], n=1)
    meant = f" Did you mean /{close[0]}?" if close else ""
    raise UserError(f"There is no command /{words[0][:32]}.{meant} There are: {_known()}.")


def _known() -> str:
    return ", ".join(f"/{name}" for name in ANSWERS)


def _options(name: str, answerer: Answerer, words: list[str]) -> dict[str, Any]:
    kinds = get_type_hints(answerer)
    parameters = {
        parameter.name: parameter
        for parameter in inspect.signature(answerer).parameters.values()
        if parameter.name not in ("services", "caller")
    }
    texts = _assign(name, list(parameters), kinds, words)
    missing = [p.name for p in parameters.values() if p.default is p.empty and p.name not in texts]
    if missing:
        raise UserError(f"/{name} needs {' and '.join(missing)}: {usage(name)}")
    return {option: _validated(name, option, kinds[option], text) for option, text in texts.items()}


def _assign(
    name: str, order: list[str], kinds: Mapping[str, Any], words: list[str]
) -> dict[str, str]:
    texts: dict[str, str] = {}
    for word in words:
        match = OPTION.fullmatch(word)
        if match and match[1] in order:
            texts[match[1]] = match[2]
            continue
        free = [option for option in order if option not in texts]
        greedy = [option for option in order if option in texts and kinds[option] is str]
        if free and not (greedy and match is None):
            if match and str not in (kinds[free[0]], *get_args(kinds[free[0]])):
                raise UserError(f"/{name} has no option “{match[1][:32]}”: {usage(name)}")
            texts[free[0]] = word
        elif greedy:
            texts[greedy[-1]] += f" {word}"
        else:
            raise UserError(f"/{name} has no place for “{word[:32]}”: {usage(name)}")
    return texts


def _validated(name: str, option: str, kind: Any, text: str) -> Any:
    try:
        return TypeAdapter(kind).validate_python(text)
    except InvalidSymbol:
        raise
    except ValidationError as error:
        choices = _choices(kind)
        allowed = f"one of {', '.join(choices)}" if choices else error.errors()[0]["msg"]
        raise UserError(f"/{name} {option}: “{text[:32]}” does not fit; {allowed}.") from error


def _choices(kind: Any) -> list[str]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(member.value) for member in kind]
    return [choice for part in getattr(kind, "__args__", ()) for choice in _choices(part)]


def usage(name: str) -> str:
    """`/high <symbol> [basis:…] [on:…]`."""
    parts = []
    for parameter in inspect.signature(ANSWERS[name]).parameters.values():
        if parameter.name in ("services", "caller"):
            continue
        required = parameter.default is parameter.empty
        parts.append(f"<{parameter.name}>" if required else f"[{parameter.name}:…]")
    return " ".join([f"/{name}", *parts])
