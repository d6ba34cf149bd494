"""A PostgreSQL that goes away: one kind of exception, and recovery without anybody's help."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from server.domain.session import Recorded
from server.live.backoff import Backoff
from server.ports import storage as ports
from server.ports.results import StorageUnavailable
from server.ports.storage import Storage
from server.storage.postgres import PostgresStorage
from server.storage.postgres.database import CONNECTION_SETTINGS
from tests.support.folding import record_of, sound_session
from tests.support.houses import UNHURRIED, furnish, open_postgres, open_session
from tests.support.making import (
    NOW,
    a_push,
    later,
)
from tests.support.proxy import postgres_proxy
<<<<<<< .merge_file_5joM0L
from tests.support.storage_calls import CALLS
=======

TOKEN = b"token"
Call = Callable[[Storage, House], Awaitable[object]]
# Every method of the Protocols, so that none answers an outage in its own way.
CALLS: dict[str, Call] = {
    "ping": lambda storage, house: storage.ping(),
    "accounts.add_school": lambda storage, house: storage.accounts.add_school(a_school()),
    "accounts.find_school": lambda storage, house: storage.accounts.find_school(house.school.id),
    "accounts.list_schools": lambda storage, house: storage.accounts.list_schools(),
    "accounts.add_trainer": lambda storage, house: storage.accounts.add_trainer(a_trainer(house.school), "x"),
    "accounts.find_trainer": lambda storage, house: storage.accounts.find_trainer(house.school.id, uuid4()),
    "accounts.find_credentials": lambda storage, house: storage.accounts.find_credentials("a@example.org"),
    "accounts.list_trainers": lambda storage, house: storage.accounts.list_trainers(house.school.id, 5, None),
    "accounts.change_trainer": lambda storage, house: storage.accounts.change_trainer(
        house.school.id, house.trainer.id, TrainerChange(name="x"), None, NOW
    ),
    "accounts.delete_trainer": lambda storage, house: storage.accounts.delete_trainer(
        house.school.id, house.trainer.id, NOW
    ),
    "accounts.add_token": lambda storage, house: storage.accounts.add_token(house.trainer.id, TOKEN, NOW, NOW),
    "accounts.find_access": lambda storage, house: storage.accounts.find_access(TOKEN, NOW),
    "accounts.delete_token": lambda storage, house: storage.accounts.delete_token(TOKEN),
    "accounts.delete_tokens_of": lambda storage, house: storage.accounts.delete_tokens_of(house.trainer.id),
    "accounts.delete_expired_tokens": lambda storage, house: storage.accounts.delete_expired_tokens(NOW),
    "accounts.live_tokens": lambda storage, house: storage.accounts.live_tokens([TOKEN], NOW),
    "sessions.add_session": lambda storage, house: storage.sessions.add_session(a_session(house.trainer), None),
    "sessions.find_session": lambda storage, house: storage.sessions.find_session(uuid4()),
    "sessions.find_case": lambda storage, house: storage.sessions.find_case(uuid4()),
    "sessions.last_case_event": lambda storage, house: storage.sessions.last_case_event(uuid4(), ["started"]),
    "sessions.find_session_by_code": lambda storage, house: storage.sessions.find_session_by_code("ABCDEF"),
    "sessions.list_sessions": lambda storage, house: storage.sessions.list_sessions(
        house.school.id, "all", 5, None, NOW
    ),
    "sessions.change_session": lambda storage, house: storage.sessions.change_session(
        uuid4(), house.trainer, SessionChange(title="x"), None, NOW
    ),
    "sessions.append_event": lambda storage, house: storage.sessions.append_event(
        uuid4(), house.trainer, a_note(house.trainer), NOW
    ),
    "sessions.take_controls": lambda storage, house: storage.sessions.take_controls(
        uuid4(), house.trainer, uuid4(), NOW
    ),
    "sessions.end_session": lambda storage, house: storage.sessions.end_session(uuid4(), house.trainer, uuid4(), NOW),
    "sessions.expire_due": lambda storage, house: storage.sessions.expire_due(NOW, 5),
    "sessions.next_expiry": lambda storage, house: storage.sessions.next_expiry(),
    "sessions.moved_among": lambda storage, house: storage.sessions.moved_among({uuid4(): Seen(0, 0)}),
    "sessions.events_after": lambda storage, house: storage.sessions.events_after(uuid4(), 0, 5),
    "sessions.add_seat": lambda storage, house: storage.sessions.add_seat(a_seat(a_session(house.trainer)), TOKEN),
    "sessions.find_seat": lambda storage, house: storage.sessions.find_seat(uuid4(), TOKEN),
    "sessions.rename_seat": lambda storage, house: storage.sessions.rename_seat(a_seat(a_session(house.trainer)), "x"),
    "sessions.remove_seat": lambda storage, house: storage.sessions.remove_seat(uuid4(), uuid4(), NOW),
    "sessions.removed_among": lambda storage, house: storage.sessions.removed_among([uuid4()]),
    "sessions.list_seats": lambda storage, house: storage.sessions.list_seats(uuid4()),
    "templates.add_template": lambda storage, house: storage.templates.add_template(a_template(house.school)),
    "templates.find_template": lambda storage, house: storage.templates.find_template(house.school.id, uuid4()),
    "templates.list_templates": lambda storage, house: storage.templates.list_templates(house.school.id, 5, None),
    "templates.change_template": lambda storage, house: storage.templates.change_template(
        house.school.id, uuid4(), a_content(), None, NOW
    ),
    "templates.delete_template": lambda storage, house: storage.templates.delete_template(
        house.school.id, uuid4(), NOW
    ),
    "annotations.add_annotation": lambda storage, house: storage.annotations.add_annotation(
        an_annotation(a_session(house.trainer), house.trainer)
    ),
    "annotations.list_annotations": lambda storage, house: storage.annotations.list_annotations(uuid4(), 5, None),
    "annotations.change_annotation": lambda storage, house: storage.annotations.change_annotation(
        a_session(house.trainer), uuid4(), house.trainer, AnnotationChange(text="x"), None, NOW
    ),
    "annotations.delete_annotation": lambda storage, house: storage.annotations.delete_annotation(
        a_session(house.trainer), uuid4(), house.trainer, NOW
    ),
    "attendance.put_spans": lambda storage, house: storage.attendance.put_spans(
        [a_span(a_seat(a_session(house.trainer)))], NOW
    ),
    "attendance.close_abandoned": lambda storage, house: storage.attendance.close_abandoned(NOW),
    "attendance.attendance_of": lambda storage, house: storage.attendance.attendance_of(uuid4()),
}
>>>>>>> .merge_file_f1GXqQ


def test_every_method_is_among_the_calls() -> None:
    named = {
        f"{part}.{method}"
        for part, owner in Storage.__dict__.items()
        if isinstance(owner, property) and hasattr(ports, owner.fget.__annotations__["return"])
        for method in dir(_protocol_of(owner))
        if not method.startswith("_")
    }
    assert named | {"ping"} == set(CALLS)


def _protocol_of(owner: property) -> type:
    return getattr(ports, owner.fget.__annotations__["return"])


async def _answer(call: Awaitable[object]) -> type:
    """The type of what it returns or raises."""
    try:
        return type(await call)
    except Exception as error:
        return type(error)


async def test_every_method_says_that_storage_is_unavailable(database_url: str) -> None:
    async with postgres_proxy(database_url) as proxy, open_postgres(proxy.url, live=UNHURRIED) as storage:
        house = await furnish(storage)
        session = await open_session(storage, house.trainer)
        await proxy.go_down()
        answers = {name: await _answer(call(storage, house)) for name, call in CALLS.items()}
        assert answers == dict.fromkeys(CALLS, StorageUnavailable)
        await proxy.listen()
        await storage.ping()
        outcome = await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), NOW)
        assert isinstance(outcome, Recorded)


async def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        await PostgresStorage.open(f"postgresql://postgres@/postgres?host={tmp_path}")


async def test_connections_ended_by_the_server_cost_no_event_and_heal(database_url: str) -> None:
    async with (
        open_postgres(database_url, live=UNHURRIED) as storage,
        open_postgres(database_url, live=UNHURRIED) as witness,
    ):
        house = await furnish(storage)
        sessions = [await open_session(storage, house.trainer) for _ in range(4)]
        executioner = await asyncpg.connect(database_url)
        promised: list[Recorded] = []
        killed = 0
        progress = asyncio.Event()

        async def keep_pushing(number: int) -> None:
            session = sessions[number % len(sessions)]
            for _ in range(20):
                outcome = await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), NOW)
                # Never «already recorded»: whoever heard no answer would tell nobody of it.
                assert isinstance(outcome, Recorded)
                promised.append(outcome)
                progress.set()

        async def keep_killing() -> None:
            nonlocal killed
            while True:
                # Whatever the machine's pace: a line that got something done is killed at its next.
                progress.clear()
                await progress.wait()
                killed += await executioner.fetchval(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

        killing = asyncio.ensure_future(keep_killing())
        try:
            await asyncio.wait_for(asyncio.gather(*(keep_pushing(number) for number in range(8))), 120)
        finally:
            killing.cancel()
            await executioner.close()
        assert killed > 2, "nothing was killed at work: the test proves nothing"
        # Its own connections were ended as well; a few of its first answers may say so.
        answers = [await _answer(witness.ping()) for _ in range(20)]
        assert set(answers) <= {StorageUnavailable, type(None)}
        assert answers[-5:] == [type(None)] * 5
        for session in sessions:
            stored = await sound_session(witness, session.id)
            assert stored.last_seq == 40
            assert await storage.sessions.find_session(session.id) == stored
        events = {event.id: event for session in sessions for event in await record_of(witness, session.id)}
        assert all(events[each.event.id] == each.event for each in promised)
        assert len(promised) == len(events) == 160


async def test_a_ping_does_not_wait_for_a_storage_that_hangs(database_url: str) -> None:
    async with postgres_proxy(database_url) as proxy:
        storage = await PostgresStorage.open(proxy.url)
        await storage.ping()
        proxy.hold_answers()
        with pytest.raises(StorageUnavailable):
            await storage.ping()
        # Nobody waits a second time for the question that is late.
        began = asyncio.get_running_loop().time()
        with pytest.raises(StorageUnavailable):
            await storage.ping()
        assert asyncio.get_running_loop().time() - began < CONNECTION_SETTINGS.ping_timeout_seconds
        proxy.let_flow()
        async with asyncio.timeout(30):
            while await _answer(storage.ping()) is StorageUnavailable:
                pass
        await storage.close()


async def test_what_was_pushed_before_the_end_is_stored_before_it(database_url: str) -> None:
    # The journal is the last to notice that the server is back.
    slow = replace(UNHURRIED, retry=Backoff(2.0, 2.0))
    async with postgres_proxy(database_url) as proxy, open_postgres(proxy.url, live=slow) as storage:
        house = await furnish(storage)
        expiring = await open_session(storage, house.trainer, expires_at=later(10))
        closing = await open_session(storage, house.trainer)
        for session in (expiring, closing):
            await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), NOW)
        await proxy.go_down()
        foreseen = asyncio.Event()
        waiting = [
            asyncio.ensure_future(
                storage.sessions.append_event(
                    session.id, house.trainer, a_push(house.trainer), later(1), lambda _: foreseen.set()
                )
            )
            for session in (expiring, closing)
        ]
        await asyncio.wait_for(foreseen.wait(), 30)
        await proxy.listen()
        ended, closed = await asyncio.gather(
            storage.sessions.expire_due(later(20), 10),
            storage.sessions.end_session(closing.id, house.trainer, uuid4(), later(20)),
        )
        assert [type(each) for each in await asyncio.gather(*waiting)] == [Recorded, Recorded]
        assert isinstance(closed, Recorded)
        assert [each.event.seq for each in (*ended, closed)] == [3, 3]
