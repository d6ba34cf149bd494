"""Score sheets in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from server.domain.events import Author
from server.domain.outcomes import VersionMismatch
from server.domain.scores import ScoreSheet, judge_replacement, stored_items
from server.storage.postgres.database import Database
from server.storage.postgres.rows import plain_moment, plain_uuid

SHEET_COLUMNS = (
    "id", "session_id", "by_id", "school_id", "by_name", "items", "comment", "created_at", "updated_at", "version",
)  # fmt: skip
_LOCK = "SELECT * FROM score_sheets WHERE session_id = $1 AND by_id = $2 FOR NO KEY UPDATE"
# Two first sheets of one evaluator at once: the second waits here for the first, and is then judged on it.
_ADD = f"""
INSERT INTO score_sheets ({", ".join(SHEET_COLUMNS)})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT DO NOTHING RETURNING true
"""  # noqa: S608 - only the constant list of columns is filled in
_WRITE = """
UPDATE score_sheets SET by_name = $3, items = $4, comment = $5, updated_at = $6, version = $7
WHERE session_id = $1 AND by_id = $2
"""


class PostgresScores:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_sheet(self, sheet: ScoreSheet, expected_version: int | None) -> ScoreSheet | VersionMismatch:
        async with self._database.of(sheet.school_id).transaction() as connection:
            while True:
                row = await connection.fetchrow(_LOCK, sheet.session_id, sheet.by.id)
                known = None if row is None else sheet_from(row)
                outcome = judge_replacement(known, sheet, expected_version)
                if not isinstance(outcome, ScoreSheet) or outcome == known:
                    return outcome
                if known is not None:
                    await connection.execute(_WRITE, *_changed_values(outcome))
                    return outcome
                if await connection.fetchval(_ADD, *sheet_values(outcome)):
                    return outcome

    async def list_sheets(self, session_id: UUID) -> Sequence[ScoreSheet]:
        sql = "SELECT * FROM score_sheets WHERE session_id = $1 ORDER BY created_at, by_id"
        return [sheet_from(row) for row in await self._database.every_school.fetch(sql, session_id)]


def sheet_values(sheet: ScoreSheet) -> tuple[object, ...]:
    return (
        sheet.id,
        sheet.session_id,
        sheet.by.id,
        sheet.school_id,
        sheet.by.name,
        {key: item.as_json() for key, item in sheet.items.items()},
        sheet.comment,
        sheet.created_at,
        sheet.updated_at,
        sheet.version,
    )


def sheet_from(row: asyncpg.Record) -> ScoreSheet:
    return ScoreSheet(
        session_id=plain_uuid(row["session_id"]),
        school_id=plain_uuid(row["school_id"]),
        by=Author("trainer", plain_uuid(row["by_id"]), row["by_name"]),
        items=stored_items(row["items"]),
        comment=row["comment"],
        created_at=plain_moment(row["created_at"]),
        updated_at=plain_moment(row["updated_at"]),
        version=row["version"],
    )


def _changed_values(sheet: ScoreSheet) -> tuple[object, ...]:
    _, session_id, by_id, _, by_name, items, comment, _, updated_at, version = sheet_values(sheet)
    return session_id, by_id, by_name, items, comment, updated_at, version
