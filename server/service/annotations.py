"""Annotations of a session: added by everybody of the school, edited by their author or an admin."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from server.domain.annotations import Annotation, AnnotationChange, AnnotationDraft, judge_annotation
from server.domain.outcomes import Conflict, Forbidden, InvalidFields, NotFound, VersionMismatch
from server.domain.people import Trainer
from server.domain.permissions import NO_SESSION, judge_action
from server.domain.session import Session
from server.ports.annotations import AnnotationStore
from server.ports.results import Added, AlreadyThere, Cursor, Page
from server.ports.sessions import SessionStore


class Annotations:
    def __init__(self, store: AnnotationStore, sessions: SessionStore) -> None:
        self._store = store
        self._sessions = sessions

    async def list(
        self, trainer: Trainer, session_id: UUID, limit: int, after: Cursor | None
    ) -> Page[Annotation] | NotFound | Forbidden:
        session = await self._find_session(trainer, session_id)
        if not isinstance(session, Session):
            return session
        return await self._store.list_annotations(session_id, limit, after)

    async def add(
        self, trainer: Trainer, session_id: UUID, draft: AnnotationDraft, now: datetime
    ) -> Added[Annotation] | AlreadyThere[Annotation] | NotFound | Forbidden | Conflict | InvalidFields:
        session = await self._find_session(trainer, session_id)
        if not isinstance(session, Session):
            return session
        annotation = judge_annotation(session, trainer, draft, now)
        if not isinstance(annotation, Annotation):
            return annotation
        return await self._store.add_annotation(annotation)

    async def change(
        self,
        trainer: Trainer,
        session_id: UUID,
        annotation_id: UUID,
        change: AnnotationChange,
        expected_version: int | None,
        now: datetime,
    ) -> Annotation | NotFound | Forbidden | VersionMismatch | InvalidFields:
        session = await self._find_session(trainer, session_id)
        if not isinstance(session, Session):
            return session
        return await self._store.change_annotation(session, annotation_id, trainer, change, expected_version, now)

    async def delete(
        self,
        trainer: Trainer,
        session_id: UUID,
        annotation_id: UUID,
        expected_version: int | None,
        now: datetime,
    ) -> Annotation | NotFound | Forbidden | VersionMismatch:
        session = await self._find_session(trainer, session_id)
        if not isinstance(session, Session):
            return session
        return await self._store.delete_annotation(session, annotation_id, trainer, expected_version, now)

    async def _find_session(self, trainer: Trainer, session_id: UUID) -> Session | NotFound | Forbidden:
        session = await self._sessions.find_session(session_id)
        if session is None:
            return NO_SESSION
        return judge_action(trainer, "watch", session) or session
