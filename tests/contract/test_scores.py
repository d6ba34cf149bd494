"""Score sheets: one for each evaluator of a session, replaced whole."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from server.domain.case import ChecklistItem
from server.domain.outcomes import VersionMismatch
from server.domain.people import School, Trainer
from server.domain.scores import ItemScore, ScoreDraft, ScoreSheet, judge_sheet
from server.domain.session import Session
from server.ports.storage import Storage
from tests.support.houses import House, open_session
from tests.support.making import BY, NOW, a_content, a_session, a_template, later

CASE_CONTENT = a_content(
    checklist=(ChecklistItem("help", "Calls 🚑"), ChecklistItem("shock", "Shocks")), pass_percent=80
)


def a_sheet(session: Session, trainer: Trainer, seconds: float = 0, **items: Any) -> ScoreSheet:
    case = a_template(School(session.school_id, "Skills lab", NOW), content=CASE_CONTENT).case()
    draft = ScoreDraft({key: {"score": score} for key, score in items.items()}, "Écoute 🚑")
    sheet = judge_sheet(session, case, trainer, draft, later(seconds))
    assert isinstance(sheet, ScoreSheet)
    return sheet


async def test_each_evaluator_has_one(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    mine = replace(a_sheet(session, house.trainer, 0, help=2), items={"help": ItemScore(2, NOW, "Fast")})
    theirs = a_sheet(session, house.observer, 1, help="na", shock=0)
    elsewhere = await open_session(storage, house.trainer)
    for sheet in (theirs, mine, a_sheet(elsewhere, house.trainer)):
        assert await storage.scores.put_sheet(sheet, None) == sheet
    assert await second_storage.scores.list_sheets(session.id) == [mine, theirs]


async def test_the_last_whole_sheet_stands(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    first = await storage.scores.put_sheet(a_sheet(session, house.trainer, 0, help=2, shock=1), None)
    second = await second_storage.scores.put_sheet(a_sheet(session, house.trainer, 5, shock=2), None)
    assert isinstance(second, ScoreSheet)
    assert (second.items, second.created_at, second.version) == ({"shock": ItemScore(2)}, NOW, 2)
    # The same again changes nothing.
    assert await storage.scores.put_sheet(a_sheet(session, house.trainer, 9, shock=2), None) == second
    assert await storage.scores.put_sheet(a_sheet(session, house.trainer, 9, help=0), 1) == VersionMismatch(2)
    assert await storage.scores.list_sheets(session.id) == [second] != [first]


async def test_first_sheets_at_once(storage: Storage, second_storage: Storage, house: House, session: Session) -> None:
    sheets = [a_sheet(session, house.trainer, number, help=number % 3) for number in range(8)]
    outcomes = await asyncio.gather(
        *(each.scores.put_sheet(sheet, None) for sheet, each in zip(sheets, [storage, second_storage] * 4, strict=True))
    )
    versions = [outcome.version for outcome in outcomes if isinstance(outcome, ScoreSheet)]
    (left,) = await storage.scores.list_sheets(session.id)
    assert len(versions) == 8
    assert left.version == max(versions)
    held = await asyncio.gather(
        *(
            each.scores.put_sheet(a_sheet(session, house.observer, number, help=number), 0)
            for number, each in enumerate((storage, second_storage))
        )
    )
    assert sorted(type(outcome).__name__ for outcome in held) == ["ScoreSheet", "VersionMismatch"]


async def test_what_is_enough_is_copied_with_the_case(storage: Storage, second_storage: Storage, house: House) -> None:
    template = a_template(house.school, content=CASE_CONTENT)
    await storage.templates.add_template(template, BY)
    session = a_session(house.trainer, template_id=template.id)
    await storage.sessions.add_session(session, None, BY, template.case())
    changed = replace(CASE_CONTENT, pass_percent=None)
    await storage.templates.change_template(house.school.id, template.id, changed, None, BY, later(1))
    case = await second_storage.sessions.find_case(session.id)
    assert case is not None
    assert case.pass_percent == 80
