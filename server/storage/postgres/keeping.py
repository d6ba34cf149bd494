"""What a school keeps, and for how long, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid4

import asyncpg

from server.domain.annotations import Annotation
from server.domain.audit import AuditEntry, Subject, author_of, entry_of_record, entry_of_retention
from server.domain.devices import NAMING_FIELDS
from server.domain.events import Author, Event, write_fact
from server.domain.names_beside import Rewriting
from server.domain.names_out import FIRST_TRAINEE, NamesOut
from server.domain.outcomes import Forbidden, InvalidFields, NotFound, NotHome, Unchanged
from server.domain.people import Retention, School, Trainer
from server.domain.permissions import NO_SESSION
from server.domain.retention import DueMeasure, deleted, judge_lock, judge_unlock, next_measure
from server.domain.session import Seat, Session
from server.domain.sync import written_after, written_as_json
from server.live.known_sessions import KnownSessions
from server.ports.results import Cursor, Page
from server.storage.postgres.database import Database
from server.storage.postgres.moments import moment_edit_from
from server.storage.postgres.rows import (
    SESSION_COLUMNS,
    annotation_from,
    lock_values,
    plain_uuid,
    school_from,
    seat_from,
    session_from,
    written_from,
)
from server.storage.postgres.school_transaction import SchoolChange, SchoolTransactions
from server.storage.postgres.scores import sheet_from
from server.storage.postgres.session_reads import LOCK_SESSION

Outcome = TypeVar("Outcome")

_NAMING = f"'{{{','.join(NAMING_FIELDS)}}}'::text[]"

_PUT_RETENTION = """
UPDATE schools SET names_months = $2, records_months = $3, retention_begins_at = $4, updated_at = $5 WHERE id = $1
"""
# Months are added by UTC, whatever the time zone of the connection, as the domain adds them.
_LIST_DUE = f"""
SELECT {SESSION_COLUMNS}
FROM sessions CROSS JOIN LATERAL (
    SELECT least(
        CASE WHEN names_out_at IS NULL THEN
            (closed_at AT TIME ZONE 'UTC' + make_interval(months => $2)) AT TIME ZONE 'UTC' END,
        (closed_at AT TIME ZONE 'UTC' + make_interval(months => $3)) AT TIME ZONE 'UTC'
    ) AS since
) AS step
WHERE school_id = $1 AND closed_at IS NOT NULL AND deleted_at IS NULL AND lock IS NULL AND since IS NOT NULL
  AND ($4::timestamptz IS NULL OR (since, id) > ($4, $5))
ORDER BY since, id LIMIT $6
"""  # noqa: S608 - only the constant list of columns is filled in
_KEEP = "UPDATE sessions SET lock = $2, updated_at = $3, version = $4, sync_version = $5, written = $6 WHERE id = $1"
_DELETE = """
UPDATE sessions
SET title = '', public_title = '', trainee_name = NULL, last_values = $2, last_seq = 0, names_out_at = $3,
    updated_at = $3, deleted_at = $3, version = $4, sync_version = $5, written = $6
WHERE id = $1
"""

_SEATS = "SELECT * FROM seats WHERE session_id = $1 ORDER BY joined_at, id"
_ANNOTATIONS = "SELECT * FROM annotations WHERE session_id = $1 ORDER BY created_at, id"
_NAMES_OUT = """
UPDATE sessions
SET title = $2, public_title = $3, trainee_name = NULL, names_out_at = $4, updated_at = $5, version = $6,
    sync_version = $7, written = $8
