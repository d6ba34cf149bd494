"""Who is let in: tokens, the dashboard's cookie, and origins; over HTTP and on the socket."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import socketio

from tests.scenario.conftest import PASSWORD, Stage
from tests.support.scenario import serving
from tests.support.scenario_clients import Line, TraineeLine, World, new_id
from tests.support.scenario_problems import check_problem

BAD_AUTHORIZATIONS = [
    "", "Bearer", "Bearer x", "bearer x y", "Basic eDp5", "Bearer " + "a" * 6000, "x", "Bearer\tx",
    "Bearer é".encode(), "Bearer 😀".encode(), "Bearer null",
]  # fmt: skip
NEEDS_A_LOGIN = [
    ("GET", "/me"), ("POST", "/auth/logout"), ("GET", "/sessions"), ("POST", "/sessions"), ("GET", "/templates"),
    ("POST", "/templates"), ("GET", "/trainers"), ("POST", "/trainers"),
    *((method, f"/{what}/{new_id()}") for what in ("sessions", "templates", "trainers") for method in ("GET", "PATCH")),
    ("GET", "/colleagues"), ("GET", "/invitations"), ("POST", "/invitations"), ("DELETE", f"/invitations/{new_id()}"),
    ("POST", "/me/password"), ("GET", "/me/logins"), ("DELETE", f"/me/logins/{new_id()}"),
    ("POST", f"/sessions/{new_id()}/close"), ("POST", f"/sessions/{new_id()}/events"),
    ("GET", f"/sessions/{new_id()}/events"), ("GET", f"/sessions/{new_id()}/export"),
]  # fmt: skip


async def test_without_a_token_nothing_is_told(world: World) -> None:
    stranger = await world.person()
    for method, path in NEEDS_A_LOGIN:
        answer = await stranger.call(method, path, json={} if method != "GET" else None)
        check_problem(answer, 401, "unauthenticated")


@pytest.mark.parametrize("value", BAD_AUTHORIZATIONS, ids=lambda value: f"{value!r:.20}")
async def test_garbage_for_a_token(world: World, value: Any) -> None:
    stranger = await world.person()
    answer = await stranger.call("GET", "/me", headers={"Authorization": value})
    check_problem(answer, 401, "unauthenticated")


async def test_a_seat_token_or_a_code_is_no_login(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    ann = await world.join(session, "Ann")
    for token in (ann.seat["token"], session["code"], session["id"], ann.seat["id"]):
        check_problem(await (await world.person(token=token)).call("GET", "/me"), 401, "unauthenticated")
        refused = Line(world.url, "/trainer", {"token": token})
        assert (await refused.refusal())["code"] == "unauthenticated"


@pytest.mark.parametrize(
    "auth", [None, {}, {"token": ""}, {"token": "x"}, {"token": None}, {"token": 5}, {"token": ["x"]}, {"token": {}},
             {"code": "ABCDEF"}, {"token": "x" * 20_000}, {"token": "\x00"}]
)  # fmt: skip
async def test_a_trainers_socket_without_a_token(memory_world: World, auth: Any) -> None:
    assert (await Line(memory_world.url, "/trainer", auth).refusal())["code"] == "unauthenticated"


@pytest.mark.parametrize("code", ["ABCDEF", "", "x" * 10_000, "\x00", "😀"])
async def test_a_trainees_socket_with_an_unknown_code(memory_world: World, code: str) -> None:
    assert (await memory_world.knock(code=code, name="Ann").refusal())["code"] in ("not_found", "rate_limited")


@pytest.mark.parametrize(
    "auth", [{}, {"code": None}, {"code": 5}, {"code": ["x"]}, {"code": "ABCDEF", "name": 5},
             {"code": "ABCDEF", "seat": 5}, {"code": "ABCDEF", "after_seq": "x"}, {"code": "ABCDEF", "after_seq": -1}]
)  # fmt: skip
async def test_a_trainees_socket_with_a_broken_auth(memory_world: World, auth: Any) -> None:
    error = await memory_world.knock(**auth).refusal()
    assert error["code"] in ("not_found", "invalid_body", "invalid_fields")
    assert error["detail"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 200, "nul\x00", "😀" * 10, "<b>Ann</b>", "a\nb", "‮evil", "é"])
async def test_strange_display_names(world: World, name: str) -> None:
    """Taken or refused, but the name that others see is short and without control characters."""
    session = await (await world.person("trainer")).open_session()
    watcher = await world.watch(session)
    line = world.knock(code=session["code"], name=name)
    try:
        await line.connect()
    except socketio.exceptions.ConnectionError:
        error = await line.expect("connect_error")
        assert error["data"]["code"] == "invalid_fields"
    else:
        seat = (await line.expect("session:joined"))["seat"]
        assert 0 < len(seat["name"]) <= 64
        assert seat["name"].strip() == seat["name"]
        assert not [letter for letter in seat["name"] if ord(letter) < 32]
        told = await watcher.expect("trainees:changed", lambda told: told["trainees"])
        assert told["trainees"][0]["name"] == seat["name"]
    finally:
        await line.disconnect()


async def _dashboard(world: World, email: str) -> httpx.AsyncClient:
    """Logged in by the cookie alone."""
    page = await world.person()
    login = await page.call("POST", "/auth/login", 200, json={"email": email, "password": PASSWORD})
    cookie = login.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert page.http.cookies
    return page.http


async def test_the_dashboards_cookie(world: World) -> None:
    page = await _dashboard(world, "trainer@demo.example")
    assert (await page.get("/me")).json()["role"] == "trainer"
    for origin in (None, "https://evil.example", "null", "http://127.0.0.1:1", world.url + ".evil.example", "x"):
        headers = {} if origin is None else {"Origin": origin}
        for method, path, body in (("POST", "/sessions", {}), ("PATCH", f"/sessions/{new_id()}", {"title": "x"})):
            check_problem(await page.request(method, path, json=body, headers=headers), 403, "forbidden")
        check_problem(await page.post("/auth/logout", headers=headers), 403, "forbidden")
    own = {"Origin": world.url}
    session = await page.post("/sessions", json={}, headers=own)
    assert session.status_code == 201
    body = {"id": new_id(), "kind": "note", "text": "by cookie"}
    assert (await page.post(f"/sessions/{session.json()['id']}/events", json=body, headers=own)).status_code == 201
    assert (await page.post("/auth/logout", headers=own)).status_code == 204
    assert (await page.get("/me")).status_code == 401


async def test_a_token_needs_no_origin_and_wins_over_the_cookie(world: World) -> None:
    page = await _dashboard(world, "observer@demo.example")
    headers = {"Authorization": f"Bearer {world.tokens['trainer']}", "Origin": "https://elsewhere.example"}
    assert (await page.post("/sessions", json={}, headers=headers)).status_code == 201
    wrong = {"Authorization": "Bearer x"}
    check_problem(await page.get("/me", headers=wrong), 401, "unauthenticated")


async def test_a_socket_by_the_cookie(world: World) -> None:
    page = await _dashboard(world, "trainer@demo.example")
    cookie = "; ".join(f"{name}={value}" for name, value in page.cookies.items())
    line = Line(world.url, "/trainer", None)
    world.stack.push_async_callback(line.disconnect)
    await line.connect({"Cookie": cookie, "Origin": world.url})
    await line.clock()
    foreign = Line(world.url, "/trainer", None)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await foreign.connect({"Cookie": cookie, "Origin": "https://evil.example"})
    await foreign.disconnect()
    assert not foreign.all("connect")


async def test_origins(tmp_path: Path) -> None:
    """Pages of this server and of ALLOWED_ORIGINS may use the API; others may not read it nor open a socket."""
    friend = "https://training.example.org"
    with serving(tmp_path, USE_IN_MEMORY="true", ALLOWED_ORIGINS=f"{friend}, http://localhost:5173") as server:
        stage = Stage(server)
        stage.set_up_accounts(("trainer",))
        async with AsyncExitStack() as stack:
            world = World(server, stage.tokens, stage.accounts, stack)
            stranger = await world.person()
            session = await (await world.person("trainer")).open_session()
            for origin, allowed in (
                (friend, True),
                ("http://localhost:5173", True),
                ("https://evil.example", False),
                ("http://training.example.org", False),
                ("https://training.example.org.evil.example", False),
                ("null", False),
            ):
                answer = await stranger.call(
                    "POST", "/join", json={"code": session["code"]}, headers={"Origin": origin}
                )
                assert (answer.headers.get("access-control-allow-origin") == origin) is allowed
                wish = {"Origin": origin, "Access-Control-Request-Method": "PATCH"}
                preflight = await stranger.call("OPTIONS", f"/sessions/{session['id']}", headers=wish)
                assert (preflight.headers.get("access-control-allow-origin") == origin) is allowed
                assert await _is_let_in(world, session["code"], origin) is allowed
            assert await _is_let_in(world, session["code"], server.url)


async def _is_let_in(world: World, code: str, origin: str) -> bool:
    for transport in ("websocket", "polling"):
        line = TraineeLine(world.url, {"code": code}, transport=transport)
        try:
            await line.connect({"Origin": origin})
        except socketio.exceptions.ConnectionError:
            return False
        finally:
            await line.disconnect()
    return True
