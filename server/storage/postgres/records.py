"""The statements of the journal: many events of many sessions written at once, each session alone.

A session's events come as a chain of outcomes, each judged on the one before. They are written if the
session's row still is what the first was judged on and none of the ids is known; else nothing of that
session is. The row of a session that somebody else is writing to is skipped, so that nobody waits for a
lock: no deadlock, and no session that is held up holds up another.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import chain as concatenated
from typing import TYPE_CHECKING
from uuid import UUID

from server.domain.events import Event
from server.domain.record import Recorded
from server.domain.session import Session
from server.json_text import write_json
from server.ports.records import NO_LOGINS, Chain, Logins
from server.ports.results import StorageUnavailable
from server.storage.postgres.rows import EVENT_COLUMNS, SESSION_COLUMNS, event_from, event_values, session_from

if TYPE_CHECKING:
    import asyncpg

    from server.storage.postgres.dedicated_connection import DedicatedConnection

_EVENT_TYPES = (
    "uuid", "uuid", "int", "text", "timestamptz", "int", "int", "int", "int", "int", "int",
    "numeric", "text", "jsonb", "float8", "text", "jsonb", "text", "uuid", "text", "timestamptz", "text", "text",
)  # fmt: skip
_NAMES = tuple(EVENT_COLUMNS.split(", "))
EVENT_RECORD = ", ".join(f"{name} {kind}" for name, kind in zip(_NAMES, _EVENT_TYPES, strict=True))
EVENT_VALUES = ", ".join(f"event.{name}" for name in _NAMES)

# $1 to $23 are the columns of the event. Half the work of the statement for many.
APPEND_ONE = f"""
WITH locked AS MATERIALIZED (
    SELECT id FROM sessions
    WHERE id = $2 AND last_seq = $3 - 1 AND version = $25 AND closed_at IS NULL
      AND NOT EXISTS (SELECT FROM session_events WHERE id = $1)
    FOR NO KEY UPDATE SKIP LOCKED
), moved AS (
    UPDATE sessions SET last_seq = $3, last_values = $24, updated_at = $5
    FROM locked WHERE sessions.id = locked.id
    RETURNING sessions.id
)
INSERT INTO session_events ({EVENT_COLUMNS})
SELECT $1, id, $3, {", ".join(f"${number}" for number in range(4, 24))} FROM moved
RETURNING session_id
"""  # noqa: S608 - only the constant list of columns is filled in

# A login that ended before this began wants nothing any more, whichever process ended it. $26 is its token's hash.
_STANDS = """
EXISTS (
    SELECT FROM trainer_tokens AS token JOIN trainers AS trainer ON trainer.id = token.trainer_id
    WHERE token.token_hash = {login} AND trainer.deleted_at IS NULL
)
"""
APPEND_ONE_IF_LOGGED_IN = APPEND_ONE.replace(
    "FOR NO KEY UPDATE", f"AND {_STANDS.format(login='$26')} FOR NO KEY UPDATE"
)

# $1: an object for each session; $2: one for each event. As JSON, for the driver takes longer over arrays of columns.
APPEND_MANY = f"""
WITH head AS MATERIALIZED (
    SELECT * FROM json_to_recordset($1) AS head (
        id uuid, version int, last_seq int, next_seq int, last_values jsonb, updated_at timestamptz
    )
), event AS MATERIALIZED (
    SELECT * FROM json_to_recordset($2) AS event ({EVENT_RECORD})
), known AS (
    SELECT event.session_id FROM event, LATERAL (SELECT FROM session_events WHERE id = event.id LIMIT 1) AS stored
), locked AS MATERIALIZED (
    SELECT session.id FROM head, LATERAL (
        SELECT id FROM sessions
        WHERE id = head.id AND last_seq = head.last_seq AND version = head.version
          AND coalesce(closed_at, 'infinity') = 'infinity' -- «IS NULL» would read the index of all open sessions
        FOR NO KEY UPDATE SKIP LOCKED
    ) AS session
    WHERE head.id NOT IN (SELECT session_id FROM known)
), moved AS (
    UPDATE sessions SET last_seq = head.next_seq, last_values = head.last_values, updated_at = head.updated_at
    FROM head JOIN locked ON locked.id = head.id
    WHERE sessions.id = ANY (ARRAY[locked.id]) -- «=» may be a hash join, for which all sessions are read
    RETURNING sessions.id
), added AS (
    INSERT INTO session_events ({EVENT_COLUMNS})
    SELECT {EVENT_VALUES} FROM event JOIN moved ON moved.id = event.session_id
)
SELECT id AS session_id FROM moved
"""  # noqa: S608

# The objects of the sessions say which logins have to stand.
APPEND_MANY_IF_LOGGED_IN = APPEND_MANY.replace(
    "updated_at timestamptz", "updated_at timestamptz, logins text[]"
).replace(
    "FROM known)",
    f"""FROM known) AND NOT EXISTS (
        SELECT FROM unnest(head.logins) AS login WHERE NOT {_STANDS.format(login="decode(login, 'hex')")}
    )""",
)
STANDING_LOGINS = """
SELECT token.token_hash
FROM trainer_tokens AS token JOIN trainers AS trainer ON trainer.id = token.trainer_id
WHERE token.token_hash = ANY($1::bytea[]) AND trainer.deleted_at IS NULL
"""
READ_SESSIONS = f"SELECT {SESSION_COLUMNS} FROM sessions WHERE id = ANY($1::uuid[])"  # noqa: S608
FIND_EVENTS = f"SELECT {EVENT_COLUMNS} FROM session_events WHERE id = ANY($1::uuid[])"  # noqa: S608


class PostgresRecords:
    """The journal's `Records`: questions on connections that are used for nothing else."""

    def __init__(self, connections: Sequence[DedicatedConnection]) -> None:
        """As many questions may be asked at a time as there are connections."""
        self._connections = tuple(connections)
        self._idle = list(connections)

    async def append(self, chains: Sequence[Chain], logins: Logins = NO_LOGINS) -> Collection[UUID]:
        if len(chains) == 1 and len(chains[0]) == 1:
            recorded = chains[0][0]
            login = tuple(logins.get(recorded.session.id, ()))
            statement = APPEND_ONE_IF_LOGGED_IN if login else APPEND_ONE
            rows = await self._fetch(statement, *append_one_values(recorded), *login)
            return [recorded.session.id] if rows else []
        statement = APPEND_MANY_IF_LOGGED_IN if logins else APPEND_MANY
        rows = await self._fetch(statement, *append_many_values(chains, logins))
        return {row["session_id"] for row in rows}

    async def standing_logins(self, token_hashes: Collection[bytes]) -> Collection[bytes]:
        return [row["token_hash"] for row in await self._fetch(STANDING_LOGINS, list(token_hashes))]

    async def read_sessions(self, session_ids: Collection[UUID]) -> Mapping[UUID, Session]:
        sessions = [session_from(row) for row in await self._fetch(READ_SESSIONS, list(session_ids))]
        return {session.id: session for session in sessions}

    async def find_events(self, event_ids: Collection[UUID]) -> Mapping[UUID, Event]:
        if not event_ids:
            return {}
        events = [event_from(row) for row in await self._fetch(FIND_EVENTS, list(event_ids))]
        return {event.id: event for event in events}

    def close(self) -> None:
        for connection in self._connections:
            connection.cut()

    async def _fetch(self, sql: str, *arguments: object) -> Sequence[asyncpg.Record]:
        connection = self._idle.pop()
        try:
            return await connection.fetch(sql, *arguments)
        except StorageUnavailable:
            for idle in self._idle:
                # As dead, most likely.
                idle.cut()
            raise
        finally:
            self._idle.append(connection)


def append_one_values(recorded: Recorded) -> Sequence[object]:
    session = recorded.session
    return (*event_values(recorded.event), session.last_values.as_json(), session.version)


def append_many_values(chains: Sequence[Chain], logins: Logins = NO_LOGINS) -> Sequence[str]:
    heads = [_head(chain) for chain in chains]
    for head, chain in zip(heads, chains, strict=True) if logins else ():
        head["logins"] = [login.hex() for login in logins.get(chain[-1].session.id, ())]
    events = [event_record(recorded.event) for recorded in concatenated.from_iterable(chains)]
    return write_json(heads), write_json(events)


def _head(chain: Chain) -> dict[str, object]:
    session = chain[-1].session
    return {
        "id": session.id,
        "version": session.version,
        "last_seq": chain[0].event.seq - 1,
        "next_seq": session.last_seq,
        "last_values": session.last_values.as_json(),
        "updated_at": session.updated_at,
    }


def event_record(event: Event) -> dict[str, object]:
    return {name: value for name, value in zip(_NAMES, event_values(event), strict=True) if value is not None}
