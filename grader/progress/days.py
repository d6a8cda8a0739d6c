"""Moments and calendar days: time is kept in UTC, days are the learner's own."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from grader.errors import BadInput

DAY = 86_400.0  # seconds; used for elapsed time only, never to find a calendar day


def moment(created: str) -> datetime:
    """A stored timestamp as a moment in UTC; one without an offset is refused, since it could mean anything."""
    try:
        found = datetime.fromisoformat(created)
    except ValueError:
        raise BadInput(f"{created!r} is not a time such as 2026-11-21T09:30:00.000000Z") from None
    if found.tzinfo is None:
        raise BadInput(f"{created!r} does not say its offset from UTC; end it with Z or +00:00")
    return found.astimezone(UTC)


def stamp(at: datetime) -> str:
    """A moment as attempts keep it: UTC with microseconds, so that it sorts as text."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def seconds(at: datetime) -> float:
    """A moment as seconds since 1970."""
    return at.timestamp()


def local_day(at: datetime, zone: str) -> date:
    """The calendar day on which a moment falls where the learner lives."""
    return at.astimezone(time_zone(zone)).date()


def midnight_after(at: datetime, zone: str) -> datetime:
    """When the learner's day of that moment ends: 23 to 25 hours after it began where clocks change."""
    there = time_zone(zone)
    tomorrow = at.astimezone(there).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), there).astimezone(UTC)


@lru_cache(maxsize=64)
def time_zone(name: str) -> tzinfo:
    """The rules of a time zone; UTC needs no database."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # a malformed name, a folder's name, an unknown one
        raise BadInput(f"time zone {name!r} is not known here; give a name such as UTC or Europe/Paris") from None
