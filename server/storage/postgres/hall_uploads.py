"""What hall servers send, in PostgreSQL: copies of their sessions, and the events of those, a part at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg

from server.domain.annotations import Annotation
from server.domain.events import Event, SessionEnded
from server.domain.hall_beside import Beside
from server.domain.hall_records import (
    CopyWritten,
    PartRefused,
    PartTaken,
    RecordPart,
    SessionCopy,
    judge_copy,
    judging_part,
)
from server.domain.halls import Hall
from server.domain.judging import Rejected
from server.domain.limits import limits_as_json
from server.domain.opening import draw_code
from server.domain.outcomes import FieldError
from server.domain.record import Recorded
from server.domain.session import CLOSED, Seat, Session
from server.domain.sync import FieldWrite, written_after, written_as_json, written_at_first
from server.live.known_sessions import KnownSessions
from server.ports.halls import CopyKept
from server.ports.slices import Slices, in_slices
from server.storage.postgres.attendance import span_row
from server.storage.postgres.database import Database
from server.storage.postgres.hall_annotations import put_annotations
from server.storage.postgres.hall_beside import put_beside
from server.storage.postgres.records import EVENT_RECORD, EVENT_VALUES, event_record
from server.storage.postgres.rows import (
    EVENT_COLUMNS,
    SESSION_COLUMNS,
    forked_from_values,
    hall_values,
    limits_values,
    plain_uuid,
    seat_from,
    session_from,
    written_from,
)
from server.storage.postgres.school_transaction import SchoolChange, SchoolTransactions
from server.storage.postgres.session_reads import LOCK_SESSION
from server.storage.postgres.session_rows import edited_first, insert_into, session_columns
from server.storage.postgres.sessions import insert_case

if TYPE_CHECKING:
    from server.storage.postgres.database import Connection

NO_TRAINER = Rejected("invalid_fields", (FieldError("payload.trainer_id", "is not a trainer of this school"),))
_TRIES = 5

# In the order of ids, as everybody who holds several rows: two of them never wait for each other.
_HOLD = f"SELECT {SESSION_COLUMNS}, sync_version FROM sessions WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE"  # noqa: S608
_CHANGE = """
UPDATE sessions
SET trainer_id = $2, template_id = $3, title = $4, trainee_name = $5, created_at = $6, updated_at = $7, expires_at = $8,
    limits = $9, version = $10, sync_version = $11, written = $12, public_title = $13, co_trainer_ids = $14,
    shows_conditions = $15, forked_from = $16, hall = $17
