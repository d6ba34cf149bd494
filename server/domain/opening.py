"""What a session begins with: what was asked for, what its template holds, and else the usual."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from server.domain.audit import author_of
from server.domain.events import Author, Event, EventDraft, VitalsPushed
from server.domain.outcomes import FieldError, InvalidFields, invalid
from server.domain.people import Trainer
from server.domain.record import record
from server.domain.session import CODE_ALPHABET, CODE_LENGTH, LONGEST_LIFE, Session, title_errors
from server.domain.template import Template
from server.domain.text import one_line
from server.domain.vitals import START_VALUES, VitalsPatch

NOT_A_TEMPLATE = invalid("template_id", "is not a template of your school")
LONGEST_LIFE_MINUTES = int(LONGEST_LIFE.total_seconds() // 60)
LIFE_RULE = f"must be above 0 and at most {LONGEST_LIFE_MINUTES}"


def draw_code() -> str:
    """One of 31^6; whether it is free only the storage knows."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


@dataclass(frozen=True, slots=True)
class NewSession:
    id: UUID | None = None
    title: str | None = None
    public_title: str | None = None
    trainee_name: str | None = None
    duration: timedelta | None = None
    template_id: UUID | None = None
    start: VitalsPatch | None = None

    def errors(self) -> list[FieldError]:
        # A title of which nothing is seen is none.
        title = self.title if one_line(self.title or "") else None
        errors = title_errors(title=title, public_title=self.public_title, trainee_name=self.trainee_name)
        if self.duration is not None and not timedelta(0) < self.duration <= LONGEST_LIFE:
            errors.append(FieldError("duration_minutes", LIFE_RULE))
        return errors


def open_session(
    trainer: Trainer,
    new: NewSession,
    template: Template | None,
    default_life: timedelta,
    *,
    session_id: UUID,
    event_id: UUID,
    now: datetime,
    by: Author | None = None,
) -> tuple[Session, Event | None] | InvalidFields:
    """The session, which has no code yet, and the event that made its first values, if it was given any.

    `template` is what was found under the wished id; one that cannot be used is told beside all else that is wrong.
    `session_id` is its id if no other was wished for; `by` is whom the event names: the trainer, unless told.
    """
    errors = [*new.errors(), *template_errors(new.template_id, template)]
    if template is not None and template.deleted_at is not None:
        template = None
    life = new.duration or (template and _duration_of(template)) or default_life
    session = Session(
        id=new.id or session_id,
        code="",
        title=one_line(new.title or "") or (template.content.title if template else ""),
        public_title=_public_title_of(new, template),
        trainee_name=one_line(new.trainee_name or "") or None,
        trainer_id=trainer.id,
        school_id=trainer.school_id,
        template_id=template.id if template else None,
        created_at=now,
        updated_at=now,
        expires_at=now + life,
        last_values=START_VALUES,
    )
    start = VitalsPatch()
    if template is not None:
        session = replace(session, limits=template.content.limits)
        start = template.content.start
    if new.start is not None:
        start = replace(start, signs={**start.signs, **new.start.signs})
    if start.is_empty():
        return InvalidFields(tuple(errors)) if errors else (session, None)
    draft = EventDraft(event_id, by or author_of(trainer), VitalsPushed(start))
    recorded = record(session, draft, now)
    if isinstance(recorded, InvalidFields):
        return InvalidFields((*errors, *recorded.errors))
    return InvalidFields(tuple(errors)) if errors else (recorded.session, recorded.event)


def template_errors(wished: UUID | None, found: Template | None) -> tuple[FieldError, ...]:
    """`found` is what the school has under the wished id, a deleted one too."""
    is_usable = wished is None or (found is not None and found.deleted_at is None)
    return () if is_usable else NOT_A_TEMPLATE.errors


def _public_title_of(new: NewSession, template: Template | None) -> str:
    if new.public_title is not None:
        return one_line(new.public_title)
    return template.content.public_title if template else ""


def _duration_of(template: Template) -> timedelta | None:
    minutes = template.content.duration_minutes
    return None if minutes is None else timedelta(minutes=minutes)
