"""Seats: a trainee that comes back has its place, one that was removed has none, and the list has no ghosts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.scenario_clients import Json, Line, World, eventually, new_id
from tests.support.scenario_presence import connected_are


def _shows(connected: dict[str, bool]) -> Any:
    """A `trainees:changed` that lists exactly these names."""
    return lambda told: {one["name"]: one["connected"] for one in told["trainees"]} == connected


async def _seated(line: Line, session: Json) -> list[Json]:
    return (await line.ask("session:watch", {"session_id": session["id"]}))["trainees"]


async def test_watchers_see_who_is_there(world: World) -> None:
    session = await (await world.person("trainer")).open_session()
    watcher = await world.watch(session)

    ann = await world.join(session, "Ann")
    told = await watcher.expect("trainees:changed", _shows({"Ann": True}))
    assert set(told) == {"session_id", "trainees"}
    assert told["session_id"] == session["id"]
    assert set(told["trainees"][0]) == {"seat_id", "name", "connected", "joined_at"}
    assert told["trainees"][0]["seat_id"] == ann.seat["id"]
    await world.join(session, "Ben")
    await watcher.expect("trainees:changed", _shows({"Ann": True, "Ben": True}))
    await ann.disconnect()
    await watcher.expect("trainees:changed", _shows({"Ann": False, "Ben": True}))
    assert not ann.all("trainees:changed")


async def test_a_polling_trainee_that_leaves_is_seen_to_leave(world: World) -> None:
    session = await (await world.person("trainer")).open_session()
    watcher = await world.watch(session)
    ann = await world.join(session, "Ann", transport="polling")
    await ann.disconnect()
    await watcher.expect("trainees:changed", _shows({"Ann": False}))


async def test_a_reload_with_the_token_keeps_the_seat_and_the_name(world: World) -> None:
    session = await (await world.person("trainer")).open_session()
    watcher = await world.watch(session)
    first = await world.join(session, "Ann")
    await first.disconnect()

    second = await world.join(session, seat=first.seat["token"])
    assert (second.seat["id"], second.seat["name"]) == (first.seat["id"], "Ann")
    await second.disconnect()
    third = await world.join(session, "Ann Other", seat=second.seat["token"])
    assert (third.seat["id"], third.seat["name"]) == (first.seat["id"], "Ann Other")
    await watcher.expect("trainees:changed", _shows({"Ann Other": True}))
    assert len(await _seated(watcher, session)) == 1


async def test_without_the_token_it_is_somebody_else(world: World) -> None:
    session = await (await world.person("trainer")).open_session()
    watcher = await world.watch(session)
    seats = [(await world.join(session, "Ann")).seat for _ in range(3)]
    assert len({seat["id"] for seat in seats}) == len({seat["token"] for seat in seats}) == 3
    assert len(await _seated(watcher, session)) == 3


@pytest.mark.parametrize("token", ["", "x", "0" * 43, "a" * 5000, "😀", "3f2c1a90-5b6d-4e7f-8a9b-0c1d2e3f4a5b"])
async def test_a_token_that_nobody_gave_is_a_new_seat(world: World, token: str) -> None:
    session = await (await world.person("trainer")).open_session()
    real = await world.join(session, "Ann")
    made_up = await world.join(session, "Ben", seat=token)
    assert made_up.seat["id"] != real.seat["id"]
    assert made_up.seat["token"] not in (token, real.seat["token"])


async def test_a_token_of_another_session_opens_nothing(world: World) -> None:
    trainer = await world.person("trainer")
    one, other = await trainer.open_session(), await trainer.open_session()
    ann = await world.join(one, "Ann")
    visitor = await world.join(other, "Ann", seat=ann.seat["token"])
    assert visitor.joined["session"]["id"] == other["id"]
    assert visitor.seat["id"] != ann.seat["id"]


async def test_twenty_quick_reconnects_leave_no_ghost(world: World) -> None:
    session = await (await world.person("trainer")).open_session()
    watcher = await world.watch(session)
    line = await world.join(session, "Ann")
    for _ in range(20):
        seat = line.seat
        await line.disconnect()
        line = await world.join(session, "Ann", seat=seat["token"])
    assert line.seat["id"] == seat["id"]

    async def told_alone() -> bool:
        lists = watcher.all("trainees:changed")
        told = lists[-1]["trainees"] if lists else []
        return [(one["name"], one["connected"]) for one in told] == [("Ann", True)]

    await eventually(told_alone, "the newest list to hold one seat, connected")
    assert [one["connected"] for one in await _seated(watcher, session)] == [True]


async def test_two_windows_on_one_seat(world: World) -> None:
    session = await (await world.person("trainer")).open_session()
    watcher = await world.watch(session)
    first = await world.join(session, "Ann")
    second = await world.join(session, "Ann", seat=first.seat["token"])
    await first.disconnect()
    ben = await world.join(session, "Ben")
    await watcher.expect("trainees:changed", _shows({"Ann": True, "Ben": True}))
    event = await watcher.push(session, vitals={"spo2": 80})
    for screen in (second, ben):
        assert (await screen.expect_seq(event["seq"]))["last_values"]["spo2"] == 80
    await second.disconnect()
    await watcher.expect("trainees:changed", _shows({"Ann": False, "Ben": True}))


async def test_a_removed_trainee_is_out_and_stays_out(world: World) -> None:
    session = await (await world.person("trainer")).open_session()
    watcher = await world.watch(session)
    ann, ben = await world.join(session, "Ann"), await world.join(session, "Ben")
    token = ann.seat["token"]

    await watcher.ask("trainee:remove", {"session_id": session["id"], "seat_id": ann.seat["id"]})

    await ann.expect("disconnect")
    await watcher.expect("trainees:changed", _shows({"Ben": True}))
    error = await world.knock(code=session["code"], name="Ann", seat=token).refusal()
    assert error["code"] == "removed"
    event = await watcher.push(session, vitals={"spo2": 80})
    await ben.expect_seq(event["seq"])
    assert not ann.all("vitals:pushed")
    assert [one["name"] for one in await _seated(watcher, session)] == ["Ben"]


async def test_removing_twice_and_removing_nobody(world: World) -> None:
    trainer = await world.person("trainer")
    session, other = await trainer.open_session(), await trainer.open_session()
    watcher = await world.watch(session)
    ann = await world.join(session, "Ann")
    await watcher.ask("trainee:remove", {"session_id": session["id"], "seat_id": ann.seat["id"]})
    for seat_id, in_session in ((new_id(), session), (ann.seat["id"], other)):
        error = await watcher.refused("trainee:remove", {"session_id": in_session["id"], "seat_id": seat_id})
        assert error["code"] == "not_found"


async def test_a_dropped_trainee_comes_back_to_the_moment_without_a_person(world: World) -> None:
    session = await (await world.person("trainer")).open_session()
    watcher = await world.watch(session)
    ann = await world.join(session, "Ann", reconnects=True)
    seat_id = ann.seat["id"]

    heard = len(ann.heard)
    await ann.client.eio.ws.close()  # the network goes away under the client
    event = await watcher.push(session, vitals={"heart_rate": 33})
    joined = await ann.expect("session:joined", after=heard)

    assert joined["seat"]["id"] == seat_id
    assert joined["session"]["last_values"]["heart_rate"] == 33 or await ann.expect_seq(event["seq"])
    await connected_are(watcher, session, {"Ann"})


async def test_a_name_may_be_left_out(world: World) -> None:
    session = await (await world.person("trainer")).open_session()
    watcher = await world.watch(session)
    nameless = await world.join(session)
    assert isinstance(nameless.seat["name"], str)
    assert [one["name"] for one in await _seated(watcher, session)] == [nameless.seat["name"]]
