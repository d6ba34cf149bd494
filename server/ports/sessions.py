"""Where training sessions are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.domain.case import Case
from server.domain.events import Author, CaseAction, Event
from server.domain.forking import Fork, Forked
from server.domain.limits import LimitsSince
from server.domain.outcomes import (
    Conflict,
    Forbidden,
    InvalidFields,
    NotFound,
    NotHome,
    SessionOver,
    Unchanged,
    VersionMismatch,
)
from server.domain.people import Trainer
from server.domain.record import Recorded
from server.domain.session import Session, SessionChange, SessionStatus, SessionSummary
from server.ports.records import RecordStore
from server.ports.results import Added, AlreadyThere, CodeTaken, Cursor, Page, Seen
from server.ports.seats import SeatStore


class SessionStore(RecordStore, SeatStore, Protocol):
    async def add_session(
        self, session: Session, first: Event | None, by: Author, case: Case | None = None
    ) -> Added[Session] | AlreadyThere[Session] | CodeTaken | Conflict:
        """`judge_new_session`, atomically; with the session, the event that made its first values, and its case."""
        ...

    async def add_fork(
        self, fork: Fork, trainer: Trainer, end_id: UUID
    ) -> Forked | AlreadyThere[Session] | CodeTaken | Conflict | NotFound | Forbidden | NotHome:
        """`judge_new_session`, atomically, with the events that it opens with and its case.

        If it takes the trainees over, the session that it goes on from ends with it, or neither does: `judge_end`,
        its event under `end_id`. One that is over already stays as it is.
        """
        ...

    async def find_sent_to(self, session_id: UUID) -> Session | None:
        """The session to which the trainees of this one were sent, the last time; None if they were not."""
        ...

    async def find_session(self, session_id: UUID) -> Session | None:
        """Late or away: as this process knows it, with what waits folded in, and as others have told of it since
        (`Storage.hear`); `last_seq` is that of what this one has seen in the storage.
        """
        ...

    async def find_case(self, session_id: UUID) -> Case | None:
        """As it was stored with the session; None if that was opened without a template."""
        ...

    async def limits_since(self, session_id: UUID) -> Sequence[LimitsSince]:
        """Which alarm limits held when, oldest first, of the newest LIMITS_KEPT; none where they were never changed."""
        ...

    async def last_case_event(self, session_id: UUID, actions: Collection[CaseAction]) -> Event | None:
        """The last of the session's `case` events with one of these actions.

        Late or away: as this process knows it, if it knows every event of the session.
        """
        ...

    async def find_session_by_code(self, code: str) -> Session | None:
        """By the code's normal form; ended sessions too. Late or away: as in `find_session`."""
        ...

    async def list_sessions(
        self, school_id: UUID, status: SessionStatus, limit: int, after: Cursor | None, now: datetime
    ) -> Page[SessionSummary]:
        """Newest first. `open` means not over at `now`, `ended` the rest."""
        ...

    async def change_session(
        self,
        session_id: UUID,
        trainer: Trainer,
        change: SessionChange,
        expected_version: int | None,
        now: datetime,
    ) -> Session | Unchanged[Session] | NotFound | Forbidden | VersionMismatch | SessionOver | NotHome | InvalidFields:
        """`judge_change`, atomically."""
        ...

    async def take_controls(
        self, session_id: UUID, trainer: Trainer, event_id: UUID, now: datetime
    ) -> Recorded | Session | NotFound | Forbidden | Conflict | SessionOver | NotHome:
        """`judge_taking_controls`, atomically. A bare Session: they held them already and nothing was written."""
        ...

    async def end_session(
        self, session_id: UUID, trainer: Trainer, event_id: UUID, now: datetime, by: Author | None = None
    ) -> Recorded | Session | NotFound | Forbidden | NotHome:
        """`judge_end`, atomically. A bare Session: it was over already and nothing was written.

        `by` is whom the audit names: the trainer, unless told.
        """
        ...

    async def end_with_case(
        self, session: Session, event_id: UUID, by: Author, now: datetime
    ) -> Recorded | Session | NotFound | NotHome:
        """`judge_end_with_case`, atomically; else as `end_session`. `by` is whom the audit names."""
        ...

    async def expire_due(self, now: datetime, limit: int) -> Sequence[Recorded]:
        """End up to `limit` sessions whose time is up; each is answered to one caller only.

        Several processes may call it at once; nobody waits for a row that another is ending. What cannot be ended
        yet, because what was pushed to it waits or somebody holds its school, holds up no other: raises
        StorageUnavailable only if nothing else was left to end.
        """
        ...

    async def next_expiry(self, after: datetime | None = None) -> datetime | None:
        """When the next open session runs out, or has run out; of those that do so `after` that, if it is given.

        None if there is none.
        """
        ...

    async def last_change(self) -> datetime | None:
        """When an open session was last recorded in or edited, of all but those from halls, which have another clock.

        None if there is none.
        """
        ...

    async def due_sessions(self) -> Sequence[Session]:
        """The open sessions in which something comes by itself (`server/domain/nibp.py: due`), a paused one too."""
        ...

    async def self_moving_sessions(self) -> Sequence[Session]:
        """The open sessions whose case moves by itself: a step of it has a transition that is automatic."""
        ...

    async def moved_among(self, seen: Mapping[UUID, Seen]) -> Sequence[Session]:
        """Those of the given sessions that have moved on since they were seen so, and those that are closed."""
        ...


SENT_ON_AT_MOST = 100


async def last_sent_to(store: SessionStore, session_id: UUID) -> Session | None:
    """Where the trainees of this session are to go now: they may have been sent on since, and on again."""
    sent_to = None
    for _ in range(SENT_ON_AT_MOST):
        following = await store.find_sent_to(session_id)
        if following is None:
            break
        sent_to, session_id = following, following.id
    return sent_to
