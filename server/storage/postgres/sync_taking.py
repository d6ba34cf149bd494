"""The edits of one call of a device, in one transaction: what is there is held, judged, and written in sets.

The number of statements does not depend on the number of events.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from server.domain.devices import Acknowledged, Conflicted, Entity, EntityType, EventOutcome, Key
from server.domain.judging import Rejected, Row
from server.domain.outcomes import FieldError
from server.ports.slices import Slices, let_others_run
from server.ports.sync import ClientRefused, ClientRevoked, ClientTaken, Held, Judge, KnownOutcome, SyncCall, Synced
from server.storage.postgres.rows import plain_uuid, template_from, trainer_from
from server.storage.postgres.school_transaction import SchoolChange
from server.storage.postgres.sync_rows import (
    COLUMNS,
    LAST_WRITES,
    TABLES,
    conflict_from,
    last_write_from,
    revocation_from,
    row_from,
    server_data_from,
    server_side_from,
)
from server.storage.postgres.sync_writing import write

if TYPE_CHECKING:
    import asyncpg

_SEE_CLIENT = """
INSERT INTO sync_clients (school_id, client_id, trainer_id, last_seen_at, hall_id) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (school_id, client_id) DO UPDATE SET last_seen_at = excluded.last_seen_at
WHERE coalesce(sync_clients.trainer_id, sync_clients.hall_id) = coalesce(excluded.trainer_id, excluded.hall_id)
  AND sync_clients.revoked_at IS NULL
RETURNING true AS is_its_own
"""
# Why a client was not taken; nothing, if it is somebody else's.
REFUSED = """
SELECT revoked_at, revoked_by, revoked_by_name FROM sync_clients
WHERE school_id = $1 AND client_id = $2 AND coalesce(trainer_id, hall_id) = $3
"""
_KNOWN = """
SELECT inbox.*, server_version, server_deleted, server_payload, server_at, server_by, server_by_name
FROM sync_inbox AS inbox LEFT JOIN sync_conflicts AS conflict ON conflict.id = inbox.conflict_id
WHERE inbox.school_id = $1 AND inbox.id = ANY($2)
"""
# A session's row is held against pushes too, for as long as the judging takes.
# In the order of ids, as everybody who holds several rows: two of them never wait for each other.
_HOLD: Mapping[EntityType, str] = {
    type: f"SELECT {COLUMNS[type]} FROM {table} WHERE school_id = $1 AND id = ANY($2) "  # noqa: S608
    "ORDER BY id FOR NO KEY UPDATE"
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
_TRAINERS = "SELECT * FROM trainers WHERE school_id = $1 AND id = ANY($2) AND deleted_at IS NULL"
_CONFLICTS = """
SELECT * FROM sync_conflicts
WHERE school_id = $1 AND (id = $2 OR (resolved_at IS NULL AND client_id = $3 AND entity_id = ANY($4)))
"""


async def take(school: SchoolChange, call: SyncCall, judge: Judge) -> Synced | ClientRefused:
    if call.owner_id is not None:
        client = (call.school_id, call.client_id)
        if await school.fetchrow(_SEE_CLIENT, *client, call.trainer_id, call.now, call.hall_id) is None:
            return refusal_from(await school.fetchrow(REFUSED, *client, call.owner_id))
    held = await _hold(school, call)
    judgement = await judge(held, let_others_run)
    if shown := judgement.shown:
        rows = await school.fetch(LAST_WRITES, call.school_id, list(shown), list(shown.values()))
        judgement = judgement.by({plain_uuid(row["subject_id"]): last_write_from(row) for row in rows})
    return Synced(judgement, await write(school, call, judgement))


def refusal_from(client: asyncpg.Record | None) -> ClientRefused:
    revocation = None if client is None else revocation_from(client)
    return ClientTaken() if revocation is None else ClientRevoked(revocation)


async def _hold(school: SchoolChange, call: SyncCall) -> Held:
    known = await school.fetch(_KNOWN, call.school_id, [*call.event_ids, *call.fact_ids])
    rows = await _hold_rows(school, call)
    has_people = any(type == "TRAINER" for type, _ in call.keys)
    people: Sequence[asyncpg.Record] = ()
    async with school.everywhere():
        foreign = await school.fetch(_FOREIGN, call.school_id, *(_ids_of(type, call.keys) for type in TABLES))
        if has_people:
            people = await school.fetch(_PEOPLE, call.school_id, list(call.emails))
    templates: Sequence[asyncpg.Record] = ()
    if call.template_ids:
        templates = await school.fetch(_TEMPLATES, call.school_id, list(call.template_ids))
    trainers: Sequence[asyncpg.Record] = ()
    if call.trainer_ids:
        trainers = await school.fetch(_TRAINERS, call.school_id, list(call.trainer_ids))
    ids = [entity_id for _, entity_id in call.keys]
    conflicts = await school.fetch(_CONFLICTS, call.school_id, call.conflict_id, call.client_id, ids)
    return Held(
        newest=school.newest,
        versions=school.versions[len(school.versions) - len(call.event_ids) :],
        known={
            plain_uuid(row["id"]): KnownOutcome(row["client_id"], row["entity_id"], _outcome_from(row)) for row in known
        },
        rows=rows,
        foreign={(row["type"], plain_uuid(row["id"])) for row in foreign},
        emails={row["email"]: plain_uuid(row["id"]) for row in people},
        admins=[plain_uuid(row["id"]) for row in people if row["is_admin"]],
        templates={plain_uuid(row["id"]): template_from(row) for row in templates},
        trainers={plain_uuid(row["id"]): trainer_from(row) for row in trainers},
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


def _outcome_from(row: asyncpg.Record) -> EventOutcome:
    answer: Any = row["answer"]
    match row["outcome"]:
        case "acknowledged":
            return Acknowledged(row["version"], None if answer is None else server_data_from(*answer))
        case "conflict":
            return Conflicted(plain_uuid(row["conflict_id"]), row["reason"], server_side_from(row))
        case _:
            return Rejected(row["reason"], tuple(FieldError(field, message) for field, message in answer or ()))
