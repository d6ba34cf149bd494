"""Cases that move by themselves: the vectors that the screens are held to as well, and what holds of every case."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.case import Step, stored_steps
from server.domain.case_reading import StepDraft, read_steps
from server.domain.conditions import is_so
from server.domain.dry_run import DryRun, Tried, case_warnings, dry_run, run_seconds
from server.domain.events import (
    SYSTEM,
    ActionTaken,
    AutomationSwitched,
    CasePaused,
    CaseResumed,
    Cause,
    Event,
    Fact,
    NoteAdded,
    VitalsPushed,
    fold_fact,
)
from server.domain.moves import Move, Progress, advance, next_move
from server.domain.outcomes import FieldError, InvalidFields
from server.domain.template import TemplateDraft, judge_template
from server.domain.transitions import After, Comparison, MeasuredName, OnMarker, SignIs, Transition, When
from server.domain.vitals import START_VALUES, LastValues, Ramp, SignName, VitalsPatch

_FILE = json.loads((Path(__file__).parent.parent / "vectors" / "moves.json").read_text(encoding="utf-8"))
VECTORS: list[dict[str, Any]] = _FILE["vectors"]
RUNS: list[dict[str, Any]] = _FILE["runs"]
NOW = datetime.fromisoformat("2026-11-28T10:00:00+00:00")
NOBODY = UUID(int=0)


def _steps(raw: list[dict[str, Any]]) -> tuple[Step, ...]:
    errors: list[FieldError] = []
    steps = read_steps([StepDraft(**step) for step in raw], errors)
    assert not errors
    return steps


def _tried(raw: list[list[Any]]) -> list[Tried]:
    facts = {"marker": lambda key: NoteAdded(marker=key), "action": lambda key: ActionTaken(key)}
    # As they come in two lists.
    return [Tried(second, facts[kind](key)) for second, kind, key in sorted(raw, key=lambda each: each[1] == "action")]


def _told(run: DryRun) -> list[list[Any]]:
    """Without the first step, which no rule plays."""
    return [[move.at_seconds, move.step] for move in run.moves[1:]]


def _lit(run: DryRun) -> list[list[Any]]:
    return [[each.at_seconds, each.to] for each in run.suggestions]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["case"])
def test_a_case_moves_when_the_vector_says(vector: dict[str, Any]) -> None:
    run = dry_run(VitalsPatch(signs=vector["start"]), _steps(vector["steps"]), _tried(vector["tried"]))
    assert _told(run) == vector["moves"]
    assert _lit(run) == vector["suggestions"]


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run["case"])
def test_a_dry_run_answers_what_the_vector_says(run: dict[str, Any]) -> None:
    draft = {**run["template"], "steps": [StepDraft(**step) for step in run["template"]["steps"]]}
    content = judge_template(TemplateDraft(title="X", **draft))
    assert not isinstance(content, InvalidFields)
    seconds = run_seconds(content.duration_minutes)
    answer = dry_run(content.start, content.steps, _tried(run["tried"]), seconds).as_json()
    assert {part: answer[part] for part in run["answer"]} == run["answer"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["case"])
def test_steps_read_back_are_those_that_were_written(vector: dict[str, Any]) -> None:
    steps = _steps(vector["steps"])
    assert stored_steps(json.loads(json.dumps([step.as_json() for step in steps]))) == steps


class _Session:
    """A record that is folded as the server does it."""

    def __init__(self, steps: tuple[Step, ...], last: LastValues = START_VALUES) -> None:
        self.steps = steps
        self.progress = Progress(last=last, seen_at=NOW)

    def add(self, fact: Fact, seconds: float, made: float | None = None) -> _Session:
        at, made_at = (NOW + timedelta(seconds=each) for each in (seconds, seconds if made is None else made))
        last = fold_fact(self.progress.last, fact, at)
        assert not isinstance(last, InvalidFields)
        event = Event(NOBODY, NOBODY, self.progress.seq + 1, at, made_at, SYSTEM, fact)
        self.progress = advance(self.steps, self.progress, event, last)
        return self

    def next(self) -> tuple[float, str | None] | None:
        move = next_move(self.steps, self.progress)
        return None if move is None else ((move.at - NOW).total_seconds(), move.transition.to)


def _case(*transitions: Transition, patch: VitalsPatch | None = None) -> tuple[Step, ...]:
    return Step("first", "First", patch or VitalsPatch(), transitions=transitions), Step("b", "B", VitalsPatch())


def _first(steps: tuple[Step, ...]) -> VitalsPushed:
    return VitalsPushed(steps[0].patch, steps[0].key)


def test_a_pause_stops_the_clock_of_a_step() -> None:
    steps = _case(Transition("b", After(60), automatic=True))
    session = _Session(steps).add(_first(steps), 0).add(CasePaused(), 20)
    assert session.next() is None
    assert session.add(CaseResumed(), 100).next() == (140, "b")


def test_a_step_that_was_caught_up_lasts_from_when_it_was_stored() -> None:
    after = Transition("b", After(60), automatic=True)
    steps = (*_case(after), Step("c", "C", VitalsPatch(), transitions=(replace(after, to=None),)))
    session = _Session(steps).add(_first(steps), 0)
    assert session.next() == (60, "b")
    caught_up = VitalsPushed(VitalsPatch(), "c", Cause("first", after.on.as_json()))
    assert session.add(caught_up, 1000, made=60).next() == (1060, None)


def test_automation_that_is_switched_on_in_a_pause_runs_from_its_end() -> None:
    steps = _case(Transition("b", When((SignIs("spo2", "gt", 90),)), automatic=True))
    session = _Session(steps).add(AutomationSwitched(False), 0).add(_first(steps), 0)
    session.add(CasePaused(), 30).add(AutomationSwitched(True), 40)
    assert session.next() is None
    assert session.add(CaseResumed(), 100).next() == (100, "b")


def test_a_pause_stops_a_hold_and_the_ramp_that_leads_to_it() -> None:
    falls = VitalsPatch(signs={"spo2": 88}, ramp_seconds=100)
    steps = _case(Transition("b", When((SignIs("spo2", "le", 90),), hold=30), automatic=True), patch=falls)
    session = _Session(steps).add(_first(steps), 0)
    assert session.next() == (105.001, "b")
    session.add(CasePaused(), 90)
    assert session.next() is None
    assert session.add(CaseResumed(), 200).next() == (215.001, "b")


def test_a_hold_begins_anew_when_the_condition_was_away() -> None:
    steps = _case(Transition("b", When((SignIs("heart_rate", "gt", 100),), hold=60), automatic=True))
    session = _Session(steps).add(_first(steps), 0).add(VitalsPushed(VitalsPatch(signs={"heart_rate": 120})), 10)
    assert session.next() == (70, "b")
    session.add(VitalsPushed(VitalsPatch(signs={"heart_rate": 90})), 50)
    assert session.next() is None
    assert session.add(VitalsPushed(VitalsPatch(signs={"heart_rate": 130})), 55).next() == (115, "b")


def test_what_is_pushed_beside_the_condition_leaves_its_hold_alone() -> None:
    steps = _case(Transition("b", When((SignIs("heart_rate", "gt", 100),), hold=60), automatic=True))
    session = _Session(steps).add(_first(steps), 0).add(VitalsPushed(VitalsPatch(signs={"heart_rate": 120})), 10)
    assert session.add(VitalsPushed(VitalsPatch(signs={"heart_rate": 125, "spo2": 91})), 40).next() == (70, "b")


def test_a_ramp_that_left_the_condition_meanwhile_begins_its_hold_anew() -> None:
    steps = _case(Transition("b", When((SignIs("heart_rate", "lt", 80),), hold=300), automatic=True))
    session = _Session(steps).add(_first(steps), 0)
    assert session.next() == (300, "b")
    session.add(VitalsPushed(VitalsPatch(signs={"heart_rate": 95}, ramp_seconds=20)), 10)
    assert session.next() is None
    session.add(VitalsPushed(VitalsPatch(signs={"heart_rate": 75}, ramp_seconds=0)), 60)
    assert session.next() == (360, "b")


def test_the_trainers_own_step_wins_and_counts_begin_anew() -> None:
    steps = _case(Transition("b", OnMarker("fluid", 2), automatic=True), Transition("b", After(60), automatic=True))
    session = _Session(steps).add(_first(steps), 0).add(NoteAdded(marker="fluid"), 5)
    session.add(VitalsPushed(VitalsPatch(), "b"), 10)
    assert session.next() is None
    session.add(_first(steps), 20).add(NoteAdded(marker="fluid"), 25)
    assert session.next() == (80, "b")
    assert session.add(NoteAdded(marker="fluid"), 30).next() == (30, "b")


def test_what_came_due_while_automation_was_off_is_done_when_it_is_on_again() -> None:
    steps = _case(Transition("b", After(60), automatic=True))
    session = _Session(steps).add(_first(steps), 0).add(AutomationSwitched(is_on=False), 10)
    assert session.next() is None
    assert session.add(AutomationSwitched(is_on=True), 90).next() == (90, "b")


def test_the_first_of_the_list_wins_at_the_same_moment() -> None:
    steps = (
        Step(
            "first",
            "First",
            VitalsPatch(),
            transitions=(Transition("b", After(60), automatic=True), Transition(None, After(60), automatic=True)),
        ),
        Step("b", "B", VitalsPatch()),
    )
    assert _Session(steps).add(_first(steps), 0).next() == (60, "b")


def test_a_marker_within_a_pause_moves_the_case_at_its_end() -> None:
    steps = _case(Transition("b", OnMarker("fluid"), automatic=True))
    session = _Session(steps).add(_first(steps), 0).add(CasePaused(), 10).add(NoteAdded(marker="fluid"), 15)
    assert session.add(CaseResumed(), 30).next() == (30, "b")


@settings(max_examples=60, deadline=None)
@given(
    sign=st.sampled_from(["heart_rate", "spo2", "respiratory_rate", "temperature", "mean"]),
    op=st.sampled_from(["lt", "le", "gt", "ge"]),
    seconds=st.integers(1, 6),
    hold=st.integers(0, 3),
    data=st.data(),
)
def test_a_moment_is_the_one_that_looking_every_millisecond_finds(
    sign: MeasuredName, op: Comparison, seconds: int, hold: int, data: st.DataObject
) -> None:
    low, high = (360, 380) if sign == "temperature" else (60, 90)
    scale = 10 if sign == "temperature" else 1
    number = st.integers(low, high).map(lambda n: n / scale if scale > 1 else n)
    value = data.draw(number)
    names: list[SignName] = ["systolic", "diastolic"] if sign == "mean" else [sign]  # type: ignore[list-item]
    targets = {name: data.draw(number) for name in names}
    ramps = {name: Ramp(data.draw(number), NOW, seconds) for name in names}
    last = replace(START_VALUES, signs={**START_VALUES.signs, **targets}, ramps=ramps)
    condition = SignIs(sign, op, value)
    steps = _case(Transition("b", When((condition,), hold), automatic=True))
    entered = Progress(last=last, seen_at=NOW, step="first", entered_at=NOW - timedelta(seconds=1), since=(None,))
    since = NOW if is_so(condition, last, NOW) else None
    found = next_move(steps, replace(entered, since=(since,)))
    assert (None if found is None else found.at) == _by_looking(condition, last, hold, seconds)


def _by_looking(condition: SignIs, last: LastValues, hold: int, seconds: int) -> datetime | None:
    since: datetime | None = None
    for milliseconds in range((seconds + hold) * 1000 + 1):
        at = NOW + timedelta(milliseconds=milliseconds)
        if since is not None and at - since >= timedelta(seconds=hold):
            return since + timedelta(seconds=hold)
        if not is_so(condition, last, at):
            since = None
        elif since is None:
            since = at
            if hold == 0:
                return at
    return None if since is None else since + timedelta(seconds=hold)


_FACTS = st.one_of(
    st.builds(lambda rate, ramp: VitalsPushed(VitalsPatch(signs={"heart_rate": rate}, ramp_seconds=ramp)),
              st.integers(50, 150), st.sampled_from([0, 5, 30])),
    st.builds(lambda key: VitalsPushed(VitalsPatch(signs={"spo2": 90}, ramp_seconds=10), key), st.sampled_from("abc")),
    st.builds(lambda key: NoteAdded(marker=key), st.sampled_from(["fluid", "naloxone"])),
    st.builds(ActionTaken, st.just("pulse_check")),
    st.sampled_from([CasePaused(), CaseResumed(), AutomationSwitched(False), AutomationSwitched(True)]),
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(gaps=st.lists(st.tuples(st.floats(0.001, 40), _FACTS), max_size=25), cut=st.integers(0, 25))
def test_ramps_looked_at_in_between_change_nothing(gaps: list[tuple[float, Fact]], cut: int) -> None:
    """An event that says nothing to a case, anywhere in its record, leaves what comes next as it was."""
    steps = (
        Step("a", "A", VitalsPatch(), transitions=(
            Transition("b", When((SignIs("heart_rate", "gt", 100),), hold=20), automatic=True),
            Transition("c", OnMarker("fluid", 2), automatic=True),
            Transition("c", After(90), automatic=True))),
        Step("b", "B", VitalsPatch(), transitions=(
            Transition("a", When((SignIs("spo2", "lt", 95), SignIs("heart_rate", "le", 110)), hold=5), automatic=True),
        )),
        Step("c", "C", VitalsPatch(), transitions=(Transition(None, After(30), automatic=True),)),
    )  # fmt: skip
    plain, looked = _Session(steps), _Session(steps)
    at = 0.0
    plain.add(VitalsPushed(VitalsPatch(), "a"), at)
    looked.add(VitalsPushed(VitalsPatch(), "a"), at)
    for place, (gap, fact) in enumerate(gaps):
        if place == cut:
            looked.add(NoteAdded(text="nothing"), round(at + gap / 2, 3))
        at = round(at + gap, 3)
        plain.add(fact, at)
        looked.add(fact, at)
    assert _without_seq(plain.progress) == _without_seq(looked.progress)
    assert _at(next_move(steps, plain.progress)) == _at(next_move(steps, looked.progress))


def _without_seq(progress: Progress) -> Progress:
    return replace(progress, seq=0, entry_seq=0)


def _at(move: Move | None) -> tuple[datetime, str | None] | None:
    return None if move is None else (move.at, move.transition.to)


@pytest.mark.parametrize(
    ("transitions", "field", "words"),
    [
        ([{"to": "nowhere", "on": {"manual": True}}], "steps.0.transitions.0.to", "not the key of a step"),
        ([{"to": None, "on": {"after": 0}}], "steps.0.transitions.0.on.after", "from 1 to 86400"),
        ([{"to": None, "on": {"after": 5, "marker": "a"}}], "steps.0.transitions.0.on", "exactly one"),
        ([{"to": None, "on": {"manual": True}, "automatic": True}], "steps.0.transitions.0.automatic", "by hand"),
        ([{"to": None, "on": {"marker": "A b"}}], "steps.0.transitions.0.on.marker", "a-z"),
        ([{"to": None, "on": {"marker": "a", "count": 11}}], "steps.0.transitions.0.on.count", "from 1 to 10"),
        ([{"to": None, "on": {"when": []}}], "steps.0.transitions.0.on.when", "1 to 4"),
        ([{"to": None, "on": {"when": [{"sign": "mood", "op": "lt", "value": 1}]}}],
         "steps.0.transitions.0.on.when.0.sign", "heart_rate"),
        ([{"to": None, "on": {"when": [{"sign": {}, "op": "lt", "value": 1}]}}],
         "steps.0.transitions.0.on.when.0.sign", "heart_rate"),
        ([{"to": None, "on": {"when": [{"sign": "spo2", "op": "lt", "value": 101}]}}],
         "steps.0.transitions.0.on.when.0.value", "from 0 to 100"),
        ([{"to": None, "on": {"when": [{"rhythm": "samba"}]}}], "steps.0.transitions.0.on.when.0.rhythm", "sinus"),
        ([{"to": None, "on": {"when": [{"flag": "cpr", "is": 1}]}}], "steps.0.transitions.0.on.when.0.is", "true"),
        ([{"to": None, "on": {"manual": True}, "code": "x"}], "steps.0.transitions.0.code", "not a field"),
        ([{"on": {"manual": True}}], "steps.0.transitions.0.to", "required"),
        ([{"to": None, "on": {"manual": True}}] * 9, "steps.0.transitions", "at most 8"),
        ([{"to": "step_1", "automatic": True, "on": {"when": [{"flag": "cpr", "is": True}]}}],
         "steps.0.transitions", "come to rest"),
    ],
)  # fmt: skip
def test_a_wrong_transition_is_named(transitions: list[Any], field: str, words: str) -> None:
    errors: list[FieldError] = []
    read_steps([StepDraft(title="One", transitions=transitions)], errors)
    assert [error.field for error in errors] == [field]
    assert words in errors[0].message


def test_a_round_with_a_marker_in_it_comes_to_rest() -> None:
    errors: list[FieldError] = []
    on = {"when": [{"flag": "cpr", "is": True}]}
    read_steps(
        [
            StepDraft("One", key="one", transitions=[{"to": "two", "automatic": True, "on": on}]),
            StepDraft("Two", key="two", transitions=[{"to": "one", "automatic": True, "on": {"marker": "rosc"}}]),
        ],
        errors,
    )
    assert not errors


def test_a_case_is_warned_of_steps_that_nothing_leads_to_and_that_lead_nowhere() -> None:
    steps = (
        Step("a", "A", VitalsPatch(), transitions=(Transition("c", After(5), automatic=True),)),
        Step("b", "B", VitalsPatch()),
        Step("c", "C", VitalsPatch()),
    )
    assert [(warning.code, warning.step) for warning in case_warnings(steps)] == [
        ("unreachable", "b"),
        ("no_way_out", "b"),
    ]
    assert case_warnings((Step("a", "A", VitalsPatch()), Step("b", "B", VitalsPatch()))) == ()
