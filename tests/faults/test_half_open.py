"""Connections whose other end is gone without a word: noticed by the heartbeat, and mended by whoever comes back."""

from __future__ import annotations

from pathlib import Path

from tests.support.memory import MIB, resident, settles
from tests.support.scenario import PATIENCE_SECONDS
from tests.support.scenario_clients import Line, TraineeLine, World, eventually
from tests.support.scenario_outbox import Outbox, Streams
from tests.support.scenario_presence import connected_are
from tests.support.scenario_record import check_record
from tests.support.swallowing import SwallowingProxy, swallowing_proxy
from tests.support.trainee_process import trainee_process

# The two halves of the heartbeat are 20 s; then the clients find their way back.
HEARTBEAT_SECONDS = PATIENCE_SECONDS + 30
GROWTH_BYTES = 16 * MIB


async def test_who_is_gone_without_a_word_shows_as_gone_and_finds_the_seat_again(world: World, tmp_path: Path) -> None:
    owner = await world.person("trainer")
    session = await owner.open_session()
    watcher = await world.watch(session, "admin")
    near = await world.join(session, "Near")
    async with swallowing_proxy(world.url) as air:
        with trainee_process(world.url, session["code"], "Asleep", tmp_path / "asleep.txt") as asleep:

            async def has_joined() -> bool:
                return bool(asleep.joined)

            await eventually(has_joined, "the other process to join")
            far = await _far_trainee(world, air, session["code"], "Far", "websocket")
            polling = await _far_trainee(world, air, session["code"], "Polling", "polling")
            token = world.tokens["trainer"]
            line = Line(air.url, "/trainer", {"token": token}, reconnects=True, is_patient=False)
            world.stack.push_async_callback(line.disconnect)
            await line.connect()
            outbox = Outbox(line, session)
            streams = Streams([outbox])
            streams.pour(0.1)
            world.stack.push_async_callback(streams.end)
            everybody = {"Near", "Far", "Polling", "Asleep"}
            await connected_are(watcher, session, everybody)
            await streams.until(lambda: streams.confirmed >= 30)
            before = resident(world.server.running.pid)

            places = [len(trainee.heard) for trainee in (far, polling)]
            air.swallow()
            asleep.sleep()
            await connected_are(watcher, session, {"Near"}, patience=HEARTBEAT_SECONDS)
            assert not near.lost.is_set()

            air.pass_on()
            asleep.wake()
            await connected_are(watcher, session, everybody, patience=HEARTBEAT_SECONDS)
            for trainee, place in zip((far, polling), places, strict=True):
                # Whoever watches may hear of it before whoever comes.
                again = await trainee.expect("session:joined", after=place)
                assert again["seat"]["id"] == trainee.all("session:joined")[0]["seat"]["id"]
            assert len({seat["id"] for seat in asleep.joined}) == 1
            await streams.dry(HEARTBEAT_SECONDS)
            events = await check_record(owner, session, [outbox])
            newest = [event for event in events if event["kind"] == "vitals"][-1]
            for trainee in (near, far, polling):
                # One that came back after the last push was told its state on joining.
                if trainee.joined["session"]["last_seq"] < newest["seq"]:
                    await trainee.expect_seq(newest["seq"])
            await settles(world.server.running.pid, before + GROWTH_BYTES)


async def _far_trainee(world: World, air: SwallowingProxy, code: str, name: str, transport: str) -> TraineeLine:
    auth = {"code": code, "name": name}
    line = TraineeLine(air.url, auth, transport=transport, reconnects=True, is_patient=False)
    world.stack.push_async_callback(line.disconnect)
    await line.connect()
    await line.expect("session:joined")
    return line
