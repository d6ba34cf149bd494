"""The trainees' own words in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from server.domain.case import Case
from server.domain.outcomes import InvalidFields
from server.domain.reflections import Reflection, ReflectionChange, ToldReflection, judge_reflection
from server.domain.session import Seat
from server.storage.postgres.database import Database
from server.storage.postgres.rows import plain_uuid

REFLECTION_COLUMNS = ("id", "session_id", "school_id", "author_hash", "seat_id", "words", "scores", "version")
_FIND = "SELECT * FROM reflections WHERE session_id = $1 AND author_hash = $2"
# Of two first ones of one author at once, the second waits here for the first, and is then judged on it.
_ADD = f"""
INSERT INTO reflections ({", ".join(REFLECTION_COLUMNS)})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT DO NOTHING RETURNING true
"""  # noqa: S608 - only the constant list of columns is filled in
_WRITE = "UPDATE reflections SET seat_id = $2, words = $3, scores = $4, version = $5 WHERE id = $1"
_LIST = """
SELECT reflections.id, reflections.seat_id, seats.name, words, scores
FROM reflections LEFT JOIN seats ON seats.id = reflections.seat_id
WHERE reflections.session_id = $1 AND (words <> '' OR scores <> '{}')
ORDER BY reflections.id
"""


class PostgresReflections:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def find_reflection(self, session_id: UUID, author_hash: bytes) -> Reflection | None:
        row = await self._database.every_school.fetchrow(_FIND, session_id, author_hash)
        return None if row is None else reflection_from(row)

    async def change_reflection(
        self, first: Reflection, seat: Seat, case: Case | None, change: ReflectionChange
    ) -> Reflection | InvalidFields:
        async with self._database.of(first.school_id).transaction() as connection:
            while True:
                row = await connection.fetchrow(f"{_FIND} FOR NO KEY UPDATE", first.session_id, first.author_hash)
                known = None if row is None else reflection_from(row)
                outcome = judge_reflection(known or first, seat, case, change)
                if not isinstance(outcome, Reflection) or outcome == known:
                    return outcome
                if known is not None:
                    values = (known.id, outcome.seat_id, outcome.words, dict(outcome.scores), outcome.version)
                    await connection.execute(_WRITE, *values)
                    return outcome
                if await connection.fetchval(_ADD, *reflection_values(outcome)):
                    return outcome

    async def list_reflections(self, session_id: UUID) -> Sequence[ToldReflection]:
        return [_told_from(row) for row in await self._database.every_school.fetch(_LIST, session_id)]


def reflection_values(reflection: Reflection) -> tuple[object, ...]:
    return (
        reflection.id,
        reflection.session_id,
        reflection.school_id,
        reflection.author_hash,
        reflection.seat_id,
        reflection.words,
        dict(reflection.scores),
        reflection.version,
    )


def reflection_from(row: asyncpg.Record) -> Reflection:
    return Reflection(
        id=plain_uuid(row["id"]),
        session_id=plain_uuid(row["session_id"]),
        school_id=plain_uuid(row["school_id"]),
        author_hash=row["author_hash"],
        seat_id=None if row["seat_id"] is None else plain_uuid(row["seat_id"]),
        words=row["words"],
        scores=row["scores"],
        version=row["version"],
    )


def _told_from(row: asyncpg.Record) -> ToldReflection:
    seat_id = None if row["seat_id"] is None else plain_uuid(row["seat_id"])
    return ToldReflection(plain_uuid(row["id"]), seat_id, row["name"], row["words"], row["scores"])
