"""A class that joins takes every connection of the pool at once: what the first use of one costs, it pays ten times."""

from __future__ import annotations

import asyncpg
import pytest

from server.storage.postgres.attendance import PUT_SPANS
from server.storage.postgres.database import prepare
from server.storage.postgres.seat_naming import INSERT_SEATS, READ_SEATS, READ_SEATS_SINCE, RENAME_SEATS, TAKE_TURN
from server.storage.postgres.session_reads import FIND_SESSION, FIND_SESSION_BY_CODE


@pytest.mark.parametrize(
    "sql",
    [
        FIND_SESSION,
        FIND_SESSION_BY_CODE,
        PUT_SPANS,
        TAKE_TURN,
        READ_SEATS,
        READ_SEATS_SINCE,
        INSERT_SEATS,
        RENAME_SEATS,
    ],
)
async def test_the_driver_knows_all_types_of_a_join_without_reading_the_catalogue(sql: str, database_url: str) -> None:
    asked: list[str] = []
    connection = await asyncpg.connect(database_url)
    try:
        await prepare(connection)
        connection.add_query_logger(lambda query: asked.append(query.query))
        # Types are looked up now; the preparing itself is no query that the driver tells of.
        await connection.prepare(sql)
    finally:
        await connection.close()
    assert asked == []
