"""The network or the server goes and comes back: a monitor says so, and returns to its seat by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from playwright.async_api import Browser, Route, expect

from server import clock
from server.domain.timestamps import write_timestamp
from tests.browser.pages import NO_WORKER, OFFLINE, trainees_of, trainer_over_http
from tests.browser.screens import PHONE, TABLET, control_room, monitor
from tests.support.scenario import ServerProcess, serving
from tests.support.scenario_clients import eventually

# What the browser itself says of a server that is not there, or goes in the middle of an answer.
# The last two are of a WebSocket that was being opened, and of a service worker whose first install met its end.
NOBODY_THERE = (
    r"ERR_CONNECTION_(REFUSED|RESET|CLOSED)|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED"
    r"|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONTENT_LENGTH_MISMATCH"
    rf"|closed before receiving a handshake|{NO_WORKER}"
)

# Moves after ten minutes, which pass while the server is down.
HOMEWORK: dict[str, Any] = {
    "title": "Anaphylaxis, alone",
    "steps": [
        {
            "key": "hives",
            "title": "Hives",
            "vitals": {"heart_rate": 128},
            "transitions": [{"to": "shock", "automatic": True, "on": {"after": 600}}],
        },
        {
            "key": "shock",
            "title": "Shock",
            "vitals": {"heart_rate": 141},
            "transitions": [{"to": "better", "automatic": True, "on": {"marker": "im_adrenaline"}}],
        },
        {
            "key": "better",
            "title": "Better",
            "vitals": {"heart_rate": 91},
            "transitions": [{"to": None, "automatic": True, "on": {"marker": "handover"}}],
        },
    ],
}


@pytest.fixture
def lasting_server(tmp_path: Path, database_url: str) -> Iterator[ServerProcess]:
    with serving(tmp_path / "server", DATABASE_URL=database_url, SEED_DEMO="true") as server:
        yield server


async def test_a_monitor_without_network_says_so_and_catches_up(browser: Browser, shared_server: ServerProcess) -> None:
    async with (
        trainer_over_http(shared_server) as http,
        monitor(browser, tolerate=OFFLINE, **PHONE) as phone,
    ):
        session = (await http.post("/sessions", json={"title": "Goes on without"})).raise_for_status().json()
        await phone.join(shared_server.url, session["code"], "Zoé")
        await phone.shows("ecg", 75)
        await phone.page.context.set_offline(True)
        banner = phone.page.locator(".mon-lost")
        await expect(banner).to_contain_text("Connection lost. What you see is")
        push: dict[str, Any] = {"id": str(uuid4()), "kind": "vitals", "vitals": {"heart_rate": 141}}
        (await http.post(f"/sessions/{session['id']}/events", json=push)).raise_for_status()
        await phone.shows("ecg", 75)
        await phone.page.context.set_offline(False)
        await phone.shows("ecg", 141)
        await expect(banner).to_have_count(0)
        assert await trainees_of(http, session) == 1, "the seat is the same one"


async def test_a_monitor_comes_back_to_its_seat_after_the_server_was_killed(
    browser: Browser, lasting_server: ServerProcess
) -> None:
    async with (
        monitor(browser, tolerate=NOBODY_THERE, **TABLET) as tablet,
        control_room(browser, tolerate=NOBODY_THERE) as room,
    ):
        async with trainer_over_http(lasting_server) as http:
            session = (await http.post("/sessions", json={"title": "Outlives its server"})).raise_for_status().json()
        await room.log_in(lasting_server)
        await room.page.get_by_role("link", name="Outlives its server").click()
        await tablet.join(lasting_server.url, session["code"], "Zoé")
        await expect(room.person("Zoé")).to_contain_text("connected")
        await tablet.page.evaluate("() => { window.neverReloaded = true; }")

        lasting_server.kill()
        banner = tablet.page.locator(".mon-lost")
        await expect(banner).to_contain_text(re.compile(r"Connection lost\. What you see is \d+ s old"))
        await expect(banner).to_contain_text(re.compile(r"is ([3-9]|\d\d+) s old"))
        await tablet.shows("ecg", 75)
        await tablet.key("Marker").tap()
        await expect(banner).to_contain_text("Your actions waiting to be sent: 1.")

        lasting_server.restart_on_same_port()
        await expect(banner).to_have_count(0)
        assert await tablet.page.evaluate("() => window.neverReloaded") is True
        await expect(room.record("set a marker")).to_contain_text("Zoé")
        await expect(room.person("Zoé")).to_contain_text("connected")
        await expect(room.page.locator("#part-people .db-person")).to_have_count(1)
        async with trainer_over_http(lasting_server) as http:
            path = f"/sessions/{session['id']}/events"
            push: dict[str, Any] = {"id": str(uuid4()), "kind": "vitals", "vitals": {"heart_rate": 141}}
            (await http.post(path, json=push)).raise_for_status()
            await tablet.shows("ecg", 141)
            events = (await http.get(path)).raise_for_status().json()["items"]
            assert await trainees_of(http, session) == 1, "the seat is the same one"
    assert [(event["seq"], event["kind"]) for event in events] == [(1, "action"), (2, "vitals")]


async def test_homework_goes_on_over_kills_between_its_moves_and_around_one(
    browser: Browser, lasting_server: ServerProcess, database_url: str
) -> None:
    by_hand = await asyncpg.connect(database_url)
    async with monitor(browser, tolerate=f"{NOBODY_THERE}|ERR_FAILED", **PHONE) as phone:
        async with trainer_over_http(lasting_server) as http:
            template = (await http.post("/templates", json=HOMEWORK)).raise_for_status().json()
            until = write_timestamp(clock.now() + timedelta(days=1))
            body = {"template_id": template["id"], "title": "A woman of 34", "until": until}
            given = (await http.post("/assignments", json=body)).raise_for_status().json()
        await phone.page.goto(f"{lasting_server.url}/h/{given['token']}")
        await phone.page.get_by_label("Your name").fill("Léa")
        begin = phone.page.get_by_role("button", name="Begin")

        async def lose_the_answer(route: Route) -> None:
            if route.request.method == "POST":
                await route.fetch()
                await route.abort()
            else:
                await route.continue_()

        await phone.page.route("**/open", lose_the_answer)
        await begin.click()
        await expect(phone.page.get_by_role("alert")).to_contain_text("does not answer")
        await phone.page.unroute("**/open")
        await begin.click()
        await phone.shows("ecg", 128)
        await phone.page.evaluate("() => { window.neverReloaded = true; }")

        lasting_server.kill()
        await _ten_minutes_pass(by_hand)
        async with by_hand.transaction():
            await by_hand.execute("LOCK TABLE session_events IN SHARE ROW EXCLUSIVE MODE")
            lasting_server.restart_on_same_port()
            await eventually(lambda: _is_waited_for(by_hand), "the move that is due to be under way")
            lasting_server.kill()
        lasting_server.restart_on_same_port()
        await phone.shows("ecg", 141)
        await expect(phone.page.locator(".mon-lost")).to_have_count(0)
        await phone.page.get_by_role("button", name="Adrenaline IM", exact=True).tap()
        await phone.shows("ecg", 91)
        await phone.page.get_by_role("button", name="Hand over", exact=True).tap()
        await expect(phone.heading("The case is over")).to_be_visible()
        assert await phone.page.evaluate("() => window.neverReloaded") is True
        async with trainer_over_http(lasting_server) as http:
            (attempt,) = (await http.get(f"/assignments/{given['id']}/tries")).raise_for_status().json()["items"]
            path = f"/sessions/{attempt['session_id']}/events"
            events = (await http.get(path)).raise_for_status().json()["items"]
            assert await trainees_of(http, {"id": attempt["session_id"]}) == 1, "the seat is the same one"
    await by_hand.close()
    assert attempt["ended"] == "played_out"
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    steps = {event["step"]: event for event in events if event["step"] is not None}
    assert [event["step"] for event in events if event["step"] is not None] == ["hives", "shock", "better"]
    began, moved = (datetime.fromisoformat(each) for each in (steps["hives"]["created_at"], steps["shock"]["made_at"]))
    assert moved - began == timedelta(minutes=10), "caught up as of the moment in which it was due"


async def _ten_minutes_pass(by_hand: asyncpg.Connection) -> None:
    async with by_hand.transaction():
        # Past the triggers: no device is to hear of it.
        await by_hand.execute("SET LOCAL session_replication_role = replica")
        for table, moments in (
            ("sessions", ("created_at", "updated_at")),
            ("session_events", ("created_at", "made_at")),
        ):
            earlier = ", ".join(f"{moment} = {moment} - interval '10 minutes'" for moment in moments)
            await by_hand.execute(f"UPDATE {table} SET {earlier}")  # noqa: S608 - only the names above


async def _is_waited_for(by_hand: asyncpg.Connection) -> bool:
    """Whether something is about to be written to a record."""
    sql = """
    SELECT EXISTS (
        SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
        WHERE datname = current_database() AND relation = 'session_events'::regclass AND NOT granted
    )
    """
    return bool(await by_hand.fetchval(sql))
