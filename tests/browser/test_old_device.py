"""A browser that last had the first version of the screens: what waited in it is sent by today's, once and in order."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.browser.trainer_pages import expect_status, outbox, over_http, own_number, ready, record_of, trainer_context
from tests.support.scenario import DEMO_EMAIL, DEMO_PASSWORD, ServerProcess
from tests.support.scenario_clients import Json, new_id

pytestmark = pytest.mark.asyncio(loop_scope="session")

# The two databases as that version made them (Dexie counts versions in tens), by the browser's own calls.
_LEAVE_VERSION_1 = """async ({ trainer, sessions, entries }) => {
  const make = (name, stores) => new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 10);
    request.onupgradeneeded = () => {
      for (const { store, options, indexes, rows } of stores) {
        const made = request.result.createObjectStore(store, options);
        for (const [index, unique] of indexes ?? []) made.createIndex(index, index, { unique });
        for (const row of rows ?? []) made.add(row);
      }
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => { request.result.close(); resolve(); };
  });
  const holder = { trainer, state: "in", since: Date.now() };
  await make("shiller", [{ store: "meta", options: { keyPath: "key" }, rows: [{ key: "holder", value: holder }] }]);
  await make(`shiller.${trainer.id}`, [
    { store: "sessions", options: { keyPath: "id" }, rows: sessions },
    { store: "templates", options: { keyPath: "id" } },
    { store: "events", options: { keyPath: ["session_id", "seq"] } },
    {
      store: "outbox",
      options: { keyPath: "position", autoIncrement: true },
      indexes: [["id", true], ["session_id", false]],
      rows: entries,
    },
  ]);
}"""
_LOG_IN = """async ([email, password]) => {
  const body = JSON.stringify({ email, password });
  const headers = { "Content-Type": "application/json" };
  await fetch("/api/v1/auth/login", { method: "POST", headers, body });
}"""
_VERSION = """async () => (await indexedDB.databases()).map(({ name, version }) => [name.split(".").length, version])"""


async def test_what_waited_in_the_first_version_is_sent_once_and_in_order(
    browser: Browser, shared_server: ServerProcess
) -> None:
    async with over_http(shared_server.url) as http, trainer_context(browser) as context:
        trainer = (await http.get("/me")).raise_for_status().json()
        known, unsent = await two_sessions(http)
        entries = [
            entry(trainer, known, "vitals:push", {"vitals": {"heart_rate": 90}}, state="sending"),
            entry(trainer, unsent, "session:open", {"title": unsent["title"]}, id=unsent["id"]),
            entry(trainer, known, "vitals:push", {"vitals": {"heart_rate": 91}, "ramp_seconds": 5}),
            entry(trainer, known, "session:change", {"title": "Renamed then"}),
            entry(trainer, unsent, "session:change", {"trainee_name": "Group 2"}),
            entry(trainer, unsent, "vitals:push", {"vitals": {"spo2": 88}}),
            entry(trainer, known, "note:add", {"text": "called for help"}),
            entry(trainer, unsent, "note:add", {"text": "intubated"}),
            entry(trainer, known, "vitals:push", {"vitals": {"heart_rate": 92}, "flags": {"cpr": True}}),
        ]
        page = await context.new_page()
        # Of this origin, and without the screens' scripts.
        await page.goto(f"{shared_server.url}/healthz")
        await page.evaluate(_LOG_IN, [DEMO_EMAIL, DEMO_PASSWORD])
        await page.evaluate(_LEAVE_VERSION_1, {"trainer": trainer, "sessions": [known, unsent], "entries": entries})

        posted: list[str] = []
        page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
        await page.goto(f"{shared_server.url}/dashboard/sessions/{known['id']}")
        await ready(page)
        await expect(own_number(page, "Heart rate")).to_have_text("92")
        await expect_status(page, "Saved")
        assert await outbox(page) == []
        for session in (known, unsent):
            record = await record_of(http, session["id"])
            assert [event["id"] for event in record] == [
                one["id"]
                for one in entries
                if one["session_id"] == session["id"] and one["kind"] in ("vitals:push", "note:add")
            ]
        after = [(await http.get(f"/sessions/{session['id']}")).json() for session in (known, unsent)]
        assert after[0]["title"] == "Renamed then"
        assert after[1]["trainee_name"] == "Group 2"
        # Opened once; what else went over HTTP went once, too.
        assert len([url for url in posted if url.endswith("/api/v1/sessions")]) == 1
        assert sorted(await page.evaluate(_VERSION)) == [[1, 10], [2, 80]]


async def two_sessions(http: Any) -> tuple[Json, Json]:
    """As the first version stored them: one that the server has, one that was opened without a network."""
    fields = {"event_count": 0, "trainee_count": 0, "recorded_to": 0, "ahead": [], "watched_at": None}
    known = (await http.post("/sessions", json={"id": new_id(), "title": "Known"})).raise_for_status().json()
    unsent = {**known, "id": new_id(), "title": "In the cellar", "code": None, "version": 0}
    return {**known, **fields}, {**unsent, **fields}


def entry(trainer: Json, session: Json, kind: str, body: Json, state: str = "waiting", id: str | None = None) -> Json:
    return {
        "id": id or new_id(), "session_id": session["id"], "kind": kind, "body": body, "author": trainer["id"],
        "created_at": "2026-01-21T04:25:02.500Z", "state": state, "failures": 0, "refusal": None,
    }  # fmt: skip