WHERE id = $1
"""
_RENAME_SEATS = """
UPDATE seats SET name = seat.name FROM jsonb_to_recordset($1) AS seat (id uuid, name text) WHERE seats.id = seat.id
"""
# Whoever edited one meanwhile has written it anew: they saw the names, and what they wrote stands.
_REWRITE_ANNOTATIONS = """
UPDATE annotations AS kept
SET text = change.text, deleted_at = change.deleted_at, updated_at = change.updated_at, version = change.version
FROM jsonb_to_recordset($1) AS change (
    id uuid, text text, deleted_at timestamptz, updated_at timestamptz, version integer
)
WHERE kept.id = change.id AND kept.version = change.version - 1
"""
_SHEETS = "SELECT * FROM score_sheets WHERE session_id = $1 FOR NO KEY UPDATE"
_REWRITE_SHEET = """
UPDATE score_sheets SET items = $3, comment = $4, updated_at = $5, version = $6 WHERE session_id = $1 AND by_id = $2
"""
_OWN_WORDS = "SELECT id, words FROM reflections WHERE session_id = $1 AND words <> '' FOR NO KEY UPDATE"
_REWRITE_OWN_WORDS = """
UPDATE reflections SET words = change.words FROM jsonb_to_recordset($1) AS change (id uuid, words text)
WHERE reflections.id = change.id
"""
_MOMENT_TITLES = "SELECT * FROM moment_edits WHERE session_id = $1 AND title IS NOT NULL FOR NO KEY UPDATE"
_REWRITE_TITLES = """
UPDATE moment_edits SET title = change.title FROM jsonb_to_recordset($1) AS change (id uuid, title text)
WHERE moment_edits.id = change.id
"""
_RENAME_TRY = "UPDATE assignment_tries SET name = $2 WHERE session_id = $1"
# What devices wanted to write, and could not, names people as well; of a session that has ended nothing is decided.
_SETTLE_CONFLICTS = f"""
UPDATE sync_conflicts
SET local_payload = local_payload - {_NAMING}, server_payload = server_payload - {_NAMING},
    resolved_at = coalesce(resolved_at, $3), kept = coalesce(kept, 'server')
