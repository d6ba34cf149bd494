"""What is special to sessions that devices edit: their own fields, and those that are opened without a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from uuid import UUID, uuid4

from server.domain.devices import Entity
from server.domain.judging import Merged, Rejected, Row
from server.domain.opening import draw_code, open_session
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
)
from server.domain.permissions import judge_action, judge_school_action
from server.domain.session import OWN_FIELDS, Session, SessionChange, co_trainer_error, judge_change, newly_named
from server.service.sync.events import DeviceEdit, SessionValues
from server.service.sync.school_state import FORBIDDEN, Opened, SchoolState

ONLY_WHEN_OPENED = "is said when a session is opened, and not changed"


class SessionRules:
    fields: frozenset[str] = frozenset(OWN_FIELDS)

    def permit(self, event: DeviceEdit, row: Row[Entity] | None, school: SchoolState) -> Rejected | None:
        if event.edit.operation == "DELETE":
            return FORBIDDEN
        if row is None:
            return FORBIDDEN if judge_school_action(school.actor, "open_session") else None
        assert isinstance(row.entity, Session)  # noqa: S101 - rows are kept by their type
        if judge_action(school.actor, "edit_session", row.entity):
            return FORBIDDEN
        if row.entity.over(school.now) is not None:
            return Rejected("session_over")
        if row.entity.elsewhere() is not None:
            return Rejected("not_home")
        errors = (*_opening_errors(event, row.entity), *_value_errors(event, row.entity, school))
        return Rejected("invalid_fields", errors) if errors else None

    def merge(self, event: DeviceEdit, row: Row[Entity] | None, school: SchoolState) -> Merged[Entity] | InvalidFields:
        assert isinstance(event.values, SessionValues)  # noqa: S101 - events are read by their type
        opened = _open(event, event.values, school) if row is None else row.entity
        change = _written_only(event, event.values.change)
        errors = co_trainer_errors(change.co_trainer_ids, school, None if row is None else row.entity)
        if isinstance(opened, InvalidFields):
            return InvalidFields((*opened.errors, *errors))
        assert isinstance(opened, Session)  # noqa: S101 - rows are kept by their type
        outcome = judge_change(opened, school.actor, change, None, school.now)
        if errors:
            return InvalidFields((*errors, *(outcome.errors if isinstance(outcome, InvalidFields) else ())))
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


def _opening_errors(event: DeviceEdit, session: Session) -> tuple[FieldError, ...]:
    """A whole session may come back as it was told; its template is what it was opened with."""
    if (
        event.edit.operation != "UPDATE"
        or event.edit.changed is not None
        or not isinstance(event.values, SessionValues)
    ):
        return ()
    is_its_own = event.values.opening.template_id in (None, session.template_id)
    return () if is_its_own else (FieldError("template_id", ONLY_WHEN_OPENED),)


def _value_errors(event: DeviceEdit, session: Session, school: SchoolState) -> tuple[FieldError, ...]:
    """What no session could have; nothing that depends on what others wrote into this one."""
    if not isinstance(event.values, SessionValues):
        return ()
    change = _written_only(event, event.values.change)
    outcome = judge_change(session, school.actor, change, None, school.now)
    errors = outcome.errors if isinstance(outcome, InvalidFields) else ()
    return (*co_trainer_errors(change.co_trainer_ids, school, session), *errors)


def co_trainer_errors(ids: Sequence[UUID] | None, school: SchoolState, held: Entity | None) -> tuple[FieldError, ...]:
    """`held` is the session as it is, None of one that is yet to be opened."""
    named = newly_named(ids or (), held if isinstance(held, Session) else None)
    found = [(place, school.trainers.get(each)) for place, each in named]
    return tuple(
        co_trainer_error(place)
        for place, trainer in found
        if trainer is None or judge_school_action(trainer, "take_controls") is not None
    )


def _open(event: DeviceEdit, values: SessionValues, school: SchoolState) -> Session | InvalidFields:
    """Under a fresh code; what is opened with it is kept in `school.opened`."""
    new = replace(values.opening, id=event.entity_id)
    template = None if new.template_id is None else school.templates.get(new.template_id)
    opened = open_session(
        school.actor, new, template, school.default_life, session_id=event.entity_id, event_id=uuid4(), now=school.now
    )
    if isinstance(opened, InvalidFields):
        return opened
    session, first = opened
    school.opened[session.id] = Opened(None if template is None else template.case(), first)
    return replace(session, code=draw_code())