WHERE id = $1
"""
_PUT_SEAT = """
INSERT INTO seats (id, session_id, name, joined_at, removed_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE
SET name = excluded.name, joined_at = excluded.joined_at, removed_at = excluded.removed_at
WHERE seats.session_id = excluded.session_id
"""
# Of a seat of this very session.
_PUT_SPANS = """
INSERT INTO attendance (id, seat_id, session_id, joined_at, left_at, seen_at)
SELECT span.id, seats.id, seats.session_id, span.joined_at, span.left_at, $2
FROM jsonb_to_recordset($1) AS span (
    id uuid, seat_id uuid, session_id uuid, joined_at timestamptz, left_at timestamptz
) JOIN seats ON seats.id = span.seat_id AND seats.session_id = span.session_id
ON CONFLICT (id) DO UPDATE SET left_at = excluded.left_at, seen_at = excluded.seen_at
WHERE attendance.seat_id = excluded.seat_id
"""
_PUT_LIMITS = """
INSERT INTO session_limits (session_id, at, limits)
SELECT session_id, at, limits FROM jsonb_to_recordset($1) AS since (session_id uuid, at timestamptz, limits jsonb)
ON CONFLICT (session_id, at) DO UPDATE SET limits = excluded.limits
"""
_IDS_AT = "SELECT seq, id FROM session_events WHERE session_id = $1 AND seq BETWEEN $2 AND $3"
_STORED = "SELECT id FROM session_events WHERE id = ANY($1)"
_ADD_EVENTS = f"""
INSERT INTO session_events ({EVENT_COLUMNS}) SELECT {EVENT_VALUES}
FROM jsonb_to_recordset($1) AS event ({EVENT_RECORD})
"""  # noqa: S608 - only the constant list of columns is filled in
# In one round trip.
_ADD_AND_MOVE = f"""
WITH moved AS (UPDATE sessions SET last_seq = $3, last_values = $4, updated_at = $5, hall = $6 WHERE id = $2)
{_ADD_EVENTS}
"""  # noqa: S608 - constants
_END = """
UPDATE sessions
SET last_seq = $2, last_values = $3, updated_at = $4, hall = $5, closed_at = $6, close_reason = $7, version = $8,
    sync_version = $9, written = $10
WHERE id = $1
"""


class PostgresHallUploads:
    def __init__(self, database: Database, schools: SchoolTransactions, known_sessions: KnownSessions) -> None:
        self._database = database
        self._schools = schools
        self._known_sessions = known_sessions

    async def put_sessions(
        self, hall: Hall, copies: Sequence[SessionCopy], now: datetime
    ) -> Sequence[CopyKept | Rejected]:
        tries = _TRIES
        while True:
            tries -= 1
            try:
                kept = await self._schools.change(
                    hall.school_id, now, lambda school: _put(school, hall, copies, now), versions=max(1, len(copies))
                )
                break
            except asyncpg.UniqueViolationError:
                # Somebody took a code, or the id, meanwhile: it is seen the next time.
                if not tries:
                    raise
        for each in kept:
            if isinstance(each, CopyKept):
                self._known_sessions.see(each.session)
        return kept

    async def add_part(self, hall: Hall, part: RecordPart, now: datetime) -> PartTaken | PartRefused:
        # Only an end is an edit, which has its place in the school's log: who sends the rest holds up nobody.
        if any(isinstance(event.fact, SessionEnded) for event in part.events):
            judged = await self._schools.change(hall.school_id, now, lambda school: _end_with(school, hall, part))
        else:
            judged = await self._database.of(hall.school_id).transact(lambda connection: _add(connection, hall, part))
        if isinstance(judged, PartTaken) and judged.recorded:
            self._known_sessions.see(judged.session)
            for recorded in judged.recorded:
                self._known_sessions.remember(recorded.event)
        return judged

    async def put_annotations(self, hall: Hall, annotations: Sequence[Annotation]) -> Sequence[Rejected | None]:
        return await put_annotations(self._database, hall, annotations)

    async def put_beside(self, hall: Hall, rows: Sequence[Beside]) -> Sequence[Rejected | None]:
        return await put_beside(self._database, hall, rows)


async def _put(
    school: SchoolChange, hall: Hall, copies: Sequence[SessionCopy], now: datetime
) -> Sequence[CopyKept | Rejected]:
    ids = [copy.session.id for copy in copies]
    wished = [copy.session.code for copy in copies]
    async with school.everywhere():
        held = {plain_uuid(row["id"]): row for row in await school.fetch(_HOLD, ids)}
        codes = {row["code"] for row in await school.fetch("SELECT code FROM sessions WHERE code = ANY($1)", wished)}
    owners = [copy.session.trainer_id for copy in copies]
    known_owners = await _own(school, "trainers", hall, owners)
    templates = await _own(school, "session_templates", hall, [copy.session.template_id for copy in copies])
    seats = [seat_from(row) for row in await school.fetch("SELECT * FROM seats WHERE session_id = ANY($1)", ids)]
    kept: list[CopyKept | Rejected] = []
    for copy, owner, version in zip(copies, owners, school.versions, strict=False):
        if owner not in known_owners:
            kept.append(NO_TRAINER)
            continue
        if copy.session.template_id not in templates:
            copy = replace(copy, session=replace(copy.session, template_id=None))
        row = held.get(copy.session.id)
        known = None if row is None else session_from(row)
        written = judge_copy(known, [seat for seat in seats if seat.session_id == copy.session.id], copy, hall, now)
        if isinstance(written, Rejected):
            kept.append(written)
        elif known is None or row is None:
            session = _under_a_free_code(written.session, codes)
            codes.add(session.code)
            await _insert(school, replace(written, session=session), copy, version)
            kept.append(CopyKept(session, version, True))
        else:
            is_changed = await _update(school, known, written, version)
            kept.append(CopyKept(written.session, version if is_changed else row["sync_version"], is_changed))
        if isinstance(kept[-1], CopyKept) and kept[-1].session.names_out_at is None:
            await _put_history(school, copy, now)
    return kept


async def _put_history(school: SchoolChange, copy: SessionCopy, now: datetime) -> None:
    if copy.spans:
        await school.execute(_PUT_SPANS, [span_row(span) for span in copy.spans], now)
    if copy.limits_since:
        await school.execute(_PUT_LIMITS, [limits_values(copy.session.id, each) for each in copy.limits_since])


async def _own(school: SchoolChange, table: str, hall: Hall, ids: Sequence[UUID | None]) -> set[UUID]:
    sql = f"SELECT id FROM {table} WHERE school_id = $1 AND id = ANY($2)"  # noqa: S608 - a constant
    rows = await school.fetch(sql, hall.school_id, [each for each in ids if each is not None])
    return {plain_uuid(row["id"]) for row in rows}


def _under_a_free_code(session: Session, taken: set[str]) -> Session:
    """That a drawn one is taken is found by the unique index, and then drawn anew."""
    return replace(session, code=draw_code()) if session.code in taken else session


async def _insert(school: SchoolChange, written: CopyWritten, copy: SessionCopy, version: int) -> None:
    columns = session_columns(written.session, edited_first(FieldWrite(version)))
    await school.execute(insert_into("sessions", columns), *columns.values())
    if copy.case is not None:
        await insert_case(school, written.session, copy.case)
    await _put_seats(school, written.seats)


async def _update(school: SchoolChange, known: Session, written: CopyWritten, version: int) -> bool:
    session = written.session
    await _put_seats(school, written.seats)
    if session.version == known.version:
        if session.hall != known.hall:
            sql = "UPDATE sessions SET hall = $2 WHERE id = $1"
            await school.execute(sql, session.id, hall_values(session.hall))
        return False
    await school.execute(
        _CHANGE,
        session.id,
        session.trainer_id,
        session.template_id,
        session.title,
        session.trainee_name,
        session.created_at,
        session.updated_at,
        session.expires_at,
        limits_as_json(session.limits),
        session.version,
        version,
        written_as_json(written_at_first(FieldWrite(version))),
        session.public_title,
        session.co_trainer_ids,
        session.shows_conditions,
        forked_from_values(session.forked_from),
        hall_values(session.hall),
    )
    return True


async def _put_seats(school: SchoolChange, seats: Sequence[Seat]) -> None:
    if seats:
        rows = [(seat.id, seat.session_id, seat.name, seat.joined_at, seat.removed_at) for seat in seats]
        await school.execute_many(_PUT_SEAT, rows)


async def _add(connection: Connection, hall: Hall, part: RecordPart) -> tuple[PartTaken | PartRefused, bool]:
    row = await connection.fetchrow(LOCK_SESSION, part.session_id)
    judged = await _judge(connection, row, hall, part)
    if isinstance(judged, PartRefused) or not judged.recorded:
        return judged, False
    moved = judged.session
    values = (moved.id, moved.last_seq, moved.last_values.as_json(), moved.updated_at, hall_values(moved.hall))
    await connection.execute(_ADD_AND_MOVE, await _records_of(judged.recorded), *values)
    return judged, True


async def _end_with(school: SchoolChange, hall: Hall, part: RecordPart) -> PartTaken | PartRefused:
    """With the end, which is the last of them. The school's head first: the order in which every edit takes locks."""
    row = await school.fetchrow(LOCK_SESSION, part.session_id)
    judged = await _judge(school, row, hall, part)
    if row is None or isinstance(judged, PartRefused) or not judged.recorded:
        return judged
    ended = judged.session
    await school.execute(
        _END,
        ended.id,
        ended.last_seq,
        ended.last_values.as_json(),
        ended.updated_at,
        hall_values(ended.hall),
        ended.closed_at,
        ended.close_reason,
        ended.version,
        school.write.version,
        written_as_json(written_after(written_from(row), CLOSED, school.write)),
    )
    await school.execute(_ADD_EVENTS, await _records_of(judged.recorded))
    return judged


async def _records_of(recorded: Sequence[Recorded]) -> Sequence[Mapping[str, object]]:
    slices = Slices()
    records: list[Mapping[str, object]] = []
    for each in recorded:
        records.append(event_record(each.event))
        await slices.breathe()
    return records


async def _judge(
    connection: Connection | SchoolChange, row: asyncpg.Record | None, hall: Hall, part: RecordPart
) -> PartTaken | PartRefused:
    session = None if row is None else session_from(row)
    is_news = session is not None and all(event.seq > session.last_seq for event in part.events)
    known: Mapping[int, UUID] = {} if is_news else await _ids_at(connection, part.session_id, part.events)
    ids = [event.id for event in part.events]
    stored = {plain_uuid(found["id"]) for found in await connection.fetch(_STORED, ids)}
    return await in_slices(judging_part(session, hall, part, known, stored))


async def _ids_at(
    connection: Connection | SchoolChange, session_id: UUID, events: Sequence[Event]
) -> Mapping[int, UUID]:
    seqs = [event.seq for event in events]
    rows = await connection.fetch(_IDS_AT, session_id, min(seqs), max(seqs))
    return {row["seq"]: plain_uuid(row["id"]) for row in rows}
