"""What the services ask of a storage. The docstrings are the contract; implementations are silent.

Every method raises `StorageUnavailable` when the storage does not answer or is down; that is a fault,
not an outcome. `now` always comes from the caller. Methods that take a school's id never see or
touch another school's rows.

Some go on without the storage, by what this process knows of sessions and logins that it had to do with
lately: they say so. «Late» is a commit that takes longer than 100 ms, or a reading that takes half a second.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from server.domain.event import Event, EventDraft
from server.domain.outcomes import (
    Conflict,
    Forbidden,
    InvalidFields,
    NotFound,
    SessionOver,
    VersionMismatch,
)
from server.domain.session import (
    AlreadyRecorded,
    Recorded,
    Seat,
    Session,
    SessionChange,
    SessionStatus,
    SessionSummary,
)
from server.domain.template import Template, TemplateContent
from server.domain.trainer import Access, Credentials, School, Trainer, TrainerChange

Item = TypeVar("Item", covariant=True)

# Told what is about to be recorded, while it is not yet known to be.
Foresee = Callable[[Recorded], None]


class StorageUnavailable(Exception):
    """The storage did not answer, or is down."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page: the next page begins behind it."""

    created_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    items: Sequence[Item]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class Added(Generic[Item]):
    item: Item


@dataclass(frozen=True, slots=True)
class AlreadyThere(Generic[Item]):
    """The id was used before, by the same school: the row as it is now; nothing was written."""

    item: Item


@dataclass(frozen=True, slots=True)
class CodeTaken:
    """The drawn code belongs to another session, open or ended; draw again."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How far somebody has followed a session: its record, and its own fields."""

    last_seq: int
    version: int


