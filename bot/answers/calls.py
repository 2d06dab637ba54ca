"""Calls as text: the commands that an answer's controls stand for."""

from collections.abc import Callable, Iterable

from bot.answers.model import Answer
from bot.cards.model import Button, Choice, Control, Menu


def written(name: str, *words: str, **options: object) -> str:
    """`chart IVOO range:1y`: the words first, then the options that are not None, in order.

    An option with blanks in it should come last: words after it would be read as part of it.
    """
    named = (f"{option}:{value}" for option, value in options.items() if value is not None)
    return " ".join([name, *words, *named])


def menu(
    label: str, choices: Iterable[tuple[str, str]], *, chosen: str, call: Callable[[str], str]
) -> Menu:
    """A menu over (value, label) pairs; `call(value)` is what picking it runs."""
    return Menu(
        label=label,
        choices=tuple(
            Choice(label=words, call=call(value), chosen=value == chosen)
            for value, words in choices
        ),
    )


def pages(page: int, last: int, *, call: Callable[[int], str]) -> tuple[Control, ...]:
    """Buttons to the pages before and after; none where there is one page only."""
    before = [Button(label="‹ Previous", call=call(page - 1))] if page > 1 else []
    after = [Button(label="Next ›", call=call(page + 1))] if page < last else []
    return (*before, *after)


def calls_of(answer: Answer) -> list[str]:
    """Every command that the controls of `answer` stand for."""
    texts = [answer.call] if answer.table else []
    for control in answer.controls:
        if isinstance(control, Button):
            texts.append(control.call)
        else:
            texts += [choice.call for choice in control.choices]
    return texts
