"""A session that goes on from a moment of another one: it stands as that stood, and moves as that would have."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.carried import Carried, CarriedCase, carried_error
from server.domain.case import Case, Step
from server.domain.events import (
    SYSTEM,
    ActionTaken,
    AutomationSwitched,
    CaseEnded,
    CasePaused,
    CaseResumed,
    CaseStarted,
    Event,
    EventDraft,
    Fact,
    NoteAdded,
    SessionEnded,
    VitalsPushed,
    read_fact,
    write_fact,
)
from server.domain.forking import Fork, NewFork, Standing, begin, follow, fork, judge_fork, opens_with
from server.domain.moves import next_move, suggested
from server.domain.nibp import due
from server.domain.outcomes import Forbidden, InvalidFields, NotFound, NotHome
from server.domain.record import record
from server.domain.session import ForkedFrom, HomeHall, Session
from server.domain.transitions import After, ByHand, OnAction, OnMarker, SignIs, Transition, When
from server.domain.vitals import SIGN_NAMES, VitalsPatch, raw_value_at
from tests.support.making import a_school, a_session, a_trainer, later

FALLS = VitalsPatch({"spo2": 80, "heart_rate": 140}, "ventricular_tachycardia", {"haemorrhage": True}, 100)
STEPS = (
    Step(
        "first",
        "First",
        FALLS,
        transitions=(
            Transition("second", After(60), automatic=True),
            Transition("second", When((SignIs("spo2", "le", 90),), hold=20), automatic=True),
            Transition("third", OnMarker("adrenaline", 2), automatic=True),
            Transition("third", OnAction("shock"), automatic=False),
            Transition(None, ByHand()),
        ),
    ),
    Step("second", "Second", VitalsPatch({"spo2": 95}), transitions=(Transition("first", After(45), automatic=True),)),
    Step("third", "Third", VitalsPatch({"systolic": 60, "diastolic": 40})),
)
CASE = Case(uuid4(), 1, "", STEPS, (), ())
SCHOOL = a_school()
TRAINER = a_trainer(SCHOOL)
LATER = timedelta(hours=3)


class _Record:
    """A session with its events, recorded as the server does it."""

    def __init__(self) -> None:
        self.session = a_session(TRAINER, template_id=CASE.template_id)
        self.events: list[Event] = []

    def add(self, fact: Fact, seconds: float) -> _Record:
        recorded = record(self.session, EventDraft(uuid4(), SYSTEM, fact), later(seconds))
        if not isinstance(recorded, InvalidFields):
            self.session = recorded.session
            self.events.append(recorded.event)
        return self

    def standing(self, seq: int | None = None) -> Standing:
        return follow(begin(self.session), self.events[:seq], CASE)

    def fork(self, now: datetime, seq: int | None = None) -> Fork:
        new = NewFork(len(self.events) if seq is None else seq)
        return fork(
            self.session, self.standing(seq), CASE, TRAINER, new, timedelta(hours=4), session_id=uuid4(), now=now
        )


def _of(made: Fork) -> Standing:
    """Read from its own record, through what is stored."""
    events = [replace(each, fact=read_fact(write_fact(each.fact))) for each in made.events]
    return follow(begin(made.session), events, CASE)


_STEP = st.sampled_from([VitalsPushed(step.patch, step.key) for step in STEPS])
_PUSH = st.builds(
    lambda signs, ramp: VitalsPushed(VitalsPatch(signs, ramp_seconds=ramp)),
    st.fixed_dictionaries({"spo2": st.integers(80, 99)}, optional={"heart_rate": st.integers(0, 180)}),
    st.sampled_from([0, 30, 90]),
)
_FACTS = st.one_of(
    _STEP,
    _PUSH,
    st.sampled_from([NoteAdded(marker="adrenaline"), NoteAdded(marker="help"), NoteAdded("Noted")]),
    st.sampled_from([ActionTaken("shock"), ActionTaken("nibp_start"), ActionTaken("nibp_cycle", {"minutes": 1})]),
    st.sampled_from([CaseStarted(), CasePaused(), CaseResumed(), CaseEnded()]),
    st.builds(AutomationSwitched, st.booleans()),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(_FACTS, st.integers(1, 40_000)), min_size=1, max_size=12), st.data())
def test_a_fork_stands_where_the_other_stood_and_goes_on_as_it_would_have(
    course: list[tuple[Fact, int]], data: st.DataObject
) -> None:
    source, seconds = _Record(), 0.0
    for fact, milliseconds in course:
        seconds += milliseconds / 1000
        source.add(fact, seconds)
    if not source.events:
        return
    seq = data.draw(st.integers(1, len(source.events)))
    then, begins_at = source.standing(seq), source.session.created_at + LATER
    made = source.fork(begins_at, seq)
    assert made.events[0].seq == 1
    assert made.session.last_seq == len(made.events)
    now = _of(made)
    assert now.last == made.session.last_values
    assert (now.last.signs, now.last.rhythm, now.last.flags) == (then.last.signs, then.last.rhythm, then.last.flags)
    assert (now.is_started, now.runs_by_itself) == (then.is_started, then.runs_by_itself)
    assert (now.last.paused_at is None) == (then.last.paused_at is None)
    # Moments of the other one are as far from its event as those of the fork from its beginning. What stood still had
    # not moved since the pause began.
    stood_at = then.last.paused_at or then.at
    for ahead in (0, 7, 45, 120):
        for name in SIGN_NAMES:
            there = raw_value_at(then.last, name, stood_at + timedelta(seconds=ahead))
            assert raw_value_at(now.last, name, begins_at + timedelta(seconds=ahead)) == pytest.approx(there)
    assert (now.progress.step, now.progress.has_ended) == (then.progress.step, then.progress.has_ended)
    there_due, here_due = due(replace(then.last, paused_at=None)), due(replace(now.last, paused_at=None))
    assert (here_due and (here_due.at - begins_at, here_due.because)) == (
        there_due and (there_due.at - stood_at, there_due.because)
    )
    there, here = _next(then, stood_at), _next(now, begins_at)
    assert (here is None) == (there is None)
    if here is not None and there is not None:
        assert here[1] == there[1]
        # What is overdue is due at once.
        assert max(0, here[0]) == pytest.approx(max(0, there[0]), abs=0.002)
    assert [each.transition for each in suggested(STEPS, now.progress)] == [
        each.transition for each in suggested(STEPS, then.progress)
    ]


def _next(standing: Standing, zero: datetime) -> tuple[float, str | None] | None:
    move = next_move(STEPS, standing.progress)
    return None if move is None else ((move.at - zero).total_seconds(), move.transition.to)


def test_a_timer_and_a_ramp_have_what_was_left_of_them() -> None:
    source = _Record().add(CaseStarted(), 0).add(VitalsPushed(FALLS, "first"), 0).add(NoteAdded("Here"), 40)
    made = source.fork(later(1000))
    ramp = made.session.last_values.ramps["spo2"]
    assert (ramp.start, ramp.started_at, ramp.seconds) == (98 - 0.4 * 18, later(1000), 60)
    assert made.session.last_values.signs["spo2"] == 80
    move = next_move(STEPS, _of(made).progress)
    assert move is not None
    assert (move.at, move.transition.to) == (later(1020), "second")
    first, started = made.events
    assert isinstance(first.fact, VitalsPushed)
    assert (first.fact.step, first.fact.patch.signs["spo2"], first.fact.patch.rhythm) == ("first", 80, FALLS.rhythm)
    assert started.fact == CaseStarted()


def test_a_fork_of_a_paused_session_stands_still_until_it_is_resumed() -> None:
    source = _Record().add(VitalsPushed(FALLS, "first"), 0).add(CasePaused(), 40).add(NoteAdded("Debrief"), 400)
    made = source.fork(later(1000))
    assert made.session.last_values.paused_at == later(1000)
    going = follow(_of(made), [_event(made, CaseResumed(), later(1300))], CASE)
    assert going.last.ramps["spo2"].started_at == later(1300)
    assert going.last.ramps["spo2"].seconds == 60
    move = next_move(STEPS, going.progress)
    assert move is not None
    assert move.at == later(1320)


def _event(made: Fork, fact: Fact, at: datetime) -> Event:
    return Event(uuid4(), made.session.id, made.session.last_seq + 1, at, at, SYSTEM, fact)


def test_the_end_of_the_session_is_not_the_end_of_its_case() -> None:
    source = _Record().add(VitalsPushed(FALLS, "first"), 0).add(SessionEnded("closed"), 30)
    standing = source.standing()
    assert (standing.progress.step, standing.seq) == ("first", 2)
    assert _of(source.fork(later(100))).progress.step == "first"


def test_what_a_fork_opens_with_is_one_moment() -> None:
    source = (
        _Record().add(CaseStarted(), 0).add(VitalsPushed(FALLS, "first"), 0).add(AutomationSwitched(is_on=False), 9)
    )
    made = source.fork(later(100))
    assert [each.fact.kind for each in made.events] == ["vitals", "case", "case"]
    assert all(opens_with(made.session, each) for each in made.events)
    assert not any(opens_with(source.session, each) for each in source.events)
    assert made.events[1].id != made.events[2].id


def test_who_may() -> None:
    session = a_session(TRAINER)
    colleague, observer = a_trainer(SCHOOL), a_trainer(SCHOOL, "observer")
    stranger = a_trainer(a_school())
    assert judge_fork(session, colleague, moves_trainees=False) is None
    assert judge_fork(session, TRAINER, moves_trainees=True) is None
    assert isinstance(judge_fork(session, colleague, moves_trainees=True), Forbidden)
    assert isinstance(judge_fork(session, observer, moves_trainees=False), Forbidden)
    assert isinstance(judge_fork(session, stranger, moves_trainees=False), NotFound)
    in_hall = replace(session, hall=HomeHall(uuid4(), "North", None, later(0)))
    assert isinstance(judge_fork(in_hall, TRAINER, moves_trainees=False), NotHome)
    ended_there = replace(in_hall, closed_at=later(9), close_reason="closed")
    assert judge_fork(ended_there, TRAINER, moves_trainees=False) is None


def test_whoever_steers_the_one_steers_the_other() -> None:
    colleague, helper = a_trainer(SCHOOL), a_trainer(SCHOOL)
    source = _Record().add(VitalsPushed(FALLS), 0)
    source.session = replace(source.session, co_trainer_ids=(helper.id,), public_title="A man of 60")

    def by(trainer: object) -> Session:
        made = fork(
            source.session, source.standing(), None, trainer, NewFork(1, title="Again"), LATER,  # type: ignore[arg-type]
            session_id=UUID(int=7), now=later(9),
        )  # fmt: skip
        return made.session

    assert (by(TRAINER).trainer_id, by(TRAINER).co_trainer_ids) == (TRAINER.id, (helper.id,))
    assert (by(helper).trainer_id, by(helper).co_trainer_ids) == (helper.id, (TRAINER.id,))
    assert by(colleague).co_trainer_ids == ()
    made = by(TRAINER)
    assert (made.title, made.public_title) == ("Again", "A man of 60")
    assert made.forked_from == ForkedFrom(source.session.id, 1)
    assert made.expires_at == later(9) + LATER


_AT = {"at": "2026-11-21T09:30:00.123Z"}


@pytest.mark.parametrize(
    "carried",
    [
        1,
        {},
        {"at": 1, "ramps": {}, "case": None},
        {**_AT, "ramps": 1, "case": None},
        {**_AT, "ramps": {"spo2": {"from": "x", "seconds": 1}}, "case": None},
        {**_AT, "ramps": {"spo2": {"from": 9, "seconds": 0}}, "case": None},
        {**_AT, "ramps": {}, "case": {"seconds": 1}},
    ],
)
def test_what_another_server_brings_is_judged(carried: object) -> None:
    assert carried_error({"carried": carried}) is not None


def test_what_is_brought_along_is_read_back_as_it_was_written() -> None:
    case = CarriedCase(12.5, (None, 3.25), {("marker", "adrenaline"): 1, ("action", "shock"): 2}, 4, has_ended=True)
    source = _Record().add(VitalsPushed(FALLS), 0).add(ActionTaken("nibp_cycle", {"minutes": 5}), 10)
    carried = source.fork(later(50)).events[0].fact
    assert isinstance(carried, VitalsPushed)
    assert carried.carried is not None
    whole = Carried(carried.carried.at, carried.carried.ramps, carried.carried.nibp, case)
    assert Carried.from_json(json.loads(json.dumps(whole.as_json()))) == whole
    assert carried_error({"carried": whole.as_json()}) is None
