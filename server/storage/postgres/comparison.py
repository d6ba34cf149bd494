"""What attempts are compared by, in PostgreSQL: a few reads for many sessions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from server.domain.annotations import Annotation
from server.domain.case import Case
from server.domain.debrief.for_times import FLAGS, for_times
from server.domain.debrief.marks import MONITOR_KEYS
from server.domain.events import Event
from server.domain.scores import ScoreSheet
from server.ports.comparison import EndedSession
from server.ports.slices import Slices
from server.storage.postgres.database import Database
from server.storage.postgres.rows import (
    EVENT_COLUMNS,
    annotation_from,
    case_from,
    event_from,
    plain_moment,
    plain_uuid,
)
from server.storage.postgres.scores import sheet_from


class PostgresComparison:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def ended_sessions(
        self,
        school_id: UUID,
        template_id: UUID,
        since: datetime | None,
        until: datetime | None,
        limit: int,
        now: datetime,
    ) -> Sequence[EndedSession]:
        rows = await self._database.of(school_id).fetch(
            """
            SELECT sessions.id, created_at, last_seq, seats.count AS seats,
                   CASE close_reason WHEN 'closed' THEN closed_at ELSE expires_at END AS ended_at
            FROM sessions CROSS JOIN LATERAL (
                SELECT count(*) FROM seats WHERE seats.session_id = sessions.id AND removed_at IS NULL
            ) AS seats
            WHERE school_id = $1 AND template_id = $2 AND forked_from IS NULL
              AND ($3::timestamptz IS NULL OR created_at >= $3) AND ($4::timestamptz IS NULL OR created_at < $4)
              AND (closed_at IS NOT NULL OR (expires_at <= $5 AND hall_id IS NULL))
              AND seats.count > 0
            ORDER BY created_at DESC, sessions.id DESC LIMIT $6
            """,
            school_id,
            template_id,
            since,
            until,
            now,
            limit,
        )
        return [
            EndedSession(
                plain_uuid(row["id"]),
                plain_moment(row["created_at"]),
                plain_moment(row["ended_at"]),
                row["last_seq"],
                row["seats"],
            )
            for row in rows
        ]

    async def cases_of(self, session_ids: Collection[UUID]) -> Mapping[UUID, Case]:
        rows = await self._database.every_school.fetch(
            """
            SELECT session_id, template_id, template_version, description, '[]'::jsonb AS steps, checklist, targets,
                   pass_percent
            FROM session_cases WHERE session_id = ANY($1::text[]::uuid[])
            """,
            [str(each) for each in session_ids],
        )
        cases: dict[UUID, Case] = {}
        slices = Slices()
        for row in rows:
            cases[plain_uuid(row["session_id"])] = case_from(row)
            await slices.breathe()
        return cases

    async def key_events_of(self, session_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Event]]:
        # The same choice as `for_times`, so that what it would leave out is not sent.
        rows = await self._database.every_school.fetch(
            f"""
            WITH still AS (
                SELECT DISTINCT session_id FROM session_events
                WHERE session_id = ANY($1::text[]::uuid[]) AND heart_rate = 0
            )
            SELECT {EVENT_COLUMNS} FROM session_events
            WHERE session_id = ANY($1::text[]::uuid[]) AND CASE kind
                WHEN 'vitals' THEN rhythm IS NOT NULL OR flags ?| $3
                    OR (heart_rate IS NOT NULL AND session_id IN (TABLE still))
                WHEN 'note' THEN marker IS NOT NULL
                WHEN 'action' THEN text <> ALL($2)
                ELSE kind = 'case'
            END
            ORDER BY session_id, seq
            """,  # noqa: S608 - only the constant list of columns is filled in
            [str(each) for each in session_ids],
            list(MONITOR_KEYS),
            list(FLAGS),
        )
        records: dict[UUID, list[Event]] = {}
        slices = Slices()
        for row in rows:
            event = event_from(row)
            records.setdefault(event.session_id, []).append(event)
            await slices.breathe()
        found: dict[UUID, Sequence[Event]] = {}
        for session_id, record in records.items():
            if left := for_times(record):
                found[session_id] = left
            await slices.breathe()
        return found

    async def marked_annotations_of(self, session_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Annotation]]:
        rows = await self._database.every_school.fetch(
            """
            SELECT * FROM annotations
            WHERE session_id = ANY($1::text[]::uuid[]) AND marker IS NOT NULL AND deleted_at IS NULL
            ORDER BY created_at, id
            """,
            [str(each) for each in session_ids],
        )
        found: dict[UUID, list[Annotation]] = {}
        for row in rows:
            found.setdefault(plain_uuid(row["session_id"]), []).append(annotation_from(row))
        return found

    async def sheets_of(self, session_ids: Collection[UUID]) -> Mapping[UUID, Sequence[ScoreSheet]]:
        rows = await self._database.every_school.fetch(
            "SELECT * FROM score_sheets WHERE session_id = ANY($1::text[]::uuid[]) ORDER BY created_at, by_id",
            [str(each) for each in session_ids],
        )
        found: dict[UUID, list[ScoreSheet]] = {}
        slices = Slices()
        for row in rows:
            sheet = sheet_from(row)
            found.setdefault(sheet.session_id, []).append(sheet)
            await slices.breathe()
        return found