class AccountStore(Protocol):
    async def add_school(self, school: School) -> School:
        """Store the school, or answer the stored one if its id is known."""
        ...

    async def find_school(self, school_id: UUID) -> School | None: ...

    async def list_schools(self) -> Sequence[School]:
        """All of them, by name: for the command line."""
        ...

    async def add_trainer(
        self, trainer: Trainer, password_hash: str
    ) -> Added[Trainer] | AlreadyThere[Trainer] | Conflict:
        """`Conflict` if another account has the address, or another school the id."""
        ...

    async def find_trainer(self, school_id: UUID, trainer_id: UUID) -> Trainer | None:
        """None also for a deleted one."""
        ...

    async def find_credentials(self, email: str) -> Credentials | None:
        """By the normal form of the address; None also for a deleted account."""
        ...

    async def list_trainers(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[Trainer]:
        """Oldest first, without the deleted."""
        ...

    async def change_trainer(
        self,
        school_id: UUID,
        trainer_id: UUID,
        change: TrainerChange,
        expected_version: int | None,
        now: datetime,
    ) -> Trainer | NotFound | VersionMismatch | Conflict:
        """`Conflict` if the address is taken, or the school would be left without an admin."""
        ...

    async def delete_trainer(self, school_id: UUID, trainer_id: UUID, now: datetime) -> Trainer | NotFound | Conflict:
        """Leaves a tombstone that neither logs in nor keeps the address. `Conflict` for the last admin."""
        ...

    async def add_token(self, trainer_id: UUID, token_hash: bytes, now: datetime, expires_at: datetime) -> None: ...

    async def find_access(self, token_hash: bytes, now: datetime) -> Access | None:
        """None if the token is unknown or has run out, or its trainer is deleted. One read by index.

        Late or away: an access that this process found lately, and knows nothing against.
        """
        ...

    async def delete_token(self, token_hash: bytes) -> None: ...

    async def delete_tokens_of(self, trainer_id: UUID) -> Sequence[bytes]:
        """The hashes of those that were deleted."""
        ...

    async def delete_expired_tokens(self, now: datetime) -> int: ...

    async def live_tokens(self, token_hashes: Collection[bytes], now: datetime) -> frozenset[bytes]:
        """Which of these still open the door."""
        ...


class SessionStore(Protocol):
    async def add_session(
        self, session: Session, first: Event | None
    ) -> Added[Session] | AlreadyThere[Session] | CodeTaken | Conflict:
        """Store the session as given and, with it, the event that made its first values.

        `Conflict` if another school has the id.
        """
        ...

    async def find_session(self, session_id: UUID) -> Session | None:
        """Late or away: as this process knows it, with what waits folded in; `last_seq` is that of what is stored."""
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
    ) -> Session | NotFound | Forbidden | VersionMismatch | SessionOver | InvalidFields:
        """`judge_change`, atomically."""
        ...

    async def append_event(
        self, session_id: UUID, actor: Trainer | Seat, draft: EventDraft, now: datetime, foresee: Foresee | None = None
    ) -> Recorded | AlreadyRecorded | NotFound | Forbidden | Conflict | SessionOver | InvalidFields:
        """`judge_draft`, atomically: the next seq, the fold into `last_values` and the event, or nothing.

        Returns after the commit. Events of one session get their seq, and their answers, in the order
        of these calls as far as one process makes them. On PostgreSQL: one round trip where nobody
        else writes to the session meanwhile; what comes during a commit goes together in the next one.

        Late or away, in a session that this process knows: the draft waits until it is stored, however
        long that takes, and also when the caller has gone. `foresee` is told once what will be recorded
        by what is known; that may turn out otherwise. The same id again waits for the same one. Raises
        `StorageUnavailable` if too much waits already, for this session or in all.
        """
        ...

    async def end_session(
        self, session_id: UUID, trainer: Trainer, event_id: UUID, now: datetime
    ) -> Recorded | Session | NotFound | Forbidden:
        """`judge_end`, atomically. A bare Session: it was over already and nothing was written."""
        ...

    async def expire_due(self, now: datetime, limit: int) -> Sequence[Recorded]:
        """End up to `limit` sessions whose time is up; each is answered to one caller only.

        Several processes may call it at once; nobody waits for a row that another is ending.
        """
        ...

    async def next_expiry(self) -> datetime | None:
        """When the next open session runs out; None if none is open."""
        ...

    async def moved_among(self, seen: Mapping[UUID, Seen]) -> Sequence[Session]:
        """Those of the given sessions that have moved on since they were seen so, and those that are closed."""
        ...

    async def events_after(self, session_id: UUID, after_seq: int, limit: int) -> Sequence[Event]:
        """In seq order, those with a seq above `after_seq`. Late or away: if this process knows all of them."""
        ...

    async def add_seat(self, seat: Seat, token_hash: bytes) -> None:
        """Late or away, in a session that this process knows: it is written when the storage is back.

        Until then it is found and listed by this process. Raises `StorageUnavailable` if too many wait.
        """
        ...

    async def find_seat(self, session_id: UUID, token_hash: bytes) -> Seat | None:
        """Removed ones too. Late or away: if this process knows it."""
        ...

    async def rename_seat(self, seat: Seat, name: str) -> Seat:
        """Late or away: as `add_seat`."""
        ...

    async def remove_seat(self, session_id: UUID, seat_id: UUID, now: datetime) -> Seat | None:
        """The removed seat; removing twice answers the same. None if the session has no such seat."""
        ...

    async def removed_among(self, seat_ids: Collection[UUID]) -> frozenset[UUID]:
        """Which of these were taken away."""
        ...

    async def list_seats(self, session_id: UUID) -> Sequence[Seat]:
        """In the order of joining, without the removed. Late or away: if this process knows all of them."""
        ...


class TemplateStore(Protocol):
    async def add_template(self, template: Template) -> Added[Template] | AlreadyThere[Template] | Conflict: ...

    async def find_template(self, school_id: UUID, template_id: UUID) -> Template | None:
        """Tombstones too: a session's template stays known."""
        ...

    async def list_templates(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[Template]:
        """Oldest first, without the deleted."""
        ...

    async def change_template(
        self,
        school_id: UUID,
        template_id: UUID,
        content: TemplateContent,
        expected_version: int | None,
        now: datetime,
    ) -> Template | NotFound | VersionMismatch: ...

    async def delete_template(self, school_id: UUID, template_id: UUID, now: datetime) -> Template | NotFound:
        """Leaves a tombstone; deleting twice answers the same tombstone."""
        ...


class Storage(Protocol):
    @property
    def accounts(self) -> AccountStore: ...

    @property
    def sessions(self) -> SessionStore: ...

    @property
    def templates(self) -> TemplateStore: ...

    @property
    def waiting_events(self) -> int:
        """How many events wait to be stored at this moment."""
        ...

    async def ping(self) -> None:
        """Returns if the storage answers."""
        ...

    async def close(self) -> None:
        """Let running work end, then let go of everything. No method may be called afterwards."""
        ...
