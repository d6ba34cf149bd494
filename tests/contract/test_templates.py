"""Templates, and their tombstones."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from uuid import uuid4

from server.domain.case import ChecklistItem, Step, Target
from server.domain.limits import Limit
from server.domain.outcomes import Conflict, NotFound, Unchanged, VersionMismatch
from server.domain.template import Template
from server.domain.vitals import VitalsPatch
from server.ports.results import Added, AlreadyThere
from server.ports.storage import Storage
from tests.support.houses import House
from tests.support.making import BY, NOW, a_content, a_session, a_template, later

RICH = a_content(
    "Anaphylaxis — Anaphylaxie 🐝",
    description="Two lines\nof text",
    start=VitalsPatch({"heart_rate": 110, "temperature": 37.4}, rhythm="svt", flags={"haemorrhage": True}),
    steps=(
        Step(
            "worse",
            "Worse",
            VitalsPatch({"systolic": 70, "diastolic": 40}, ramp_seconds=90.5),
            at_seconds=120,
            note="BP",
        ),
        Step("arrest", "Arrest", VitalsPatch(rhythm="asystole", flags={"pulseless": True, "haemorrhage": None})),
    ),
    limits={"heart_rate": Limit(40, None), "temperature": Limit(35.5, 38.5)},
    checklist=(
        ChecklistItem("help", "Call for help"),
        ChecklistItem("adrenaline", "Adrenaline 0,5 mg i.m.", True, "im_adrenaline", 300, "start"),
    ),
    public_title="Patiente, 34 ans",
    duration_minutes=45,
    targets=(Target("defibrillation", 120, "arrest"),),
    language="fr",
)


async def test_a_template_is_found_as_it_was_stored(
    storage: Storage, second_storage: Storage, house: House, other_house: House
) -> None:
    template = a_template(house.school, content=RICH)
    assert await storage.templates.add_template(template, BY) == Added(template)
    assert await second_storage.templates.find_template(house.school.id, template.id) == template
    assert await storage.templates.find_template(other_house.school.id, template.id) is None
    assert await storage.templates.find_template(house.school.id, uuid4()) is None


async def test_the_same_id_again_answers_the_template_as_it_is_now(
    storage: Storage, house: House, other_house: House
) -> None:
    template = a_template(house.school)
    await storage.templates.add_template(template, BY)
    changed = await storage.templates.change_template(house.school.id, template.id, RICH, 1, BY, later(1))
    assert changed == replace(template, content=RICH, updated_at=later(1), version=2)
    assert await storage.templates.add_template(replace(template, content=a_content("again")), BY) == AlreadyThere(
        changed
    )
    foreign = await storage.templates.add_template(a_template(other_house.school, id=template.id), BY)
    assert isinstance(foreign, Conflict)
    deleted = await storage.templates.delete_template(house.school.id, template.id, None, BY, later(2))
    assert await storage.templates.add_template(template, BY) == AlreadyThere(deleted)


async def test_changes_that_are_refused_change_nothing(storage: Storage, house: House, other_house: House) -> None:
    template = a_template(house.school)
    await storage.templates.add_template(template, BY)
    refused = [
        await storage.templates.change_template(house.school.id, template.id, RICH, 2, BY, later(1)),
        await storage.templates.change_template(other_house.school.id, template.id, RICH, None, BY, later(1)),
        await storage.templates.change_template(house.school.id, uuid4(), RICH, None, BY, later(1)),
    ]
    assert refused[0] == VersionMismatch(1)
    assert [type(each) for each in refused[1:]] == [NotFound, NotFound]
    assert await storage.templates.find_template(house.school.id, template.id) == template


async def test_of_changes_on_one_version_at_once_one_goes_through(
    storage: Storage, second_storage: Storage, house: House
) -> None:
    template = a_template(house.school)
    await storage.templates.add_template(template, BY)
    outcomes = await asyncio.gather(
        *(
            (storage, second_storage)[number % 2].templates.change_template(
                house.school.id, template.id, a_content(f"{number}"), 1, BY, later(1)
            )
            for number in range(10)
        )
    )
    assert Counter(type(each) for each in outcomes) == {Template: 1, VersionMismatch: 9}
    assert await storage.templates.find_template(house.school.id, template.id) in outcomes


async def test_a_deleted_template_stays_known_and_unlisted(
    storage: Storage, second_storage: Storage, house: House, other_house: House
) -> None:
    kept, template = a_template(house.school, "kept"), a_template(house.school, "deleted")
    for each in (kept, template):
        await storage.templates.add_template(each, BY)
    session = a_session(house.trainer, template_id=template.id)
    await storage.sessions.add_session(session, None, BY)
    of_another = await storage.templates.delete_template(house.school.id, template.id, 2, BY, later(1))
    assert of_another == VersionMismatch(1)
    elsewhere = await storage.templates.delete_template(other_house.school.id, template.id, None, BY, later(1))
    assert isinstance(elsewhere, NotFound)
    tombstone = await storage.templates.delete_template(house.school.id, template.id, 1, BY, later(1))
    assert tombstone == replace(template, deleted_at=later(1), updated_at=later(1), version=2)
    again = await second_storage.templates.delete_template(house.school.id, template.id, 1, BY, later(9))
    assert again == Unchanged(tombstone)
    assert await storage.templates.find_template(house.school.id, template.id) == tombstone
    changed = await storage.templates.change_template(house.school.id, template.id, RICH, None, BY, later(3))
    assert isinstance(changed, NotFound)
    assert isinstance(await storage.templates.delete_template(house.school.id, uuid4(), None, BY, NOW), NotFound)
    assert list((await storage.templates.list_templates(house.school.id, 10, None)).items) == [kept]
    assert await storage.sessions.find_session(session.id) == session
