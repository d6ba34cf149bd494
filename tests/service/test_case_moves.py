"""Random cases, random markers, two processes that look whenever they like and are killed in between: the same moves,
once each, as one process makes that looks at the same moments; and the record tells the same again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.domain.audit import author_of
from server.domain.case_reading import StepDraft
from server.domain.events import (
    ActionTaken,
    AutomationSwitched,
    CaseFact,
    CasePaused,
    CaseResumed,
    Event,
    EventDraft,
    Fact,
    NoteAdded,
    VitalsPushed,
)
from server.domain.opening import NewSession
from server.domain.outcomes import InvalidFields
from server.domain.session import Session
from server.domain.template import TemplateDraft, judge_template
from server.domain.vitals import VitalsPatch
from server.live.running_cases import RunningCase, RunningCases
from server.ports.results import Added
from server.ports.storage import Storage
from server.service.case_moves import CaseMoves
from server.storage.memory import MemoryStorage
from tests.support.houses import UNHURRIED, House, furnish, open_postgres
from tests.support.making import NOW
from tests.support.services import services_on

MOST_MOVES = 100
MARKERS = ("adrenaline", "help")
RHYTHMS = ("sinus", "atrial_fibrillation")
CONTROLS: dict[str, CaseFact] = {
    "pause": CasePaused(),
    "resume": CaseResumed(),
    "off": AutomationSwitched(is_on=False),
    "on": AutomationSwitched(is_on=True),
}
Doing = tuple[str, int, int]


class Process:
    """What of a server moves cases; whatever it remembered is gone when it is begun anew."""

    def __init__(self, storage: Storage, stack: AsyncExitStack, now: Callable[[], datetime]) -> None:
        self._storage = storage
        self._stack = stack
        self._now = now
        self.begin_anew()

    def begin_anew(self) -> None:
        self.services = self._stack.enter_context(services_on(self._storage))
        self.running = RunningCases()
        self.moves = CaseMoves(
            self._storage.sessions, self.services.sessions, self.services.cases, self.running, _outlives, self._now
        )

    async def look(self, session: Session) -> None:
        """As its timer does: until nothing is due."""
        for _ in range(MOST_MOVES):
            seen = await self.moves.move(session.id, self._now())
            assert seen is not None
            due = self.running.next_due(seen)
            if due is None or due > self._now():
                return
        raise AssertionError("it does not come to rest")


async def _outlives(_: Session) -> bool:
    return False


class World:
    def __init__(self, storages: Sequence[Storage], stack: AsyncExitStack) -> None:
        self.now = NOW
        self.processes = [Process(storage, stack, lambda: self.now) for storage in storages]
        self.house: House
        self.session: Session

    async def begin(self, steps: Sequence[StepDraft]) -> None:
        services = self.processes[0].services
        self.house = await furnish(services.storage)
        added = await services.templates.add(self.house.trainer, None, TemplateDraft("Random", steps=steps), NOW)
        assert isinstance(added, Added), added
        opened = await services.sessions.open(self.house.trainer, NewSession(template_id=added.item.id), NOW)
        assert isinstance(opened, Added), opened
        self.session = opened.item
        await services.case_control.start(self.house.trainer, self.session.id, NOW)

    async def record_of_trainer(self, fact: Fact) -> None:
        trainer = self.house.trainer
        draft = EventDraft(uuid4(), author_of(trainer), fact)
        await self.processes[0].services.sessions.append(trainer, self.session.id, draft, self.now)

    async def control(self, fact: CaseFact) -> None:
        await self.processes[0].services.case_control.control(
            self.house.trainer, self.session.id, uuid4(), fact, self.now
        )

    async def kill(self, number: int, turns: int) -> None:
        """In the middle of whatever it does after so many turns of the loop."""
        process = self.processes[number]
        looking = asyncio.create_task(process.look(self.session))
        for _ in range(turns):
            await asyncio.sleep(0)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        process.begin_anew()

    async def do(self, doing: Doing) -> None:
        what, number, much = doing
        mine = self.processes[number % len(self.processes)]
        if what == "wait":
            self.now += timedelta(milliseconds=much * 100)
        elif what == "mark":
            await self.record_of_trainer(NoteAdded(marker=MARKERS[number]))
        elif what == "act":
            await self.record_of_trainer(ActionTaken("nibp_start", {}))
        elif what == "step":
            # One that the case has not is refused, and moves nothing.
            await self.record_of_trainer(VitalsPushed(VitalsPatch(), step=f"step_{much % 4}"))
        elif what == "push":
            await self.record_of_trainer(VitalsPushed(_pushed(number, much)))
        elif what in CONTROLS:
            await self.control(CONTROLS[what])
        elif what == "look":
            await mine.look(self.session)
        elif what == "all look":
            await asyncio.gather(*(each.look(self.session) for each in self.processes))
        elif len(self.processes) > 1:
            await self.kill(number, much % 12)
            await self.processes[1 - number].look(self.session)
        else:
            await mine.look(self.session)

    async def record(self) -> Sequence[Event]:
        return await self.processes[0].services.storage.sessions.events_after(self.session.id, 0, 1000)

    async def check(self) -> None:
        """The record alone, folded, gives what the session shows, and where its case stands."""
        for process in self.processes:
            await process.look(self.session)
        session = await self.processes[0].services.storage.sessions.find_session(self.session.id)
        case = await self.processes[0].services.cases.find(self.session.id)
        assert session is not None
        assert case is not None
        again = RunningCases().begin(session, case)
        assert again is not None
        for event in await self.record():
            again.follow(event)
        assert again.progress.last == session.last_values
        for process in self.processes:
            there = process.running.find(session.id)
            assert there is not None
            assert _standing(there) == _standing(again)


def _pushed(number: int, much: int) -> VitalsPatch:
    """What rules wait for: a pressure, a rhythm, a flag."""
    return VitalsPatch(
        {"systolic": 60 + much, "diastolic": 40}, rhythm=RHYTHMS[number], flags={"haemorrhage": much % 2 == 0}
    )


def _standing(running: RunningCase) -> tuple[object, ...]:
    return running.progress.seq, running.progress.step, running.progress.has_ended, running.move


def _told(event: Event) -> tuple[object, ...]:
    step = event.fact.step if isinstance(event.fact, VitalsPushed) else None
    cause = getattr(event.fact, "cause", None)
    return event.kind, step, cause, event.by.role, event.created_at, event.made_at


async def _play(world: World, steps: Sequence[StepDraft], doings: Sequence[Doing]) -> Sequence[tuple[object, ...]]:
    await world.begin(steps)
    for doing in doings:
        await world.do(doing)
    await world.check()
    return [_told(event) for event in await world.record()]


@asynccontextmanager
async def _world(count: int, url: str | None) -> AsyncGenerator[World]:
    """So many processes on one storage: each with a pool and a journal of its own, where it is PostgreSQL."""
    async with AsyncExitStack() as stack:
        if url is None:
            storages: list[Storage] = [MemoryStorage()] * count
        else:
            storages = [await stack.enter_async_context(open_postgres(url, live=UNHURRIED)) for _ in range(count)]
        yield World(storages, stack)


_CONDITIONS = st.one_of(
    st.integers(65, 99).map(lambda value: {"sign": "spo2", "op": "lt", "value": value}),
    st.tuples(st.sampled_from(["lt", "ge"]), st.integers(55, 90)).map(
        lambda each: {"sign": "mean", "op": each[0], "value": each[1]}
    ),
    st.booleans().map(lambda is_on: {"flag": "haemorrhage", "is": is_on}),
    st.sampled_from(RHYTHMS).map(lambda rhythm: {"rhythm": rhythm}),
)
_TRIGGERS = st.one_of(
    st.integers(1, 20).map(lambda seconds: {"after": seconds}),
    st.tuples(st.sampled_from(MARKERS), st.integers(1, 2)).map(lambda each: {"marker": each[0], "count": each[1]}),
    st.integers(1, 2).map(lambda count: {"action": "nibp_start", "count": count}),
    st.tuples(st.lists(_CONDITIONS, min_size=1, max_size=2), st.integers(0, 4)).map(
        lambda each: {"when": each[0], "hold": each[1]}
    ),
)


@st.composite
def _cases(draw: st.DrawFn) -> Sequence[StepDraft]:
    keys = [f"step_{number}" for number in range(draw(st.integers(2, 4)))]

    def transition(trigger: dict[str, Any]) -> dict[str, Any]:
        return {"to": draw(st.sampled_from([*keys, None])), "automatic": True, "on": trigger}

    return [
        StepDraft(
            title=key,
            key=key,
            vitals={"spo2": draw(st.integers(60, 100)), "systolic": draw(st.integers(80, 140))},
            rhythm=draw(st.sampled_from([None, *RHYTHMS])),
            flags=draw(st.sampled_from([None, {"haemorrhage": True}, {"haemorrhage": None}])),
            ramp_seconds=draw(st.sampled_from([0, 0, 5, 20])),
            transitions=[transition(each) for each in draw(st.lists(_TRIGGERS, min_size=1, max_size=2))],
        )
        for key in keys
    ]


_DOINGS = st.lists(
    st.tuples(
        st.one_of(
            st.sampled_from(["wait", "look", "all look", "kill"]),
            st.sampled_from(["wait", "mark", "act", "step", "push", *CONTROLS]),
        ),
        st.integers(0, 1),
        st.integers(1, 80),
    ),
    min_size=5,
    max_size=16,
)


def _comes_to_rest(steps: Sequence[StepDraft]) -> bool:
    return not isinstance(judge_template(TemplateDraft("Random", steps=steps)), InvalidFields)


async def _compare(steps: Sequence[StepDraft], doings: Sequence[Doing], url: str | None) -> None:
    async with _world(2, url) as two, _world(1, url) as one:
        assert await _play(two, steps, doings) == await _play(one, steps, doings)


@settings(max_examples=80)
@given(steps=_cases().filter(_comes_to_rest), doings=_DOINGS)
def test_two_processes_and_kills_move_a_case_as_one_does(steps: Sequence[StepDraft], doings: Sequence[Doing]) -> None:
    asyncio.run(_compare(steps, doings, None))


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=_cases().filter(_comes_to_rest), doings=_DOINGS)
def test_on_postgresql_too(database_url: str, steps: Sequence[StepDraft], doings: Sequence[Doing]) -> None:
    asyncio.run(_compare(steps, doings, database_url))
