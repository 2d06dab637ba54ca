"""Numbers and days as pictures print them: prices with 2 decimals (4 below 1), signed percent."""

import math
from datetime import date

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MINUS = "−"
MOST_DECIMALS = 8


def price_text(price: float) -> str:
    """A price: 1,234.50, 0.0123; very small ones keep two significant digits."""
    size = abs(price)
    if size >= 1 or size == 0:
        return f"{price:,.2f}".replace("-", MINUS)
    return f"{price:.{max(4, 1 - math.floor(math.log10(size)))}f}".replace("-", MINUS)


def tick_text(price: float, step: float) -> str:
    """A price on an axis whose ticks lie `step` apart: as many decimals as the step needs."""
    decimals = next((d for d in range(MOST_DECIMALS) if _whole(step * 10**d)), MOST_DECIMALS)
    return f"{price:,.{decimals}f}".replace("-", MINUS)


def _whole(number: float) -> bool:
    return round(number) >= 1 and abs(number - round(number)) < 1e-6 * round(number)


def percent_text(percent: float, decimals: int = 1) -> str:
    """A signed percentage: +2.0 %, −0.5 %, 0.0 %."""
    text = f"{abs(percent):,.{decimals}f} %"
    if not float(f"{percent:.{decimals}f}"):
        return text
    return ("+" if percent > 0 else MINUS) + text


def volume_text(shares: float) -> str:
    """A share count: 950, 41.8k, 3.2M, 1.1B."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(shares) >= size:
            scaled = shares / size
            return f"{scaled:.0f}{letter}" if abs(scaled) >= 100 else f"{scaled:.3g}{letter}"
    return f"{shares:.0f}"


def day_text(day: date) -> str:
    """20 Feb 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
