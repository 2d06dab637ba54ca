"""Who reads the headlines: the rules, or a model that the operator put on the disk."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.market.model import Headline
from bot.sentiment.article import read_article


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
    """The rule engine of `bot.sentiment`; `entity` narrows a headline to its clause."""

    name = "rules-1"
    label = "rules, no model"

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
