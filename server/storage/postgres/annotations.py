"""Annotations in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg

from server.domain.annotations import (
    NO_ANNOTATION,
    Annotation,
    AnnotationChange,
    judge_annotation_change,
    judge_annotation_deletion,
)
from server.domain.outcomes import ID_TAKEN, Conflict, Forbidden, InvalidFields, NotFound, VersionMismatch
from server.domain.people import Trainer
from server.domain.session import Session
from server.ports.results import Added, AlreadyThere, Cursor, Page
from server.storage.postgres.database import Database
from server.storage.postgres.rows import annotation_from, page_of

if TYPE_CHECKING:
    from server.storage.postgres.database import Connection


class PostgresAnnotations:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_annotation(self, annotation: Annotation) -> Added[Annotation] | AlreadyThere[Annotation] | Conflict:
        try:
            await self._database.of(annotation.school_id).execute(
                """
                INSERT INTO annotations
                    (id, session_id, school_id, at, kind, text, marker, author_id, author_name, created_at,
                     updated_at, version)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                """,
                annotation.id,
                annotation.session_id,
                annotation.school_id,
                annotation.at,
                annotation.kind,
                annotation.text,
                annotation.marker,
                annotation.author.id,
                annotation.author.name,
                annotation.created_at,
                annotation.updated_at,
                annotation.version,
            )
        except asyncpg.UniqueViolationError:
            known = await self._database.of(annotation.school_id).fetchrow(
                "SELECT * FROM annotations WHERE id = $1 AND session_id = $2 AND author_id IS NOT DISTINCT FROM $3",
                annotation.id,
                annotation.session_id,
                annotation.author.id,
            )
            if known is None:
                return ID_TAKEN
            return AlreadyThere(annotation_from(known))
        return Added(annotation)

    async def list_annotations(self, session_id: UUID, limit: int, after: Cursor | None) -> Page[Annotation]:
        rows = await self._database.every_school.fetch(
            """
            SELECT * FROM annotations
            WHERE session_id = $1 AND deleted_at IS NULL
              AND ($2::timestamptz IS NULL OR (created_at, id) > ($2, $3))
            ORDER BY created_at, id LIMIT $4
            """,
            session_id,
            after.created_at if after else None,
            after.id if after else None,
            limit + 1,
        )
        return page_of(rows, limit, annotation_from)

    async def change_annotation(
        self,
        session: Session,
        annotation_id: UUID,
        trainer: Trainer,
        change: AnnotationChange,
        expected_version: int | None,
        now: datetime,
    ) -> Annotation | NotFound | Forbidden | VersionMismatch | InvalidFields:
        async with self._database.of(session.school_id).transaction() as connection:
            known = await _lock_annotation(connection, annotation_id)
            if known is None:
                return NO_ANNOTATION
            changed = judge_annotation_change(known, session, trainer, change, expected_version, now)
            if isinstance(changed, Annotation) and changed != known:
                await _write(connection, changed)
            return changed

    async def delete_annotation(
        self, session: Session, annotation_id: UUID, trainer: Trainer, expected_version: int | None, now: datetime
    ) -> Annotation | NotFound | Forbidden | VersionMismatch:
        async with self._database.of(session.school_id).transaction() as connection:
            known = await _lock_annotation(connection, annotation_id)
            if known is None:
                return NO_ANNOTATION
            deleted = judge_annotation_deletion(known, session, trainer, expected_version, now)
            if isinstance(deleted, Annotation) and deleted != known:
                await _write(connection, deleted)
            return deleted


async def _lock_annotation(connection: Connection, annotation_id: UUID) -> Annotation | None:
    row = await connection.fetchrow("SELECT * FROM annotations WHERE id = $1 FOR NO KEY UPDATE", annotation_id)
    return None if row is None else annotation_from(row)


async def _write(connection: Connection, annotation: Annotation) -> None:
    """All that may change of one; its author, its session and its beginning do not."""
    await connection.execute(
        """
        UPDATE annotations
        SET at = $2, kind = $3, text = $4, marker = $5, updated_at = $6, deleted_at = $7, version = $8
        WHERE id = $1
        """,
        annotation.id,
        annotation.at,
        annotation.kind,
        annotation.text,
        annotation.marker,
        annotation.updated_at,
        annotation.deleted_at,
        annotation.version,
    )
