"""Notes: events of an open session; one that was made before the end and comes after it is an annotation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.domain.annotations import Annotation, annotation_of_late_note
from server.domain.events import EventDraft
from server.domain.outcomes import Conflict, Forbidden, InvalidFields, NotFound, NotHome, SessionClosed, SessionExpired
from server.domain.people import Trainer
from server.domain.record import AlreadyRecorded, Recorded
from server.domain.session import Session
from server.ports.results import Added, AlreadyThere
from server.service.annotations import Annotations
from server.service.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Annotated:
    """What became of a note that came too late for the record; `is_new` is false for a repeat."""

    annotation: Annotation
    is_new: bool


class Notes:
    def __init__(self, sessions: Sessions, annotations: Annotations) -> None:
        self._sessions = sessions
        self._annotations = annotations

    async def add(
        self, trainer: Trainer, session_id: UUID, draft: EventDraft, now: datetime
    ) -> (
        Recorded
        | AlreadyRecorded
        | Annotated
        | NotFound
        | Forbidden
        | Conflict
        | SessionClosed
        | SessionExpired
        | NotHome
        | InvalidFields
    ):
        """Record the note; never refuse one that was made before the end of its session because it comes after it."""
        outcome = await self._sessions.record(trainer, session_id, draft, now)
        if not isinstance(outcome, SessionClosed | SessionExpired):
            return outcome
        session = await self._sessions.find(trainer, session_id)
        if not isinstance(session, Session):
            return session
        late = annotation_of_late_note(session, draft, now)
        if late is None:
            return outcome
        added = await self._annotations.add(trainer, session_id, late, now)
        match added:
            case Added(annotation):
                return Annotated(annotation, is_new=True)
            case AlreadyThere(annotation):
                return Annotated(annotation, is_new=False)
            case _:
                return added
