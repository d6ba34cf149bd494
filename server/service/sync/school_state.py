"""What the judging of one event needs to know of the school, and what each kind of entity decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from server.domain.case import Case
from server.domain.devices import Entity
from server.domain.events import Event
from server.domain.judging import Merged, Rejected, Row
from server.domain.outcomes import (
    InvalidFields,
)
from server.domain.people import (
    Trainer,
    is_admin,
)
from server.domain.template import (
    Template,
)
from server.ports.sync import Held
from server.service.sync.events import DeviceEdit

FORBIDDEN = Rejected("forbidden")
REQUIRED = "is required"


@dataclass(frozen=True, slots=True)
class Opened:
    """What a session that is opened has besides: its case, and the event that made its first values."""

    case: Case | None
    first_event: Event | None


@dataclass
class SchoolState:
    """What of the school the judging of one event leaves for the next one."""

    actor: Trainer
    now: datetime
    default_life: timedelta
    templates: dict[UUID, Template]
    trainers: Mapping[UUID, Trainer]
    opened: dict[UUID, Opened] = field(default_factory=dict[UUID, Opened])
    emails: dict[str, UUID] = field(default_factory=dict[str, UUID])
    admins: set[UUID] = field(default_factory=set[UUID])

    @classmethod
    def of(cls, actor: Trainer, now: datetime, default_life: timedelta, held: Held) -> SchoolState:
        return cls(
            actor, now, default_life, dict(held.templates), held.trainers, {}, dict(held.emails), set(held.admins)
        )

    def has_other_admin(self, trainer_id: UUID) -> bool:
        return bool(self.admins - {trainer_id})

    def wrote(self, entity: Entity) -> None:
        if isinstance(entity, Template):
            self.templates[entity.id] = entity
        if not isinstance(entity, Trainer):
            return
        self.emails = {email: each for email, each in self.emails.items() if each != entity.id}
        self.emails[entity.email] = entity.id
        (self.admins.add if is_admin(entity) else self.admins.discard)(entity.id)


class Rules(Protocol):
    fields: frozenset[str]

    def permit(self, event: DeviceEdit, row: Row[Entity] | None, school: SchoolState) -> Rejected | None:
        """Whether the actor may, and the entity can be edited at all."""
        ...

    def merge(self, event: DeviceEdit, row: Row[Entity] | None, school: SchoolState) -> Merged[Entity] | InvalidFields:
        """The whole that would be there."""
        ...
