"""What somebody is answered who comes to a session is never older than what they were told before it.

A client puts the answer in the place of what it has. So what changes while the answer is read is in the answer, or is
told behind it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from server.live.trainer_lists import TRAINERS_TOLD_AFTER_SECONDS
from server.ports.results import StorageUnavailable
from server.storage.memory import MemoryStorage
from tests.support.patience import PATIENCE_SECONDS
from tests.support.running import Recorder, RunningServer, connected, running_server


@dataclass
class _Held:
    """The next answer of one of the storage's readings: read, and on its way for as long as the test wants."""

    is_read: asyncio.Event = field(default_factory=asyncio.Event)
    may_come: asyncio.Event = field(default_factory=asyncio.Event)


def _hold_next(storage: MemoryStorage, reading: str) -> _Held:
    held, read = _Held(), getattr(storage.sessions, reading)

    async def read_and_wait(*arguments: Any) -> Any:
        setattr(storage.sessions, reading, read)
        answer = await read(*arguments)
        held.is_read.set()
        await held.may_come.wait()
        return answer

    setattr(storage.sessions, reading, read_and_wait)
    return held


def _refuse_next(storage: MemoryStorage, reading: str) -> None:
    read = getattr(storage.sessions, reading)

    async def refuse(*_: Any) -> Any:
        setattr(storage.sessions, reading, read)
        raise StorageUnavailable("away")

    setattr(storage.sessions, reading, refuse)


@dataclass
class _Ward:
    storage: MemoryStorage
    server: RunningServer
    token: str
    session: dict[str, Any]

    def trainer(self) -> Any:
        return connected(self.server.url, "/trainer", {"token": self.token})

    def trainee(self) -> Any:
        return connected(self.server.url, "/trainee", {"code": self.session["code"], "name": "Ann"})

    async def watch(self, trainer: Recorder) -> dict[str, Any]:
        return await trainer.call("session:watch", {"session_id": self.session["id"]})


@asynccontextmanager
async def _ward() -> AsyncGenerator[_Ward]:
    storage = MemoryStorage()
    async with running_server(storage) as server:
        token = (await server.login())["token"]
        yield _Ward(storage, server, token, await server.open_session())


async def _told(recorder: Recorder, since: int, message: str, is_it: Callable[[Any], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not any(name == message and is_it(data) for name, data in recorder.told[since:]):
            await asyncio.sleep(0.01)


async def test_who_else_watches_is_told_behind_the_ack_however_long_that_is_read() -> None:
    async with _ward() as ward, ward.trainer() as first, ward.trainer() as second:
        colleague = {"email": "bela@example.org", "name": "Bela", "password": "a long password", "role": "trainer"}
        made = await ward.server.http.post("/api/v1/trainers", json=colleague)
        login = await ward.server.http.post(
            "/api/v1/auth/login", json={"email": colleague["email"], "password": colleague["password"]}
        )
        async with connected(ward.server.url, "/trainer", {"token": login.json()["token"]}) as third:
            await ward.watch(first)
            held = _hold_next(ward.storage, "list_seats")
            watching = asyncio.create_task(ward.watch(third))
            await asyncio.wait_for(held.is_read.wait(), PATIENCE_SECONDS)
            # Somebody else begins to watch, too; and all the time passes after which either would be told.
            await ward.watch(second)
            await asyncio.sleep(2 * TRAINERS_TOLD_AFTER_SECONDS)
            held.may_come.set()
            assert (await watching)["ok"]
            mine = made.json()["id"]
            await _told(third, third.told_before_ack, "trainers:changed", lambda data: mine in data["trainer_ids"])


async def test_who_joins_while_a_watcher_s_list_is_read_is_told_behind_it() -> None:
    async with _ward() as ward, ward.trainer() as trainer:
        held = _hold_next(ward.storage, "list_seats")
        watching = asyncio.create_task(ward.watch(trainer))
        await asyncio.wait_for(held.is_read.wait(), PATIENCE_SECONDS)
        async with ward.trainee() as trainee:
            await trainee.wait_for("session:joined")
            await trainer.wait_for("trainees:changed", lambda data: data["trainees"][0]["connected"])
            held.may_come.set()
            assert (await watching)["trainees"] == []
            await _told(
                trainer, trainer.told_before_ack, "trainees:changed", lambda data: data["trainees"][0]["name"] == "Ann"
            )


async def test_a_trainee_is_welcomed_to_a_session_as_new_as_what_they_heard_of_it_before() -> None:
    async with _ward() as ward, ward.trainer() as trainer:
        await ward.watch(trainer)
        held = _hold_next(ward.storage, "find_session")
        async with ward.trainee() as trainee:
            await asyncio.wait_for(held.is_read.wait(), PATIENCE_SECONDS)
            path = f"/api/v1/sessions/{ward.session['id']}"
            edited = await ward.server.http.patch(path, json={"public_title": "Ward round"})
            assert edited.status_code == 200, edited.text
            await trainee.wait_for("session:updated")
            held.may_come.set()
            joined = await trainee.wait_for("session:joined")
            assert joined["session"]["title"] == "Ward round"


async def test_a_trainee_who_is_welcomed_while_the_storage_goes_away_hears_of_the_newest_again() -> None:
    async with _ward() as ward, ward.trainer() as trainer:
        await ward.watch(trainer)
        held = _hold_next(ward.storage, "find_session")
        async with ward.trainee() as trainee:
            await asyncio.wait_for(held.is_read.wait(), PATIENCE_SECONDS)
            path = f"/api/v1/sessions/{ward.session['id']}"
            edited = await ward.server.http.patch(path, json={"public_title": "Ward round"})
            assert edited.status_code == 200, edited.text
            await trainee.wait_for("session:updated")
            _refuse_next(ward.storage, "find_session")
            held.may_come.set()
            joined = await trainee.wait_for("session:joined")
            assert joined["session"]["title"] == ""
            place = [name for name, _ in trainee.told].index("session:joined")
            await _told(trainee, place, "session:updated", lambda data: data["title"] == "Ward round")


async def test_the_events_that_a_watcher_is_answered_lead_to_the_state_beside_them() -> None:
    async with _ward() as ward, ward.trainer() as trainer, ward.trainer() as colleague:
        path = f"/api/v1/sessions/{ward.session['id']}/events"
        first = _hold_next(ward.storage, "find_session")
        watching = asyncio.create_task(ward.watch(trainer))
        await asyncio.wait_for(first.is_read.wait(), PATIENCE_SECONDS)
        # It is looked for once to be let in, and then read together with its events.
        second = _hold_next(ward.storage, "find_session")
        first.may_come.set()
        await asyncio.wait_for(second.is_read.wait(), PATIENCE_SECONDS)
        note = {"id": str(uuid4()), "kind": "note", "text": "between the two reads"}
        assert (await ward.server.http.post(path, json=note)).status_code == 201
        second.may_come.set()
        ack = await watching
        assert [event["seq"] for event in ack["events"]] == list(range(1, ack["session"]["last_seq"] + 1))
        told = await trainer.wait_for("event:added")
        assert [told["seq"], told["text"]] == [ack["session"]["last_seq"] + 1, "between the two reads"]
        assert [event["text"] for event in (await ward.watch(colleague))["events"]] == ["between the two reads"]
