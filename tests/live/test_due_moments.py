"""A process sleeps until the next moment that is due, however many cases are open: counted, not timed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from server.domain.case import Case, Step
from server.domain.events import SYSTEM, Event, NoteAdded, VitalsPushed
from server.domain.session import Session
from server.domain.transitions import After, OnMarker, SignIs, Transition, When
from server.domain.vitals import VitalsPatch
from server.live.due_moments import LONGEST_SLEEP_SECONDS, DueMoments
from server.live.running_cases import RunningCases
from tests.support.making import NOW, a_school, a_session, a_trainer, later
from tests.support.patience import PATIENCE_SECONDS

FALLS = VitalsPatch(signs={"spo2": 70}, ramp_seconds=3600)
HOURS_AWAY = (
    Transition("b", When((SignIs("spo2", "le", 71),), hold=600), automatic=True),
    Transition(None, After(24 * 3600), automatic=True),
)


def _case(*transitions: Transition) -> Case:
    steps = (Step("a", "A", FALLS, transitions=transitions), Step("b", "B", VitalsPatch()))
    return Case(uuid4(), 1, "", steps, (), ())


class _Hour:
    """One of a process's, with a clock that goes on only while it sleeps; counts how often it wakes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: float = 3600) -> None:
        self.now = NOW
        self.end = later(seconds)
        self.pauses: list[float] = []
        self.asked = 0
        self.moved: list[tuple[UUID, datetime]] = []
        self.cases = RunningCases()
        self.due = DueMoments(self._next_due, lambda: self.now)
        monkeypatch.setattr("server.live.due_moments.is_set_within", self._sleep)

    def _next_due(self, session: Session) -> datetime | None:
        self.asked += 1
        return self.cases.next_due(session)

    def open(self, case: Case) -> Session:
        """Its first step has just been played."""
        opened = a_session(a_trainer(a_school()), template_id=case.template_id)
        self.cases.begin(opened, case)
        event = Event(uuid4(), opened.id, 1, NOW, NOW, SYSTEM, VitalsPushed(FALLS, "a"))
        session = a_session(a_trainer(a_school()), id=opened.id, template_id=case.template_id, last_seq=1)
        self.cases.see(session, event)
        self.due.see(session)
        return session

    async def pass_by(self) -> None:
        async def look() -> Sequence[Session]:
            return ()

        with pytest.raises(asyncio.CancelledError):
            await self.due.run(self._move, look, None)

    async def _move(self, session_id: UUID, due: datetime) -> Session | None:
        self.moved.append((session_id, due))
        return None

    async def _sleep(self, _: asyncio.Event, pause: float) -> bool:
        await asyncio.sleep(0)
        self.pauses.append(pause)
        self.now += timedelta(seconds=pause)
        if self.now >= self.end:
            raise asyncio.CancelledError
        return False


async def test_many_cases_of_which_nothing_is_due_wake_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: list[int] = []
    for sessions in (0, 1, 300):
        hour = _Hour(monkeypatch)
        for _ in range(sessions):
            hour.open(_case(*HOURS_AWAY))
        asked = hour.asked
        await hour.pass_by()
        assert hour.moved == []
        assert hour.asked == asked, "no session is looked at before its moment"
        assert set(hour.pauses) == {LONGEST_SLEEP_SECONDS}
        counts.append(len(hour.pauses))
    assert len(set(counts)) == 1, "however many are open"


async def test_it_wakes_for_what_is_due_and_at_its_millisecond(monkeypatch: pytest.MonkeyPatch) -> None:
    hour = _Hour(monkeypatch, seconds=20)
    for _ in range(100):
        hour.open(_case(*HOURS_AWAY))
    soon = hour.open(_case(Transition("b", After(7), automatic=True)))
    await hour.pass_by()
    assert hour.moved == [(soon.id, later(7))]
    assert hour.pauses == [5, 2, 5, 5, 5]


async def test_a_session_read_before_an_event_does_not_put_off_what_the_event_brings() -> None:
    """Whoever reads the record while a marker is stored answers as of before; the case is looked at again."""
    cases, moved = RunningCases(), list[int]()
    due = DueMoments(cases.next_due, lambda: NOW)
    before = a_session(a_trainer(a_school()), template_id=uuid4(), last_seq=1)
    after = replace(before, last_seq=2, updated_at=later(-1))
    case = _case(Transition("b", OnMarker("naloxone"), automatic=True), Transition("b", After(180), automatic=True))
    played = Event(uuid4(), before.id, 1, NOW, NOW, SYSTEM, VitalsPushed(FALLS, "a"))
    marked = Event(uuid4(), before.id, 2, NOW, NOW, SYSTEM, NoteAdded(marker="naloxone"))
    done = asyncio.Event()

    async def move(_: UUID, __: datetime) -> Session | None:
        moved.append(len(moved))
        if len(moved) == 2:
            done.set()
            return None
        running = cases.begin(before, case)
        assert running is not None
        # The marker is stored between the question to the record and its answer.
        cases.see(after, marked)
        due.see(after)
        running.follow(played)
        return before

    async def look() -> Sequence[Session]:
        return [before]

    running = asyncio.create_task(due.run(move, look, None))
    await asyncio.wait_for(done.wait(), PATIENCE_SECONDS)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def test_a_case_that_missed_an_event_is_to_be_read_whatever_session_is_seen_then() -> None:
    cases = RunningCases()
    before = a_session(a_trainer(a_school()), template_id=uuid4(), last_seq=1)
    running = cases.begin(before, _case(Transition("b", After(180), automatic=True)))
    assert running is not None
    running.follow(Event(uuid4(), before.id, 1, NOW, NOW, SYSTEM, VitalsPushed(FALLS, "a")))
    assert cases.next_due(before) == later(180)
    third = Event(uuid4(), before.id, 3, NOW, NOW, SYSTEM, NoteAdded(marker="naloxone"))
    cases.see(replace(before, last_seq=3), third)
    # As a job had read it a moment ago.
    cases.see(before, None)
    assert cases.next_due(before) == before.updated_at
