"""Everything of a school, read out of PostgreSQL in one snapshot and through cursors."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, cast
from uuid import UUID

import asyncpg

from server.domain.attendance import SeatSpan
from server.domain.devices import Device
from server.domain.moving import Edited, Head, MovedSeat, MovedSession, MovedTemplate, MovedTrainer, Part
from server.ports.slices import Slices
from server.storage.postgres.audit import entry_from
from server.storage.postgres.database import ConnectionSettings
from server.storage.postgres.moments import moment_edit_from
from server.storage.postgres.reflections import reflection_from
from server.storage.postgres.rows import (
    EVENT_COLUMNS,
    LIMITS_SINCE,
    SESSION_COLUMNS,
    annotation_from,
    case_from,
    event_from,
    limits_since_from,
    optional_moment,
    plain_moment,
    plain_uuid,
    school_from,
    seat_from,
    session_from,
    template_from,
    trainer_from,
    written_from,
)
from server.storage.postgres.scores import sheet_from
from server.storage.postgres.separate_connection import separate_connection
from server.storage.postgres.sync_rows import conflict_from, revocation_from

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

# For this transaction, as every other edit sets it (school_transaction.py).
SET_SCHOOL = "SELECT set_config('shiller.school', $1, true)"
_TRAINERS = "SELECT * FROM trainers WHERE school_id = $1 ORDER BY created_at, id"
_TEMPLATES = "SELECT * FROM session_templates WHERE school_id = $1 ORDER BY created_at, id"
_SESSIONS = f"""
SELECT {SESSION_COLUMNS}, sync_version, first_version, written, {LIMITS_SINCE} FROM sessions
WHERE school_id = $1 AND deleted_at IS NULL
ORDER BY created_at, id
"""  # noqa: S608 - only constant lists of columns are filled in
_CASE = "SELECT * FROM session_cases WHERE session_id = $1"
_SEATS = "SELECT * FROM seats WHERE session_id = $1 ORDER BY joined_at, id"
_EVENTS = f"""
SELECT {EVENT_COLUMNS} FROM session_events WHERE session_id = $1 ORDER BY seq
"""  # noqa: S608 - only the constant list of columns is filled in
_SPANS = "SELECT * FROM attendance WHERE session_id = $1 ORDER BY joined_at, id"
_ANNOTATIONS = "SELECT * FROM annotations WHERE session_id = $1 ORDER BY created_at, id"
_MOMENT_EDITS = 'SELECT * FROM moment_edits WHERE session_id = $1 ORDER BY seq, kind COLLATE "C"'
_SHEETS = "SELECT * FROM score_sheets WHERE session_id = $1 ORDER BY created_at, id"
_REFLECTIONS = "SELECT * FROM reflections WHERE session_id = $1 ORDER BY id"
_AUDIT = "SELECT * FROM audit WHERE school_id = $1 AND subject_type <> 'school' ORDER BY at, id"
_DEVICES = 'SELECT * FROM sync_clients WHERE school_id = $1 ORDER BY client_id COLLATE "C"'
_CONFLICTS = """
SELECT * FROM sync_conflicts WHERE school_id = $1 AND resolved_at IS NULL ORDER BY created_at, id
"""
# So many rows come at a time: reading them holds the loop. Those with JSON of a case in them are large.
_ROWS = 50
_LARGE_ROWS = 5


class PostgresMoving:
    def __init__(self, url: str, settings: ConnectionSettings) -> None:
        self._url = url
        self._settings = settings

    async def read_school(self, school_id: UUID) -> AsyncGenerator[Part]:
        async with (
            separate_connection(self._url, self._settings) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            await connection.execute(SET_SCHOOL, str(school_id))
            school = await connection.fetchrow("SELECT * FROM schools WHERE id = $1", school_id)
            if school is None:
                return
            yield school_from(school)
            slices = Slices()
            async for part in _rows_of(connection, school_id):
                yield part
                await slices.breathe()
            head = await connection.fetchval("SELECT version FROM sync_head WHERE school_id = $1", school_id)
            yield Head(cast(int, head or 0))


async def _rows_of(connection: Connection, school_id: UUID) -> AsyncGenerator[Part]:
    async for row in connection.cursor(_TRAINERS, school_id, prefetch=_ROWS):
        yield MovedTrainer(trainer_from(row), row["password_hash"], edited_from(row))
    async for row in connection.cursor(_TEMPLATES, school_id, prefetch=_LARGE_ROWS):
        yield MovedTemplate(template_from(row), edited_from(row))
    async for row in connection.cursor(_SESSIONS, school_id, prefetch=_ROWS):
        session = session_from(row)
        case = await connection.fetchrow(_CASE, session.id)
        moved_case = None if case is None else case_from(case)
        yield MovedSession(session, moved_case, edited_from(row), limits_since_from(row))
        async for part in _rows_of_session(connection, session.id):
            yield part
    async for row in connection.cursor(_AUDIT, school_id, prefetch=_ROWS):
        yield entry_from(row)
    async for row in connection.cursor(_DEVICES, school_id, prefetch=_ROWS):
        yield device_from(row)
    async for row in connection.cursor(_CONFLICTS, school_id, prefetch=_LARGE_ROWS):
        yield conflict_from(row)


async def _rows_of_session(connection: Connection, session_id: UUID) -> AsyncGenerator[Part]:
    async for row in connection.cursor(_SEATS, session_id, prefetch=_ROWS):
        yield moved_seat_from(row)
    async for row in connection.cursor(_EVENTS, session_id, prefetch=_ROWS):
        yield event_from(row)
    async for row in connection.cursor(_SPANS, session_id, prefetch=_ROWS):
        yield span_from(row)
    async for row in connection.cursor(_ANNOTATIONS, session_id, prefetch=_ROWS):
        yield annotation_from(row)
    async for row in connection.cursor(_MOMENT_EDITS, session_id, prefetch=_ROWS):
        yield moment_edit_from(row)
    async for row in connection.cursor(_SHEETS, session_id, prefetch=_ROWS):
        yield sheet_from(row)
    async for row in connection.cursor(_REFLECTIONS, session_id, prefetch=_ROWS):
        yield reflection_from(row)


def edited_from(row: asyncpg.Record) -> Edited:
    return Edited(row["sync_version"], row["first_version"], written_from(row))


def moved_seat_from(row: asyncpg.Record) -> MovedSeat:
    return MovedSeat(seat_from(row), row["token_hash"])


def span_from(row: asyncpg.Record) -> SeatSpan:
    return SeatSpan(
        id=plain_uuid(row["id"]),
        seat_id=plain_uuid(row["seat_id"]),
        session_id=plain_uuid(row["session_id"]),
        joined_at=plain_moment(row["joined_at"]),
        left_at=optional_moment(row["left_at"]),
    )


def device_from(row: asyncpg.Record) -> Device:
    """Who it belongs to; how far it has come is of no use elsewhere."""
    trainer_id = None if row["trainer_id"] is None else plain_uuid(row["trainer_id"])
    seen_at = plain_moment(row["last_seen_at"])
    school_id, revoked = plain_uuid(row["school_id"]), revocation_from(row)
    return Device(school_id, row["client_id"], trainer_id, seen_at, revoked=revoked)
