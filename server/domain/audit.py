"""Who did what in a school: to accounts, templates and sessions' own fields, and which records they took away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID, uuid5

from server.domain.events import Author
from server.domain.people import Retention, Trainer
from server.domain.session import Session
from server.domain.template import Template

AuditAction = Literal[
    "added",
    "changed",
    "deleted",
    "opened",
    "closed",
    "exported",
    "imported",
    "revoked",
    "let_in",
    "forgotten",
    "taken_over",
    "invited",
    "withdrawn",
    "login_ended",
    "shared",
    "share_ended",
    "share_opened",
    "locked",
    "unlocked",
    "names_out",
    "printed",
]
# What somebody does with the debrief of a session that has ended; opening the session itself is no part of it.
View = Literal["opened", "printed"]
SubjectType = Literal["trainer", "template", "session", "school", "hall", "invitation", "assignment", "device"]

COMMAND_LINE = Author("system", None, "Command line")


@dataclass(frozen=True, slots=True)
class Subject:
    type: SubjectType
    id: UUID


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Of a change, `details` name the fields, never what they were changed to: one may have been a password."""

    id: UUID
    school_id: UUID
    at: datetime
    by: Author
    action: AuditAction
    subject: Subject
    details: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What is None is let be."""

    by: UUID | None = None
    about: SubjectType | None = None

    def lets_through(self, entry: AuditEntry) -> bool:
        return self.by in (None, entry.by.id) and self.about in (None, entry.subject.type)


EVERYTHING = AuditFilter()


def entry_of_edit(
    entry_id: UUID, action: AuditAction, row: Trainer | Template | Session, by: Author, fields: Sequence[str] = ()
) -> AuditEntry:
    """`row` as the edit left it; `fields` are those of a change. What came or went is named as it was called."""
    match row:
        case Trainer():
            subject, called = Subject("trainer", row.id), {"name": row.name}
        case Template():
            subject, called = Subject("template", row.id), {"title": row.content.title}
        case Session():
            subject, called = Subject("session", row.id), {"title": row.title}
    details = {"fields": list(fields)} if action == "changed" else called
    return AuditEntry(entry_id, row.school_id, row.updated_at, by, action, subject, details)


def entry_of_ended_login(entry_id: UUID, trainer: Trainer, now: datetime) -> AuditEntry:
    """Of one that its own trainer ended from another."""
    subject = Subject("trainer", trainer.id)
    return AuditEntry(entry_id, trainer.school_id, now, author_of(trainer), "login_ended", subject)


def entry_of_retention(entry_id: UUID, school_id: UUID, retention: Retention, by: Author, now: datetime) -> AuditEntry:
    """Of what the school decided; nothing of it is secret."""
    details = {"names_months": retention.names_months, "records_months": retention.records_months}
    return AuditEntry(entry_id, school_id, now, by, "changed", Subject("school", school_id), details)


def entry_of_record(entry_id: UUID, action: AuditAction, session: Session, by: Author, now: datetime) -> AuditEntry:
    """Of what was done to the record of a session as a whole; with the reason of its lock."""
    details = {} if session.lock is None else {"reason": session.lock.reason}
    return AuditEntry(entry_id, session.school_id, now, by, action, Subject("session", session.id), details)


def entry_of_view(session: Session, view: View, trainer: Trainer, entry_id: UUID, now: datetime) -> AuditEntry:
    """Of a debrief that somebody looked at, or printed. One that is opened is told once an hour of each: by its id."""
    if view == "opened":
        entry_id = uuid5(session.id, f"opened {trainer.id} {now.astimezone(UTC):%Y-%m-%d %H}")
    subject = Subject("session", session.id)
    return AuditEntry(entry_id, session.school_id, now, author_of(trainer), view, subject, {"part": "debrief"})


def changes_something(entry: AuditEntry) -> bool:
    """Whether it tells of more than that somebody read."""
    return entry.action not in ("exported", "printed") and "part" not in entry.details


def author_of(trainer: Trainer) -> Author:
    return Author("trainer", trainer.id, trainer.name)
