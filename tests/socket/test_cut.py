"""Who is cut, and when: logins that end, sessions that somebody else has ended, tokens that run out."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
import socketio

from server import clock
from server.domain.people import Trainer
from server.transport.http.endpoint import API
from tests.support.patience import PATIENCE_SECONDS
from tests.support.running import Recorder, RunningServer, connected, running_server


async def test_a_logout_cuts_the_sockets_of_that_login_and_no_other() -> None:
    async with running_server() as server:
        kept = await server.login()
        ended = await server.login()
        async with (
            connected(server.url, "/trainer", {"token": kept["token"]}) as other,
            connected(server.url, "/trainer", {"token": ended["token"]}) as client,
        ):
            assert (await server.http.post(f"{API}/auth/logout")).status_code == 204
            await _until_cut(client)
            assert (await other.call("clock:read", {}))["ok"]
        assert (await server.http.get(f"{API}/me")).status_code == 401
        await _is_refused(server, "/trainer", {"token": ended["token"]}, "unauthenticated")


async def test_a_new_password_ends_every_login_of_that_trainer() -> None:
    async with running_server() as server:
        await server.login()
        new = {"email": "anna@example.org", "name": "Anna", "password": "first-password", "role": "trainer"}
        anna = (await server.http.post(f"{API}/trainers", json=new)).json()
        login = (await server.http.post(f"{API}/auth/login", json={k: new[k] for k in ("email", "password")})).json()
        async with connected(server.url, "/trainer", {"token": login["token"]}) as client:
            changed = await server.http.patch(f"{API}/trainers/{anna['id']}", json={"password": "second-password"})
            assert changed.status_code == 200
            await _until_cut(client)


async def test_a_login_that_runs_out_cuts_its_sockets() -> None:
    at = clock.now()
    async with running_server(now=lambda: at, TOKEN_HOURS="1", EXPIRY_SECONDS="3600") as server:
        login = await server.login()
        at += timedelta(hours=1, seconds=-0.5)
        async with connected(server.url, "/trainer", {"token": login["token"]}) as client:
            # Until somebody is connected it stands, however long that takes here.
            at += timedelta(seconds=1)
            await _until_cut(client)


async def test_a_login_ends_later_if_the_clock_is_put_back() -> None:
    at = clock.now()
    seconds = 0.5
    async with running_server(now=lambda: at, TOKEN_HOURS="1") as server:
        login = await server.login()
        at += timedelta(hours=1, seconds=-seconds)
        async with connected(server.url, "/trainer", {"token": login["token"]}) as client:
            at -= timedelta(hours=1)
            # In which the end that was foreseen comes by: too short a time lets a fault pass, and fails nothing right.
            await asyncio.sleep(3 * seconds)
            assert (await client.call("clock:read", {}))["ok"]
            at += timedelta(hours=1, seconds=1)
            await _until_cut(client)


async def test_a_session_closed_behind_the_servers_back_is_told() -> None:
    """As the command line does it, or another process without a word."""
    async with running_server() as server:
        login = await server.login()
        session = await server.open_session()
        async with (
            connected(server.url, "/trainer", {"token": login["token"]}) as trainer,
            connected(server.url, "/trainee", {"code": session["code"]}) as trainee,
        ):
            await trainer.call("session:watch", {"session_id": session["id"]})
            await trainee.wait_for("session:joined")
            storage = server.app.services.storage
            owner = await storage.accounts.find_trainer(UUID(session["school_id"]), UUID(session["trainer_id"]))
            assert isinstance(owner, Trainer)
            await storage.sessions.end_session(UUID(session["id"]), owner, uuid4(), clock.now())
            assert (await trainee.wait_for("session:closed"))["reason"] == "closed"
            assert (await trainer.wait_for("session:closed"))["id"] == session["id"]
            await _until_cut(trainee)


async def test_an_expiry_is_told_at_its_moment_and_once() -> None:
    ahead = timedelta(0)

    def now() -> datetime:
        return clock.now() + ahead

    async with running_server(now=now, EXPIRY_SECONDS="3600") as server:
        login = await server.login()
        session = await server.open_session(duration_minutes=60)
        async with (
            connected(server.url, "/trainer", {"token": login["token"]}) as trainer,
            connected(server.url, "/trainee", {"code": session["code"]}) as trainee,
        ):
            await trainer.call("session:watch", {"session_id": session["id"]})
            await trainee.wait_for("session:joined")
            ahead = timedelta(minutes=59, seconds=59)
            # Anything that may move the next expiry wakes the job, which then sleeps until that very moment.
            await server.open_session()
            assert (await trainee.wait_for("session:closed"))["reason"] == "expired"
            event = await trainer.wait_for("event:added", lambda data: data["kind"] == "lifecycle")
            assert event["details"] == {"reason": "expired"}
            await trainer.wait_for("session:closed")
            assert [name for name, _ in trainer.told].count("session:closed") == 1
        await _is_refused(server, "/trainee", {"code": session["code"]}, "session_expired")


async def _until_cut(client: Recorder) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while client.namespace in client.client.namespaces:
            await asyncio.sleep(0.01)


async def _is_refused(server: RunningServer, namespace: str, auth: dict[str, str], code: str) -> None:
    client = socketio.AsyncClient(reconnection=False)
    refusals: list[dict[str, object]] = []

    async def keep(data: dict[str, object]) -> None:
        refusals.append(data)

    client.on("connect_error", keep, namespace=namespace)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.connect(
            server.url, namespaces=[namespace], auth=auth, transports=["websocket"], wait_timeout=PATIENCE_SECONDS
        )
    await client.disconnect()
    assert refusals[0]["data"]["code"] == code  # type: ignore[index]
