"""The network or the server goes and comes back: a monitor says so, and returns to its seat by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Browser, expect

from tests.browser.pages import trainees_of, trainer_over_http
from tests.browser.screens import PHONE, TABLET, control_room, monitor
from tests.support.scenario import ServerProcess, serving

# What the browser itself says of a server that is not there.
NOBODY_THERE = r"ERR_CONNECTION_(REFUSED|RESET)|ERR_EMPTY_RESPONSE"


@pytest.fixture
def lasting_server(tmp_path: Path, database_url: str) -> Iterator[ServerProcess]:
    with serving(tmp_path / "server", DATABASE_URL=database_url, SEED_DEMO="true") as server:
        yield server


async def test_a_monitor_without_network_says_so_and_catches_up(browser: Browser, shared_server: ServerProcess) -> None:
    async with (
        trainer_over_http(shared_server) as http,
        monitor(browser, tolerate="ERR_INTERNET_DISCONNECTED", **PHONE) as phone,
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
