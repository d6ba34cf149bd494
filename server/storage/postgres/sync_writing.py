"""What came of the edits of one call of a device, written in sets: a statement for each table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from server.domain.audit import AuditEntry
from server.domain.case import Case
from server.domain.devices import Acknowledged, CallRecord, Conflicted, EditConflict, LoggedEvent
from server.domain.judging import Rejected
from server.domain.limits import limits_as_json
from server.domain.people import Trainer
from server.domain.session import Session
from server.domain.sync import written_as_json
from server.domain.template import Template
from server.ports.sync import Answered, Judgement, RowWrite, SyncCall
from server.storage.postgres.records import EVENT_RECORD, EVENT_VALUES, event_record
from server.storage.postgres.rows import EVENT_COLUMNS
from server.storage.postgres.school_transaction import SchoolChange

_TEMPLATE_ROW = """
AS row (id uuid, content jsonb, created_at timestamptz, updated_at timestamptz, deleted_at timestamptz,
    version integer, sync_version bigint, first_version bigint, written jsonb)
"""
_ADD_TEMPLATES = f"""
INSERT INTO session_templates
    (id, school_id, content, created_at, updated_at, deleted_at, version, sync_version, first_version, written)
SELECT id, $2, content, created_at, updated_at, deleted_at, version, sync_version, first_version, written
FROM jsonb_to_recordset($1) {_TEMPLATE_ROW}
"""  # noqa: S608 - constants
_CHANGE_TEMPLATES = f"""
UPDATE session_templates SET content = row.content, updated_at = row.updated_at, deleted_at = row.deleted_at,
    version = row.version, sync_version = row.sync_version, first_version = row.first_version, written = row.written
FROM jsonb_to_recordset($1) {_TEMPLATE_ROW}
WHERE session_templates.id = row.id AND session_templates.school_id = $2
"""  # noqa: S608 - constants
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
# An address may go from one to another within a call, which a set cannot write in any order: they are all given back
# first. `spare` is a version that no event has.
_GIVE_ADDRESSES_BACK = f"""
UPDATE trainers SET email = trainers.id || '@moving.invalid', sync_version = row.spare
FROM jsonb_to_recordset($1) {_TRAINER_ROW.replace("id uuid,", "id uuid, spare bigint,")}
WHERE trainers.id = row.id AND trainers.school_id = $2 AND trainers.email <> row.email
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
_ADD_SESSIONS = """
INSERT INTO sessions (id, school_id, trainer_id, template_id, code, title, trainee_name, created_at, updated_at,
    expires_at, last_values, last_seq, limits, version, sync_version, first_version, written, public_title,
    co_trainer_ids, shows_conditions)
SELECT id, $2, trainer_id, template_id, code, title, trainee_name, created_at, updated_at, expires_at, last_values,
    last_seq, limits, version, sync_version, first_version, written, public_title, co_trainer_ids, shows_conditions
FROM jsonb_to_recordset($1) AS row (id uuid, trainer_id uuid, template_id uuid, code text, title text,
    trainee_name text, created_at timestamptz, updated_at timestamptz, expires_at timestamptz, last_values jsonb,
    last_seq integer, limits jsonb, version integer, sync_version bigint, first_version bigint, written jsonb,
    public_title text, co_trainer_ids uuid[], shows_conditions boolean)
"""
_ADD_CASES = """
INSERT INTO session_cases
    (session_id, template_id, template_version, description, steps, checklist, targets, pass_percent)
SELECT session_id, template_id, template_version, description, steps, checklist, targets, pass_percent
FROM jsonb_to_recordset($1) AS row (session_id uuid, template_id uuid, template_version integer, description text,
    steps jsonb, checklist jsonb, targets jsonb, pass_percent integer)
"""
_ADD_EVENTS = f"""
INSERT INTO session_events ({EVENT_COLUMNS}) SELECT {EVENT_VALUES}
FROM jsonb_to_recordset($1) AS event ({EVENT_RECORD})
"""  # noqa: S608 - only the constant list of columns is filled in
_END_LOGINS = "DELETE FROM trainer_tokens WHERE trainer_id = ANY($1) RETURNING token_hash"
_ADD_AUDIT = """
INSERT INTO audit (id, school_id, at, by_id, by_name, action, subject_type, subject_id, details)
SELECT id, $2, at, by_id, by_name, action, subject_type, subject_id, details
FROM jsonb_to_recordset($1) AS row (id uuid, at timestamptz, by_id uuid, by_name text, action text, subject_type text,
    subject_id uuid, details jsonb)
"""
_ADD_CONFLICTS = """
INSERT INTO sync_conflicts (id, school_id, client_id, trainer_id, mutation_id, entity_type, entity_id, reason,
    local_payload, local_fields, server_version, server_deleted, server_payload, server_at, server_by, server_by_name,
    created_at)
SELECT id, $2, client_id, trainer_id, mutation_id, entity_type, entity_id, reason, local_payload, local_fields,
    server_version, server_deleted, server_payload, server_at, server_by, server_by_name, created_at
FROM jsonb_to_recordset($1) AS row (id uuid, client_id text, trainer_id uuid, mutation_id uuid, entity_type text,
    entity_id uuid, reason text, local_payload jsonb, local_fields text[], server_version bigint,
    server_deleted boolean, server_payload jsonb, server_at timestamptz, server_by uuid, server_by_name text,
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
CALL_COLUMNS = (
    "id, school_id, client_id, direction, events_count, acknowledged_count, conflicts_count, rejected_count, status, "
    "started_at, completed_at, error_message, events"
)
# Of the same call again: what it did besides editing has been counted by then.
INSERT_CALL = f"""
INSERT INTO sync_log ({CALL_COLUMNS})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (id) DO UPDATE SET events_count = excluded.events_count, acknowledged_count = excluded.acknowledged_count,
    conflicts_count = excluded.conflicts_count, rejected_count = excluded.rejected_count, status = excluded.status,
    completed_at = excluded.completed_at, error_message = excluded.error_message, events = excluded.events
