"""What people make of the moments of a debrief: kept once for each moment, beside the record."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

from server.domain.debrief.moment_edits import MomentChange, MomentEdit
from server.domain.session import Session
from server.ports.storage import Storage
from tests.support.houses import House, open_session
from tests.support.making import NOW, later


def _fresh(session: Session, seq: int = 3, kind: str = "arrest") -> MomentEdit:
    edit = MomentEdit(session.id, session.school_id, seq, "arrest", is_hidden=False, title=None, updated_at=NOW)
    return edit if kind == "arrest" else replace(edit, kind="silence")


async def test_what_is_changed_is_found_everywhere_and_the_rest_stays(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    other = await open_session(storage, house.trainer)
    title = MomentChange(title="Effondrement 🚑")
    renamed = await storage.moments.change_moment(_fresh(session), title, later(1))
    assert renamed == replace(_fresh(session), title="Effondrement 🚑", updated_at=later(1), version=1)
    hidden = await second_storage.moments.change_moment(_fresh(session), MomentChange(is_hidden=True), later(2))
    assert hidden == replace(renamed, is_hidden=True, updated_at=later(2), version=2)
    silence = await storage.moments.change_moment(_fresh(session, 3, "silence"), title, later(3))
    first = await storage.moments.change_moment(_fresh(session, 1), title, later(4))
    await storage.moments.change_moment(_fresh(other), title, later(5))
    assert await second_storage.moments.moment_edits(session.id) == [first, hidden, silence]
    assert await storage.moments.moment_edits(uuid4()) == []


async def test_two_who_change_one_at_once_are_both_heard(
    storage: Storage, second_storage: Storage, session: Session
) -> None:
    await asyncio.gather(
        storage.moments.change_moment(_fresh(session), MomentChange(title="One"), later(1)),
        second_storage.moments.change_moment(_fresh(session), MomentChange(is_hidden=True), later(1)),
    )
    (edit,) = await storage.moments.moment_edits(session.id)
    assert (edit.title, edit.is_hidden) == ("One", True)
