"""Annotations that a hall tells, in any order and again, while they are edited at the central server too."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from server.domain.annotations import Annotation
from server.domain.events import Author
from server.domain.hall_annotations import (
    KnownAnnotation,
    NothingNew,
    StandsElsewhere,
    judge_hall_annotation,
    refuse_annotation,
)
from server.domain.hall_records import ID_TAKEN, NOT_SENT
from server.domain.halls import Hall
from server.domain.session import HomeHall
from tests.support.making import NOW, a_school, a_session, a_trainer, later

SESSION = UUID(int=7)


def an_annotation_of_the_hall() -> Annotation:
    by = Author("trainer", UUID(int=3), "Ada")
    return Annotation(uuid4(), SESSION, UUID(int=1), NOW, "plus", "at the hall 1", None, by, NOW, NOW)


class TwoSides(RuleBasedStateMachine):
    """`told` are all versions that the hall ever had; `here` is what stands at the central server."""

    @initialize()
    def begin(self) -> None:
        self.told = [an_annotation_of_the_hall()]
        self.here: dict[UUID, KnownAnnotation] = {}
        self.written_here: dict[UUID, str | None] = {}
        self.edits = 0

    @precondition(lambda self: self.told[-1].deleted_at is None)
    @rule(deletes=st.booleans())
    def edit_at_the_hall(self, deletes: bool) -> None:
        last = self.told[-1]
        version, now = last.version + 1, later(last.version)
        text = last.text if deletes else f"at the hall {version}"
        self.told.append(replace(last, text=text, version=version, updated_at=now, deleted_at=now if deletes else None))

    @precondition(lambda self: self.here)
    @rule(chance=st.integers(0, 99), deletes=st.booleans())
    def edit_here(self, chance: int, deletes: bool) -> None:
        place = sorted(self.here)[chance % len(self.here)]
        there = self.here[place].annotation
        if there.deleted_at is not None:
            return
        self.edits += 1
        text = there.text if deletes else f"here {self.edits}"
        self.written_here[place] = None if deletes else text
        edited = replace(there, text=text, version=there.version + 1, deleted_at=NOW if deletes else None)
        self.here[place] = replace(self.here[place], annotation=edited)

    @rule(back=st.integers(0, 3))
    def tell(self, back: int) -> None:
        """The newest, or one that was late on its way."""
        sent = self.told[max(0, len(self.told) - 1 - back)]
        place = sent.id
        while isinstance(outcome := judge_hall_annotation(self.here.get(place), sent, place), StandsElsewhere):
            place = outcome.id
        assert isinstance(outcome, Annotation | NothingNew)
        if isinstance(outcome, Annotation):
            self.here[place] = KnownAnnotation(outcome, sent.version)
        before = dict(self.here)
        self.tell_again(sent)
        assert self.here == before
        self.nothing_is_lost(sent)

    def tell_again(self, sent: Annotation) -> None:
        place = sent.id
        while isinstance(outcome := judge_hall_annotation(self.here.get(place), sent, place), StandsElsewhere):
            place = outcome.id
        if isinstance(outcome, Annotation):
            self.here[place] = KnownAnnotation(outcome, sent.version)

    def nothing_is_lost(self, sent: Annotation) -> None:
        for place, text in self.written_here.items():
            there = self.here[place].annotation
            assert (there.text if there.deleted_at is None else None) == text
        if sent is not self.told[-1] or sent.deleted_at is not None:
            return
        # It stands there, or a person here has put something in the place of this very version.
        assert any(
            known.annotation.text == sent.text and known.annotation.deleted_at is None for known in self.here.values()
        ) or any(known.hall_version == sent.version and not known.is_as_told for known in self.here.values())


TwoSides.TestCase.settings = settings(max_examples=150, stateful_step_count=20, deadline=None)
TestTwoSides = TwoSides.TestCase


def test_one_that_nobody_edited_here_is_what_the_hall_has() -> None:
    sent = an_annotation_of_the_hall()
    first = judge_hall_annotation(None, sent, sent.id)
    assert first == sent
    edited = replace(sent, text="better", version=2, updated_at=later(5))
    assert judge_hall_annotation(KnownAnnotation(sent, 1), edited, sent.id) == edited
    assert judge_hall_annotation(KnownAnnotation(edited, 2), sent, sent.id) == NothingNew()


def test_a_disk_that_was_put_back_counts_anew_by_the_same_clock() -> None:
    sent = an_annotation_of_the_hall()
    known = KnownAnnotation(replace(sent, text="lost", version=2, updated_at=later(5)), 2)
    again = replace(sent, text="written anew", version=2, updated_at=later(9))
    assert judge_hall_annotation(known, again, sent.id) == again


def test_an_id_of_another_session_is_taken() -> None:
    sent = an_annotation_of_the_hall()
    known = KnownAnnotation(replace(sent, session_id=uuid4()), 1)
    assert judge_hall_annotation(known, sent, sent.id) == ID_TAKEN


def test_a_hall_annotates_its_own_sessions_also_those_taken_over() -> None:
    school = a_school()
    trainer = a_trainer(school)
    hall = Hall(uuid4(), school.id, "North", "all", NOW)
    home = HomeHall(hall.id, hall.name, None, NOW)
    assert refuse_annotation(a_session(trainer, hall=home), hall) is None
    assert refuse_annotation(a_session(trainer, hall=replace(home, is_home=False)), hall) is None
    assert refuse_annotation(a_session(trainer, hall=replace(home, id=uuid4())), hall) == ID_TAKEN
    assert refuse_annotation(a_session(trainer), hall) == ID_TAKEN
    assert refuse_annotation(None, hall) == NOT_SENT
    assert refuse_annotation(a_session(a_trainer(a_school()), hall=home), hall) == NOT_SENT