WHERE school_id = $1 AND entity_type = 'SESSION' AND entity_id = $2
"""  # noqa: S608 - only constants are filled in


class PostgresKeeping:
    def __init__(self, database: Database, schools: SchoolTransactions, known_sessions: KnownSessions) -> None:
        self._database = database
        self._schools = schools
        self._known_sessions = known_sessions

    async def put_retention(self, school_id: UUID, retention: Retention, by: Author, now: datetime) -> School:
        async def write(change: SchoolChange) -> School:
            await change.edit(
                entry_of_retention(uuid4(), school_id, retention, by, now),
                _PUT_RETENTION,
                school_id,
                retention.names_months,
                retention.records_months,
                retention.begins_at,
                now,
            )
            row = await change.fetchrow("SELECT * FROM schools WHERE id = $1", school_id)
            assert row is not None  # noqa: S101 - whoever asks belongs to it
            return school_from(row)

        return await self._schools.change(school_id, now, write)

    async def list_due(self, school: School, limit: int, after: Cursor | None) -> Page[DueMeasure]:
        rows = await self._database.of(school.id).fetch(
            _LIST_DUE,
            school.id,
            school.retention.names_months,
            school.retention.records_months,
            after.created_at if after else None,
            after.id if after else None,
            limit + 1,
        )
        found = [due for row in rows if (due := next_measure(session_from(row), school.retention)) is not None]
        kept = found[:limit]
        return Page(kept, Cursor(kept[-1].since, kept[-1].id) if len(found) > limit else None)

    async def lock_session(
        self, session_id: UUID, trainer: Trainer, reason: str, now: datetime
    ) -> Session | Unchanged[Session] | NotFound | Forbidden | NotHome | InvalidFields:
        async def write(
            school: SchoolChange,
        ) -> Session | Unchanged[Session] | NotFound | Forbidden | NotHome | InvalidFields:
            row = await school.fetchrow(LOCK_SESSION, session_id)
            if row is None:
                return NO_SESSION
            outcome = judge_lock(session_from(row), trainer, reason, now)
            if isinstance(outcome, Session):
                await _keep(school, row, outcome, entry_of_record(uuid4(), "locked", outcome, author_of(trainer), now))
            return outcome

        return self._seen(await self._schools.change(trainer.school_id, now, write))

    async def unlock_session(
        self, session_id: UUID, trainer: Trainer, now: datetime
    ) -> Session | Unchanged[Session] | NotFound | Forbidden | NotHome:
        async def write(school: SchoolChange) -> Session | Unchanged[Session] | NotFound | Forbidden | NotHome:
            row = await school.fetchrow(LOCK_SESSION, session_id)
            if row is None:
                return NO_SESSION
            outcome = judge_unlock(session_from(row), trainer, now)
            if isinstance(outcome, Session):
                entry = entry_of_record(uuid4(), "unlocked", outcome, author_of(trainer), now)
                await _keep(school, row, outcome, entry)
            return outcome

        return self._seen(await self._schools.change(trainer.school_id, now, write))

    async def list_every_seat(self, session_id: UUID) -> Sequence[Seat]:
        rows = await self._database.every_school.fetch(_SEATS, session_id)
        return [seat_from(row) for row in rows]

    async def list_every_annotation(self, session_id: UUID) -> Sequence[Annotation]:
        rows = await self._database.every_school.fetch(_ANNOTATIONS, session_id)
        return [annotation_from(row) for row in rows]

    async def take_names_out(self, before: Session, out: NamesOut, by: Author, now: datetime) -> bool:
        session = out.session

        async def write(school: SchoolChange) -> bool:
            row = await school.fetchrow(LOCK_SESSION, before.id)
            if row is None or row["version"] != before.version:
                return False
            await school.edit(
                entry_of_record(uuid4(), "names_out", session, by, now),
                _NAMES_OUT,
                session.id,
                session.title,
                session.public_title,
                session.names_out_at,
                now,
                session.version,
                school.write.version,
                written_as_json(written_after(written_from(row), (), school.write)),
            )
            await school.execute(_RENAME_SEATS, [{"id": each.id, "name": each.name} for each in out.seats])
            await school.execute("SELECT rewrite_events($1, $2)", session.id, [_rewritten(each) for each in out.events])
            await school.execute(_REWRITE_ANNOTATIONS, [_annotation_record(each) for each in out.annotations])
            await _unname_beside(school, session.id, out.rewriting, now)
            await school.execute(_RENAME_TRY, session.id, FIRST_TRAINEE)
            await school.execute(_SETTLE_CONFLICTS, session.school_id, session.id, now)
            await school.execute("SELECT forget_answers($1)", session.id)
            return True

        is_out = await self._schools.change(before.school_id, now, write)
        if is_out:
            self._known_sessions.forget(before.id)
            self._known_sessions.see(session)
        return is_out

    async def delete_record(self, session: Session, by: Author, now: datetime) -> bool:
        async def write(school: SchoolChange) -> bool:
            row = await school.fetchrow(LOCK_SESSION, session.id)
            if row is None or row["lock"] is not None:
                return False
            tombstone = deleted(session_from(row), now)
            await school.edit(
                AuditEntry(uuid4(), session.school_id, now, by, "deleted", Subject("session", session.id)),
                _DELETE,
                session.id,
                tombstone.last_values.as_json(),
                now,
                tombstone.version,
                school.write.version,
                written_as_json(written_after(written_from(row), ("closed",), school.write)),
            )
            await school.execute("SELECT delete_record($1)", session.id)
            return True

        is_gone = await self._schools.change(session.school_id, now, write)
        if is_gone:
            self._known_sessions.forget(session.id)
        return is_gone

    def _seen(self, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Session):
            self._known_sessions.see(outcome)
        return outcome


async def _keep(school: SchoolChange, row: asyncpg.Record, session: Session, entry: AuditEntry) -> None:
    await school.edit(
        entry,
        _KEEP,
        session.id,
        lock_values(session.lock),
        session.updated_at,
        session.version,
        school.write.version,
        # None of the fields that people edit on their devices was written.
        written_as_json(written_after(written_from(row), (), school.write)),
    )


async def _unname_beside(school: SchoolChange, session_id: UUID, rewriting: Rewriting, now: datetime) -> None:
    """What people wrote of it besides: comments on score sheets, trainees' own words, titles of moments."""
    sheets = [sheet_from(row) for row in await school.fetch(_SHEETS, session_id)]
    for sheet in sheets:
        if (unnamed := rewriting.sheet(sheet, now)) is not sheet:
            items = {key: item.as_json() for key, item in unnamed.items.items()}
            values = (session_id, sheet.by.id, items, unnamed.comment, now, unnamed.version)
            await school.execute(_REWRITE_SHEET, *values)
    words = [
        {"id": row["id"], "words": rewriting.words(plain_uuid(row["id"]), row["words"])}
        for row in await school.fetch(_OWN_WORDS, session_id)
    ]
    await school.execute(_REWRITE_OWN_WORDS, words)
    edits = [moment_edit_from(row) for row in await school.fetch(_MOMENT_TITLES, session_id)]
    await school.execute(_REWRITE_TITLES, [{"id": edit.id, "title": rewriting.title(edit)} for edit in edits])


def _rewritten(event: Event) -> Mapping[str, object]:
    written = write_fact(event.fact)
    return {"id": event.id, "by_name": event.by.name, "text": written.text, "details": written.details}


def _annotation_record(annotation: Annotation) -> Mapping[str, object]:
    return {
        "id": annotation.id,
        "text": annotation.text,
        "deleted_at": annotation.deleted_at,
        "updated_at": annotation.updated_at,
        "version": annotation.version,
    }
