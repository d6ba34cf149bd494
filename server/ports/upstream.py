"""What a hall server keeps of its central one: how it stands with it, and what of each row waits to be sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from server.domain.annotations import Annotation
from server.domain.attendance import SeatAttendance
from server.domain.case import Case
from server.domain.devices import EntityType, Key
from server.domain.hall_beside import Beside, BesideType
from server.domain.halls import Waiting
from server.domain.judging import Row
from server.domain.limits import LimitsSince
from server.domain.people import School
from server.domain.session import Session
from server.domain.template import Template
from server.domain.upstream import Link, Mark
from server.ports.sync import Held, Judgement, SyncCall, Synced

BesideRecord = Annotation | Beside
"""What people write beside the record of a session."""
BesideRecordType = Literal["ANNOTATION"] | BesideType
SentType = EntityType | BesideRecordType

# What the central refused is tried again after so long, unless it has changed here by then.
REFUSED_FOR_SECONDS = 300


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """Something that the central does not take; `errors` are pairs of a field and what is wrong with it.

    `version`: of the row that was refused.
    """

    type: SentType
    entity_id: UUID
    reason: str
    errors: Sequence[tuple[str, str]]
    version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class WaitingTemplate:
    row: Row[Template]
    mark: Mark


@dataclass(frozen=True, slots=True)
class WaitingSession:
    """`seats` stands for who sat there, as it is now; `row_waits`: the session's own row is to be sent too."""

    id: UUID
    version: int
    last_seq: int
    mark: Mark
    pushed_seq: int
    seats: str
    row_waits: bool


@dataclass(frozen=True, slots=True)
class SessionPut:
    """All of a session but its events."""

    session: Session
    case: Case | None
    attendance: Sequence[SeatAttendance]
    """The removed seats too, with the spans in which somebody was there."""
    limits_since: Sequence[LimitsSince]
    """Which alarm limits held when, if they were changed."""


@dataclass(frozen=True, slots=True)
class SessionMark:
    """What the central has of a session."""

    pushed: int
    pushed_seq: int
    seats: str


@dataclass(frozen=True, slots=True)
class Taking:
    """What comes of what the central told: rows that are written, and marks that are kept with them."""

    judgement: Judgement
    marks: Mapping[Key, Mark]
    conflicts: Mapping[Key, UUID]
    """Of the marked rows those about which the central keeps a conflict."""


JudgeTold = Callable[[Held, Mapping[Key, Mark], Mapping[UUID, str]], Awaitable[Taking]]
"""What there is, the marks of the same rows, and the hashes of the accounts' passwords."""


class UpstreamStore(Protocol):
    def turn(self, *, waits: bool) -> AbstractAsyncContextManager[bool]:
        """For one round: nobody else has the turn meanwhile. False: somebody has it, and it was not waited for.

        A turn that is lost meanwhile ends the block with StorageUnavailable, wherever it waits.
        """
        ...

    async def link(self) -> Link | None: ...

    async def keep(self, link: Link) -> None: ...

    async def settle(self, link: Link, school: School) -> Link | School:
        """Keep the link with its school, which is added if it is new; or the other school that lives here."""
        ...

    async def begin_anew(self, link: Link) -> None:
        """Keep the link; what the central has of the sessions is not known any more."""
        ...

    async def waiting(self, school_id: UUID, now: datetime) -> Waiting: ...

    async def waiting_templates(self, school_id: UUID, now: datetime, limit: int) -> Sequence[WaitingTemplate]:
        """Oldest edit first."""
        ...

    async def waiting_sessions(self, school_id: UUID, now: datetime) -> Sequence[WaitingSession]:
        """Oldest first."""
        ...

    async def session_puts(self, session_ids: Sequence[UUID]) -> Mapping[UUID, SessionPut]: ...

    async def mark_sessions(self, school_id: UUID, epoch: str, marks: Mapping[UUID, SessionMark]) -> None:
        """What was refused of them counts no more."""
        ...

    async def waiting_beside(self, school_id: UUID, now: datetime, limit: int) -> Sequence[BesideRecord]:
        """Of sessions that the central has, all of one type; deleted annotations too. Oldest edit first, but for own
        words, of which nobody knows when they were written. Empty: nothing of any type waits.
        """
        ...

    async def mark_beside(
        self, school_id: UUID, epoch: str, type: BesideRecordType, versions: Mapping[UUID, int]
    ) -> None:
        """Up to these versions the central has answered."""
        ...

    async def refuse(self, school_id: UUID, refused: Sequence[RefusedRow]) -> None: ...

    async def refusals(self, school_id: UUID) -> Sequence[RefusedRow]: ...

    async def open_conflicts(self, school_id: UUID) -> int:
        """About so many rows the central keeps a conflict, as far as this hall was told."""
        ...

    async def take(self, call: SyncCall, link: Link, judge: JudgeTold) -> Synced:
        """What `judge` answers and the link, in one transaction: a page is taken with its cursor, or not at all."""
        ...

    async def unnamed(self, school_id: UUID, epoch: str, limit: int) -> Sequence[tuple[Key, Mark]]:
        """Accounts and templates that stand here, and that the central has not named in this epoch."""
        ...

    async def forget_hashes(self, school_id: UUID, now: datetime) -> Sequence[bytes]:
        """No password counts here any more. The hashes of the tokens that ended: of all but those who steer an open
        session.
        """
        ...
