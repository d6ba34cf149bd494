"""The door of PostgreSQL's own programs, which work for all schools beside the server (migration 0009_walls)."""

from __future__ import annotations

from server.database_address import with_option

_FOR_EVERY_SCHOOL = "-c shiller.school=every"


def for_every_school(url: str) -> str:
    """The same address; who connects by it sees the rows of every school, where a role sees any."""
    return with_option(url, _FOR_EVERY_SCHOOL)
