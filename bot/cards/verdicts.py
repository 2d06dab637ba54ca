"""The verdict of a study in words that are true for rises and for falls. Pure."""

from bot.signals.model import Direction
from bot.signals.outcomes import Verdict


def told(verdict: Verdict, direction: Direction) -> str:
    """For a kind that points down a better outcome is a smaller rise, and is called that."""
    if direction is Direction.UP or verdict is Verdict.ORDINARY:
        return str(verdict)
    more = "less" if verdict is Verdict.ABOVE else "more"
    return f"prices rose {more} than on an ordinary day"
