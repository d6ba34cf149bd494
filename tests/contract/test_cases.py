"""find_case: what a session took of its template when it opened."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from server.domain.case import ChecklistItem, Step, Target
from server.domain.session import Session
from server.domain.template import TemplateContent
from server.domain.transitions import After, Transition
from server.domain.vitals import VitalsPatch
from server.ports.results import Added, AlreadyThere
from server.ports.storage import Storage
from tests.support.houses import House
from tests.support.making import BY, NOW, a_content, a_session, a_template, later

CONTENT = a_content(
    description="Two lines\nof text",
    steps=(
        Step(
            "worse",
            "Worse",
            VitalsPatch({"systolic": 70, "temperature": 37.5}, ramp_seconds=90.5),
            120,
            "BP",
            (Transition("arrest", After(90), True, "Dies"),),
        ),
        Step("arrest", "Arrest", VitalsPatch(rhythm="asystole", flags={"pulseless": True, "haemorrhage": None})),
    ),
    checklist=(ChecklistItem("shock", "First shock", True, "defibrillation", 120, "arrest"),),
    targets=(Target("adrenaline", 300),),
)


async def test_a_case_is_found_as_it_was_copied_whatever_becomes_of_its_template(
    storage: Storage, second_storage: Storage, house: House
) -> None:
    template = a_template(house.school, content=CONTENT, version=3)
    await storage.templates.add_template(template, BY)
    session = a_session(house.trainer, template_id=template.id)
    case = template.case()
    assert (case.template_id, case.template_version, case.steps) == (template.id, 3, CONTENT.steps)
    assert await storage.sessions.add_session(session, None, BY, case) == Added(session)
    changed = a_content("Another", steps=(), checklist=())
    await storage.templates.change_template(house.school.id, template.id, changed, None, BY, later(1))
    await storage.templates.delete_template(house.school.id, template.id, None, BY, later(2))
    assert await second_storage.sessions.find_case(session.id) == case


async def test_the_same_session_again_keeps_its_first_case(storage: Storage, house: House) -> None:
    template = a_template(house.school, content=CONTENT)
    await storage.templates.add_template(template, BY)
    session = a_session(house.trainer, template_id=template.id)
    await storage.sessions.add_session(session, None, BY, template.case())
    other = replace(template, content=a_content(), version=2).case()
    assert await storage.sessions.add_session(session, None, BY, other) == AlreadyThere(session)
    assert await storage.sessions.find_case(session.id) == template.case()


async def test_a_session_without_a_template_has_no_case(storage: Storage, session: Session) -> None:
    assert await storage.sessions.find_case(session.id) is None
    assert await storage.sessions.find_case(uuid4()) is None


async def test_the_open_sessions_whose_case_moves_by_itself_are_found(storage: Storage, house: House) -> None:
    def moving(automatic: bool) -> TemplateContent:
        step = Step("one", "One", VitalsPatch(), transitions=(Transition(None, After(60), automatic=automatic),))
        return a_content(steps=(step,))

    opened: dict[bool, Session] = {}
    for automatic in (False, True):
        template = a_template(house.school, content=moving(automatic))
        await storage.templates.add_template(template, BY)
        opened[automatic] = a_session(house.trainer, template_id=template.id)
        await storage.sessions.add_session(opened[automatic], None, BY, template.case())
    assert [each.id for each in await storage.sessions.self_moving_sessions()] == [opened[True].id]
    await storage.sessions.end_session(opened[True].id, house.trainer, uuid4(), NOW)
    assert list(await storage.sessions.self_moving_sessions()) == []
