"""The edits of one call of a device, in one transaction: what is there is held, judged, and written in sets.

The number of statements does not depend on the number of events.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from server.domain.devices import Acknowledged, CallRecord, Conflict, Conflicted, Entity, EntityType, EventOutcome, Key
from server.domain.judging import Rejected, Row
from server.domain.limits import limits_as_json
from server.domain.outcomes import FieldError
from server.domain.people import Trainer
from server.domain.session import Session
from server.domain.sync import written_as_json
from server.domain.template import Template
from server.ports.slices import Slices, let_others_run
from server.ports.sync import Answered, ClientTaken, Held, Judge, Judgement, KnownOutcome, RowWrite, SyncCall, Synced
from server.storage.postgres.rows import plain_uuid, template_from
from server.storage.postgres.school_transaction import SchoolChange
from server.storage.postgres.sync_rows import TABLES, conflict_from, row_from, server_data_from

if TYPE_CHECKING:
    import asyncpg

_SEE_CLIENT = """
INSERT INTO sync_clients (school_id, client_id, trainer_id, last_seen_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (school_id, client_id) DO UPDATE SET last_seen_at = excluded.last_seen_at
WHERE sync_clients.trainer_id = excluded.trainer_id
RETURNING true AS is_its_own
"""
_KNOWN = """
SELECT inbox.*, conflict.server_version, conflict.server_deleted, conflict.server_payload
FROM sync_inbox AS inbox LEFT JOIN sync_conflicts AS conflict ON conflict.id = inbox.conflict_id
WHERE inbox.school_id = $1 AND inbox.id = ANY($2)
"""
# A session's row is held against pushes too, for as long as the judging takes.
_HOLD: Mapping[EntityType, str] = {
    type: f"SELECT * FROM {table} WHERE school_id = $1 AND id = ANY($2) FOR NO KEY UPDATE"  # noqa: S608 - constants
    for type, table in TABLES.items()
}
_FOREIGN = " UNION ALL ".join(
    f"SELECT '{type}' AS type, id FROM {table} WHERE id = ANY(${place}) AND school_id <> $1"  # noqa: S608 - constants
    for place, (type, table) in enumerate(TABLES.items(), start=2)
)
_PEOPLE = """
SELECT id, email, school_id = $1 AND role = 'admin' AS is_admin FROM trainers
WHERE deleted_at IS NULL AND (email = ANY($2) OR (school_id = $1 AND role = 'admin'))
"""
_TEMPLATES = "SELECT * FROM session_templates WHERE school_id = $1 AND id = ANY($2)"
_CONFLICTS = """
SELECT * FROM sync_conflicts
WHERE school_id = $1 AND (id = $2 OR (resolved_at IS NULL AND client_id = $3 AND entity_id = ANY($4)))
"""
_WRITE_TEMPLATES = """
INSERT INTO session_templates
    (id, school_id, content, created_at, updated_at, deleted_at, version, sync_version, first_version, written)
SELECT id, $2, content, created_at, updated_at, deleted_at, version, sync_version, first_version, written
FROM jsonb_to_recordset($1) AS row (id uuid, content jsonb, created_at timestamptz, updated_at timestamptz,
    deleted_at timestamptz, version integer, sync_version bigint, first_version bigint, written jsonb)
ON CONFLICT (id) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at,
    deleted_at = excluded.deleted_at, version = excluded.version, sync_version = excluded.sync_version,
    first_version = excluded.first_version, written = excluded.written
"""
_TRAINER_ROW = """
AS row (id uuid, email text, password_hash text, name text, role text, created_at timestamptz, updated_at timestamptz,
    deleted_at timestamptz, version integer, sync_version bigint, first_version bigint, written jsonb)
"""
_ADD_TRAINERS = f"""
INSERT INTO trainers (id, school_id, email, password_hash, name, role, created_at, updated_at, deleted_at, version,
    sync_version, first_version, written)
SELECT id, $2, email, password_hash, name, role, created_at, updated_at, deleted_at, version, sync_version,
    first_version, written
FROM jsonb_to_recordset($1) {_TRAINER_ROW}
"""  # noqa: S608 - constants
_CHANGE_TRAINERS = f"""
UPDATE trainers SET email = row.email, password_hash = coalesce(row.password_hash, trainers.password_hash),
    name = row.name, role = row.role, updated_at = row.updated_at, deleted_at = row.deleted_at, version = row.version,
    sync_version = row.sync_version, first_version = row.first_version, written = row.written
FROM jsonb_to_recordset($1) {_TRAINER_ROW} WHERE trainers.id = row.id AND trainers.school_id = $2
"""  # noqa: S608 - constants
_CHANGE_SESSIONS = """
UPDATE sessions SET title = row.title, public_title = row.public_title, trainee_name = row.trainee_name,
    expires_at = row.expires_at, limits = row.limits, co_trainer_ids = row.co_trainer_ids,
    shows_conditions = row.shows_conditions, updated_at = row.updated_at, version = row.version,
    sync_version = row.sync_version, written = row.written
FROM jsonb_to_recordset($1) AS row (id uuid, title text, public_title text, trainee_name text, expires_at timestamptz,
    limits jsonb, co_trainer_ids uuid[], shows_conditions boolean, updated_at timestamptz, version integer,
    sync_version bigint, written jsonb)
WHERE sessions.id = row.id AND sessions.school_id = $2
"""
_END_LOGINS = "DELETE FROM trainer_tokens WHERE trainer_id = ANY($1) RETURNING token_hash"
_ADD_AUDIT = """
INSERT INTO audit (id, school_id, at, by_id, by_name, action, subject_type, subject_id, details)
SELECT id, $2, at, by_id, by_name, action, subject_type, subject_id, details
FROM jsonb_to_recordset($1) AS row (id uuid, at timestamptz, by_id uuid, by_name text, action text, subject_type text,
    subject_id uuid, details jsonb)
"""
_ADD_CONFLICTS = """
INSERT INTO sync_conflicts (id, school_id, client_id, mutation_id, entity_type, entity_id, reason, local_payload,
    server_version, server_deleted, server_payload, created_at)
SELECT id, $2, client_id, mutation_id, entity_type, entity_id, reason, local_payload, server_version, server_deleted,
    server_payload, created_at
FROM jsonb_to_recordset($1) AS row (id uuid, client_id text, mutation_id uuid, entity_type text, entity_id uuid,
    reason text, local_payload jsonb, server_version bigint, server_deleted boolean, server_payload jsonb,
    created_at timestamptz)
"""
_CLOSE_CONFLICTS = """
UPDATE sync_conflicts SET resolved_at = $3, kept = row.kept
FROM jsonb_to_recordset($1) AS row (id uuid, kept text)
WHERE sync_conflicts.id = row.id AND school_id = $2 AND resolved_at IS NULL
"""
INSERT_ANSWERS = """
INSERT INTO sync_inbox (school_id, id, client_id, created_at, log_id, place, entity_type, entity_id, outcome, reason,
    version, conflict_id, answer)
SELECT school_id, id, client_id, created_at, log_id, place, entity_type, entity_id, outcome, reason, version,
    conflict_id, answer
FROM jsonb_to_recordset($1) AS row (school_id uuid, id uuid, client_id text, created_at timestamptz, log_id uuid,
    place integer, entity_type text, entity_id text, outcome text, reason text, version bigint, conflict_id uuid,
    answer jsonb)
ON CONFLICT (school_id, id) DO NOTHING
"""
INSERT_CALL = """
INSERT INTO sync_log (id, school_id, client_id, direction, events_count, acknowledged_count, conflicts_count,
    rejected_count, status, started_at, completed_at, error_message)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""


async def take(school: SchoolChange, call: SyncCall, judge: Judge) -> Synced | ClientTaken:
    if not await school.fetchrow(_SEE_CLIENT, call.school_id, call.client_id, call.trainer_id, call.now):
        return ClientTaken()
    held = await _hold(school, call)
    judgement = await judge(held, let_others_run)
    return Synced(judgement, await _write(school, call, judgement))


async def _hold(school: SchoolChange, call: SyncCall) -> Held:
    known = await school.fetch(_KNOWN, call.school_id, list(call.event_ids))
    rows = await _hold_rows(school, call)
    foreign = await school.fetch(_FOREIGN, call.school_id, *(_ids_of(type, call.keys) for type in TABLES))
    has_people = any(type == "TRAINER" for type, _ in call.keys)
    people: Sequence[asyncpg.Record] = ()
    if has_people:
        people = await school.fetch(_PEOPLE, call.school_id, list(call.emails))
    templates: Sequence[asyncpg.Record] = ()
    if call.template_ids:
        templates = await school.fetch(_TEMPLATES, call.school_id, list(call.template_ids))
    ids = [entity_id for _, entity_id in call.keys]
    conflicts = await school.fetch(_CONFLICTS, call.school_id, call.conflict_id, call.client_id, ids)
    return Held(
        newest=school.newest,
        versions=school.versions if call.event_ids else (),
        known={plain_uuid(row["id"]): KnownOutcome(row["client_id"], _outcome_from(row)) for row in known},
        rows=rows,
        foreign={(row["type"], plain_uuid(row["id"])) for row in foreign},
        emails={row["email"]: plain_uuid(row["id"]) for row in people},
        admins=[plain_uuid(row["id"]) for row in people if row["is_admin"]],
        templates={plain_uuid(row["id"]): template_from(row) for row in templates},
        conflicts=[conflict_from(row) for row in conflicts],
    )


async def _hold_rows(school: SchoolChange, call: SyncCall) -> Mapping[Key, Row[Entity]]:
    slices = Slices()
    held: dict[Key, Row[Entity]] = {}
    for type, sql in _HOLD.items():
        if ids := _ids_of(type, call.keys):
            for row in await school.fetch(sql, call.school_id, ids):
                held[(type, plain_uuid(row["id"]))] = row_from(type, row)
                await slices.breathe()
    return held


def _ids_of(type: EntityType, keys: Collection[Key]) -> list[UUID]:
    return [entity_id for each, entity_id in keys if each == type]


async def _write(school: SchoolChange, call: SyncCall, judgement: Judgement) -> Sequence[bytes]:
    """The hashes of the logins that ended."""
    templates = [write for write in judgement.writes if write.type == "TEMPLATE"]
    trainers = [write for write in judgement.writes if write.type == "TRAINER"]
    sessions = [write for write in judgement.writes if write.type == "SESSION"]
    await _write_set(school, call, _WRITE_TEMPLATES, templates)
    await _write_set(school, call, _ADD_TRAINERS, [write for write in trainers if write.is_new])
    await _write_set(school, call, _CHANGE_TRAINERS, [write for write in trainers if not write.is_new])
    await _write_set(school, call, _CHANGE_SESSIONS, sessions)
    await _write_beside(school, call, judgement)
    if ended := [write.entity.id for write in trainers if write.ends_logins]:
        return [row["token_hash"] for row in await school.fetch(_END_LOGINS, ended)]
    return ()


async def _write_set(school: SchoolChange, call: SyncCall, sql: str, writes: Sequence[RowWrite]) -> None:
    if writes:
        slices = Slices()
        rows: list[Mapping[str, object]] = []
        for write in writes:
            rows.append(_row_values(write))
            await slices.breathe()
        await school.execute(sql, rows, call.school_id)


async def _write_beside(school: SchoolChange, call: SyncCall, judgement: Judgement) -> None:
    """The audit, the conflicts, the answers, and the call itself."""
    if entries := [entry for write in judgement.writes for entry in write.entries]:
        rows = [
            {
                "id": entry.id,
                "at": entry.at,
                "by_id": entry.by.id,
                "by_name": entry.by.name,
                "action": entry.action,
                "subject_type": entry.subject.type,
                "subject_id": entry.subject.id,
                "details": entry.details,
            }
            for entry in entries
        ]
        await school.execute(_ADD_AUDIT, rows, call.school_id)
    if judgement.conflicts:
        rows = [_conflict_values(conflict) for conflict in judgement.conflicts]
        await school.execute(_ADD_CONFLICTS, rows, call.school_id)
    if judgement.closed:
        rows = [{"id": conflict_id, "kept": kept} for conflict_id, kept in judgement.closed]
        await school.execute(_CLOSE_CONFLICTS, rows, call.school_id, call.now)
    record = judgement.call
    if record is not None and judgement.answered:
        values = [answer_values(record, place, each) for place, each in enumerate(judgement.answered)]
        await school.execute(INSERT_ANSWERS, values)
    if record is not None:
        await school.execute(INSERT_CALL, *call_values(record))


def _row_values(write: RowWrite) -> Mapping[str, object]:
    entity = write.entity
    common = {
        "id": entity.id,
        "updated_at": entity.updated_at,
        "version": entity.version,
        "sync_version": write.version,
        "first_version": write.first_version,
        "written": written_as_json(write.written),
        "created_at": entity.created_at,
    }
    match entity:
        case Template():
            return {**common, "content": entity.content.as_json(), "deleted_at": entity.deleted_at}
        case Trainer():
            return {
                **common,
                "email": entity.email,
                "password_hash": write.password_hash,
                "name": entity.name,
                "role": entity.role,
                "deleted_at": entity.deleted_at,
            }
        case Session():
            return {
                **common,
                "title": entity.title,
                "public_title": entity.public_title,
                "trainee_name": entity.trainee_name,
                "expires_at": entity.expires_at,
                "limits": limits_as_json(entity.limits),
                "co_trainer_ids": list(entity.co_trainer_ids),
                "shows_conditions": entity.shows_conditions,
            }


def _conflict_values(conflict: Conflict) -> Mapping[str, object]:
    data = conflict.data
    return {
        "id": conflict.id,
        "client_id": conflict.client_id,
        "mutation_id": conflict.event_id,
        "entity_type": conflict.entity_type,
        "entity_id": conflict.entity_id,
        "reason": conflict.reason,
        "local_payload": conflict.local_payload,
        "server_version": None if data is None else data.version,
        "server_deleted": data is not None and data.is_deleted,
        "server_payload": None if data is None else data.payload,
        "created_at": conflict.created_at,
    }


def answer_values(call: CallRecord, place: int, answered: Answered) -> Mapping[str, object]:
    """What of an outcome is not told by the conflict itself: that has both sides."""
    event, outcome = answered.event, answered.outcome
    common = {
        "school_id": call.school_id,
        "id": event.event_id,
        "client_id": call.client_id,
        "created_at": call.started_at,
        "log_id": call.id,
        "place": place,
        "entity_type": event.entity_type,
        "entity_id": event.entity_id,
        "outcome": event.outcome,
        "reason": event.reason,
    }
    match outcome:
        case Acknowledged(version, data):
            answer = None if data is None else [data.version, data.is_deleted, data.payload]
            return {**common, "version": version, "answer": answer}
        case Conflicted(conflict_id):
            return {**common, "conflict_id": conflict_id}
        case Rejected(_, errors):
            return {**common, "answer": [[error.field, error.message] for error in errors]}


def _outcome_from(row: asyncpg.Record) -> EventOutcome:
    answer: Any = row["answer"]
    match row["outcome"]:
        case "acknowledged":
            return Acknowledged(row["version"], None if answer is None else server_data_from(*answer))
        case "conflict":
            data = server_data_from(row["server_version"], row["server_deleted"], row["server_payload"])
            return Conflicted(plain_uuid(row["conflict_id"]), row["reason"], data)
        case _:
            return Rejected(row["reason"], tuple(FieldError(field, message) for field, message in answer or ()))


def call_values(call: CallRecord) -> tuple[object, ...]:
    """The values of INSERT_CALL."""
    return (
        call.id,
        call.school_id,
        call.client_id,
        call.direction,
        call.events,
        call.acknowledged,
        call.conflicts,
        call.rejected,
        call.status,
        call.started_at,
        call.completed_at,
        call.error,
    )
