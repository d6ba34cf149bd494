"""A connection of asyncpg to the database of DATABASE_URL, at whichever of its hosts will do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import asyncpg

from server.database_address import read_driver_words

# Why the next host is asked: nobody answers there, it is only starting, or it is not the one that is wanted.
_NEXT = (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.TargetServerAttributeNotMatched)


async def connect(
    url: str, seconds: float, settings: Mapping[str, str], **more: Any
) -> asyncpg.Connection[asyncpg.Record]:
    """`seconds` are for each host, unless the address says how long; `settings` hold for the connection's life.

    They are told by a statement and not with the login: a pooler lets nobody in who says a word that it does not know.
    """
    driver = read_driver_words(url)
    timeout = driver.connect_seconds or seconds
    failure: Exception | None = None
    for attribute in driver.attributes:
        for place in driver.places or ({},):
            words: dict[str, Any] = {**driver.words, **place, **more, "target_session_attrs": attribute}
            try:
                connection = await asyncpg.connect(timeout=timeout, **words)
            except _NEXT as error:
                failure = error
                continue
            return await _told(connection, settings, timeout)
    assert failure is not None  # noqa: S101 - one was tried
    raise failure


async def _told(
    connection: asyncpg.Connection[asyncpg.Record], settings: Mapping[str, str], seconds: float
) -> asyncpg.Connection[asyncpg.Record]:
    if settings:
        told = "; ".join(f"SET {name} = '{value}'" for name, value in settings.items())
        try:
            await connection.execute(told, timeout=seconds)
        except BaseException:
            connection.terminate()
            raise
    return connection
