"""The table decides alone: with any other table the same rules grant and refuse by that one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, get_args
from uuid import uuid4

import pytest

from server.domain import permissions
from server.domain.annotations import AnnotationChange, AnnotationDraft
from server.domain.events import CaseStarted, ControlsTaken, EventDraft
from server.domain.opening import NewSession
from server.domain.outcomes import Forbidden
from server.domain.people import Trainer
from server.domain.permissions import Action, Relation
from server.domain.session import Session, SessionChange
from server.domain.template import TemplateDraft
from server.ports.storage import Storage
from server.service.services import Services
from tests.support.houses import House, open_session
from tests.support.making import NOW, a_note, a_push, a_seat, an_annotation, author
from tests.support.services import services_on

Deed = Callable[[Services, Trainer, Session], Awaitable[Any]]

IN_A_SESSION: dict[Action, Deed] = {
    "watch": lambda services, who, session: services.sessions.find(who, session.id),
    "push_vitals": lambda services, who, session: services.sessions.record(who, session.id, a_push(who), NOW),
    "add_note": lambda services, who, session: services.notes.add(who, session.id, a_note(who), NOW),
    "run_case": lambda services, who, session: services.sessions.record(
        who, session.id, EventDraft(uuid4(), author(who), CaseStarted()), NOW
    ),
    "edit_session": lambda services, who, session: services.sessions.change(
        who, session.id, SessionChange(title="x"), None, NOW
    ),
    "remove_trainee": lambda services, who, session: services.seats.remove_trainee(who, session.id, uuid4(), NOW),
    "take_controls": lambda services, who, session: services.sessions.take_controls(who, session.id, NOW),
    "close_session": lambda services, who, session: services.sessions.close(who, session.id, NOW),
}
IN_THE_SCHOOL: dict[Action, Deed] = {
    "open_session": lambda services, who, _: services.sessions.open(who, NewSession(), NOW),
    "edit_templates": lambda services, who, _: services.templates.add(who, None, TemplateDraft(title="x"), NOW),
    "manage_trainers": lambda services, who, _: services.accounts.list_trainers(who, 10, None),
}


@pytest.mark.parametrize("granted", [True, False])
async def test_nothing_but_the_table_refuses_or_grants(
    storage: Storage, house: House, granted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    relations: frozenset[Relation] = frozenset(get_args(Relation)) if granted else frozenset()
    monkeypatch.setattr(permissions, "PERMISSIONS", dict.fromkeys(get_args(Action), relations))
    with services_on(storage) as services:
        for who in (house.trainer, house.colleague, house.admin, house.observer):
            session = await open_session(storage, house.trainer)
            for action, deed in {**IN_A_SESSION, **IN_THE_SCHOOL}.items():
                outcome = await deed(services, who, session)
                assert isinstance(outcome, Forbidden) != granted, (action, who.role, outcome)


@pytest.mark.parametrize("action", IN_A_SESSION)
async def test_an_action_asks_for_itself_and_for_no_other(
    storage: Storage, house: House, action: Action, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seeing the session is asked first where something of it is read."""
    session = await open_session(storage, house.trainer)
    relations: frozenset[Relation] = frozenset({"trainer"})
    table = {each: relations if each in (action, "watch") else frozenset[Relation]() for each in get_args(Action)}
    monkeypatch.setattr(permissions, "PERMISSIONS", table)
    with services_on(storage) as services:
        assert not isinstance(await IN_A_SESSION[action](services, house.colleague, session), Forbidden)
        assert isinstance(await IN_A_SESSION[action](services, house.admin, session), Forbidden)


async def test_annotations_and_the_bedside_ask_the_table(
    storage: Storage, house: House, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat = a_seat(session)
    others = an_annotation(session, house.trainer)
    await storage.annotations.add_annotation(others)
    table: dict[Action, frozenset[Relation]] = dict.fromkeys(get_args(Action), frozenset[Relation]())
    table |= {"watch": frozenset({"observer"}), "edit_annotations_of_others": frozenset({"observer"})}
    monkeypatch.setattr(permissions, "PERMISSIONS", table)
    draft = AnnotationDraft(uuid4(), NOW, "note", "x")
    with services_on(storage) as services:
        assert isinstance(await services.annotations.add(house.observer, session.id, draft, NOW), Forbidden)
        change = AnnotationChange(text="y")
        changed = await services.annotations.change(house.observer, session.id, others.id, change, None, NOW)
        assert not isinstance(changed, Forbidden)
        taken = EventDraft(uuid4(), author(seat), ControlsTaken())
        assert isinstance(await services.sessions.record(seat, session.id, taken, NOW), Forbidden)
