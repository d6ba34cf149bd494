"""What is special to accounts that devices edit."""

from __future__ import annotations

from dataclasses import fields

from server.domain.devices import Entity
from server.domain.judging import Merged, Rejected, Row
from server.domain.outcomes import (
    FieldError,
    InvalidFields,
    Unchanged,
    invalid,
)
from server.domain.people import (
    EMAIL_TAKEN,
    Trainer,
    TrainerChange,
    judge_trainer_change,
    judge_trainer_removal,
    normal_email,
)
from server.domain.permissions import judge_school_action
from server.domain.text import one_line
from server.service.accounts import TrainerEdit
from server.service.sync.events import NEEDED_OF_NEW, DeviceEdit, TrainerValues
from server.service.sync.school_state import FORBIDDEN, REQUIRED, SchoolState

EMAIL_IS_TAKEN = (FieldError("email", EMAIL_TAKEN.detail),)


class TrainerRules:
    fields: frozenset[str] = frozenset(("name", "email", "role", "password"))

    def permit(self, event: DeviceEdit, row: Row[Entity] | None, school: SchoolState) -> Rejected | None:
        if judge_school_action(school.actor, "manage_trainers"):
            return FORBIDDEN
        if event.edit.operation == "DELETE" and row is not None and not row.is_deleted:
            return None if school.has_other_admin(event.entity_id) else FORBIDDEN
        if isinstance(event.values, TrainerValues) and _is_email_taken(event, event.values.edit.email, school):
            return Rejected("invalid_fields", EMAIL_IS_TAKEN)
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
    given = {"email": edit.email, "name": edit.name, "role": edit.role, "password": password_hash}
    missing = [name for name in NEEDED_OF_NEW["TRAINER"] if given[name] is None]
    if edit.email is None or edit.name is None or edit.role is None or password_hash is None:
        return InvalidFields(tuple(FieldError(name, REQUIRED) for name in missing))
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
