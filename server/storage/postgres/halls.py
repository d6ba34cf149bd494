"""Hall servers in PostgreSQL: their tokens, when they were heard of, and sessions that are taken from a lost one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from server.domain.events import Author
from server.domain.halls import (
    NAME_TAKEN,
    Hall,
    HallContact,
    HallSummary,
    Waiting,
    entry_of_hall,
    entry_of_take_over,
    judge_revocation,
    judge_take_over,
)
from server.domain.outcomes import Conflict, Forbidden, NotFound, SessionOver, Unchanged
from server.domain.people import Trainer
from server.domain.session import Session
from server.domain.sync import written_after, written_as_json
from server.domain.timestamps import read_timestamp, write_optional_timestamp, write_timestamp
from server.storage.postgres.hall_uploads import PostgresHallUploads
from server.storage.postgres.records import READ_SESSIONS
from server.storage.postgres.rows import hall_values, plain_moment, plain_uuid, session_from, written_from
from server.storage.postgres.school_transaction import SchoolChange, audit_values, insert_audit
from server.storage.postgres.session_reads import LOCK_SESSION

# The driver would read the catalogue for uuid[] on each connection.
_HALL_COLUMNS = (
    "halls.id, halls.school_id, name, trainer_ids::text[], halls.created_at, revoked_at, last_seen_at, client_id, "
    "release, waiting, clock_offset_ms"
)
_ADD = """
INSERT INTO halls (id, school_id, name, token_hash, trainer_ids, created_at)
VALUES ($1, $2, $3, $4, $5::text[]::uuid[], $6)
"""
_LIST = f"""
SELECT {_HALL_COLUMNS}, (
    SELECT count(*) FROM sessions WHERE sessions.hall_id = halls.id AND closed_at IS NULL
) AS open_sessions
FROM halls WHERE halls.school_id = $1 ORDER BY revoked_at IS NOT NULL, lower(name), halls.id
"""  # noqa: S608 - only the constant list of columns is filled in
_SEE = """
UPDATE halls SET last_seen_at = $2, client_id = $3, release = $4, waiting = $5, clock_offset_ms = $6 WHERE id = $1
"""
# In the order of ids, as everybody who holds several rows: two of them never wait for each other.
_SEE_SESSIONS = """
UPDATE sessions SET hall = jsonb_set(hall, '{heard_at}', to_jsonb($2::text)) WHERE id = ANY(ARRAY(
    SELECT id FROM sessions WHERE hall_id = $1 AND closed_at IS NULL ORDER BY id FOR NO KEY UPDATE
)) AND hall_id = $1 AND closed_at IS NULL
"""
_LAST_EVENTS = """
SELECT session_id, session_events.id FROM sessions
JOIN session_events ON session_id = sessions.id AND seq = last_seq
WHERE sessions.id = ANY($1) AND sessions.school_id = $2
"""
_TAKE_OVER = """
UPDATE sessions SET hall_id = NULL, hall = $2, updated_at = $3, version = $4, sync_version = $5, written = $6
WHERE id = $1
"""


class PostgresHalls(PostgresHallUploads):
    async def add_hall(self, hall: Hall, token_hash: bytes, by: Author) -> Hall | Conflict:
        trainers = None if hall.trainer_ids == "all" else [str(each) for each in hall.trainer_ids]
        try:
            async with self._database.of(hall.school_id).transaction() as connection:
                values = (hall.id, hall.school_id, hall.name, token_hash, trainers, hall.created_at)
                await connection.execute(_ADD, *values)
                entry = entry_of_hall(uuid4(), "added", hall, by, hall.created_at)
                await connection.execute(insert_audit(), *audit_values(entry))
        except asyncpg.UniqueViolationError:
            return NAME_TAKEN
        return hall

    async def find_hall(self, school_id: UUID, hall_id: UUID) -> Hall | None:
        sql = f"SELECT {_HALL_COLUMNS} FROM halls WHERE id = $1 AND school_id = $2"  # noqa: S608
        row = await self._database.of(school_id).fetchrow(sql, hall_id, school_id)
        return None if row is None else _hall_from(row)

    async def find_hall_by_token(self, token_hash: bytes) -> Hall | None:
        sql = f"SELECT {_HALL_COLUMNS} FROM halls WHERE token_hash = $1"  # noqa: S608
        row = await self._database.every_school.fetchrow(sql, token_hash)
        return None if row is None else _hall_from(row)

    async def list_halls(self, school_id: UUID) -> Sequence[HallSummary]:
        rows = await self._database.of(school_id).fetch(_LIST, school_id)
        return [HallSummary(_hall_from(row), row["open_sessions"]) for row in rows]

    async def revoke_hall(
        self, school_id: UUID, hall_id: UUID, by: Author, now: datetime
    ) -> Hall | Unchanged[Hall] | NotFound:
        async with self._database.of(school_id).transaction() as connection:
            sql = f"SELECT {_HALL_COLUMNS} FROM halls WHERE id = $1 FOR NO KEY UPDATE"  # noqa: S608
            row = await connection.fetchrow(sql, hall_id)
            outcome = judge_revocation(None if row is None else _hall_from(row), school_id, now)
            if isinstance(outcome, Hall):
                await connection.execute("UPDATE halls SET revoked_at = $2 WHERE id = $1", hall_id, now)
                entry = entry_of_hall(uuid4(), "revoked", outcome, by, now)
                await connection.execute(insert_audit(), *audit_values(entry))
        return outcome

    async def see_hall(self, hall: Hall, contact: HallContact, now: datetime) -> None:
        waiting = contact.waiting
        told = {
            "templates": waiting.templates,
            "sessions": waiting.sessions,
            "events": waiting.events,
            "annotations": waiting.annotations,
            "since": write_optional_timestamp(waiting.since),
        }
        values = (contact.client_id, contact.release, told, contact.clock_offset_ms)
        async with self._database.of(hall.school_id).transaction() as connection:
            await connection.execute(_SEE, hall.id, now, *values)
            await connection.execute(_SEE_SESSIONS, hall.id, write_timestamp(now))

    async def find_sessions(self, school_id: UUID, session_ids: Collection[UUID]) -> Mapping[UUID, Session]:
        rows = await self._database.of(school_id).fetch(
            f"{READ_SESSIONS} AND school_id = $2", list(session_ids), school_id
        )
        return {session.id: session for session in map(session_from, rows)}

    async def last_event_ids(self, school_id: UUID, session_ids: Collection[UUID]) -> Mapping[UUID, UUID]:
        rows = await self._database.of(school_id).fetch(_LAST_EVENTS, list(session_ids), school_id)
        return {plain_uuid(row["session_id"]): plain_uuid(row["id"]) for row in rows}

    async def password_hashes(self, school_id: UUID, trainer_ids: Collection[UUID]) -> Mapping[UUID, str]:
        rows = await self._database.of(school_id).fetch(
            "SELECT id, password_hash FROM trainers WHERE id = ANY($1) AND school_id = $2", list(trainer_ids), school_id
        )
        return {plain_uuid(row["id"]): row["password_hash"] for row in rows}

    async def take_over(
        self, session_id: UUID, trainer: Trainer, by: Author, now: datetime
    ) -> Session | Unchanged[Session] | NotFound | Forbidden | SessionOver:
        async def write(
            school: SchoolChange,
        ) -> Session | Unchanged[Session] | NotFound | Forbidden | SessionOver:
            row = await school.fetchrow(LOCK_SESSION, session_id)
            outcome = judge_take_over(None if row is None else session_from(row), trainer, now)
            if row is not None and isinstance(outcome, Session):
                await school.edit(
                    entry_of_take_over(uuid4(), outcome, by),
                    _TAKE_OVER,
                    session_id,
                    hall_values(outcome.hall),
                    outcome.updated_at,
                    outcome.version,
                    school.write.version,
                    written_as_json(written_after(written_from(row), (), school.write)),
                )
            return outcome

        outcome = await self._schools.change(trainer.school_id, now, write)
        if isinstance(outcome, Session):
            self._known_sessions.see(outcome)
        return outcome


def _hall_from(row: asyncpg.Record) -> Hall:
    trainers: list[str] | None = row["trainer_ids"]
    return Hall(
        id=plain_uuid(row["id"]),
        school_id=plain_uuid(row["school_id"]),
        name=row["name"],
        trainer_ids="all" if trainers is None else tuple(UUID(each) for each in trainers),
        created_at=plain_moment(row["created_at"]),
        revoked_at=None if row["revoked_at"] is None else plain_moment(row["revoked_at"]),
        last_seen_at=None if row["last_seen_at"] is None else plain_moment(row["last_seen_at"]),
        client_id=row["client_id"],
        release=row["release"],
        waiting=_waiting_from(row["waiting"]),
        clock_offset_ms=row["clock_offset_ms"],
    )


def _waiting_from(raw: Any) -> Waiting | None:
    if raw is None:
        return None
    since = None if raw["since"] is None else read_timestamp(raw["since"])
    # A hall of before told of no annotations.
    return Waiting(raw["templates"], raw["sessions"], raw["events"], since, raw.get("annotations", 0))
