"""Everything of a school, as it moves from one storage to another: what it consists of, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from server.domain.annotations import Annotation
from server.domain.attendance import SeatSpan
from server.domain.audit import AuditEntry
from server.domain.case import Case
from server.domain.debrief.moment_edits import MomentEdit
from server.domain.devices import Device, EditConflict
from server.domain.events import Event
from server.domain.limits import LimitsSince
from server.domain.people import School, Trainer
from server.domain.reflections import Reflection
from server.domain.scores import ScoreSheet
from server.domain.session import Seat, Session
from server.domain.sync import FieldWrites
from server.domain.template import Template


@dataclass(frozen=True, slots=True)
class Edited:
    """Where a row stands in its school's log, and who wrote its fields."""

    version: int
    first_version: int
    written: FieldWrites


@dataclass(frozen=True, slots=True)
class MovedTrainer:
    trainer: Trainer
    password_hash: str
    edited: Edited


@dataclass(frozen=True, slots=True)
class MovedTemplate:
    template: Template
    edited: Edited


@dataclass(frozen=True, slots=True)
class MovedSession:
    session: Session
    case: Case | None
    edited: Edited
    limits_since: tuple[LimitsSince, ...] = ()


@dataclass(frozen=True, slots=True)
class MovedSeat:
    """With the SHA-256 of its token, so that whoever sits there finds the place again; None: they sit in a hall."""

    seat: Seat
    token_hash: bytes | None


@dataclass(frozen=True, slots=True)
class ExportBegun:
    """Before everything: when it was read, and the release of the server that did."""

    exported_at: datetime
    server: str


@dataclass(frozen=True, slots=True)
class Head:
    """After everything: the school's newest version."""

    version: int


# In this order; what belongs to a session follows it, before the next one.
OfSession = MovedSeat | Event | SeatSpan | Annotation | MomentEdit | ScoreSheet | Reflection
Row = MovedTrainer | MovedTemplate | MovedSession | OfSession | AuditEntry | Device
Part = ExportBegun | School | Row | EditConflict | Head
