"""The numbers of a finding as text: every figure of a sentence comes from here."""

from collections.abc import Mapping
from datetime import date

from bot.cards.format import day_text, percent, plural, price_text
from bot.charts.numbers import MINUS
from bot.charts.sentiment_specs import signed
from bot.signals.model import Value

ORDINALS = {1: "st", 2: "nd", 3: "rd"}


class Numbers:
    """Reads a finding's numbers in the notation of the texts. Raises KeyError, TypeError."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values

    def known(self, *names: str) -> bool:
        """Whether all of these are there and not None."""
        return all(self._values.get(name) is not None for name in names)

    def text(self, name: str) -> str:
        return str(self._values[name])

    def real(self, name: str) -> float:
        value = self._values[name]
        if value is None or isinstance(value, str):
            raise TypeError(f"{name} is no number: {value!r}")
        return float(value)

    def flag(self, name: str) -> bool:
        return bool(self._values[name])

    def count(self, name: str) -> int:
        return round(self.real(name))

    def counted(self, name: str, noun: str) -> str:
        """1,005 episodes."""
        count = self.count(name)
        return f"{count:,} {plural(count, noun).split(' ', 1)[1]}"

    def price(self, name: str) -> str:
        return price_text(self.real(name))

    def percent(self, name: str) -> str:
        """+2.0 %."""
        return percent(self.real(name))

    def size(self, name: str) -> str:
        """2.0 %, without its sign."""
        return percent(self.real(name)).lstrip(f"+{MINUS}")

    def share(self, name: str) -> str:
        """58 %."""
        return f"{100 * self.real(name):.0f} %"

    def times(self, name: str) -> str:
        return f"{self.real(name):.2f}"

    def score(self, name: str) -> str:
        return signed(self.real(name))

    def day(self, name: str) -> str:
        return day_text(date.fromisoformat(self.text(name)))

    def ordinal(self, name: str) -> str:
        n = self.count(name)
        ending = "th" if n % 100 in (11, 12, 13) else ORDINALS.get(n % 10, "th")
        return f"{n}{ending}"

    def symbols(self) -> list[str]:
        """All names, in their order."""
        return list(self._values)
