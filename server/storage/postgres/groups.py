"""The statements of the journal: many events of many sessions written at once, each session alone.

A session's events come as a chain of outcomes, each judged on the one before. They are written if the
session's row still is what the first was judged on and none of the ids is known; else nothing of that
session is. The row of a session that somebody else is writing to is skipped, so that nobody waits for a
lock: no deadlock, and no session that is held up holds up another.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import chain as concatenated
from typing import TYPE_CHECKING
from uuid import UUID

from server.domain.event import Event
from server.domain.session import Recorded, Session
from server.storage.postgres.rows import EVENT_COLUMNS, event_from, event_values, session_from

if TYPE_CHECKING:
    from server.storage.postgres.line import Line

# fmt: off
_EVENT_TYPES = (
    "uuid", "uuid", "int", "text", "timestamptz", "int", "int", "int", "int", "int", "int",
    "float8", "text", "jsonb", "float8", "text", "jsonb", "text", "uuid", "text",
)
# fmt: on
_EVENT_ARRAYS = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(_EVENT_TYPES, start=7))
_EVENT_OF = ", ".join(f"event.{column}" for column in EVENT_COLUMNS.split(", "))

# $1 to $20 are the columns of the event. Half the work of the statement for many.
APPEND_ONE = f"""
WITH locked AS MATERIALIZED (
    SELECT id FROM sessions
    WHERE id = $2 AND last_seq = $3 - 1 AND version = $22 AND closed_at IS NULL
      AND NOT EXISTS (SELECT FROM session_events WHERE id = $1)
    FOR NO KEY UPDATE SKIP LOCKED
), moved AS (
    UPDATE sessions SET last_seq = $3, last_values = $21, updated_at = $5
    FROM locked WHERE sessions.id = locked.id
    RETURNING sessions.id
)
INSERT INTO session_events ({EVENT_COLUMNS})
SELECT $1, id, $3, {", ".join(f"${number}" for number in range(4, 21))} FROM moved
RETURNING session_id
"""  # noqa: S608 - only the constant list of columns is filled in

# $1 to $6: a row for each session; $7 to $26: the columns of the events.
APPEND_MANY = f"""
WITH head AS MATERIALIZED (
    SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::jsonb[], $6::timestamptz[])
        AS head (id, version, last_seq, next_seq, last_values, updated_at)
), event AS MATERIALIZED (
    SELECT * FROM unnest({_EVENT_ARRAYS}) AS event ({EVENT_COLUMNS})
), known AS (
    SELECT event.session_id FROM event JOIN session_events USING (id)
), locked AS MATERIALIZED (
    SELECT sessions.id FROM sessions JOIN head ON head.id = sessions.id
    WHERE sessions.last_seq = head.last_seq AND sessions.version = head.version AND sessions.closed_at IS NULL
      AND head.id NOT IN (SELECT session_id FROM known)
    ORDER BY sessions.id FOR NO KEY UPDATE OF sessions SKIP LOCKED
), moved AS (
    UPDATE sessions SET last_seq = head.next_seq, last_values = head.last_values, updated_at = head.updated_at
    FROM head JOIN locked ON locked.id = head.id
    WHERE sessions.id = locked.id
    RETURNING sessions.id
), added AS (
    INSERT INTO session_events ({EVENT_COLUMNS})
    SELECT {_EVENT_OF} FROM event JOIN moved ON moved.id = event.session_id
)
SELECT id AS session_id FROM moved
"""  # noqa: S608

READ_SESSIONS = "SELECT * FROM sessions WHERE id = ANY($1::uuid[])"
FIND_EVENTS = f"SELECT {EVENT_COLUMNS} FROM session_events WHERE id = ANY($1::uuid[])"  # noqa: S608


async def append(line: Line, chains: Sequence[Sequence[Recorded]]) -> Collection[UUID]:
    """The sessions whose events are written and committed."""
    if len(chains) == 1 and len(chains[0]) == 1:
        recorded = chains[0][0]
        rows = await line.fetch(APPEND_ONE, *append_one_values(recorded))
        return [recorded.session.id] if rows else []
    rows = await line.fetch(APPEND_MANY, *append_many_values(chains))
    return {UUID(int=row["session_id"].int) for row in rows}


def append_one_values(recorded: Recorded) -> Sequence[object]:
    session = recorded.session
    return (*event_values(recorded.event), session.last_values.as_json(), session.version)


def append_many_values(chains: Sequence[Sequence[Recorded]]) -> Sequence[object]:
    after = [chain[-1].session for chain in chains]
    events = [event_values(recorded.event) for recorded in concatenated.from_iterable(chains)]
    return (
        [session.id for session in after],
        [session.version for session in after],
        [chain[0].event.seq - 1 for chain in chains],
        [session.last_seq for session in after],
        [session.last_values.as_json() for session in after],
        [session.updated_at for session in after],
        *(_or_nothing(column) for column in zip(*events, strict=True)),
    )


def _or_nothing(column: Sequence[object]) -> Sequence[object] | None:
    """`unnest` fills up what is shorter with NULLs, and the driver takes as long for a NULL in an array as for a value;
    most columns of most groups have nothing else."""
    return None if column.count(None) == len(column) else column


async def read_sessions(line: Line, ids: Collection[UUID]) -> dict[UUID, Session]:
    sessions = [session_from(row) for row in await line.fetch(READ_SESSIONS, list(ids))]
    return {session.id: session for session in sessions}


async def find_events(line: Line, ids: Collection[UUID]) -> dict[UUID, Event]:
    if not ids:
        return {}
    events = [event_from(row) for row in await line.fetch(FIND_EVENTS, list(ids))]
    return {event.id: event for event in events}
