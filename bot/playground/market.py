"""The host program's market clock, as the playground's page shows and turns it."""

from typing import Any, Protocol


class MarketControl(Protocol):
    """What a host program offers; PROTOCOL.md says what the status holds."""

    async def status(self) -> dict[str, Any]:
        """`now`, `session`, `open`, `speed`, `playing`, `source`, `from` and `to`."""
        ...

    async def command(self, action: str, value: Any) -> dict[str, Any]:
        """Carry out play, pause, step or speed; the new status. Raises ValueError."""
        ...
