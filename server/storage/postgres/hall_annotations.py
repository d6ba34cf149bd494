"""What hall servers send of annotations, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from server.domain.annotations import Annotation
from server.domain.hall_annotations import (
    NO_AUTHOR,
    KnownAnnotation,
    NothingNew,
    StandsElsewhere,
    is_forgotten,
    judge_hall_annotation,
    refuse_annotation,
)
from server.domain.halls import Hall
from server.domain.judging import Rejected
from server.domain.session import Session
from server.storage.postgres.database import Database
from server.storage.postgres.rows import SESSION_COLUMNS, annotation_from, plain_uuid, session_from

if TYPE_CHECKING:
    from server.storage.postgres.database import Connection

# In one order, so that two calls of a hall wait for each other and for nothing else.
HOLD_SESSIONS = f"SELECT {SESSION_COLUMNS} FROM sessions WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE"  # noqa: S608 - constants
AUTHORS = "SELECT id FROM trainers WHERE school_id = $1 AND id = ANY($2)"
_PUT = """
INSERT INTO annotations (id, session_id, school_id, at, kind, text, marker, author_id, author_name, created_at,
    updated_at, deleted_at, version, hall_version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)
ON CONFLICT (id) DO UPDATE SET at = excluded.at, kind = excluded.kind, text = excluded.text,
    marker = excluded.marker, updated_at = excluded.updated_at, deleted_at = excluded.deleted_at,
    version = excluded.version, hall_version = excluded.hall_version
"""


async def put_annotations(
    database: Database, hall: Hall, annotations: Sequence[Annotation]
) -> Sequence[Rejected | None]:
    session_ids = list({each.session_id for each in annotations})
    authors = list({each.author.id for each in annotations if each.author.id is not None})
    # What another school has under one of these ids is seen, too.
    async with database.every_school.transaction() as connection:
        held = [session_from(row) for row in await connection.fetch(HOLD_SESSIONS, session_ids)]
        found = await connection.fetch(AUTHORS, hall.school_id, authors)
        sessions = {session.id: session for session in held}
        known = {plain_uuid(row["id"]) for row in found}
        return [await _put(connection, hall, sessions.get(each.session_id), known, each) for each in annotations]


async def _put(
    connection: Connection, hall: Hall, session: Session | None, authors: Collection[UUID], sent: Annotation
) -> Rejected | None:
    if refusal := refuse_annotation(session, hall):
        return refusal
    if is_forgotten(session):
        return None
    if sent.author.id not in authors:
        return NO_AUTHOR
    place = sent.id
    while True:
        match judge_hall_annotation(await _known(connection, place), sent, place):
            case StandsElsewhere(id):
                place = id
            case Annotation() as told:
                await _write(connection, told)
                return None
            case NothingNew():
                return None
            case Rejected() as refusal:
                return refusal


async def _known(connection: Connection, annotation_id: UUID) -> KnownAnnotation | None:
    row = await connection.fetchrow("SELECT * FROM annotations WHERE id = $1 FOR NO KEY UPDATE", annotation_id)
    return None if row is None else KnownAnnotation(annotation_from(row), row["hall_version"])


async def _write(connection: Connection, told: Annotation) -> None:
    await connection.execute(
        _PUT,
        told.id,
        told.session_id,
        told.school_id,
        told.at,
        told.kind,
        told.text,
        told.marker,
        told.author.id,
        told.author.name,
        told.created_at,
        told.updated_at,
        told.deleted_at,
        told.version,
    )
