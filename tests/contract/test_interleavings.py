"""Pushes, repeats, refusals and ends in any order, in two processes: each judged alone, none lost, none twice."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.domain.events import EventDraft
from server.domain.outcomes import Conflict, Forbidden, InvalidFields, NotFound, SessionClosed, SessionExpired
from server.domain.record import AlreadyRecorded, Recorded
from server.domain.session import SessionChange
from server.domain.vitals import VitalsPatch
from server.ports.storage import Storage
from tests.support.folding import record_of, sound_session
from tests.support.houses import House, open_session
from tests.support.making import NOW, a_note, a_push, later

SESSIONS = 3

Kind = Literal["push", "note", "invalid", "stranger", "late", "nowhere", "repeat", "astray", "close", "edit", "rest"]
KINDS: tuple[Kind, ...] = (
    *("push",) * 6, *("repeat",) * 3, "note", "invalid", "stranger", "late", "nowhere", "astray", "close", "edit",
    *("rest",) * 5,
)  # fmt: skip


REFUSED: dict[Kind, tuple[type, ...]] = {
    "invalid": (InvalidFields,),
    "stranger": (Forbidden,),
    "late": (SessionExpired,),
    "nowhere": (NotFound,),
}


@dataclass(frozen=True)
class Step:
    kind: Kind
    session: int
    place: int
    number: int
    """Of a push: its value. Of a repeat: which of the drafts before it."""


steps = st.builds(Step, st.sampled_from(KINDS), st.integers(0, SESSIONS - 1), st.integers(0, 1), st.integers(0, 100))


@dataclass
class Asked:
    step: Step
    session_id: UUID
    draft: EventDraft
    answer: asyncio.Task[object]


# The storage lives as long as the whole test; each example has sessions of its own in it.
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(steps, min_size=5, max_size=60))
async def test_each_is_judged_alone_and_stored_once(
    storage: Storage, second_storage: Storage, house: House, steps: list[Step]
) -> None:
    ids = [(await open_session(storage, house.trainer)).id for _ in range(SESSIONS)]
    places = (storage.sessions, second_storage.sessions)
    asked: list[Asked] = []
    others: list[asyncio.Task[object]] = []
    for step in steps:
        place, session_id = places[step.place], ids[step.session]
        if step.kind == "rest":
            await asyncio.wait([each.answer for each in asked] or [asyncio.ensure_future(asyncio.sleep(0))])
        elif step.kind == "close":
            others.append(asyncio.ensure_future(place.end_session(session_id, house.trainer, uuid4(), NOW)))
        elif step.kind == "edit":
            change = SessionChange(title=f"title {step.number}")
            others.append(asyncio.ensure_future(place.change_session(session_id, house.trainer, change, None, NOW)))
        elif (made := _draft(house, step, ids, asked)) is not None:
            session_id, draft = made
            actor = house.colleague if step.kind == "stranger" else house.trainer
            now = later(3600) if step.kind == "late" else NOW
            answer = asyncio.ensure_future(place.append_event(session_id, actor, draft, now))
            asked.append(Asked(step, session_id, draft, answer))
        if step.number % 7 == 0:
            # Whatever is ready begins before the next one comes.
            await asyncio.sleep(0)
    await asyncio.gather(*(each.answer for each in asked), *others)
    closed = {ids[step.session] for step in steps if step.kind == "close"}
    await _check(storage, ids, closed, asked)


def _draft(house: House, step: Step, ids: list[UUID], asked: list[Asked]) -> tuple[UUID, EventDraft] | None:
    session_id = ids[step.session]
    match step.kind:
        case "note":
            return session_id, a_note(house.trainer)
        case "invalid":
            return session_id, a_push(house.trainer, VitalsPatch({"diastolic": 200}))
        case "nowhere":
            return uuid4(), a_push(house.trainer)
        case "repeat" | "astray":
            before = [each for each in asked if each.step.kind == "push"]
            if not before:
                return None
            again = before[step.number % len(before)]
            return (again.session_id if step.kind == "repeat" else session_id), again.draft
        case _:
            return session_id, a_push(house.trainer, VitalsPatch({"heart_rate": step.number}))


async def _check(storage: Storage, ids: list[UUID], closed: set[UUID], asked: list[Asked]) -> None:
    stored = {}
    for session_id in ids:
        session = await sound_session(storage, session_id)
        events = await record_of(storage, session_id)
        stored |= {event.id: event for event in events if event.kind != "lifecycle"}
        assert (session.closed_at is not None) == (session_id in closed)
        assert [event.kind for event in events].count("lifecycle") == (session_id in closed)
        assert session_id not in closed or events[-1].kind == "lifecycle"
    recorded: list[UUID] = []
    for each in asked:
        outcome = each.answer.result()
        over = (SessionClosed,) if each.session_id in closed else ()
        # An id that went astray before it came here stands elsewhere.
        expected = REFUSED.get(each.step.kind, (Recorded, AlreadyRecorded, Conflict))
        assert isinstance(outcome, expected if expected == (Forbidden,) else (*expected, *over)), (each.step, outcome)
        if isinstance(outcome, Recorded | AlreadyRecorded):
            assert outcome.event == stored[each.draft.id]
            assert outcome.event.session_id == each.session_id
        if isinstance(outcome, Recorded):
            recorded.append(outcome.event.id)
        if isinstance(outcome, Conflict):
            assert stored[each.draft.id].session_id != each.session_id
    # Told to be new once, each that is stored.
    assert sorted(recorded) == sorted(stored)
    _check_order(asked)


def _check_order(asked: list[Asked]) -> None:
    """One process's events of one session have their seq in the order of its calls."""
    last: dict[tuple[UUID, int], int] = {}
    for each in asked:
        outcome = each.answer.result()
        if each.step.kind in ("push", "note") and isinstance(outcome, Recorded):
            place = (each.session_id, each.step.place)
            assert outcome.event.seq > last.get(place, 0)
            last[place] = outcome.event.seq
