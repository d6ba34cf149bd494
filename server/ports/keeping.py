"""Where it is kept for how long a school keeps names and records; and what goes when that time is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.domain.annotations import Annotation
from server.domain.events import Author
from server.domain.names_out import NamesOut
from server.domain.outcomes import Forbidden, InvalidFields, NotFound, NotHome, Unchanged
from server.domain.people import Retention, School, Trainer
from server.domain.retention import DueMeasure
from server.domain.session import Seat, Session
from server.ports.results import Cursor, Page


class KeepingStore(Protocol):
    async def put_retention(self, school_id: UUID, retention: Retention, by: Author, now: datetime) -> School:
        """With its entry in the audit."""
        ...

    async def list_due(self, school: School, limit: int, after: Cursor | None) -> Page[DueMeasure]:
        """`next_measure` of each session of the school, in the order of `since`; without those that have none."""
        ...

    async def lock_session(
        self, session_id: UUID, trainer: Trainer, reason: str, now: datetime
    ) -> Session | Unchanged[Session] | NotFound | Forbidden | NotHome | InvalidFields:
        """`judge_lock`, atomically."""
        ...

    async def unlock_session(
        self, session_id: UUID, trainer: Trainer, now: datetime
    ) -> Session | Unchanged[Session] | NotFound | Forbidden | NotHome:
        """`judge_unlock`, atomically."""
        ...

    async def list_every_seat(self, session_id: UUID) -> Sequence[Seat]:
        """Those that were removed, too; in the order of joining."""
        ...

    async def list_every_annotation(self, session_id: UUID) -> Sequence[Annotation]:
        """The deleted ones, too."""
        ...

    async def take_names_out(self, before: Session, out: NamesOut, by: Author, now: datetime) -> bool:
        """Write what `names_out` made of the session, and take the names out of what else tells of it.

        False: the session is another one than `before` by now, and nothing was written.
        """
        ...

    async def delete_record(self, session: Session, by: Author, now: datetime) -> bool:
        """Everything that belongs to the session goes; what stays is that there was one, for devices to hear of it.

        False: it was locked, or deleted, meanwhile.
        """
        ...
