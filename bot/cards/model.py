"""Card: what an answer or an alert shows, free of Discord.

One card renders to an embed, to text for a terminal and to JSON.
"""

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """Colour only says state; a word or mark always stands beside it."""

    GOOD = "good"
    BAD = "bad"
    WATCH = "watch"
    NEUTRAL = "neutral"


@dataclass(frozen=True, kw_only=True)
class Field:
    name: str
    value: str
    inline: bool = True


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A PNG beside a card; `alt` says in one sentence what it shows."""

    filename: str
    png: bytes
    alt: str


@dataclass(frozen=True, kw_only=True)
class Document:
    """A text file beside a card, such as the whole note of a brief."""

    filename: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Card:
    """A title line, one verdict sentence, a grid of fields, perhaps a picture, a footer.

    `body` is Discord markdown below the verdict (a table in a code block, a list). `documents`
    are attached as files.
    """

    title: str
    verdict: str
    tone: Tone = Tone.NEUTRAL
    body: str = ""
    fields: tuple[Field, ...] = ()
    footer: str = ""
    picture: Picture | None = None
    documents: tuple[Document, ...] = ()


MOST_CHOICES = 25
"""Choices of a menu that Discord allows."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One thing to pick: the command it stands for, and whether the answer shows it now."""

    label: str
    call: str
    chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class Menu:
    """A select menu; `label` names what is picked. Raises ValueError beyond Discord's 25."""

    label: str
    choices: tuple[Choice, ...]

    def __post_init__(self) -> None:
        if not 0 < len(self.choices) <= MOST_CHOICES:
            raise ValueError(f"{self.label}: a menu has 1 to {MOST_CHOICES} choices")


@dataclass(frozen=True, kw_only=True)
class Button:
    """A button that turns the answer into that of `call`."""

    label: str
    call: str


Control = Menu | Button
