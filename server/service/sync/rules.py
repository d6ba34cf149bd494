"""What is special to each kind of entity that devices edit: who may, what comes of an edit, and what is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid4

from server.domain.case import Case
from server.domain.devices import Entity, EntityType
from server.domain.events import Event
from server.domain.judging import Merged, Rejected, Row
from server.domain.opening import NOT_A_TEMPLATE, draw_code, open_session
from server.domain.outcomes import (
    FieldError,
    Forbidden,
    InvalidFields,
    NotFound,
    NotHome,
    SessionClosed,
    SessionExpired,
    Unchanged,
    VersionMismatch,
    invalid,
)
from server.domain.people import (
    EMAIL_TAKEN,
    Trainer,
    TrainerChange,
    is_admin,
    judge_trainer_change,
    judge_trainer_removal,
    normal_email,
)
from server.domain.permissions import judge_action, judge_school_action
from server.domain.session import OWN_FIELDS, Session, SessionChange, co_trainer_error, judge_change
from server.domain.template import (
    TEMPLATE_FIELDS,
    Template,
    TemplateContent,
    case_errors,
    judge_template_removal,
    laid_over,
)
from server.domain.text import one_line
from server.ports.sync import Held
from server.service.accounts import TrainerEdit
from server.service.sync.events import DeviceEdit, SessionValues, TemplateValues, TrainerValues

_FORBIDDEN = Rejected("forbidden")


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


class TemplateRules:
    fields: frozenset[str] = TEMPLATE_FIELDS

    def permit(self, event: DeviceEdit, row: Row[Entity] | None, school: SchoolState) -> Rejected | None:
        return _FORBIDDEN if judge_school_action(school.actor, "edit_templates") else None

    def merge(self, event: DeviceEdit, row: Row[Entity] | None, school: SchoolState) -> Merged[Entity] | InvalidFields:
        there = row.entity if row is not None else None
        assert there is None or isinstance(there, Template)  # noqa: S101 - rows are kept by their type
        if event.edit.operation == "DELETE":
            removed = judge_template_removal(there, school.now)
            assert isinstance(removed, Template)  # noqa: S101 - what is gone already is not merged
            return Merged(removed, is_same=False)
        assert isinstance(event.values, TemplateValues)  # noqa: S101 - events are read by their type
        if there is None and "title" not in event.edit.named:
            return invalid("title", "is required")
        below = there.content if there is not None else event.values.content
        content = laid_over(below, event.values.content, event.edit.written)
        is_alive = there is not None and there.deleted_at is None
        if there is not None and content == there.content and is_alive:
            return Merged(there, is_same=True)
        if errors := case_errors(content):
            return InvalidFields(errors)
        return Merged(_template(event, there, content, school), is_same=False)


def _template(event: DeviceEdit, there: Template | None, content: TemplateContent, school: SchoolState) -> Template:
    now = school.now
    if there is None:
        return Template(event.entity_id, school.actor.school_id, content, created_at=now, updated_at=now)
    return replace(there, content=content, updated_at=now, deleted_at=None, version=there.version + 1)


class TrainerRules:
    fields: frozenset[str] = frozenset(("name", "email", "role", "password"))

    def permit(self, event: DeviceEdit, row: Row[Entity] | None, school: SchoolState) -> Rejected | None:
        if judge_school_action(school.actor, "manage_trainers"):
            return _FORBIDDEN
        if event.edit.operation == "DELETE" and row is not None and not row.is_deleted:
            return None if school.has_other_admin(event.entity_id) else _FORBIDDEN
        if isinstance(event.values, TrainerValues) and _is_email_taken(event, event.values.edit.email, school):
            return Rejected("invalid_fields", (FieldError("email", EMAIL_TAKEN.detail),))
        return None

    def merge(self, event: DeviceEdit, row: Row[Entity] | None, school: SchoolState) -> Merged[Entity] | InvalidFields:
        there = row.entity if row is not None else None
        assert there is None or isinstance(there, Trainer)  # noqa: S101 - rows are kept by their type
        if event.edit.operation == "DELETE":
            removed = judge_trainer_removal(there, None, school.now, has_other_admin=True)
            assert isinstance(removed, Trainer)  # noqa: S101 - what is gone already is not merged
            return Merged(removed, is_same=False)
        assert isinstance(event.values, TrainerValues)  # noqa: S101 - events are read by their type
        edit = _named_only(event.values.edit, event.edit.written)
        password_hash = event.values.password_hash if "password" in event.edit.written else None
        if there is None or there.deleted_at is not None:
            return _enrolled(event, there, edit, password_hash, school)
        outcome = judge_trainer_change(
            there,
            TrainerChange(
                None if edit.email is None else normal_email(edit.email),
                None if edit.name is None else one_line(edit.name),
                edit.role,
                password_hash,
            ),
            None,
            school.now,
            is_email_taken=False,
            has_other_admin=school.has_other_admin(there.id),
        )
        if isinstance(outcome, Unchanged):
            return Merged(there, is_same=True)
        if isinstance(outcome, Trainer):
            return Merged(outcome, is_same=False)
        return invalid("role", outcome_text(outcome))


def outcome_text(outcome: object) -> str:
    return str(getattr(outcome, "detail", outcome))


def _named_only(edit: TrainerEdit, names: frozenset[str]) -> TrainerEdit:
    return TrainerEdit(**{each.name: getattr(edit, each.name) for each in fields(edit) if each.name in names})


def _is_email_taken(event: DeviceEdit, email: str | None, school: SchoolState) -> bool:
    if email is None or "email" not in event.edit.written:
        return False
    return school.emails.get(normal_email(email)) not in (None, event.entity_id)


def _enrolled(
    event: DeviceEdit, there: Trainer | None, edit: TrainerEdit, password_hash: str | None, school: SchoolState
) -> Merged[Entity] | InvalidFields:
    """A new account; or one that was deleted, whose address was given back then."""
    missing = [name for name in ("email", "name", "role") if getattr(edit, name) is None]
    if password_hash is None:
        missing.append("password")
    if edit.email is None or edit.name is None or edit.role is None or password_hash is None:
        return InvalidFields(tuple(FieldError(name, "is required") for name in missing))
    return Merged(
        Trainer(
            id=event.entity_id,
            school_id=school.actor.school_id,
            email=normal_email(edit.email),
            name=one_line(edit.name),
            role=edit.role,
            created_at=school.now if there is None else there.created_at,
            updated_at=school.now,
            version=1 if there is None else there.version + 1,
        ),
        is_same=False,
    )


class SessionRules:
    fields: frozenset[str] = frozenset(OWN_FIELDS)

    def permit(self, event: DeviceEdit, row: Row[Entity] | None, school: SchoolState) -> Rejected | None:
        if event.edit.operation == "DELETE":
            return _FORBIDDEN
        if row is None:
            return _FORBIDDEN if judge_school_action(school.actor, "open_session") else None
        assert isinstance(row.entity, Session)  # noqa: S101 - rows are kept by their type
        if judge_action(school.actor, "edit_session", row.entity):
            return _FORBIDDEN
        if row.entity.over(school.now) is not None:
            return Rejected("session_over")
        if row.entity.elsewhere() is not None:
            return Rejected("not_home")
        errors = _value_errors(event, row.entity, school)
        return Rejected("invalid_fields", errors) if errors else None

    def merge(self, event: DeviceEdit, row: Row[Entity] | None, school: SchoolState) -> Merged[Entity] | InvalidFields:
        assert isinstance(event.values, SessionValues)  # noqa: S101 - events are read by their type
        opened = _open(event, event.values, school) if row is None else row.entity
        if isinstance(opened, InvalidFields):
            return opened
        assert isinstance(opened, Session)  # noqa: S101 - rows are kept by their type
        change = _written_only(event, event.values.change)
        if errors := _co_trainer_errors(change, school):
            return InvalidFields(errors)
        outcome = judge_change(opened, school.actor, change, None, school.now)
        match outcome:
            case Session():
                return Merged(outcome if row is not None else replace(outcome, version=1), is_same=False)
            case Unchanged() if row is None:
                return Merged(opened, is_same=False)
            case Unchanged():
                return Merged(opened, is_same=True)
            case InvalidFields():
                return outcome
            case NotFound() | Forbidden() | VersionMismatch() | SessionClosed() | SessionExpired() | NotHome():
                raise AssertionError(f"asked before: {outcome}")


def _written_only(event: DeviceEdit, change: SessionChange) -> SessionChange:
    names = [each.name for each in fields(change) if each.name in event.edit.written]
    return SessionChange(**{name: getattr(change, name) for name in names})


def _value_errors(event: DeviceEdit, session: Session, school: SchoolState) -> tuple[FieldError, ...]:
    """What no session could have; nothing that depends on what others wrote into this one."""
    if not isinstance(event.values, SessionValues):
        return ()
    change = _written_only(event, event.values.change)
    if errors := _co_trainer_errors(change, school):
        return errors
    outcome = judge_change(session, school.actor, change, None, school.now)
    return outcome.errors if isinstance(outcome, InvalidFields) else ()


def _co_trainer_errors(change: SessionChange, school: SchoolState) -> tuple[FieldError, ...]:
    found = [(place, school.trainers.get(each)) for place, each in enumerate(change.co_trainer_ids or ())]
    return tuple(
        co_trainer_error(place)
        for place, trainer in found
        if trainer is None or judge_school_action(trainer, "take_controls") is not None
    )


def _open(event: DeviceEdit, values: SessionValues, school: SchoolState) -> Session | InvalidFields:
    """Under a fresh code; what is opened with it is kept in `school.opened`."""
    new = replace(values.opening, id=event.entity_id)
    template = None if new.template_id is None else school.templates.get(new.template_id)
    if new.template_id is not None and (template is None or template.deleted_at is not None):
        return NOT_A_TEMPLATE
    opened = open_session(
        school.actor, new, template, school.default_life, session_id=event.entity_id, event_id=uuid4(), now=school.now
    )
    if isinstance(opened, InvalidFields):
        return opened
    session, first = opened
    school.opened[session.id] = Opened(None if template is None else template.case(), first)
    return replace(session, code=draw_code())


RULES: Mapping[EntityType, Rules] = {
    "TEMPLATE": TemplateRules(),
    "TRAINER": TrainerRules(),
    "SESSION": SessionRules(),
}
