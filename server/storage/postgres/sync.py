"""The log of each school's edits, and the devices that follow it, in PostgreSQL."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from secrets import token_bytes
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import asyncpg

from server.domain.devices import (
    TYPES,
    Beginning,
    CallRecord,
    Device,
    DeviceRevocation,
    EditConflict,
    EntityType,
    LastWrite,
    LoggedEvent,
    entry_of_device,
    entry_of_revocation,
    judge_revocation,
)
from server.domain.events import Author
from server.domain.outcomes import Unchanged
from server.domain.session import Session
from server.domain.sync import LogEntry
from server.live.known_logins import KnownLogins
from server.live.known_sessions import KnownSessions
from server.ports.results import Cursor, Page
from server.ports.slices import Slices
from server.ports.sync import Answered, ClientRefused, Judge, Pull, Pulled, PulledRow, SyncCall, Synced, ToldTemplate
from server.storage.postgres.database import Database
from server.storage.postgres.rows import page_of, plain_moment, plain_uuid, written_from
from server.storage.postgres.school_transaction import SchoolTransactions, audit_values, insert_audit
from server.storage.postgres.sync_rows import (
    LAST_WRITES,
    TABLES,
    TOLD_COLUMNS,
    conflict_from,
    last_write_from,
    revocation_from,
    told_row_from,
    told_template_from,
)
from server.storage.postgres.sync_taking import REFUSED, refusal_from, take
from server.storage.postgres.sync_writing import CALL_COLUMNS, INSERT_ANSWERS, INSERT_CALL, answer_values, call_values

if TYPE_CHECKING:
    from server.storage.postgres.database import Connection

# Each table gives no more than what can be needed, by its own index.
_NEWEST = [
    f"""(SELECT '{kind}' AS type, id, sync_version, first_version, written FROM {TABLES[type]}
    WHERE school_id = $1 AND sync_version > $2 ORDER BY sync_version LIMIT $3)"""  # noqa: S608 - constants
    for kind, type in TYPES.items()
]
_LOG_AFTER = f"{' UNION ALL '.join(_NEWEST)} ORDER BY sync_version LIMIT $3"
# A restore changes one of these (docs/backup.md): another cluster, a point in time of the same one, another database,
# or a table that was dropped and made again.
_WHERE_IT_IS = """
(SELECT oid FROM pg_database WHERE datname = current_database())::text || '/' || 'sync_head'::regclass::oid::text
    || coalesce((SELECT '/' || encode(key, 'hex') FROM server_keys WHERE name = 'restored'), '')
"""
_IDENTITY = f"""
(SELECT system_identifier FROM pg_control_system())::text || '/'
    || (SELECT timeline_id FROM pg_control_checkpoint())::text || '/' || {_WHERE_IT_IS}
