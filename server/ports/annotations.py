"""Where annotations are kept, beside the record of their session."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.domain.annotations import Annotation, AnnotationChange
from server.domain.outcomes import Conflict, Forbidden, InvalidFields, NotFound, VersionMismatch
from server.domain.people import Trainer
from server.domain.session import Session
from server.ports.results import Added, AlreadyThere, Cursor, Page


class AnnotationStore(Protocol):
    async def add_annotation(self, annotation: Annotation) -> Added[Annotation] | AlreadyThere[Annotation] | Conflict:
        """`Conflict` if another session has the id. A tombstone is there, too."""
        ...

    async def list_annotations(self, session_id: UUID, limit: int, after: Cursor | None) -> Page[Annotation]:
        """In the order in which they were added, without the deleted."""
        ...

    async def change_annotation(
        self,
        session: Session,
        annotation_id: UUID,
        trainer: Trainer,
        change: AnnotationChange,
        expected_version: int | None,
        now: datetime,
    ) -> Annotation | NotFound | Forbidden | VersionMismatch | InvalidFields:
        """`judge_annotation_change`, atomically."""
        ...

    async def delete_annotation(
        self, session: Session, annotation_id: UUID, trainer: Trainer, expected_version: int | None, now: datetime
    ) -> Annotation | NotFound | Forbidden | VersionMismatch:
        """`judge_annotation_deletion`, atomically: leaves a tombstone."""
        ...
