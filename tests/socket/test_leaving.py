"""Many whose connections end in the same moment cost each what one costs, and hold nobody else up."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from server.domain.session import Seat
from server.live import trainee_lists
from server.live.attendance import Attendance, AttendanceSettings
from server.live.audience import Audience
from server.live.presence import OwnPresence
from server.live.trainee_lists import TraineeLists
from server.transport.socket.fanout import FanOut
from server.transport.socket.turns import Turns
from tests.support.making import NOW

ROOM = "session:1"


class _Rooms(dict[Any, Any]):
    """Of a namespace; it counts how many of them are looked at by whoever looks through all."""

    looked_at = 0

    def items(self) -> Any:
        self.looked_at += len(self)
        return super().items()

    def copy(self) -> Any:
        self.looked_at += len(self)
        return super().copy()


async def _fan_out(members: int) -> tuple[FanOut, list[str], _Rooms]:
    fan_out = FanOut()
    ids = (f"id {number}" for number in range(10**6))
    fan_out.set_server(
        SimpleNamespace(eio=SimpleNamespace(generate_id=lambda: next(ids)), packet_class=SimpleNamespace(json=None))
    )
    rooms = fan_out.rooms["/trainee"] = _Rooms()
    sids: list[str] = []
    for number in range(members):
        sid = await fan_out.connect(f"engine {number}", "/trainee")
        fan_out.basic_enter_room(sid, "/trainee", ROOM)
        sids.append(sid)
    rooms.looked_at = 0
    return fan_out, sids, rooms


@pytest.mark.parametrize("leavers", [1, 200])
async def test_who_leaves_is_taken_out_of_its_own_rooms_without_a_look_at_the_others(leavers: int) -> None:
    fan_out, sids, rooms = await _fan_out(201)
    for sid in sids[:leavers]:
        assert fan_out.is_connected(sid, "/trainee")
        assert fan_out.pre_disconnect(sid, "/trainee") is not None
        assert not fan_out.is_connected(sid, "/trainee")
        await fan_out.disconnect(sid, "/trainee", ignore_queue=True)
    assert rooms.looked_at == 0
    left = sids[leavers:]
    assert [sid for sid, _ in fan_out.get_participants("/trainee", ROOM)] == left
    assert set(rooms) == {None, ROOM}
    await fan_out.disconnect(left[-1], "/trainee")
    for sid in left[:-1]:
        await fan_out.disconnect(sid, "/trainee")
    assert "/trainee" not in fan_out.rooms


async def test_a_connection_is_a_room_of_its_own_to_whoever_asks() -> None:
    fan_out, (sid, other), _ = await _fan_out(2)
    assert list(fan_out.get_participants("/trainee", sid)) == [(sid, "engine 0")]
    assert fan_out.get_rooms(sid, "/trainee") == [sid, ROOM]
    with pytest.raises(ValueError, match="sid room"):
        fan_out.basic_enter_room(other, "/trainee", sid)
    with pytest.raises(ValueError, match="sid room"):
        fan_out.basic_close_room(sid, "/trainee")
    await fan_out.disconnect(sid, "/trainee")
    assert list(fan_out.get_participants("/trainee", sid)) == []
    assert fan_out.get_rooms(sid, "/trainee") == []
    assert list(fan_out.get_participants("/trainee", [other, ROOM])) == [(other, "engine 1")]


async def test_so_many_have_their_turn_before_others_are_served() -> None:
    turns, done = Turns(10), list[int]()

    async def leave(number: int) -> None:
        await turns.wait()
        done.append(number)

    leaving = [asyncio.create_task(leave(number)) for number in range(35)]
    served: list[int] = []
    while not all(task.done() for task in leaving):
        await asyncio.sleep(0)
        served.append(len(done))
    steps = [after - before for before, after in zip([0, *served], served, strict=False)]
    assert max(steps) <= 10
    assert done == list(range(35))
    await asyncio.wait_for(turns.wait(), 60)


class _Store:
    def __init__(self) -> None:
        self.statements: list[int] = []

    async def put_spans(self, spans: Any, seen_at: Any) -> None:
        self.statements.append(len(spans))

    async def close_abandoned(self, seen_before: Any) -> int:
        return 0

    async def list_seats(self, session_id: Any) -> list[Seat]:
        return []


@pytest.mark.parametrize(("leavers", "statements"), [(1, [1]), (200, [100, 100])])
async def test_their_spans_are_written_together(leavers: int, statements: list[int]) -> None:
    store: Any = _Store()
    attendance = Attendance(store, lambda: NOW, is_alone=True, settings=AttendanceSettings())
    seats = [Seat(uuid4(), uuid4(), f"Ann {number}", NOW) for number in range(leavers)]
    for seat in seats:
        attendance.arrived(seat, NOW)
    await attendance.write_now()
    store.statements.clear()
    for seat in seats:
        attendance.left(seat, NOW)
    await attendance.write_now()
    assert store.statements == statements


@pytest.mark.parametrize("leavers", [1, 200])
async def test_the_other_processes_are_told_once_for_all_of_a_session_that_leave_at_once(leavers: int) -> None:
    told: list[Any] = []
    bus: Any = SimpleNamespace(is_up=True, seats_changed=lambda session_id, *_: told.append(session_id))
    broadcast: Any = SimpleNamespace()
    store: Any = _Store()
    lists = TraineeLists(Audience(), OwnPresence(), store, broadcast, bus)
    session_id, tasks = uuid4(), len(asyncio.all_tasks())
    for _ in range(leavers):
        lists.changed_here(session_id)
    assert len(asyncio.all_tasks()) == tasks + 1
    while not told:
        await asyncio.sleep(0)
    await lists.close()
    assert told == [session_id]


async def test_the_more_are_there_the_more_rarely_the_other_processes_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each time they are told who is there: thousands of seats, written here and read there in one go."""
    monkeypatch.setattr(trainee_lists, "TRAINEES_TOLD_EVERY_SECONDS", 0)
    # So that a session with anybody in it is told of once in this test.
    monkeypatch.setattr(trainee_lists, "SEATS_TOLD_A_SECOND", 1e-6)
    told: list[Any] = []
    bus: Any = SimpleNamespace(is_up=True, seats_changed=lambda session_id, *_: told.append(session_id))
    presence, broadcast, store = OwnPresence(), SimpleNamespace(), _Store()
    lists = TraineeLists(Audience(), presence, store, broadcast, bus)  # type: ignore[arg-type]
    full, empty = uuid4(), uuid4()
    presence.arrived(Seat(uuid4(), full, "Ann", NOW))
    for number in range(10):
        lists.changed_here(full)
        lists.changed_here(empty)
        while told.count(empty) <= number:
            await asyncio.sleep(0)
    await lists.close()
    assert told.count(full) == 1
