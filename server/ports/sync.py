"""The log of what people edit in a school, and what devices that keep a copy of it send and are told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.domain.audit import AuditEntry
from server.domain.case import Case
from server.domain.devices import (
    CallRecord,
    Conflicted,
    Device,
    DeviceRevocation,
    EditConflict,
    Entity,
    EntityType,
    EventOutcome,
    Kept,
    Key,
    LastWrite,
    LoggedEvent,
    data_by,
)
from server.domain.events import Author, Event
from server.domain.judging import Row
from server.domain.people import Trainer
from server.domain.session import Session
from server.domain.sync import FieldWrites, LogEntry
from server.domain.template import Template, TemplateContent
from server.ports.results import Cursor, Page
from server.ports.slices import Turn


@dataclass(frozen=True, slots=True)
class ClientTaken:
    """This client's id belongs to somebody else of the school."""


@dataclass(frozen=True, slots=True)
class ClientRevoked:
    """An admin has revoked this client."""

    revocation: DeviceRevocation


ClientRefused = ClientTaken | ClientRevoked


@dataclass(frozen=True, slots=True)
class SyncCall:
    """What has to be held while the edits of one call are judged."""

    school_id: UUID
    client_id: str
    trainer_id: UUID | None
    """Whose device calls; None where a hall does, or a person decides something of a client that does not itself."""
    now: datetime
    event_ids: Sequence[UUID]
    keys: Collection[Key]
    emails: Collection[str] = ()
    """Addresses that are wished for: who has them is asked."""
    template_ids: Collection[UUID] = ()
    """Templates by which sessions are opened."""
    trainer_ids: Collection[UUID] = ()
    """Who is to be a co-trainer."""
    conflict_id: UUID | None = None
    """The conflict that is resolved."""
    fact_ids: Sequence[UUID] = ()
    """Events of the same call that are no edits: whether they are known is asked."""
    hall_id: UUID | None = None
    """The hall that calls."""

    @property
    def owner_id(self) -> UUID | None:
        """Whose client calls; None where a person decides."""
        return self.trainer_id or self.hall_id


@dataclass(frozen=True, slots=True)
class KnownOutcome:
    """`entity_id` is the one that was answered with it, as the log has it."""

    client_id: str
    entity_id: str
    outcome: EventOutcome


@dataclass(frozen=True, slots=True)
class Held:
    """What there is, and does not change before the judgement is written."""

    newest: int
    """The newest version of the school before the call."""
    versions: Sequence[int]
    """As many as there are events; one that is not used is a gap, which harms nobody."""
    known: Mapping[UUID, KnownOutcome]
    rows: Mapping[Key, Row[Entity]]
    foreign: Collection[Key]
    """Ids that another school has."""
    emails: Mapping[str, UUID]
    admins: Collection[UUID]
    templates: Mapping[UUID, Template]
    trainers: Mapping[UUID, Trainer]
    """Of `trainer_ids` those that are of the school."""
    conflicts: Sequence[EditConflict]
    """The client's open ones on these rows, and the one that is resolved."""


@dataclass(frozen=True, slots=True)
class RowWrite:
    """A row as it is to stand there; the rest is what a new one, or an account, has besides."""

    type: EntityType
    entity: Entity
    is_new: bool
    version: int
    first_version: int
    written: FieldWrites
    entries: tuple[AuditEntry, ...]
    password_hash: str | None = None
    ends_logins: bool = False
    case: Case | None = None
    first_event: Event | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """An event and its outcome, for the log and for a repeat."""

    event: LoggedEvent
    outcome: EventOutcome


@dataclass(frozen=True, slots=True)
class Judgement:
    outcomes: Sequence[EventOutcome]
    """One for each event, in their order."""
    writes: Sequence[RowWrite] = ()
    """The last state of each row, once."""
    answered: Sequence[Answered] = ()
    """Those that were not known before."""
    conflicts: Sequence[EditConflict] = ()
    closed: Sequence[tuple[UUID, Kept]] = ()
    call: CallRecord | None = None
    logged: Sequence[LoggedEvent] = ()
    """The events of `call` in their order, repeats too."""
    known: Mapping[UUID, KnownOutcome] = field(default_factory=dict[UUID, KnownOutcome])
    """Of the call's events, those that are no edits too, those that were answered before."""

    @property
    def shown(self) -> Mapping[UUID, datetime | None]:
        """The rows that conflicts show, and of which it is not known yet who wrote them: when they were written."""
        sides = [(conflict.entity_id, conflict.data) for conflict in self.conflicts]
        return {each: data.written_at for each, data in sides if data is not None and data.written_by is None}

    def by(self, last_writes: Mapping[UUID, LastWrite]) -> Judgement:
        """With who wrote what the conflicts show."""
        sides = {
            each.id: data_by(each.data, each.entity_type, last_writes.get(each.entity_id))
            for each in self.conflicts
            if each.data is not None
        }

        def told(outcome: EventOutcome) -> EventOutcome:
            if isinstance(outcome, Conflicted) and outcome.conflict_id in sides:
                return replace(outcome, data=sides[outcome.conflict_id])
            return outcome

        return replace(
            self,
            outcomes=[told(each) for each in self.outcomes],
            answered=[replace(each, outcome=told(each.outcome)) for each in self.answered],
            conflicts=[replace(each, data=sides.get(each.id)) for each in self.conflicts],
        )


