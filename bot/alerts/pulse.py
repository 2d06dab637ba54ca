"""The deliverer's pulse: what others may know of it without knowing the deliverer."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(kw_only=True)
class DeliveryPulse:
    """When a message last arrived, since when a send makes no progress, why nothing is sent (""
    while it sends), how many channels are being paid. The deliverer writes it, others read."""

    last_paid: datetime | None = None
    stuck_since: datetime | None = None
    halted: str = ""
    lanes: int = 0
