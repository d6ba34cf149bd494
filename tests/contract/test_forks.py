"""add_fork and find_sent_to."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from server.domain.events import SessionEnded
from server.domain.forking import Fork, Forked, NewFork, begin, follow, fork
from server.domain.outcomes import Conflict, Forbidden
from server.domain.people import Trainer
from server.domain.record import Recorded
from server.domain.session import Session
from server.domain.template import TemplateContent
from server.ports.results import AlreadyThere, CodeTaken
from server.ports.sessions import last_sent_to
from server.ports.storage import Storage
from tests.contract.test_cases import CONTENT
from tests.support.houses import House, open_session
from tests.support.making import BY, a_code, a_push, a_session, a_template, later


async def _pushed(storage: Storage, house: House, content: TemplateContent | None = None) -> Session:
    session = a_session(house.trainer)
    case = None
    if content is not None:
        template = a_template(house.school, content=content)
        await storage.templates.add_template(template, BY)
        session, case = replace(session, template_id=template.id), template.case()
    await storage.sessions.add_session(session, None, BY, case)
    pushed = await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(1))
    assert isinstance(pushed, Recorded)
    return pushed.session


async def a_fork(storage: Storage, source: Session, trainer: Trainer, seconds: float, *, moves: bool = False) -> Fork:
    events = await storage.sessions.events_after(source.id, 0, 100)
    case = None if source.template_id is None else await storage.sessions.find_case(source.id)
    made = fork(
        source, follow(begin(source), events, case), case, trainer, NewFork(1, moves_trainees=moves),
        timedelta(hours=1), session_id=uuid4(), now=later(seconds),
    )  # fmt: skip
    return replace(made, session=replace(made.session, code=a_code()))


async def test_a_fork_is_stored_with_its_events_and_its_case(
    storage: Storage, second_storage: Storage, house: House
) -> None:
    source = await _pushed(storage, house, CONTENT)
    made = await a_fork(storage, source, house.trainer, 9)
    assert await storage.sessions.add_fork(made, house.trainer, uuid4()) == Forked(made.session)
    for each in (storage, second_storage):
        assert await each.sessions.find_session(made.session.id) == made.session
        assert await each.sessions.events_after(made.session.id, 0, 10) == list(made.events)
        assert await each.sessions.find_case(made.session.id) == made.case is not None
        assert await each.sessions.find_session(source.id) == source
        assert await each.sessions.find_sent_to(source.id) is None
        assert await each.sessions.list_seats(made.session.id) == []
    pushed = await second_storage.sessions.append_event(
        made.session.id, house.trainer, a_push(house.trainer), later(10)
    )
    assert isinstance(pushed, Recorded)
    assert pushed.event.seq == len(made.events) + 1
    entries = (await storage.audit.list_entries(house.school.id, 1, None)).items
    assert [(each.action, each.subject.id) for each in entries] == [("opened", made.session.id)]


async def test_whoever_takes_the_trainees_over_ends_the_other_with_it(
    storage: Storage, second_storage: Storage, house: House
) -> None:
    source = await _pushed(storage, house)
    made = await a_fork(storage, source, house.trainer, 9, moves=True)
    end_id = uuid4()
    outcome = await storage.sessions.add_fork(made, house.trainer, end_id)
    assert isinstance(outcome, Forked)
    assert outcome.ended is not None
    assert (outcome.ended.event.id, outcome.ended.event.fact) == (end_id, SessionEnded("closed"))
    for each in (storage, second_storage):
        assert await each.sessions.find_session(source.id) == outcome.ended.session
        assert (await each.sessions.events_after(source.id, 1, 10)) == [outcome.ended.event]
        found = await each.sessions.find_sent_to(source.id)
        assert found == made.session
        assert found.forked_from is not None
        assert found.forked_from.moves_trainees
    log = await storage.sync.log_after(house.school.id, 0, 100)
    assert len({entry.version for entry in log}) == len(log)
    # From one that is over the same goes on; and on again, by the newest.
    again = await a_fork(storage, outcome.ended.session, house.trainer, 20, moves=True)
    assert await second_storage.sessions.add_fork(again, house.trainer, uuid4()) == Forked(again.session)
    assert await storage.sessions.find_sent_to(source.id) == again.session
    further = await a_fork(storage, again.session, house.trainer, 30, moves=True)
    await storage.sessions.add_fork(further, house.trainer, uuid4())
    assert await last_sent_to(second_storage.sessions, source.id) == further.session
    assert await last_sent_to(second_storage.sessions, further.session.id) is None


async def test_neither_is_written_by_whoever_may_not_end_the_other(storage: Storage, house: House) -> None:
    source = await _pushed(storage, house)
    made = await a_fork(storage, source, house.colleague, 9, moves=True)
    assert isinstance(await storage.sessions.add_fork(made, house.colleague, uuid4()), Forbidden)
    assert await storage.sessions.find_session(made.session.id) is None
    assert await storage.sessions.find_session(source.id) == source
    assert await storage.sessions.find_sent_to(source.id) is None


async def test_an_id_and_a_code_are_given_once(
    storage: Storage, second_storage: Storage, house: House, other_house: House
) -> None:
    source = await _pushed(storage, house)
    made = await a_fork(storage, source, house.trainer, 9, moves=True)
    copies = [replace(made, session=replace(made.session, code=a_code())) for _ in range(4)]
    outcomes = await asyncio.gather(
        *(
            (storage, second_storage)[n % 2].sessions.add_fork(each, house.trainer, uuid4())
            for n, each in enumerate(copies)
        )
    )
    assert sorted(type(each).__name__ for each in outcomes) == ["AlreadyThere"] * 3 + ["Forked"]
    (stored,) = [each.session for each in outcomes if isinstance(each, Forked)]
    assert all(each == AlreadyThere(stored) for each in outcomes if isinstance(each, AlreadyThere))
    other = await a_fork(storage, source, house.trainer, 9)
    taken = replace(other, session=replace(other.session, code=stored.code))
    assert await storage.sessions.add_fork(taken, house.trainer, uuid4()) == CodeTaken()
    theirs = await open_session(storage, other_house.trainer)
    stolen = replace(other, session=replace(other.session, id=theirs.id))
    assert isinstance(await storage.sessions.add_fork(stolen, house.trainer, uuid4()), Conflict)
