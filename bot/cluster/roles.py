"""Which part of the program a process is, and which shards of the gateway it holds. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

MOST_SHARDS = 16_384
"""More than Discord has ever asked of anybody: 40 million servers."""


class Role(StrEnum):
    """A part of the program."""

    ALL = "all"
    GATEWAY = "gateway"
    SCANNER = "scanner"
    SENDER = "sender"


@dataclass(frozen=True, kw_only=True)
class Shards:
    """The shards `first` to `last`, both included, of `total`."""

    first: int
    last: int
    total: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """`0-3/8` is the first four of eight, `0/1` all of one.

        Raises ValueError with what it looks like.
        """
        found = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?/(\d{1,5})", text.strip())
        if found is None:
            raise ValueError(f"“{text}” is no range of shards such as 0-3/8 (four of eight)")
        first, total = int(found[1]), int(found[3])
        last = int(found[2] or first)
        if not first <= last < total <= MOST_SHARDS:
            raise ValueError(
                f"“{text}” is no range of shards: of {total} they are numbered 0 to {total - 1}, "
                "the lower one first"
            )
        return cls(first=first, last=last, total=total)

    @classmethod
    def all_of(cls, total: int) -> Self:
        return cls(first=0, last=total - 1, total=total)

    @property
    def numbers(self) -> range:
        return range(self.first, self.last + 1)

    def holds(self, guild_id: int) -> bool:
        """Whether a server's events come to one of these shards; direct messages (0) come to the
        first of all. Discord's formula: (id >> 22) modulo the total."""
        return (guild_id >> 22) % self.total in self.numbers

    def overlaps(self, other: "Shards") -> bool:
        """Whether both cannot run at once: Discord would tell each event to both, or neither."""
        apart = self.last < other.first or other.last < self.first
        return self.total != other.total or not apart

    def __str__(self) -> str:
        return f"{self.first}-{self.last}/{self.total}"
