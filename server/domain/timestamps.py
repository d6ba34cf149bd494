"""Moments on the wire: RFC 3339 in UTC with milliseconds, `2026-11-21T09:30:00.123Z`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from server.domain.outcomes import FieldError


def to_milliseconds(moment: datetime) -> datetime:
    """The same moment in UTC, cut to what the wire can carry, so that storage and wire agree."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    elif not moment.microsecond % 1000:
        # As it was stored: asked of every row that is read.
        return moment
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def write_timestamp(moment: datetime) -> str:
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"


def write_optional_timestamp(moment: datetime | None) -> str | None:
    return None if moment is None else write_timestamp(moment)


def read_timestamp(text: str) -> datetime:
    """RFC 3339 lets `t` and `z` be small.

    Raises ValueError for a text that is no moment or names no offset, TypeError for what is no text.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.fromisoformat(text.upper())
    if moment.tzinfo is None:
        raise ValueError("a moment needs an offset, for example Z")
    try:
        return to_milliseconds(moment)
    except OverflowError:
        raise ValueError("a moment lies in the years 1 to 9999 in UTC") from None


def not_soon_error(field: str, moment: datetime, now: datetime, longest: timedelta) -> FieldError | None:
    """Of what has to lie in the future, and not too far in it."""
    if now < moment <= now + longest:
        return None
    return FieldError(field, f"must be in the future, at most {longest.days} days from now")
