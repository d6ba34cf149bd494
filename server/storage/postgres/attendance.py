"""Who was there when, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from server.domain.attendance import SeatAttendance, SeatSpan, Span
from server.domain.timestamps import to_milliseconds
from server.json_text import write_json
from server.storage.postgres.database import Database
from server.storage.postgres.rows import seat_from

# As JSON: it takes half the time that arrays of columns take here, and the driver knows it without asking. For an array
# of uuid or timestamptz it reads the catalogue first, once on each connection.
PUT_SPANS = """
INSERT INTO attendance (id, seat_id, session_id, joined_at, left_at, seen_at)
SELECT id, seat_id, session_id, joined_at, left_at, $2
FROM json_to_recordset($1) AS span (
    id uuid, seat_id uuid, session_id uuid, joined_at timestamptz, left_at timestamptz
)
ON CONFLICT (id) DO UPDATE SET left_at = excluded.left_at, seen_at = excluded.seen_at
"""


class PostgresAttendance:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_spans(self, spans: Sequence[SeatSpan], seen_at: datetime) -> None:
        await self._database.every_school.execute(PUT_SPANS, write_json([span_row(span) for span in spans]), seen_at)

    async def close_abandoned(self, seen_before: datetime) -> int:
        closed = await self._database.every_school.fetch(
            """
            UPDATE attendance SET left_at = greatest(joined_at, seen_at)
            WHERE id IN (
                SELECT id FROM attendance WHERE left_at IS NULL AND seen_at < $1 FOR NO KEY UPDATE SKIP LOCKED
            ) RETURNING id
            """,
            seen_before,
        )
        return len(closed)

    async def attendance_of(self, session_id: UUID) -> Sequence[SeatAttendance]:
        rows = await self._database.every_school.fetch(
            """
            SELECT seats.*, spans.joined_ats, spans.left_ats
            FROM (
                SELECT seat_id, array_agg(joined_at ORDER BY joined_at, id) AS joined_ats,
                       array_agg(left_at ORDER BY joined_at, id) AS left_ats
                FROM attendance WHERE session_id = $1 GROUP BY seat_id
            ) AS spans
            JOIN seats ON seats.id = spans.seat_id
            ORDER BY seats.joined_at, seats.id
            """,
            session_id,
        )
        return [SeatAttendance(seat_from(row), _spans(row["joined_ats"], row["left_ats"])) for row in rows]


def span_row(span: SeatSpan) -> dict[str, object]:
    return {
        "id": span.id,
        "seat_id": span.seat_id,
        "session_id": span.session_id,
        "joined_at": span.joined_at,
        "left_at": span.left_at,
    }


def _spans(joined_ats: Sequence[datetime], left_ats: Sequence[datetime | None]) -> Sequence[Span]:
    return [
        Span(to_milliseconds(joined_at), None if left_at is None else to_milliseconds(left_at))
        for joined_at, left_at in zip(joined_ats, left_ats, strict=True)
    ]