"""  # noqa: S608 - only the constant list of columns is filled in


async def write(school: SchoolChange, call: SyncCall, judgement: Judgement) -> Sequence[bytes]:
    """The hashes of the logins that ended."""
    templates = [write for write in judgement.writes if write.type == "TEMPLATE"]
    trainers = [write for write in judgement.writes if write.type == "TRAINER"]
    sessions = [write for write in judgement.writes if write.type == "SESSION"]
    await _write_set(school, call, _ADD_TEMPLATES, [write for write in templates if write.is_new])
    await _write_set(school, call, _CHANGE_TEMPLATES, [write for write in templates if not write.is_new])
    await _change_trainers(school, call, [write for write in trainers if not write.is_new])
    await _write_set(school, call, _ADD_TRAINERS, [write for write in trainers if write.is_new])
    await _write_set(school, call, _CHANGE_SESSIONS, [write for write in sessions if not write.is_new])
    await _add_sessions(school, call, [write for write in sessions if write.is_new])
    await _write_beside(school, call, judgement)
    if ended := [write.entity.id for write in trainers if write.ends_logins]:
        return [row["token_hash"] for row in await school.fetch(_END_LOGINS, ended)]
    return ()


async def _write_set(school: SchoolChange, call: SyncCall, sql: str, writes: Sequence[RowWrite]) -> None:
    if writes:
        await school.execute_set(sql, map(_row_values, writes), call.school_id)


async def _change_trainers(school: SchoolChange, call: SyncCall, writes: Sequence[RowWrite]) -> None:
    if len(writes) > 1:
        spared = zip(writes, school.versions, strict=False)
        rows = ({**_row_values(write), "spare": spare} for write, spare in spared)
        await school.execute_set(_GIVE_ADDRESSES_BACK, rows, call.school_id)
    await _write_set(school, call, _CHANGE_TRAINERS, writes)


async def _add_sessions(school: SchoolChange, call: SyncCall, writes: Sequence[RowWrite]) -> None:
    await _write_set(school, call, _ADD_SESSIONS, writes)
    if cases := [(write.entity.id, write.case) for write in writes if write.case is not None]:
        await school.execute_set(_ADD_CASES, (_case_values(*case) for case in cases))
    if events := [write.first_event for write in writes if write.first_event is not None]:
        await school.execute_set(_ADD_EVENTS, map(event_record, events))


def _case_values(session_id: UUID, case: Case) -> Mapping[str, object]:
    return {
        "session_id": session_id,
        "template_id": case.template_id,
        "template_version": case.template_version,
        "description": case.description,
        "steps": [step.as_json() for step in case.steps],
        "checklist": [item.as_json() for item in case.checklist],
        "targets": [target.as_json() for target in case.targets],
        "pass_percent": case.pass_percent,
    }


async def _write_beside(school: SchoolChange, call: SyncCall, judgement: Judgement) -> None:
    """The audit, the conflicts, the answers, and the call itself."""
    if entries := [entry for write in judgement.writes for entry in write.entries]:
        await school.execute_set(_ADD_AUDIT, map(_entry_values, entries), call.school_id)
    if judgement.conflicts:
        await school.execute_set(_ADD_CONFLICTS, map(_conflict_values, judgement.conflicts), call.school_id)
    if judgement.closed:
        rows = ({"id": conflict_id, "kept": kept} for conflict_id, kept in judgement.closed)
        await school.execute_set(_CLOSE_CONFLICTS, rows, call.school_id, call.now)
    record = judgement.call
    if record is not None and judgement.answered:
        rows = (answer_values(record, place, each) for place, each in enumerate(judgement.answered))
        await school.execute_set(INSERT_ANSWERS, rows)
    if record is not None:
        await school.execute(INSERT_CALL, *call_values(record, judgement.answered, judgement.logged))


def _entry_values(entry: AuditEntry) -> Mapping[str, object]:
    return {
        "id": entry.id,
        "at": entry.at,
        "by_id": entry.by.id,
        "by_name": entry.by.name,
        "action": entry.action,
        "subject_type": entry.subject.type,
        "subject_id": entry.subject.id,
        "details": entry.details,
    }


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
                "trainer_id": entity.trainer_id,
                "template_id": entity.template_id,
                "code": entity.code,
                "last_values": entity.last_values.as_json(),
                "last_seq": entity.last_seq,
                "title": entity.title,
                "public_title": entity.public_title,
                "trainee_name": entity.trainee_name,
                "expires_at": entity.expires_at,
                "limits": limits_as_json(entity.limits),
                "co_trainer_ids": list(entity.co_trainer_ids),
                "shows_conditions": entity.shows_conditions,
            }


def _conflict_values(conflict: EditConflict) -> Mapping[str, object]:
    data = conflict.data
    by = None if data is None else data.written_by
    return {
        "id": conflict.id,
        "client_id": conflict.client_id,
        "trainer_id": conflict.trainer_id,
        "mutation_id": conflict.event_id,
        "entity_type": conflict.entity_type,
        "entity_id": conflict.entity_id,
        "reason": conflict.reason,
        "local_payload": conflict.local_payload,
        "local_fields": None if conflict.local_fields is None else sorted(conflict.local_fields),
        "server_version": None if data is None else data.version,
        "server_deleted": data is not None and data.is_deleted,
        "server_payload": None if data is None else data.payload,
        "server_at": None if data is None else data.written_at,
        "server_by": None if by is None else by.id,
        "server_by_name": None if by is None else by.name,
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


def call_values(
    call: CallRecord, answered: Sequence[Answered] = (), logged: Sequence[LoggedEvent] = ()
) -> tuple[object, ...]:
    """The values of CALL_COLUMNS. Its events stand in it only if the inbox does not tell them: a repeat is answered by
    the call before, and what comes through the journal is answered later.
    """
    if [each.event for each in answered] == list(logged):
        logged = ()
    events = [[str(each.event_id), each.entity_type, each.entity_id, each.outcome, each.reason] for each in logged]
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
        events or None,
    )
