"""Who reads the headlines: the rules, or a model that the operator put on the disk."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Protocol

from bot.market.model import Headline
from bot.sentiment.article import read_article

VERSION = 1
"""Of the rules; a change of what they make of a text is a new one."""


class Scorer(Protocol):
    """Reads headlines. `name` tells scores of different scorers apart, `label` goes on cards."""

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> str: ...

    async def scores(
        self, headlines: Sequence[Headline], *, entity: str | None
    ) -> Mapping[str, float]:
        """A score −1…1 for each headline, by its id."""
        ...


class Rules:
    """The rule engine of `bot.sentiment`; `entity` narrows a headline to its clause.

    Its name changes with the lexicon, so that headlines are read again by a new one.
    """

    label = "rules, no model"

    def __init__(self) -> None:
        lexicon = resources.files("bot.sentiment").joinpath("lexicon.toml").read_bytes()
        self.name = f"rules-{VERSION}-{hashlib.sha256(lexicon).hexdigest()[:8]}"

    async def scores(
        self, headlines: Sequence[Headline], *, entity: str | None
    ) -> Mapping[str, float]:
        return await asyncio.to_thread(self._read, headlines, entity)

    @staticmethod
    def _read(headlines: Sequence[Headline], entity: str | None) -> dict[str, float]:
        return {
            item.id: read_article(item.title, item.summary, entity=entity).score
            for item in headlines
        }