"""  # noqa: S608 - constants
_SEE_DEVICE = """
INSERT INTO sync_clients (school_id, client_id, trainer_id, last_seen_at, cursor, beginnings, hall_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (school_id, client_id) DO UPDATE
SET last_seen_at = excluded.last_seen_at, cursor = excluded.cursor, beginnings = excluded.beginnings
WHERE coalesce(sync_clients.trainer_id, sync_clients.hall_id) = coalesce(excluded.trainer_id, excluded.hall_id)
  AND sync_clients.revoked_at IS NULL
RETURNING true AS is_its_own
"""
# A device that pulls all pages of a school pays for this with each of them, so it is one round trip.
_SEE_DEVICE_CALL = f"""
WITH seen AS ({_SEE_DEVICE}), told AS (
    INSERT INTO sync_log ({CALL_COLUMNS})
    SELECT {", ".join(f"told.{name}" for name in CALL_COLUMNS.split(", "))}
    FROM seen, jsonb_populate_record(NULL::sync_log, $8) AS told
)
SELECT is_its_own FROM seen
"""  # noqa: S608 - constants
_TOLD_TEMPLATES = """
SELECT id, school_id, content::text AS content, created_at, updated_at, deleted_at, version, sync_version
FROM session_templates WHERE school_id = $1 AND sync_version > $2 AND (deleted_at IS NULL OR sync_version > $4)
ORDER BY sync_version LIMIT $3
"""
# So many rows are read at a time: reading their JSON holds the loop. That of templates is left as text for now.
_ROWS_AT_A_TIME: Mapping[EntityType, int] = {"TEMPLATE": 250, "SESSION": 20, "TRAINER": 20}
_TRIES = 5
_RESTORED_BYTES = 16


class PostgresSync:
    def __init__(
        self,
        database: Database,
        schools: SchoolTransactions,
        known_sessions: KnownSessions,
        known_logins: KnownLogins,
    ) -> None:
        self._database = database
        self._schools = schools
        self._known_logins = known_logins
        self._known_sessions = known_sessions
        # Of the whole cluster, for as long as we know of no refusal to tell of it.
        self._identity = _IDENTITY

    async def log_after(self, school_id: UUID, version: int, limit: int) -> Sequence[LogEntry]:
        rows = await self._database.of(school_id).fetch(_LOG_AFTER, school_id, version, limit)
        return [
            LogEntry(row["sync_version"], row["first_version"], row["type"], plain_uuid(row["id"]), written_from(row))
            for row in rows
        ]

    async def identity(self) -> str:
        try:
            return str(await self._database.every_school.fetchval(f"SELECT {self._identity}"))
        except asyncpg.InsufficientPrivilegeError:
            self._identity = _WHERE_IT_IS
            return str(await self._database.every_school.fetchval(f"SELECT {self._identity}"))

    async def mark_restored(self) -> None:
        await self._database.every_school.execute(
            "INSERT INTO server_keys (name, key) VALUES ('restored', $1) ON CONFLICT (name) DO UPDATE SET key = $1",
            token_bytes(_RESTORED_BYTES),
        )

    async def take(self, call: SyncCall, judge: Judge) -> Synced | ClientRefused:
        tries = _TRIES
        while True:
            tries -= 1
            try:
                synced = await self._schools.change(
                    call.school_id,
                    call.now,
                    lambda school: take(school, call, judge),
                    versions=max(1, len(call.event_ids)) + sum(kind == "TRAINER" for kind, _ in call.keys),
                )
            except asyncpg.UniqueViolationError:
                # Another school took an id, an address or a code meanwhile: it is seen the next time.
                if not tries:
                    raise
                continue
            finally:
                # After a lost answer, too: it may be committed.
                for kind, entity_id in call.keys:
                    if kind == "TRAINER":
                        self._known_logins.forget_trainer(entity_id)
            if isinstance(synced, Synced):
                self._see(synced)
            return synced

    def _see(self, synced: Synced) -> None:
        for write in synced.judgement.writes:
            if isinstance(write.entity, Session) and write.is_new:
                self._known_sessions.opened(write.entity, write.first_event)
            elif isinstance(write.entity, Session):
                self._known_sessions.see(write.entity)

    async def find_last_write(self, school_id: UUID, subject_id: UUID, at: datetime | None) -> LastWrite | None:
        row = await self._database.of(school_id).fetchrow(LAST_WRITES, school_id, [subject_id], [at])
        return None if row is None else last_write_from(row)

    async def find_answered(self, school_id: UUID, event_ids: Collection[UUID]) -> Collection[UUID]:
        rows = await self._database.of(school_id).fetch(
            "SELECT id FROM sync_inbox WHERE school_id = $1 AND id = ANY($2)", school_id, list(event_ids)
        )
        return {plain_uuid(row["id"]) for row in rows}

    async def pull(self, pull: Pull) -> Pulled:
        try:
            return await self._pull(pull)
        except asyncpg.InsufficientPrivilegeError:
            self._identity = _WHERE_IT_IS
            return await self._pull(pull)

    async def _pull(self, pull: Pull) -> Pulled:
        begin = f"SELECT (SELECT version FROM sync_head WHERE school_id = $1), {self._identity}"  # noqa: S608
        async with self._database.of(pull.school_id).snapshot() as connection:
            head = await connection.fetchrow(begin, pull.school_id)
            found = [await _rows_of(connection, type, pull) for type in pull.types]
        assert head is not None  # noqa: S101 - it selects from no table
        newest, identity = head
        rows = list(heapq.merge(*found, key=lambda each: each.row.version))
        return Pulled(rows[: pull.limit], newest or 0, len(rows) > pull.limit, identity)

    async def pull_templates(self, pull: Pull) -> Sequence[ToldTemplate]:
        slices = Slices()
        templates: list[ToldTemplate] = []
        for row in await self._database.of(pull.school_id).fetch(
            _TOLD_TEMPLATES, pull.school_id, pull.after, pull.limit, pull.without_deleted_until
        ):
            templates.append(told_template_from(row))
            await slices.breathe()
        return templates

    async def newest_versions(self, school_ids: Collection[UUID]) -> Mapping[UUID, int]:
        rows = await self._database.every_school.fetch(
            "SELECT school_id, version FROM sync_head WHERE school_id = ANY($1::uuid[])", list(school_ids)
        )
        return {plain_uuid(row["school_id"]): row["version"] for row in rows}

    async def find_device(self, school_id: UUID, client_id: str) -> Device | None:
        row = await self._database.of(school_id).fetchrow(
            "SELECT * FROM sync_clients WHERE school_id = $1 AND client_id = $2", school_id, client_id
        )
        return None if row is None else _device_from(row)

    async def see_device(self, device: Device, call: CallRecord | None) -> ClientRefused | None:
        beginnings = {str(position): list(beginning) for position, beginning in device.beginnings.items()}
        client = (device.school_id, device.client_id)
        seen = (*client, device.trainer_id, device.last_seen_at, device.cursor, beginnings, device.hall_id)
        if call is None:
            is_its_own = await self._database.of(device.school_id).fetchval(_SEE_DEVICE, *seen)
        else:
            told = dict(zip(CALL_COLUMNS.split(", "), call_values(call), strict=True))
            is_its_own = await self._database.of(device.school_id).fetchval(_SEE_DEVICE_CALL, *seen, told)
        return (
            None
            if is_its_own
            else refusal_from(await self._database.of(device.school_id).fetchrow(REFUSED, *client, device.owner_id))
        )

    async def list_devices(self, school_id: UUID) -> Sequence[Device]:
        rows = await self._database.of(school_id).fetch(
            "SELECT * FROM sync_clients WHERE school_id = $1 ORDER BY last_seen_at DESC, client_id", school_id
        )
        return [_device_from(row) for row in rows]

    async def revoke_device(
        self, school_id: UUID, client_id: str, revocation: DeviceRevocation | None, by: Author, now: datetime
    ) -> Device | None:
        async with self._database.of(school_id).transaction() as connection:
            row = await connection.fetchrow(
                "SELECT * FROM sync_clients WHERE school_id = $1 AND client_id = $2 FOR UPDATE", school_id, client_id
            )
            if row is None:
                return None
            judged = judge_revocation(_device_from(row), revocation)
            if isinstance(judged, Unchanged):
                return judged.item
            await connection.execute(
                """
                UPDATE sync_clients SET revoked_at = $3, revoked_by = $4, revoked_by_name = $5
                WHERE school_id = $1 AND client_id = $2
                """,
                school_id,
                client_id,
                None if revocation is None else revocation.at,
                None if revocation is None else revocation.by.id,
                None if revocation is None else revocation.by.name,
            )
            entry = entry_of_revocation(uuid4(), judged, by, now)
            await connection.execute(insert_audit(), *audit_values(entry))
            return judged

    async def delete_device(self, school_id: UUID, client_id: str, by: Author, now: datetime) -> bool:
        async with self._database.of(school_id).transaction() as connection:
            row = await connection.fetchrow(
                "DELETE FROM sync_clients WHERE school_id = $1 AND client_id = $2 RETURNING *", school_id, client_id
            )
            if row is not None:
                entry = entry_of_device(uuid4(), "forgotten", _device_from(row), by, now)
                await connection.execute(insert_audit(), *audit_values(entry))
            return row is not None

    async def add_call(
        self, call: CallRecord, answered: Sequence[Answered] = (), logged: Sequence[LoggedEvent] = ()
    ) -> None:
        if not answered:
            await self._database.of(call.school_id).execute(INSERT_CALL, *call_values(call, answered, logged))
            return
        async with self._database.of(call.school_id).transaction() as connection:
            await connection.execute(INSERT_CALL, *call_values(call, answered, logged))
            values = [answer_values(call, place, each) for place, each in enumerate(answered)]
            await connection.execute(INSERT_ANSWERS, values)

    async def list_calls(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[CallRecord]:
        rows = await self._database.of(school_id).fetch(
            """
            SELECT *, started_at AS created_at FROM sync_log
            WHERE school_id = $1 AND ($2::timestamptz IS NULL OR (started_at, id) < ($2, $3))
            ORDER BY started_at DESC, id DESC LIMIT $4
            """,
            school_id,
            after.created_at if after else None,
            after.id if after else None,
            limit + 1,
        )
        return page_of(rows, limit, _call_from)

    async def find_call(self, school_id: UUID, call_id: UUID) -> tuple[CallRecord, Sequence[LoggedEvent]] | None:
        row = await self._database.of(school_id).fetchrow(
            "SELECT * FROM sync_log WHERE id = $1 AND school_id = $2", call_id, school_id
        )
        if row is None:
            return None
        if row["events"] is not None:
            return _call_from(row), [_logged_again_from(event) for event in row["events"]]
        events = await self._database.of(school_id).fetch(
            "SELECT * FROM sync_inbox WHERE log_id = $1 ORDER BY place", call_id
        )
        return _call_from(row), [_logged_from(event) for event in events]

    async def list_conflicts(
        self, school_id: UUID, trainer_id: UUID | None, limit: int, after: Cursor | None
    ) -> Page[EditConflict]:
        rows = await self._database.of(school_id).fetch(
            """
            SELECT * FROM sync_conflicts
            WHERE school_id = $1 AND resolved_at IS NULL AND ($2::uuid IS NULL OR trainer_id = $2)
              AND ($3::timestamptz IS NULL OR (created_at, id) > ($3, $4))
            ORDER BY created_at, id LIMIT $5
            """,
            school_id,
            trainer_id,
            after.created_at if after else None,
            after.id if after else None,
            limit + 1,
        )
        return page_of(rows, limit, conflict_from)

    async def find_conflict(self, school_id: UUID, conflict_id: UUID) -> EditConflict | None:
        row = await self._database.of(school_id).fetchrow(
            "SELECT * FROM sync_conflicts WHERE id = $1 AND school_id = $2", conflict_id, school_id
        )
        return None if row is None else conflict_from(row)

    async def forget_before(self, moment: datetime, limit: int) -> int:
        gone = await self._database.every_school.fetchval(
            """
            WITH old_answers AS (
                DELETE FROM sync_inbox WHERE (school_id, id) IN (
                    SELECT school_id, id FROM sync_inbox WHERE created_at < $1 ORDER BY created_at LIMIT $2
                ) RETURNING 1
            ), old_calls AS (
                DELETE FROM sync_log WHERE id IN (
                    SELECT id FROM sync_log WHERE started_at < $1 ORDER BY started_at LIMIT $2
                ) RETURNING 1
            )
            SELECT (SELECT count(*) FROM old_answers) + (SELECT count(*) FROM old_calls)
            """,
            moment,
            limit,
        )
        return int(str(gone))


async def _rows_of(connection: Connection, type: EntityType, pull: Pull) -> Sequence[PulledRow]:
    """One more than is asked for at most, so that it is seen whether there are more."""
    slices = Slices()
    rows: list[PulledRow] = []
    cursor = connection.cursor(
        f"""
        SELECT {TOLD_COLUMNS[type]} FROM {TABLES[type]}
        WHERE school_id = $1 AND sync_version > $2 AND (deleted_at IS NULL OR sync_version > $4)
        ORDER BY sync_version LIMIT $3
        """,  # noqa: S608 - constants
        pull.school_id,
        pull.after,
        pull.limit + 1,
        pull.without_deleted_until,
        prefetch=_ROWS_AT_A_TIME[type],
    )
    async for row in cursor:
        rows.append(PulledRow(type, told_row_from(type, row)))
        await slices.breathe()
    return rows


def _device_from(row: asyncpg.Record) -> Device:
    beginnings: Mapping[str, list[int]] = row["beginnings"]
    return Device(
        school_id=plain_uuid(row["school_id"]),
        client_id=row["client_id"],
        trainer_id=None if row["trainer_id"] is None else plain_uuid(row["trainer_id"]),
        last_seen_at=plain_moment(row["last_seen_at"]),
        cursor=row["cursor"],
        # A database does not keep the order of names; the newest have the highest numbers.
        revoked=revocation_from(row),
        beginnings={int(position): Beginning(*beginnings[position]) for position in sorted(beginnings, key=int)},
        hall_id=None if row["hall_id"] is None else plain_uuid(row["hall_id"]),
    )


def _call_from(row: asyncpg.Record) -> CallRecord:
    return CallRecord(
        id=plain_uuid(row["id"]),
        school_id=plain_uuid(row["school_id"]),
        client_id=row["client_id"],
        direction=row["direction"],
        events=row["events_count"],
        acknowledged=row["acknowledged_count"],
        conflicts=row["conflicts_count"],
        rejected=row["rejected_count"],
        status=row["status"],
        started_at=plain_moment(row["started_at"]),
        completed_at=None if row["completed_at"] is None else plain_moment(row["completed_at"]),
        error=row["error_message"],
    )


def _logged_again_from(values: Any) -> LoggedEvent:
    event_id, entity_type, entity_id, outcome, reason = values
    return LoggedEvent(UUID(event_id), entity_type, entity_id, outcome, reason)


def _logged_from(row: asyncpg.Record) -> LoggedEvent:
    return LoggedEvent(plain_uuid(row["id"]), row["entity_type"], row["entity_id"], row["outcome"], row["reason"])