@dataclass(frozen=True, slots=True)
class Synced:
    """`ended_logins`: the hashes of the tokens that ended with it, so that their connections are cut."""

    judgement: Judgement
    ended_logins: Sequence[bytes] = ()

    @property
    def sessions(self) -> Sequence[Session]:
        """Those that it changed."""
        return [write.entity for write in self.judgement.writes if isinstance(write.entity, Session)]


Judge = Callable[[Held, Turn], Awaitable[Judgement]]


@dataclass(frozen=True, slots=True)
class PulledRow:
    """Who wrote its row is left out."""

    type: EntityType
    row: Row[Entity]


@dataclass(frozen=True, slots=True)
class Pulled:
    """`newest` is the school's newest version in the same snapshot; `has_more`: rows were left out at the limit."""

    rows: Sequence[PulledRow]
    newest: int
    has_more: bool
    identity: str


@dataclass(frozen=True, slots=True)
class Pull:
    school_id: UUID
    types: Collection[EntityType]
    after: int
    limit: int
    without_deleted_until: int = 0
    """Deleted rows up to this version are left out."""


@dataclass(frozen=True, slots=True)
class ToldTemplate:
    """A template for one who only tells it on."""

    id: UUID
    school_id: UUID
    content: TemplateContent
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    version: int
    sync_version: int


class SyncStore(Protocol):
    async def log_after(self, school_id: UUID, version: int, limit: int) -> Sequence[LogEntry]:
        """One entry a row, by version, those above `version`; deleted rows too.

        Versions of a school are given in the order of its commits and never twice. What is refused or changes nothing
        has none, and neither has a session's record: events have their own order, `seq`.
        """
        ...

    async def identity(self) -> str:
        """Of the data itself: another one after they were restored from a backup, or begun anew."""
        ...

    async def mark_restored(self) -> None:
        """Make `identity` another one. A disk that was put back as it was changes nothing that could be seen."""
        ...

    async def take(self, call: SyncCall, judge: Judge) -> Synced | ClientRefused:
        """What `judge` answers, written whole or not at all, while nobody else edits in that school.

        `judge` may be asked again, if what it wanted turned out to be taken meanwhile. The first call of a client binds
        its id to the trainer. The number of statements does not depend on the number of events.
        """
        ...

    async def find_last_write(self, school_id: UUID, subject_id: UUID, at: datetime | None) -> LastWrite | None:
        """Who edited it at this moment, as the audit tells it; or who edited it last, if nobody did then."""
        ...

    async def find_answered(self, school_id: UUID, event_ids: Collection[UUID]) -> Collection[UUID]:
        """Those of the events that have an answer already; read beside the lock."""
        ...

    async def pull(self, pull: Pull) -> Pulled:
        """Rows above `after` by version, at most `limit`, and the newest version, as of one moment."""
        ...

    async def pull_templates(self, pull: Pull) -> Sequence[ToldTemplate]:
        """As `pull`, of templates alone, for many of them: a third of the time."""
        ...

    async def newest_versions(self, school_ids: Collection[UUID]) -> Mapping[UUID, int]:
        """Of those in which anything was ever edited."""
        ...

    async def find_device(self, school_id: UUID, client_id: str) -> Device | None: ...

    async def see_device(self, device: Device, call: CallRecord | None) -> ClientRefused | None:
        """Keep how far the client has come, and its call if there is one to be told."""
        ...

    async def list_devices(self, school_id: UUID) -> Sequence[Device]:
        """Those seen last come first."""
        ...

    async def revoke_device(
        self, school_id: UUID, client_id: str, revocation: DeviceRevocation | None, by: Author, now: datetime
    ) -> Device | None:
        """Shut it out, or None: let it in again. As it is then, if there is one; the first revocation stays. What is so
        already is no entry of the audit.
        """
        ...

    async def delete_device(self, school_id: UUID, client_id: str, by: Author, now: datetime) -> bool:
        """Forget the client; its id is free again. Whether there was one."""
        ...

    async def add_call(
        self, call: CallRecord, answered: Sequence[Answered] = (), logged: Sequence[LoggedEvent] = ()
    ) -> None:
        """A call that was refused whole, or what it did besides editing; `logged` are then all its events."""
        ...

    async def list_calls(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[CallRecord]:
        """Newest first."""
        ...

    async def find_call(self, school_id: UUID, call_id: UUID) -> tuple[CallRecord, Sequence[LoggedEvent]] | None: ...

    async def list_conflicts(
        self, school_id: UUID, trainer_id: UUID | None, limit: int, after: Cursor | None
    ) -> Page[EditConflict]:
        """Open ones, oldest first; this trainer's, or None for all."""
        ...

    async def find_conflict(self, school_id: UUID, conflict_id: UUID) -> EditConflict | None: ...

    async def forget_before(self, moment: datetime, limit: int) -> int:
        """Delete calls and answers that are older, at most `limit` of each; how many went. Open conflicts stay."""
        ...
