"""Several server processes: what is done on one is told on the others, once and in order.

The jobs that look every EXPIRY_SECONDS sleep for an hour here, so nothing is found by them alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.postgres import DatabaseServer
from tests.support.processes import (
    PASSWORD,
    Processes,
    heard_events,
    in_order,
    linked_all,
    processes,
    shows,
    trainees_are_seen,
)
from tests.support.scenario import end
from tests.support.scenario_clients import Line, TraineeLine, World, eventually, new_id


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, database_server: DatabaseServer) -> Iterator[Processes]:
    with processes(tmp_path_factory.mktemp("two"), database_server) as running:
        yield running


@pytest.fixture
async def worlds(two: Processes) -> AsyncIterator[list[World]]:
    async with two.worlds() as worlds:
        await linked_all(worlds)
        yield worlds


async def test_everybody_hears_everything_once_and_in_order_whoever_writes_where(worlds: list[World]) -> None:
    here, there = worlds
    session = await (await here.person("trainer")).open_session()
    watchers = [await world.watch(session) for world in (here, there)]
    trainees = [await world.join(session, name) for world, name in ((here, "Ann"), (there, "Ben"))]

    async def push(line: Line) -> None:
        for number in range(40):
            await line.push(session, vitals={"heart_rate": 60 + number})

    async def act(line: TraineeLine) -> None:
        for _ in range(20):
            await line.ask("action:take", {"id": new_id(), "action": "marker"})

    await asyncio.gather(*(push(line) for line in watchers), *(act(line) for line in trainees))
    events = await (await here.person("trainer")).events(session)
    assert in_order(events, 1, 120)
    last_vitals = max(event["seq"] for event in events if event["kind"] == "vitals")
    for line in (*watchers, *trainees):
        told = await line.expect("vitals:pushed", lambda told: told["seq"] == last_vitals)
        assert told["last_values"]["heart_rate"] == 99
        seqs = [told["seq"] for told in line.stored_vitals()]
        assert seqs == sorted(set(seqs))
    for watcher in watchers:
        await watcher.expect("event:added", lambda event: event["seq"] == 120)
        assert heard_events(watcher) == events


async def test_who_was_there_is_told_by_every_process(worlds: list[World]) -> None:
    """Whichever of them had the connections; one seat on two of them is there until it leaves both."""
    here, there = worlds
    owner = await here.person("trainer")
    session = await owner.open_session()
    ann, ben = await here.join(session, "Ann"), await there.join(session, "Ben")
    ann_there = await there.join(session, "Ann", seat=ann.seat["token"])
    people = [await world.person("trainer") for world in worlds]

    async def all_say(left: dict[str, bool]) -> bool:
        told = [(await one.get(f"/sessions/{session['id']}/debrief"))["attendance"] for one in people]
        said = [
            {each["name"]: [span["left_at"] is not None for span in each["spans"]] for each in attendance}
            for attendance in told
        ]
        return said == [{name: [has_left] for name, has_left in left.items()}] * 2

    await eventually(lambda: all_say({"Ann": False, "Ben": False}), "both to be there")
    await ann.disconnect()
    await ben.disconnect()
    await eventually(lambda: all_say({"Ann": False, "Ben": True}), "Ben to have left, and Ann to be there still")
    await ann_there.disconnect()
    await eventually(lambda: all_say({"Ann": True, "Ben": True}), "both to have left")


async def test_who_is_there_is_the_same_on_every_process(worlds: list[World]) -> None:
    here, there = worlds
    session = await (await here.person("trainer")).open_session()
    watchers = [await world.watch(session) for world in worlds]
    ann, ben = await here.join(session, "Ann"), await there.join(session, "Ben")
    for watcher in watchers:
        await watcher.expect("trainees:changed", shows({"Ann": True, "Ben": True}))
    for world in worlds:
        await trainees_are_seen(await world.trainer_line(), session, {"Ann": True, "Ben": True})
    await ben.disconnect()
    for watcher in watchers:
        await watcher.expect("trainees:changed", shows({"Ann": True, "Ben": False}))
    # Back, but on the other process, and to the same seat.
    again = await here.join(session, "Benny", seat=ben.seat["token"])
    assert again.seat["id"] == ben.seat["id"]
    for watcher in watchers:
        await watcher.expect("trainees:changed", shows({"Ann": True, "Benny": True}))
    await ann.disconnect()
    for watcher in watchers:
        await watcher.expect("trainees:changed", shows({"Ann": False, "Benny": True}))


async def test_a_seat_with_windows_on_two_processes_is_left_when_both_are(worlds: list[World]) -> None:
    here, there = worlds
    session = await (await here.person("trainer")).open_session()
    watchers = [await world.watch(session) for world in worlds]
    first = await here.join(session, "Ann")
    second = await there.join(session, "Ann", seat=first.seat["token"])
    await first.disconnect()
    ben = await here.join(session, "Ben")
    for watcher in watchers:
        await watcher.expect("trainees:changed", shows({"Ann": True, "Ben": True}))
    await second.disconnect()
    for watcher in watchers:
        await watcher.expect("trainees:changed", shows({"Ann": False, "Ben": True}))
    await ben.disconnect()


async def test_a_trainee_of_another_process_is_removed(worlds: list[World]) -> None:
    here, there = worlds
    session = await (await here.person("trainer")).open_session()
    watchers = [await world.watch(session) for world in worlds]
    ann, ben = await there.join(session, "Ann"), await there.join(session, "Ben")
    await watchers[0].ask("trainee:remove", {"session_id": session["id"], "seat_id": ann.seat["id"]})
    await ann.expect("disconnect")
    for watcher in watchers:
        await watcher.expect("trainees:changed", shows({"Ben": True}))
    for world in worlds:
        refusal = await world.knock(code=session["code"], name="Ann", seat=ann.seat["token"]).refusal()
        assert refusal["code"] == "removed"
    event = await watchers[0].push(session, vitals={"spo2": 80})
    await ben.expect_seq(event["seq"])
    assert not ann.all("vitals:pushed")


async def test_a_logout_cuts_its_sockets_on_every_process(worlds: list[World], two: Processes) -> None:
    here, there = worlds
    kept = await there.trainer_line("trainer")
    two.log_in("leaving", "trainer@demo.example", PASSWORD)
    lines = [await world.trainer_line("leaving") for world in worlds]
    await (await here.person("leaving")).call("POST", "/auth/logout", 204)
    for line in lines:
        await line.expect("disconnect")
    await kept.clock()


async def test_a_new_role_cuts_the_sockets_of_the_old_one_on_every_process(worlds: list[World], two: Processes) -> None:
    here, there = worlds
    two.add_trainer("promoted")
    line = await there.trainer_line("promoted")
    path = f"/trainers/{two.accounts['promoted']['id']}"
    await (await here.person("admin")).patch(path, {"role": "observer"})
    await line.expect("disconnect")


async def test_an_edit_is_told_once_on_every_process(worlds: list[World]) -> None:
    trainer = await worlds[0].person("trainer")
    session = await trainer.open_session()
    lines = [await world.watch(session) for world in worlds] + [await world.join(session) for world in worlds]
    await trainer.patch(f"/sessions/{session['id']}", {"title": "Night shift", "public_title": "Night shift"})
    for line in lines:
        assert (await line.expect("session:updated"))["title"] == "Night shift"
    await trainer.patch(f"/sessions/{session['id']}", {"title": "Day shift", "public_title": "Day shift"})
    for line in lines:
        await line.expect("session:updated", lambda told: told["title"] == "Day shift")
        assert [told["title"] for told in line.all("session:updated")] == ["Night shift", "Day shift"]


@pytest.mark.parametrize("end_of_it", ["closed", "expired"])
async def test_the_end_is_told_once_on_every_process(worlds: list[World], end_of_it: str) -> None:
    trainer = await worlds[0].person("trainer")
    session = await trainer.open_session()
    watchers = [await world.watch(session) for world in worlds]
    trainees = [await world.join(session) for world in worlds]
    note = {"id": new_id(), "session_id": session["id"], "text": "last words"}
    await watchers[1].ask("note:add", note)
    if end_of_it == "closed":
        await trainer.post(f"/sessions/{session['id']}/close")
    else:
        # Both processes know when it ends, and each would like to end it.
        await trainer.let_expire(session, 1)
    for trainee in trainees:
        assert (await trainee.expect("session:closed"))["reason"] == end_of_it
        await trainee.expect("disconnect")
    for watcher in watchers:
        closed = await watcher.expect("session:closed")
        assert closed["reason"] == end_of_it
        await watcher.settled()
        assert in_order(heard_events(watcher), 1, 2)
        assert heard_events(watcher)[-1]["details"] == {"reason": end_of_it}
        assert [name for name, _ in watcher.heard if name in ("event:added", "session:closed")][-1] == "session:closed"
    # Whatever else may still come: an event of another session behind it, through the same line.
    other = await trainer.open_session()
    for watcher in watchers:
        await watcher.ask("session:watch", {"session_id": other["id"]})
    event = await watchers[0].push(other, vitals={"spo2": 90})
    for watcher in watchers:
        await watcher.expect("event:added", lambda told: told["id"] == event["id"])
    for line in (*watchers, *trainees):
        assert len(line.all("session:closed")) == 1


async def test_a_team_is_sent_over_from_every_process(worlds: list[World]) -> None:
    trainer = await worlds[0].person("trainer")
    session = await trainer.open_session(vitals={"spo2": 90})
    watcher = await worlds[1].watch(session)
    ann, ben, away = [await world.join(session, name) for world, name in zip((*worlds, worlds[1]), "ABC", strict=True)]
    await away.disconnect()
    made = await trainer.post(f"/sessions/{session['id']}/fork", {"after_seq": 1, "moves_trainees": True}, 201)
    for trainee, name in ((ann, "A"), (ben, "B")):
        assert await trainee.expect("session:moved") == {"code": made["code"], "name": name}
        await trainee.expect("disconnect")
        assert (len(trainee.all("session:moved")), trainee.all("session:closed")) == (1, [])
    assert (await watcher.expect("session:closed"))["reason"] == "closed"
    back = worlds[0].knock(code=session["code"], seat=away.seat["token"])
    await back.connect()
    assert await back.expect("session:moved") == {"code": made["code"], "name": "C"}
    # The same seat, whichever process it comes to.
    seats = [(await world.join(made, seat=ben.seat["token"])).seat for world in worlds]
    assert seats[0] == seats[1]


async def test_metrics_say_how_many_others_there_are(worlds: list[World]) -> None:
    for world in worlds:
        http = (await world.person()).http

        async def both_are_told() -> bool:
            """A process hears itself before it is answered by the other one."""
            text = (await http.get(f"{world.url}/metrics")).text  # noqa: B023 - asked within this round
            return "shiller_redis_up 1.0" in text and "shiller_other_processes 1.0" in text

        await eventually(both_are_told, "the one other process to be counted")


@pytest.mark.parametrize("way", ["kill", "ask_to_stop"])
async def test_trainees_of_a_process_that_is_gone_show_as_dropped(
    tmp_path: Path, database_server: DatabaseServer, way: str
) -> None:
    with processes(tmp_path, database_server) as running:
        here, there = running.servers
        async with running.worlds() as worlds:
            session = await (await worlds[0].person("trainer")).open_session()
            watcher = await worlds[0].watch(session)
            ann = await worlds[0].join(session, "Ann")
            ben = await worlds[1].join(session, "Ben")
            await watcher.expect("trainees:changed", shows({"Ann": True, "Ben": True}))
            heard = len(watcher.heard)
            getattr(there, way)()
            await watcher.expect("trainees:changed", shows({"Ann": True, "Ben": False}), after=heard)
            event = await watcher.push(session, vitals={"spo2": 88})
            assert event["seq"] == 1
            # They are sent over: who is here at once, who was there when coming back.
            trainer = await worlds[0].person("trainer")
            made = await trainer.post(f"/sessions/{session['id']}/fork", {"after_seq": 1, "moves_trainees": True}, 201)
            assert (await ann.expect("session:moved"))["code"] == made["code"]
            back = worlds[0].knock(code=session["code"], seat=ben.seat["token"])
            await back.connect()
            assert await back.expect("session:moved") == {"code": made["code"], "name": "Ben"}
        end(here)
