"""The calendar around a session: follow-through days, month-end and quarter-end."""

from datetime import date, timedelta

from bot.brief.model import Dates
from bot.market.model import as_date
from bot.market.sessions import Sessions

EARLY, FULL = 3, 5
"""Sessions after which a follow-through is looked for, and is complete."""


def dates_of(sessions: Sessions, session: date) -> Dates:
    """Raises ValueError near the ends of the calendar."""
    month = _left(sessions, session, _month_end(session, session.month))
    quarter = _left(sessions, session, _month_end(session, 3 * ((session.month + 2) // 3)))
    return Dates(
        third=sessions.offset(session, EARLY),
        fifth=sessions.offset(session, FULL),
        month_end=month[0],
        month_left=month[1],
        quarter_end=quarter[0],
        quarter_left=quarter[1],
    )


def _left(sessions: Sessions, session: date, end: date) -> tuple[date, int]:
    days = sessions.between(session, end)
    return as_date(days[-1]), len(days) - 1


def _month_end(day: date, month: int) -> date:
    """The last day of `month` in the year of `day`."""
    first_of_next = date(day.year + month // 12, month % 12 + 1, 1)
    return first_of_next - timedelta(days=1)
