"""How a session ends and changes: close, expiry, PATCH; and how everybody is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.scenario_clients import Json, Line, Person, World, eventually, new_id
from tests.support.scenario_problems import check_invalid
from tests.support.scenario_values import PUBLIC_KEYS, SESSION_KEYS, seconds_between


def _in(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def _refuses_everything(world: World, person: Person, line: Line, session: Json, code: str) -> None:
    """Every door that changes an ended session, and every door that enters it."""
    path = f"/sessions/{session['id']}/events"
    for body in ({"kind": "vitals", "vitals": {"spo2": 70}}, {"kind": "note", "text": "late"}):
        assert (await person.post(path, {"id": new_id(), **body}, 410))["code"] == code
    target = {"id": new_id(), "session_id": session["id"]}
    assert (await line.refused("vitals:push", {**target, "vitals": {"spo2": 70}}))["code"] == code
    assert (await line.refused("note:add", {**target, "text": "late"}))["code"] == code
    assert (await (await world.person()).post("/join", {"code": session["code"]}, 410))["code"] == code
    assert (await world.knock(code=session["code"], name="Late").refusal())["code"] == code


async def _close_over_http(person: Person, line: Line, session: Json) -> Json:
    return await person.post(f"/sessions/{session['id']}/close")


async def _close_over_socket(person: Person, line: Line, session: Json) -> Json:
    return (await line.ask("session:close", {"session_id": session["id"]}))["session"]


@pytest.mark.parametrize("close", [_close_over_http, _close_over_socket])
async def test_closing_tells_everybody_and_lets_the_trainees_go(world: World, close: Any) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    watcher, ann, ben = await world.watch(session), await world.join(session, "Ann"), await world.join(session, "Ben")
    seat = ann.seat["token"]

    closed = await close(trainer, watcher, session)

    assert set(closed) == SESSION_KEYS
    assert closed["close_reason"] == "closed"
    assert closed["closed_at"] is not None
    told = await watcher.expect("session:closed")
    assert told["reason"] == "closed"
    assert set(told) == {*SESSION_KEYS, "reason"}
    for trainee in (ann, ben):
        told = await trainee.expect("session:closed")
        assert told["reason"] == "closed"
        assert set(told) == {*PUBLIC_KEYS, "reason"}
        assert told["close_reason"] == "closed"
        await trainee.expect("disconnect")
        names = [name for name, _ in trainee.heard]
        assert names.index("session:closed") < names.index("disconnect")
    assert await close(trainer, watcher, session) == closed
    await _refuses_everything(world, trainer, watcher, session, "session_closed")
    assert (await world.knock(code=session["code"], seat=seat).refusal())["code"] == "session_closed"
    assert len(watcher.all("session:closed")) == 1
    assert (await trainer.get(f"/sessions/{session['id']}"))["close_reason"] == "closed"


async def test_an_ended_session_can_still_be_read(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    line = await world.watch(session)
    event = await line.push(session, vitals={"spo2": 70})
    await line.ask("session:close", {"session_id": session["id"]})
    assert event in await trainer.events(session)
    assert event in (await line.ask("session:watch", {"session_id": session["id"], "after_seq": 0}))["events"]
    assert "70" in (await trainer.call("GET", f"/sessions/{session['id']}/export", 200)).text


async def test_a_push_repeated_after_the_end_gets_its_old_answer(world: World) -> None:
    """The first ack may have been lost; the outbox must be able to let go of what is stored."""
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    line = await world.watch(session)
    body = {"id": new_id(), "session_id": session["id"], "vitals": {"spo2": 70}}
    event = (await line.ask("vitals:push", body))["event"]
    await line.ask("session:close", {"session_id": session["id"]})
    assert (await line.ask("vitals:push", body))["event"] == event


async def test_a_session_expires_on_time(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    watcher, ann = await world.watch(session), await world.join(session, "Ann")

    ends = (await trainer.let_expire(session, 1.5))["expires_at"]
    for screen in (watcher, ann):
        assert (await screen.expect("session:closed"))["reason"] == "expired"
    told_at = await watcher.clock()
    await ann.expect("disconnect")

    assert seconds_between(ends, told_at) >= 0
    await _refuses_everything(world, trainer, watcher, session, "session_expired")
    expired = await trainer.get(f"/sessions/{session['id']}")
    assert expired["close_reason"] == "expired"
    assert expired["closed_at"] >= ends
    assert (await trainer.post(f"/sessions/{session['id']}/close"))["close_reason"] == "expired"


async def test_nothing_is_pushed_after_the_time_is_up(world: World) -> None:
    """Even before the expiry was told: events stop at expires_at."""
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    line = await world.watch(session)
    ends = (await trainer.let_expire(session, 0.5))["expires_at"]

    async def refused() -> bool:
        ack = await line.send("vitals:push", {"id": new_id(), "session_id": session["id"], "vitals": {"spo2": 70}})
        return not ack["ok"] and ack["error"]["code"] == "session_expired"

    await eventually(refused, "the push to be refused")
    pushed = [event for event in await trainer.events(session) if event["kind"] == "vitals"]
    assert all(event["created_at"] <= ends for event in pushed)


async def test_a_longer_life_is_told_to_everybody(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session(duration_minutes=5)
    watcher, ann = await world.watch(session), await world.join(session, "Ann")

    until = _in(7200)
    change = {"expires_at": until, "title": "Longer", "public_title": "Longer", "trainee_name": "Team C"}
    changed = await trainer.patch(f"/sessions/{session['id']}", change)

    assert set(changed) == SESSION_KEYS
    assert (changed["expires_at"], changed["title"], changed["trainee_name"]) == (until, "Longer", "Team C")
    assert changed["version"] > session["version"]
    for screen, keys in ((watcher, SESSION_KEYS), (ann, PUBLIC_KEYS)):
        told = await screen.expect("session:updated")
        assert set(told) == keys
        assert (told["expires_at"], told["title"]) == (until, "Longer")


async def test_if_match(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session(title="First")
    path = f"/sessions/{session['id']}"

    def match(version: int) -> dict[str, str]:
        return {"If-Match": f'"{version}"'}

    changed = await trainer.patch(path, {"title": "Second"}, **match(session["version"]))
    problem = await trainer.patch(path, {"title": "Third"}, 412, **match(session["version"]))
    assert problem["code"] == "version_mismatch"
    assert await trainer.get(path) == changed
    assert (await trainer.patch(path, {"title": "Fourth"}, **match(changed["version"])))["title"] == "Fourth"
    assert (await trainer.patch(path, {"title": "Fifth"}))["title"] == "Fifth"


async def test_a_push_does_not_spoil_the_version_that_an_editor_holds(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session(title="First")
    line = await world.watch(session)
    await line.push(session, vitals={"spo2": 70})
    headers = {"If-Match": f'"{session["version"]}"'}
    assert (await trainer.patch(f"/sessions/{session['id']}", {"title": "Second"}, **headers))["title"] == "Second"


@pytest.mark.parametrize("moment", ["2001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"])
async def test_an_expiry_out_of_reason_is_refused(world: World, moment: str) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    answer = await trainer.call("PATCH", f"/sessions/{session['id']}", json={"expires_at": moment})
    check_invalid(answer, "expires_at")
