"""Sheets, own words and edits of moments that a hall tells, in any order and again, while they are edited here too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.debrief.moment_edits import MomentEdit
from server.domain.events import Author
from server.domain.hall_annotations import NothingNew
from server.domain.hall_beside import (
    EDITED_HERE,
    TAKEN_OVER,
    Beside,
    KnownBeside,
    judge_hall_beside,
    refuse_taken_over,
)
from server.domain.hall_records import ID_TAKEN
from server.domain.judging import Rejected
from server.domain.reflections import Reflection
from server.domain.scores import ScoreSheet
from server.domain.session import HomeHall
from tests.support.making import NOW, a_school, a_session, a_trainer, later

SESSION, SCHOOL = UUID(int=7), UUID(int=1)
ADA = Author("trainer", UUID(int=3), "Ada")
FIRST: Sequence[Beside] = (
    ScoreSheet(SESSION, SCHOOL, ADA, {}, "at the hall 1", NOW, NOW),
    Reflection(UUID(int=9), SESSION, SCHOOL, b"x" * 32, None, "at the hall 1", {}, version=1),
    MomentEdit(SESSION, SCHOOL, 4, "arrest", False, "at the hall 1", NOW, version=1),
)
kinds = pytest.mark.parametrize("first", FIRST, ids=lambda row: type(row).__name__)


def rewritten(row: Beside, text: str, version: int) -> Beside:
    match row:
        case ScoreSheet():
            return replace(row, comment=text, version=version, updated_at=later(version))
        case Reflection():
            return replace(row, words=text, version=version)
        case MomentEdit():
            return replace(row, title=text, version=version, updated_at=later(version))


def told(known: KnownBeside | None, sent: Beside) -> tuple[KnownBeside | None, Rejected | None]:
    match judge_hall_beside(known, sent):
        case NothingNew():
            return known, None
        case Rejected() as refused:
            return known, refused
        case row:
            return KnownBeside(row, row.version), None


@kinds
@given(order=st.lists(st.integers(1, 5), min_size=1, max_size=12))
def test_the_newest_version_stays_however_they_come(first: Beside, order: Sequence[int]) -> None:
    known = None
    for version in order:
        known, refused = told(known, rewritten(first, f"at the hall {version}", version))
        assert refused is None
    assert known is not None
    assert known.row == rewritten(first, f"at the hall {max(order)}", max(order))


@kinds
@given(
    before=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    after=st.lists(st.integers(1, 8), min_size=1, max_size=8),
)
def test_what_was_edited_here_stays_and_the_hall_hears_of_what_it_has_written_since(
    first: Beside, before: Sequence[int], after: Sequence[int]
) -> None:
    known = None
    for version in before:
        known, _ = told(known, rewritten(first, f"at the hall {version}", version))
    assert known is not None
    here = replace(known, row=rewritten(known.row, "by the school", known.row.version + 1))
    for version in after:
        still, refused = told(here, rewritten(first, f"at the hall {version}", version))
        assert still == here
        # What it told before is no news, however often it is told.
        assert refused == (EDITED_HERE if version > max(before) else None)


@kinds
def test_both_sides_may_say_the_same(first: Beside) -> None:
    here = KnownBeside(rewritten(first, "agreed", 3), 1)
    assert judge_hall_beside(here, rewritten(first, "agreed", 2)) == NothingNew()


@kinds
def test_one_that_was_moved_here_before_becomes_the_halls_as_it_is(first: Beside) -> None:
    assert judge_hall_beside(KnownBeside(first, None), first) == first
    assert judge_hall_beside(KnownBeside(first, None), rewritten(first, "else", 2)) == EDITED_HERE


@kinds
def test_a_disk_that_was_put_back_counts_anew(first: Beside) -> None:
    known = KnownBeside(rewritten(first, "lost", 2), 2)
    again = rewritten(first, "written anew", 2)
    if not isinstance(again, Reflection):
        again = replace(again, updated_at=later(9))
    assert judge_hall_beside(known, again) == again


def test_words_of_a_seat_keep_their_place_whatever_their_id() -> None:
    first = FIRST[1]
    assert isinstance(first, Reflection)
    known = KnownBeside(replace(first, version=3), 3)
    again = replace(first, id=uuid4(), words="written anew", version=1)
    assert judge_hall_beside(known, again) == replace(again, id=first.id)


def test_an_id_of_another_seats_words_is_taken() -> None:
    first = FIRST[1]
    assert isinstance(first, Reflection)
    assert judge_hall_beside(KnownBeside(first, 1), replace(first, author_hash=b"y" * 32, version=2)) == ID_TAKEN


@kinds
def test_an_id_of_another_session_is_taken(first: Beside) -> None:
    assert judge_hall_beside(KnownBeside(replace(first, session_id=uuid4()), 1), first) == ID_TAKEN


def test_after_a_take_over_it_is_written_here_alone() -> None:
    trainer = a_trainer(a_school())
    home = HomeHall(uuid4(), "North", None, NOW)
    assert refuse_taken_over(a_session(trainer, hall=home)) is None
    assert refuse_taken_over(a_session(trainer, hall=replace(home, is_home=False))) == TAKEN_OVER
    assert "taken over" in TAKEN_OVER.errors[0].message
