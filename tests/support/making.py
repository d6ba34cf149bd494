"""Things of the domain as a test needs them: true to the rules, with fresh ids, at a fixed moment."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from server.domain.annotations import Annotation, AnnotationDraft, judge_annotation
from server.domain.attendance import SeatSpan
from server.domain.events import ActionTaken, Author, EventDraft, NoteAdded, VitalsPushed
from server.domain.invitations import INVITATION_LIFE, Invitation
from server.domain.limits import ADULT_LIMITS
from server.domain.people import Role, School, Trainer
from server.domain.session import CODE_ALPHABET, CODE_LENGTH, Seat, Session
from server.domain.template import Template, TemplateContent
from server.domain.vitals import START_VALUES, VitalsPatch

BY = Author("trainer", UUID("8e2b7c14-93d5-4f60-8a1b-7d4c9e5f6a21"), "Grace")
NOW = datetime(2026, 11, 21, 9, 30, 0, 123_000, UTC)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def a_code() -> str:
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def a_school(name: str = "Skills lab") -> School:
    return School(uuid4(), name, NOW)


def a_trainer(school: School, role: Role = "trainer", **fields: Any) -> Trainer:
    trainer_id = uuid4()
    fields = {"email": f"{trainer_id}@example.org", "name": "Ada", "created_at": NOW, "updated_at": NOW} | fields
    return Trainer(id=trainer_id, school_id=school.id, role=role, **fields)


def an_invitation(school: School, **fields: Any) -> Invitation:
    invitation = Invitation(
        uuid4(), school.id, f"{uuid4()}@example.org", "Bela", "trainer", BY, NOW, NOW + INVITATION_LIFE
    )
    return replace(invitation, **fields)


def a_session(trainer: Trainer, **fields: Any) -> Session:
    made = {
        "id": uuid4(),
        "code": a_code(),
        "title": "Anaphylaxis",
        "trainee_name": "Group B",
        "trainer_id": trainer.id,
        "school_id": trainer.school_id,
        "template_id": None,
        "created_at": NOW,
        "updated_at": NOW,
        "expires_at": later(3600),
        "last_values": START_VALUES,
    }
    return Session(**(made | fields))


def a_seat(session: Session, name: str = "Grace", joined_at: datetime = NOW) -> Seat:
    return Seat(uuid4(), session.id, name, joined_at)


def a_template(school: School, title: str = "Sepsis", **fields: Any) -> Template:
    made = {"id": uuid4(), "school_id": school.id, "content": a_content(title), "created_at": NOW, "updated_at": NOW}
    return Template(**(made | fields))


def a_content(title: str = "Sepsis", **fields: Any) -> TemplateContent:
    made = {"description": "", "start": VitalsPatch(), "steps": (), "limits": ADULT_LIMITS, "checklist": ()}
    return TemplateContent(title=title, **(made | fields))


def author(actor: Trainer | Seat) -> Author:
    return Author("trainer" if isinstance(actor, Trainer) else "trainee", actor.id, actor.name)


def a_push(actor: Trainer, patch: VitalsPatch | None = None, event_id: UUID | None = None) -> EventDraft:
    return EventDraft(event_id or uuid4(), author(actor), VitalsPushed(patch or VitalsPatch({"heart_rate": 140})))


def a_note(actor: Trainer, text: str = "Adrenaline given", event_id: UUID | None = None) -> EventDraft:
    return EventDraft(event_id or uuid4(), author(actor), NoteAdded(text))


def an_action(seat: Seat, action: str = "nibp_start", **details: object) -> EventDraft:
    return EventDraft(uuid4(), author(seat), ActionTaken(action, details))


def an_annotation(session: Session, trainer: Trainer, text: str = "Called early", **fields: Any) -> Annotation:
    made = {"id": uuid4(), "at": NOW, "kind": "plus", "text": text} | fields
    annotation = judge_annotation(session, trainer, AnnotationDraft(**made), NOW)
    assert isinstance(annotation, Annotation)
    return annotation


def a_span(seat: Seat, joined_at: datetime = NOW, left_at: datetime | None = None) -> SeatSpan:
    return SeatSpan(uuid4(), seat.id, seat.session_id, joined_at, left_at)
