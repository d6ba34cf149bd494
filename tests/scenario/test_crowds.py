"""Many at once: a class that joins together, people who come in the middle, and one who does not listen."""

from __future__ import annotations

import asyncio
import time

from tests.support.scenario_clients import Json, Line, TraineeLine, World, eventually
from tests.support.scenario_frames import RawLine


async def _push_until(line: Line, session: Json, done: asyncio.Event) -> int:
    """The seq of the last of at least fifty pushes."""
    number = 0
    while number < 50 or not done.is_set():
        seq: int = (await line.push(session, vitals={"heart_rate": number % 300, "etco2": number % 150}))["seq"]
        number += 1
    return seq


def _newest(trainee: TraineeLine) -> tuple[int, Json]:
    """What the screen shows: of everything it was told, the newest, as docs/api.md has it."""
    session = trainee.joined["session"]
    states = [(session["last_seq"], session["last_values"])]
    states += [(told["seq"], told["last_values"]) for told in trainee.stored_vitals()]
    return max(states, key=lambda state: state[0])


async def test_joining_in_the_middle_of_a_stream(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    line = await world.watch(session)
    everybody_is_in = asyncio.Event()
    pushing = asyncio.create_task(_push_until(line, session, everybody_is_in))
    trainees: list[TraineeLine] = []
    for number in range(15):
        trainees.append(await world.join(session, f"T{number}"))
    everybody_is_in.set()
    last = await pushing

    final = (await trainer.get(f"/sessions/{session['id']}"))["last_values"]
    for trainee in trainees:
        if trainee.joined["session"]["last_seq"] < last:
            await trainee.expect_seq(last)
        assert _newest(trainee) == (last, final)
        seqs = [told["seq"] for told in trainee.stored_vitals()]
        assert seqs == sorted(seqs)


async def test_a_class_behind_one_address_joins_at_once(world: World) -> None:
    session = await (await world.person("trainer")).open_session()
    watcher = await world.watch(session)
    trainees = await asyncio.gather(*(world.join(session, f"Trainee {number}") for number in range(40)))

    event = await watcher.push(session, vitals={"spo2": 70})
    await asyncio.gather(*(trainee.expect_seq(event["seq"]) for trainee in trainees))
    told = await watcher.expect(
        "trainees:changed", lambda told: sum(one["connected"] for one in told["trainees"]) == len(trainees)
    )
    assert {one["name"] for one in told["trainees"]} == {f"Trainee {number}" for number in range(40)}
    trainer = await world.person("trainer")

    async def all_are_counted() -> bool:
        listed = (await trainer.get("/sessions", limit=200))["items"]
        return next(one for one in listed if one["id"] == session["id"])["trainee_count"] == 40

    # Those who are stored, which a busy storage does somewhat later.
    await eventually(all_are_counted, "all of them to be counted")


async def test_one_who_does_not_listen_delays_nobody(world: World) -> None:
    """Promise 4. Its socket's buffers are full after a few hundred frames of four kilobytes."""
    session = await (await world.person("trainer")).open_session()
    line = await world.trainer_line()
    listening = await world.join(session, "Listens")
    deaf = [
        await RawLine(world, "/trainee", {"code": session["code"], "name": f"Deaf {number}"}).connect()
        for number in range(3)
    ]
    for number in range(30):
        await line.push(session, flags={f"flag_{number}": "x" * 64})
    slowest = 0.0
    for number in range(1500):
        began = time.perf_counter()
        event = await line.push(session, vitals={"heart_rate": number % 300})
        slowest = max(slowest, time.perf_counter() - began)
    await listening.expect_seq(event["seq"])
    # Whoever does not listen is cut after ten seconds at the soonest.
    assert slowest < 10
    assert len(deaf) == 3


async def test_several_sessions_do_not_hear_each_other(world: World) -> None:
    trainer = await world.person("trainer")
    sessions = [await trainer.open_session(title=f"Room {number}") for number in range(4)]
    line = await world.trainer_line()
    trainees = [await world.join(session, "Ann") for session in sessions]
    events = await asyncio.gather(*(line.push(session, vitals={"spo2": 60 + n}) for n, session in enumerate(sessions)))
    for number, (trainee, event) in enumerate(zip(trainees, events, strict=True)):
        assert (await trainee.expect_seq(event["seq"]))["last_values"]["spo2"] == 60 + number
        await trainee.settled()
        assert {told["session_id"] for told in trainee.all("vitals:pushed")} == {event["session_id"]}
