"""Several server processes whose Redis is not there, dies, comes back, or hangs.

Where EXPIRY_SECONDS is left at an hour, what crosses is said; where it is short, it is found by looking.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

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
from tests.support.scenario_clients import Json, Line, new_id

LOOKS_OFTEN = {"EXPIRY_SECONDS": "0.5"}
OUTAGE = "no connection to Redis"
A_FEW = 20


def outages_logged(running: Processes) -> list[int]:
    return [server.log.count(OUTAGE) for server in running.servers]


async def all_told(watchers: list[Line], last: int) -> None:
    for watcher in watchers:
        await watcher.expect("event:added", lambda event: event["seq"] == last)
        await watcher.settled()
        assert in_order(heard_events(watcher), 1, last)


async def test_processes_that_start_without_redis_find_everything_by_looking(
    tmp_path: Path, database_server: DatabaseServer
) -> None:
    with processes(tmp_path, database_server, with_redis=False, **LOOKS_OFTEN) as running:
        async with running.worlds() as worlds:
            here, there = worlds
            await linked_all(worlds, to="down")
            trainer = await here.person("trainer")
            session = await trainer.open_session()
            watchers = [await world.watch(session) for world in worlds]
            ann, ben = await here.join(session, "Ann"), await there.join(session, "Ben")
            for number in range(5):
                for watcher in watchers:
                    await watcher.push(session, vitals={"heart_rate": 100 + number})
            await ben.ask("action:take", {"id": new_id(), "action": "marker"})
            await all_told(watchers, 11)
            for trainee in (ann, ben):
                assert (await trainee.expect_seq(10))["last_values"]["heart_rate"] == 104
            await trainer.patch(f"/sessions/{session['id']}", {"title": "Night shift", "public_title": "Night shift"})
            for line in (*watchers, ann, ben):
                assert (await line.expect("session:updated"))["title"] == "Night shift"

            await watchers[0].ask("trainee:remove", {"session_id": session["id"], "seat_id": ben.seat["id"]})
            await ben.expect("disconnect")
            leaving = await there.trainer_line("colleague")
            await (await here.person("colleague")).call("POST", "/auth/logout", 204)
            await leaving.expect("disconnect")
            eve = await there.join(session, "Eve")
            await watchers[0].ask("session:close", {"session_id": session["id"]})
            for trainee in (ann, eve):
                assert (await trainee.expect("session:closed"))["reason"] == "closed"
                await trainee.expect("disconnect")
            await all_told(watchers, 12)
            for watcher in watchers:
                assert len(await _every(watcher, "session:closed")) == 1
            assert outages_logged(running) == [1, 1]

            running.redis.start()
            await linked_all(worlds)


async def _every(line: Line, message: str) -> list[Json]:
    """What came until the jobs have looked twice more: nothing is told a second time."""
    await line.expect(message)
    await asyncio.sleep(2 * float(LOOKS_OFTEN["EXPIRY_SECONDS"]))
    await line.settled()
    return line.all(message)


async def test_what_ended_elsewhere_does_not_count_though_nobody_said_so(
    tmp_path: Path, database_server: DatabaseServer
) -> None:
    """Neither said, for there is no Redis; nor found, for nobody looks for an hour."""
    with processes(tmp_path, database_server, with_redis=False) as running:
        async with running.worlds() as worlds:
            here, there = worlds
            trainer = await here.person("trainer")
            session = await trainer.open_session()
            watcher = await here.watch(session)
            ann = await there.join(session, "Ann")
            line = await there.watch(session)
            await line.push(session, vitals={"spo2": 90})
            await ann.ask("action:take", {"id": new_id(), "action": "marker"})

            await watcher.ask("trainee:remove", {"session_id": session["id"], "seat_id": ann.seat["id"]})
            let_through = 0
            # A storage that is late holds nobody up: what was known last counts until it answers.
            while (ack := await ann.send("action:take", {"id": new_id(), "action": "marker"}))["ok"]:
                let_through += 1
                assert let_through < A_FEW, "it counts for good"
            assert ack["error"]["code"] == "unauthenticated"
            await ann.expect("disconnect")

            token = running.tokens["trainer"]
            running.log_in("trainer", "trainer@demo.example", PASSWORD)
            await (await here.person(token=token)).call("POST", "/auth/logout", 204)
            body = {"id": new_id(), "session_id": session["id"], "vitals": {"spo2": 10}}
            assert (await line.refused("vitals:push", body))["code"] == "unauthenticated"
            await line.expect("disconnect")
            assert in_order(await (await here.person("trainer")).events(session), 1, 2 + let_through)


async def test_redis_dies_in_a_stream_and_comes_back(tmp_path: Path, database_server: DatabaseServer) -> None:
    with processes(tmp_path, database_server) as running:
        async with running.worlds() as worlds:
            here, there = worlds
            await linked_all(worlds)
            trainer = await here.person("trainer")
            session, ending = await trainer.open_session(), await trainer.open_session()
            watchers = [await world.watch(session) for world in worlds]
            ann, ben = await here.join(session, "Ann"), await there.join(session, "Ben")
            late = await there.join(ending, "Late")
            removed = await there.join(session, "Removed")
            leaving = await there.trainer_line("colleague")
            pushed = 0

            async def push(line: Line) -> None:
                nonlocal pushed
                pushed += 1
                await line.push(session, vitals={"heart_rate": 50 + pushed % 100})

            for _ in range(10):
                await asyncio.gather(*(push(line) for line in watchers))
            await all_told(watchers, 20)
            running.redis.kill()
            for _ in range(20):
                await asyncio.gather(*(push(line) for line in watchers))
                assert ann.client.connected
            await linked_all(worlds, to="down")
            for world in worlds:
                text = (await (await world.person()).http.get(f"{world.url}/metrics")).text
                assert "shiller_redis_up 0.0" in text
            # Nobody is told of these by anybody.
            await watchers[0].ask("trainee:remove", {"session_id": session["id"], "seat_id": removed.seat["id"]})
            await trainer.post(f"/sessions/{ending['id']}/close")
            await (await here.person("colleague")).call("POST", "/auth/logout", 204)
            carl = await there.join(session, "Carl")
            await ann.disconnect()
            for trainee in (late, removed):
                assert not trainee.all("disconnect")

            heard = [len(watcher.heard) for watcher in watchers]
            running.redis.start()
            await all_told(watchers, 60)
            for line in (ben, carl, *watchers):
                await line.settled()
                told = line.all("vitals:pushed")
                newest = told[-1]["last_values"] if told else line.all("session:joined")[-1]["session"]["last_values"]
                assert newest == (await trainer.get(f"/sessions/{session['id']}"))["last_values"]
            assert (await late.expect("session:closed"))["reason"] == "closed"
            for line in (late, removed, leaving):
                await line.expect("disconnect")
            await linked_all(worlds)
            for watcher, place in zip(watchers, heard, strict=True):
                await watcher.expect("trainees:changed", shows({"Ann": False, "Ben": True, "Carl": True}), after=place)
            for world in worlds:
                await trainees_are_seen(await world.trainer_line(), session, {"Ann": False, "Ben": True, "Carl": True})
            assert outages_logged(running) == [1, 1]


async def test_redis_starts_anew_and_nobody_seems_to_have_gone(tmp_path: Path, database_server: DatabaseServer) -> None:
    with processes(tmp_path, database_server) as running:
        async with running.worlds() as worlds:
            await linked_all(worlds)
            session = await (await worlds[0].person("trainer")).open_session()
            watchers = [await world.watch(session) for world in worlds]
            for world, name in zip(worlds, ("Ann", "Ben"), strict=True):
                await world.join(session, name)
            everybody = shows({"Ann": True, "Ben": True})
            heard = [(watcher, await _index_of(watcher, everybody)) for watcher in watchers]
            for _ in range(2):
                running.redis.kill()
                running.redis.start()
                await linked_all(worlds)
            # Asked for by nobody: the lines that opened anew are reason enough to tell the watchers once more.
            for watcher, index in heard:
                await watcher.expect("trainees:changed", everybody, after=index + 1)
                assert all(everybody(told) for name, told in watcher.heard[index:] if name == "trainees:changed")


async def _index_of(line: Line, where: object) -> int:
    await line.expect("trainees:changed", where)  # type: ignore[arg-type]
    return next(
        index
        for index, (name, told) in enumerate(line.heard)
        if name == "trainees:changed" and where(told)  # type: ignore[operator]
    )


async def test_redis_that_hangs_holds_nobody_up(tmp_path: Path, database_server: DatabaseServer) -> None:
    with processes(tmp_path, database_server, **LOOKS_OFTEN) as running:
        async with running.worlds() as worlds:
            await linked_all(worlds)
            session = await (await worlds[0].person("trainer")).open_session()
            watchers = [await world.watch(session) for world in worlds]
            running.redis.pause()
            try:
                for number in range(20):
                    await watchers[0].push(session, vitals={"heart_rate": 60 + number})
                await watchers[0].settled()
                assert in_order(heard_events(watchers[0]), 1, 20)
                await all_told(watchers, 20)
                await linked_all(worlds, to="down")
                await watchers[1].push(session, vitals={"heart_rate": 33})
                await all_told(watchers, 21)
            finally:
                running.redis.resume()
            await linked_all(worlds)
            await all_told(watchers, 21)
