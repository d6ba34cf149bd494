"""Where hall servers are kept, and what they send: copies of the sessions that run there, and their events."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.domain.annotations import Annotation
from server.domain.events import Author
from server.domain.hall_beside import Beside
from server.domain.hall_records import PartRefused, PartTaken, RecordPart, SessionCopy
from server.domain.halls import Hall, HallContact, HallSummary
from server.domain.judging import Rejected
from server.domain.outcomes import Conflict, Forbidden, NotFound, SessionOver, Unchanged
from server.domain.people import Trainer
from server.domain.session import Session


@dataclass(frozen=True, slots=True)
class CopyKept:
    """A session as it stands here now, with its version in the school's log; `is_changed`: it was not so before."""

    session: Session
    version: int
    is_changed: bool


class HallStore(Protocol):
    async def add_hall(self, hall: Hall, token_hash: bytes, by: Author) -> Hall | Conflict:
        """A name belongs to one hall of the school that was not revoked, without regard to case."""
        ...

    async def find_hall(self, school_id: UUID, hall_id: UUID) -> Hall | None: ...

    async def find_hall_by_token(self, token_hash: bytes) -> Hall | None:
        """A revoked one too."""
        ...

    async def list_halls(self, school_id: UUID) -> Sequence[HallSummary]:
        """By name, the revoked ones last."""
        ...

    async def revoke_hall(
        self, school_id: UUID, hall_id: UUID, by: Author, now: datetime
    ) -> Hall | Unchanged[Hall] | NotFound:
        """`judge_revocation`, atomically."""
        ...

    async def see_hall(self, hall: Hall, contact: HallContact, now: datetime) -> None:
        """It is in contact: so are its open sessions."""
        ...

    async def find_sessions(self, school_id: UUID, session_ids: Collection[UUID]) -> Mapping[UUID, Session]:
        """Those of the school; what another school has is missing."""
        ...

    async def last_event_ids(self, school_id: UUID, session_ids: Collection[UUID]) -> Mapping[UUID, UUID]:
        """Of each session of the school, the id of its newest event; one without events is missing."""
        ...

    async def password_hashes(self, school_id: UUID, trainer_ids: Collection[UUID]) -> Mapping[UUID, str]:
        """For the hall that lets these trainers in, and for nobody else."""
        ...

    async def put_sessions(
        self, hall: Hall, copies: Sequence[SessionCopy], now: datetime
    ) -> Sequence[CopyKept | Rejected]:
        """`judge_copy` of each, all in one transaction. A code that is in use is replaced by another one.

        A template that is not here is left out, a trainer who is not here is refused.
        """
        ...

    async def add_part(self, hall: Hall, part: RecordPart, now: datetime) -> PartTaken | PartRefused:
        """`judge_part`, atomically; with the last event of a session its end."""
        ...

    async def put_annotations(self, hall: Hall, annotations: Sequence[Annotation]) -> Sequence[Rejected | None]:
        """`judge_hall_annotation` of each, atomically; None: it is taken.

        One whose author is no trainer of the school is refused.
        """
        ...

    async def put_beside(self, hall: Hall, rows: Sequence[Beside]) -> Sequence[Rejected | None]:
        """`judge_hall_beside` of each, atomically; None: it is taken.

        A sheet whose evaluator is no trainer of the school is refused, and words of a seat that is not here.
        """
        ...

    async def take_over(
        self, session_id: UUID, trainer: Trainer, by: Author, now: datetime
    ) -> Session | Unchanged[Session] | NotFound | Forbidden | SessionOver:
        """`judge_take_over`, atomically."""
        ...
