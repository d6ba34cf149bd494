"""What a device sent, read: each event with its edit and its values, or the reason why it cannot be taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from server.domain.annotations import Annotation
from server.domain.devices import EntityType, Key
from server.domain.events import Event, EventDraft
from server.domain.hall_beside import Beside
from server.domain.hall_records import SessionCopy
from server.domain.judging import Edit, Rejected
from server.domain.opening import NewSession
from server.domain.session import SessionChange
from server.domain.template import TemplateContent
from server.service.accounts import TrainerEdit

NEEDED_OF_NEW: Mapping[EntityType, Sequence[str]] = {
    "TEMPLATE": ("title",),
    "TRAINER": ("email", "name", "role", "password"),
    "SESSION": (),
}
"""What a new one must have."""


@dataclass(frozen=True, slots=True)
class TemplateValues:
    """`content` has defaults in the fields that were not sent."""

    content: TemplateContent


@dataclass(frozen=True, slots=True)
class TrainerValues:
    edit: TrainerEdit
    password_hash: str | None = None


@dataclass(frozen=True, slots=True)
class SessionValues:
    """`opening` is what a session is opened with, if it is not there yet."""

    change: SessionChange
    opening: NewSession


@dataclass(frozen=True, slots=True)
class RecordedFact:
    """An event of a session's record: it takes the way of every other."""

    session_id: UUID
    draft: EventDraft


Values = TemplateValues | TrainerValues | SessionValues


@dataclass(frozen=True, slots=True)
class DeviceEdit:
    """`payload` is what was sent, without what nobody may read again.

    `made_on` is the row's own version on which it was made, of a client that knows no other; the log's is found by it.
    """

    id: UUID
    type: EntityType
    entity_id: UUID
    edit: Edit
    payload: Mapping[str, object] | None
    values: Values | None
    made_on: int | None = None

    @property
    def key(self) -> Key:
        return self.type, self.entity_id


@dataclass(frozen=True, slots=True)
class DeviceFact:
    id: UUID
    entity_id: UUID
    fact: RecordedFact


@dataclass(frozen=True, slots=True)
class SchoolNames:
    """What is asked of the school about what could not be read, and told beside whatever else is wrong with it.

    Whether what a session names is there; and whether `entity` is, which lacks `lacking` if it is new.
    """

    template_id: UUID | None = None
    co_trainer_ids: Sequence[UUID] = ()
    entity: Key | None = None
    lacking: Sequence[str] = ()


NOTHING_NAMED = SchoolNames()


@dataclass(frozen=True, slots=True)
class UnreadableEvent:
    """What was sent cannot be taken, whatever there is; `type` and `entity_id` as they were sent."""

    id: UUID
    type: str
    entity_id: str
    rejected: Rejected
    named: SchoolNames = NOTHING_NAMED


@dataclass(frozen=True, slots=True)
class SentCopy:
    """A session as a hall has it."""

    id: UUID
    copy: SessionCopy


@dataclass(frozen=True, slots=True)
class SentFact:
    """An event as a hall recorded it; `folded` is the hash of the values that it leads to, if that was told."""

    id: UUID
    event: Event
    folded: str | None

    @property
    def session_id(self) -> UUID:
        return self.event.session_id


@dataclass(frozen=True, slots=True)
class SentAnnotation:
    """An annotation as a hall has it, a deleted one too."""

    id: UUID
    annotation: Annotation


@dataclass(frozen=True, slots=True)
class SentBeside:
    """A score sheet, own words or the edit of a moment, as a hall has it."""

    id: UUID
    row: Beside


@dataclass(frozen=True, slots=True)
class UnreadableFact:
    """An event of a session that cannot be taken, whatever there is: nor can the others that were sent of it."""

    id: UUID
    session_id: UUID
    entity_id: str
    rejected: Rejected


DeviceEvent = DeviceEdit | DeviceFact | UnreadableEvent
HallEvent = DeviceEdit | UnreadableEvent | SentCopy | SentFact | UnreadableFact | SentAnnotation | SentBeside
