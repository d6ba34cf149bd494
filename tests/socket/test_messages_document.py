"""The document of the Socket.IO messages, held against everything that a real server says in a session."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from jsonschema import Draft202012Validator

from server.transport.http.endpoint import API
from server.transport.socket.messages import CLIENT_MESSAGES, SERVER_MESSAGES
from tests.support.running import Recorder, RunningServer, connected, running_server

Document = dict[str, Any]


async def test_everything_that_is_said_is_documented_and_everything_documented_is_said() -> None:
    async with running_server() as server:
        document = (await server.http.get(f"{API}/asyncapi.json")).json()
        login = await server.login()
        async with connected(server.url, "/trainer", {"token": login["token"]}) as trainer:
            acks, told = await _a_whole_session(server, trainer)

    for (namespace, message), answers in acks.items():
        validator = _validator(document, namespace, f"{message} ack")
        for answer in answers:
            validator.validate(answer)
    for namespace, message, data in told:
        _validator(document, namespace, message).validate(data)

    assert {key for key, answers in acks.items() if any(answer["ok"] for answer in answers)} == {
        (namespace, message) for namespace, messages in CLIENT_MESSAGES.items() for message in messages
    }
    assert {(namespace, message) for namespace, message, _ in told} == {
        (namespace, message) for namespace, messages in SERVER_MESSAGES.items() for message in messages
    }


async def _a_whole_session(
    server: RunningServer, trainer: Recorder
) -> tuple[dict[tuple[str, str], list[Any]], list[tuple[str, str, Any]]]:
    """Every message once in order, and once as junk that is refused."""
    acks: dict[tuple[str, str], list[Any]] = {}

    async def say(client: Recorder, message: str, data: Any) -> Any:
        ack = await client.call(message, data)
        assert ack["ok"], ack
        refusal = await client.call(message, {"junk": True})
        assert refusal["error"]["code"] == "invalid_fields"
        acks.setdefault((client.namespace, message), []).extend([ack, refusal])
        return ack

    session = await server.open_session(vitals={"heart_rate": 80})
    about = {"session_id": session["id"]}
    await say(trainer, "session:watch", about)
    async with connected(server.url, "/trainee", {"code": session["code"], "name": "Zoé"}) as trainee:
        joined = await trainee.wait_for("session:joined")
        push = {"vitals": {"heart_rate": 140, "temperature": 38.5}, "rhythm": "svt", "ramp_seconds": 30}
        pushed = await say(trainer, "vitals:push", {"id": str(uuid4()), **about, **push, "flags": {"cpr": True}})
        await trainee.wait_for("vitals:pushed", lambda data: data["seq"] == pushed["event"]["seq"])
        await say(trainer, "note:add", {"id": str(uuid4()), **about, "text": "Adrénaline 0,5 mg"})
        await say(trainee, "action:take", {"id": str(uuid4()), "action": "nibp_start", "details": {"arm": "left"}})
        await say(trainer, "note:add", {"id": str(uuid4()), **about, "marker": "adrenaline"})
        for action in ("start", "pause", "resume", "automation_on", "automation_off"):
            await say(trainer, "case:control", {"id": str(uuid4()), **about, "action": action})
        await say(trainer, "action:take", {"id": str(uuid4()), **about, "action": "nibp_start"})
        await say(trainee, "clock:read", {})
        await say(trainer, "clock:read", {})
        changed = await server.http.patch(
            f"{API}/sessions/{session['id']}", json={"title": "Choc", "public_title": "Patiente"}
        )
        assert changed.status_code == 200
        await trainee.wait_for("session:updated")
        async with connected(server.url, "/trainee", {"code": session["code"]}) as other:
            seat = (await other.wait_for("session:joined"))["seat"]
            await say(trainer, "trainee:remove", {**about, "seat_id": seat["id"]})
        await trainer.wait_for(
            "trainees:changed",
            lambda data: [one["seat_id"] for one in data["trainees"]] == [joined["seat"]["id"]],
        )
        await say(trainer, "session:unwatch", about)
        await say(trainer, "session:watch", {**about, "after_seq": 1})
        async with connected(server.url, "/trainer", {"token": await _token_of_a_colleague(server)}) as colleague:
            assert (await colleague.call("session:watch", about))["ok"]
            await trainer.wait_for("trainers:changed", lambda data: len(data["trainer_ids"]) == 2)
        await say(trainer, "session:close", about)
        await trainee.wait_for("session:closed")
        await trainer.wait_for("session:closed")
        await trainer.wait_for("sync:changed")
    sent = await _a_trainee_sent_over(server)
    told = [("/trainee", *one) for one in (*trainee.told, *sent.told)] + [("/trainer", *one) for one in trainer.told]
    return acks, told


async def _a_trainee_sent_over(server: RunningServer) -> Recorder:
    session = await server.open_session(vitals={"heart_rate": 80})
    async with connected(server.url, "/trainee", {"code": session["code"]}) as trainee:
        await trainee.wait_for("session:joined")
        sending = {"after_seq": 1, "moves_trainees": True}
        (await server.http.post(f"{API}/sessions/{session['id']}/fork", json=sending)).raise_for_status()
        await trainee.wait_for("session:moved")
    return trainee


async def _token_of_a_colleague(server: RunningServer) -> str:
    account = {"email": "colleague@example.org", "name": "Cleo", "password": "a-long-password", "role": "trainer"}
    (await server.http.post(f"{API}/trainers", json=account)).raise_for_status()
    login = {"email": account["email"], "password": account["password"]}
    answer = await server.http.post(f"{API}/auth/login", json=login)
    # The client would show the cookie with what the demo trainer asks for next.
    server.http.cookies.clear()
    return answer.raise_for_status().json()["token"]


def _validator(document: Document, namespace: str, message: str) -> Draft202012Validator:
    payload = document["channels"][namespace.removeprefix("/")]["messages"][message]["payload"]
    return Draft202012Validator({**payload, "components": document["components"]})
