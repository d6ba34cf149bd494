"""Annotations in memory."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID

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
from server.storage.memory.tables import Tables, page_of


class MemoryAnnotations:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add_annotation(self, annotation: Annotation) -> Added[Annotation] | AlreadyThere[Annotation] | Conflict:
        await asyncio.sleep(0)
        known = self._tables.annotations.get(annotation.id)
        if known is None:
            self._tables.annotations[annotation.id] = annotation
            return Added(annotation)
        if known.session_id != annotation.session_id or known.author.id != annotation.author.id:
            return ID_TAKEN
        return AlreadyThere(known)

    async def list_annotations(self, session_id: UUID, limit: int, after: Cursor | None) -> Page[Annotation]:
        await asyncio.sleep(0)
        rows = [
            annotation
            for annotation in self._tables.annotations.values()
            if annotation.session_id == session_id and annotation.deleted_at is None
        ]
        return page_of(rows, limit, after)

    async def change_annotation(
        self,
        session: Session,
        annotation_id: UUID,
        trainer: Trainer,
        change: AnnotationChange,
        expected_version: int | None,
        now: datetime,
    ) -> Annotation | NotFound | Forbidden | VersionMismatch | InvalidFields:
        await asyncio.sleep(0)
        known = self._tables.annotations.get(annotation_id)
        if known is None:
            return NO_ANNOTATION
        changed = judge_annotation_change(known, session, trainer, change, expected_version, now)
        if isinstance(changed, Annotation):
            self._tables.annotations[annotation_id] = changed
        return changed

    async def delete_annotation(
        self, session: Session, annotation_id: UUID, trainer: Trainer, expected_version: int | None, now: datetime
    ) -> Annotation | NotFound | Forbidden | VersionMismatch:
        await asyncio.sleep(0)
        known = self._tables.annotations.get(annotation_id)
        if known is None:
            return NO_ANNOTATION
        deleted = judge_annotation_deletion(known, session, trainer, expected_version, now)
        if isinstance(deleted, Annotation):
            self._tables.annotations[annotation_id] = deleted
        return deleted
