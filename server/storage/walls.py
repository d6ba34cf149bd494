"""The door of those who work for all schools beside the server: migrations, backups (migration 0009_walls)."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlencode, urlsplit

_FOR_EVERY_SCHOOL = "-c shiller.school=every"


def for_every_school(url: str) -> str:
    """The same address; who connects by it sees the rows of every school, where a role sees any."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    query["options"] = f"{query.get('options', '')} {_FOR_EVERY_SCHOOL}".strip()
    return parts._replace(query=urlencode(query, quote_via=quote)).geturl()
