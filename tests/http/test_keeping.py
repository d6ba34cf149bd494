"""A record that is safe to keep, over HTTP: what the school decides, locks, names that go out, and who looked."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from server.service.school.nights import Nights
from server.storage.memory import MemoryStorage
from server.transport.http.endpoint import API
from tests.support.clocks import SteppingClock
from tests.support.outage import Clock
from tests.support.running import connected, running_server
from tests.support.scenario_clients import eventually
from tests.support.ward import Ward

Json = dict[str, Any]


def _problem(answer: httpx.Response) -> tuple[int, str, list[str]]:
    problem = answer.json()
    return answer.status_code, problem["code"], [error["field"] for error in problem.get("errors", [])]


async def _post(http: httpx.AsyncClient, path: str, body: Json | None = None, status: int = 200) -> Json:
    answer = await http.post(f"{API}{path}", json=body) if body is not None else await http.post(f"{API}{path}")
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else {}


async def _get(http: httpx.AsyncClient, path: str, **params: str) -> Json:
    answer = await http.get(f"{API}{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_school_decides_for_how_long(ward: Ward) -> None:
    admin, trainer = ward.admin.http, ward.trainer.http
    assert await _get(admin, "/school/retention") == {"names_months": 12, "records_months": None, "begins_at": None}
    for path in ("/school/retention", "/school/due"):
        assert _problem(await trainer.get(f"{API}{path}"))[:2] == (403, "forbidden")
    wrong = {"names_months": 0, "records_months": "x"}
    refused = await admin.put(f"{API}/school/retention", json=wrong)
    assert _problem(refused) == (422, "invalid_fields", ["names_months", "records_months"])
    decided = await admin.put(f"{API}/school/retention", json={"names_months": 6, "records_months": 24})
    assert decided.json() == await _get(admin, "/school/retention")
    assert (decided.json()["names_months"], decided.json()["records_months"]) == (6, 24)
    session = await _post(trainer, "/sessions", {"title": "Sepsis"}, 201)
    joined = await _post(trainer, "/join", {"code": session["code"]})
    assert joined["kept"] == {"names_months": 6, "records_months": 24}
    assert await _get(admin, "/school/due") == {"items": [], "next_cursor": None}
    await _post(trainer, f"/sessions/{session['id']}/close")
    (due,) = (await _get(admin, "/school/due"))["items"]
    assert (due["session_id"], due["title"], due["measure"]) == (session["id"], "Sepsis", "names_out")
    assert due["at"].endswith("T02:00:00.000Z")


async def test_names_out_of_a_session_that_has_ended(ward: Ward) -> None:
    trainer, path = ward.trainer.http, ""
    session = await _post(trainer, "/sessions", {"title": "Réa d'Ann", "trainee_name": "Group 1"}, 201)
    path = f"/sessions/{session['id']}"
    async with connected(ward.server.url, "/trainee", {"code": session["code"], "name": "Ann"}) as ann:
        seat = (await ann.wait_for("session:joined"))["seat"]
        await ann.call("action:take", {"id": str(uuid4()), "action": "nibp_start"})
    async with connected(ward.server.url, "/trainee", {"code": session["code"], "name": "Zoé"}) as zoe:
        other = (await zoe.wait_for("session:joined"))["seat"]
    notes = {text: str(uuid4()) for text in ("Ann leads", "Her sister says so")}
    for text, note_id in notes.items():
        await _post(trainer, f"{path}/events", {"id": note_id, "kind": "note", "text": text}, 201)
    texts = {"texts": {notes["Her sister says so"]: None}}
    assert _problem(await trainer.post(f"{API}{path}/names-out", json=texts))[:2] == (409, "conflict")
    await _post(trainer, f"{path}/close")
    colleague = await ward.colleague.http.post(f"{API}{path}/names-out", json=texts)
    assert _problem(colleague)[:2] == (403, "forbidden")
    (end,) = [each["seq"] for each in (await _get(trainer, f"{path}/debrief"))["moments"] if each["kind"] == "end"]
    await _call_moments(trainer, path, {"0/opened": "Ann begins", f"{end}/end": "The end"})
    about = await _get(ward.observer.http, f"{path}/seats/{seat['id']}/export")
    assert about["moments"] == [{"seq": 0, "kind": "opened", "title": "Ann begins"}]
    await _call_moments(trainer, path, {"0/opened": "", f"{end}/end": ""})
    assert about["seat"]["name"] == "Ann"
    assert [event["text"] for event in about["notes"]] == ["Ann leads"]
    assert [event["details"]["action"] for event in about["actions"]] == ["nibp_start"]
    assert len(about["attendance"]) == 1
    assert _problem(await trainer.get(f"{API}{path}/seats/{uuid4()}/export"))[:2] == (404, "not_found")
    await _an_export_has_scores_and_own_words(ward, path, seat, other)

    told = (await _get(trainer, f"{path}/names-out"))["texts"]
    # Words come in an order that does not tell who was first.
    assert sorted(((each["kind"], each["text"], each["by"], each["longest"]) for each in told), key=str) == [
        ("note", "Ann leads", "trainer", 2000),
        ("note", "Her sister says so", "trainer", 2000),
        ("score", "Calm", "observer", 2000),
        ("title", "Réa d'Ann", None, 200),
        ("words", "I called late", None, 2000),
        ("words", "I was alone", "Zoé", 2000),
    ]
    assert {each["text"]: each["at"] is None for each in told}["I was alone"]
    assert _problem(await ward.colleague.http.get(f"{API}{path}/names-out"))[:2] == (403, "forbidden")
    texts["texts"] |= {each["id"]: None for each in told if each["text"] in ("Calm", "I was alone")}

    # A lock keeps it from this, too.
    locked = await _post(trainer, f"{path}/lock", {"reason": "A complaint"})
    assert (locked["lock"]["reason"], locked["lock"]["by"]["name"]) == ("A complaint", "trainer")
    assert _problem(await trainer.post(f"{API}{path}/names-out", json={}))[:2] == (409, "conflict")
    assert (await trainer.delete(f"{API}{path}/lock")).json()["lock"] is None
    strange = str(uuid4())
    refused = await trainer.post(f"{API}{path}/names-out", json={"texts": {strange: "x"}})
    assert _problem(refused) == (422, "invalid_fields", [f"texts.{strange}"])
    refused = await trainer.post(f"{API}{path}/names-out", json={"texts": {"x": "x"}})
    assert _problem(refused) == (422, "invalid_fields", ["texts.x"])

    device = ward.trainer
    out = await _post(trainer, f"{path}/names-out", texts)
    assert (out["title"], out["trainee_name"]) == ("Réa d'Trainee 1", None)
    assert out["names_out_at"] is not None
    events = (await _get(trainer, f"{path}/events"))["items"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    by_id = {event["id"]: event for event in events}
    assert by_id[notes["Ann leads"]]["text"] == "Trainee 1 leads"
    assert by_id[notes["Her sister says so"]]["text"] is None
    assert by_id[notes["Her sister says so"]]["details"] == {"redacted": True}
    assert {event["by"]["name"] for event in events if event["by"]["role"] == "trainee"} == {"Trainee 1"}
    debrief = await _get(trainer, f"{path}/debrief")
    assert [each["name"] for each in debrief["attendance"]] == ["Trainee 1", "Trainee 2"]
    assert [sheet["comment"] for sheet in debrief["scores"]["sheets"]] == [""]
    assert [(each["name"], each["words"]) for each in debrief["reflections"]] == [(None, "I called late")]
    csv = await trainer.get(f"{API}{path}/export")
    assert "Ann" not in csv.text
    # Devices and phones pull the session and its record again.
    change = {"clientId": "x", "lastSyncTimestamp": 0}
    told = (await device.http.post("/api/sync/down", json=change)).json()["changes"]
    assert "Ann" not in str([each for each in told if each["entityType"] == "SESSION"])
    await _texts_that_were_overlooked(ward, path)
    phone = await trainer.get(f"{API}/sync/watermelon/pull")
    assert "Ann leads" not in phone.text
    assert "Trainee 1 leads" in phone.text


async def _call_moments(http: httpx.AsyncClient, path: str, titles: dict[str, str]) -> None:
    for place, title in titles.items():
        titled = await http.patch(f"{API}{path}/moments/{place}", json={"title": title})
        assert titled.status_code == 200, titled.text


async def _texts_that_were_overlooked(ward: Ward, path: str) -> None:
    """Go afterwards; a title of a moment among them, which was written after the names had gone."""
    await _call_moments(ward.trainer.http, path, {"0/opened": "Ann begins"})
    told = (await _get(ward.trainer.http, f"{path}/names-out"))["texts"]
    assert [(each["kind"], each["text"]) for each in told] == [
        ("title", "Réa d'Trainee 1"),
        ("note", "Trainee 1 leads"),
        ("words", "I called late"),
        ("moment", "Ann begins"),
    ]
    once = {"texts": {told[-1]["id"]: None}}
    await _post(ward.trainer.http, f"{path}/names-out", once)
    assert (await _get(ward.trainer.http, f"{path}/debrief"))["moments"][0]["title"] is None
    refused = await ward.trainer.http.post(f"{API}{path}/names-out", json=once)
    assert _problem(refused) == (422, "invalid_fields", [f"texts.{told[-1]['id']}"])


async def _an_export_has_scores_and_own_words(ward: Ward, path: str, seat: Json, other: Json) -> None:
    """Everybody's scores are of the whole team; words are told only to whom they have the name of."""

    async def own_words(of: Json) -> list[str]:
        about = await _get(ward.observer.http, f"{path}/seats/{of['id']}/export")
        return [each["words"] for each in about["own_words"]]

    async def say(by: Json, **body: Any) -> None:
        headers = {"Authorization": f"Bearer {by['token']}"}
        said = await ward.server.http.put(f"{API}/reflection", json=body, headers=headers)
        assert said.status_code == 200, said.text

    sheet = await ward.observer.http.put(f"{API}{path}/scores", json={"items": {}, "comment": "Calm"})
    assert sheet.status_code == 200, sheet.text
    await say(seat, words="I called late")
    # A colleague's words are in the file of whom they name; without a name it is told that there are some.
    for is_anonymous, (by, text) in ((False, ("Zoé", "Ann was calm")), (True, (None, None))):
        await say(other, words="Ann was calm", is_anonymous=is_anonymous)
        about = await _get(ward.observer.http, f"{path}/seats/{seat['id']}/export")
        assert about["named_by"] == [{"kind": "words", "at": None, "by": by, "text": text}]
    await say(other, words="I was alone", is_anonymous=True)
    about = await _get(ward.observer.http, f"{path}/seats/{seat['id']}/export")
    assert [(each["by"]["name"], each["comment"]) for each in about["scores"]["sheets"]] == [("observer", "Calm")]
    assert about["own_words"] == [{"seat_id": seat["id"], "name": "Ann", "words": "I called late", "scores": {}}]
    # What is said without a name is nobody's: not in the export of whoever said it, and not in the other's.
    assert await own_words(other) == []
    await say(other, is_anonymous=False)
    assert (await own_words(other), await own_words(seat)) == (["I was alone"], ["I called late"])
    await say(seat, is_anonymous=True)
    assert await own_words(seat) == []


async def test_who_looked_at_a_debrief_and_printed_it(ward: Ward) -> None:
    session = await _post(ward.trainer.http, "/sessions", {"title": "Sepsis"}, 201)
    views = f"/sessions/{session['id']}/views"
    await _post(ward.observer.http, views, {"view": "opened"}, 204)
    await _post(ward.trainer.http, f"/sessions/{session['id']}/close")
    for view in ("opened", "opened", "printed", "printed"):
        await _post(ward.observer.http, views, {"view": view}, 204)
    # Whoever reads a debrief has opened it; a device that keeps a copy shows it to nobody yet.
    await _get(ward.colleague.http, f"/sessions/{session['id']}/debrief")
    await _get(ward.trainer.http, f"/sessions/{session['id']}/debrief", purpose="copy")
    assert _problem(await ward.observer.http.post(f"{API}{views}", json={"view": "shared"}))[0] == 422
    entries = (await _get(ward.admin.http, "/audit", about="session"))["items"]
    told = [(each["by"]["name"], each["action"]) for each in entries if each["details"].get("part") == "debrief"]
    # An hour may have begun between the two.
    assert set(told) == {("observer", "opened"), ("observer", "printed"), ("colleague", "opened")}
    assert told.count(("observer", "printed")) == 2
    assert told.count(("observer", "opened")) in (1, 2)


async def test_the_night_does_what_is_due_once(ward: Ward) -> None:
    """By two processes that look at the same time; and after a restart what was missed."""
    trainer, admin = ward.trainer.http, ward.admin.http
    kept, gone = [await _post(trainer, "/sessions", {"title": f"No {number}"}, 201) for number in range(2)]
    for session in (kept, gone):
        await _post(trainer, f"/sessions/{session['id']}/close")
    await admin.put(f"{API}/school/retention", json={"names_months": 1, "records_months": 2})
    await _post(trainer, f"/sessions/{kept['id']}/lock", {"reason": "A complaint"})
    clock = Clock(timedelta(days=32))
    nights = [Nights(ward.server.app.services.keeping, clock.now) for _ in range(2)]
    await asyncio.gather(*(night.look() for night in nights))
    entries = (await _get(admin, "/audit", about="session"))["items"]
    assert [each["subject"]["id"] for each in entries if each["action"] == "names_out"] == [gone["id"]]
    assert (await _get(trainer, f"/sessions/{gone['id']}"))["names_out_at"] is not None
    clock.ahead = timedelta(days=64)
    await asyncio.gather(*(night.look() for night in nights))
    assert (await trainer.get(f"{API}/sessions/{gone['id']}")).status_code == 404
    assert (await _get(trainer, f"/sessions/{kept['id']}"))["names_out_at"] is None
    listed = [each["id"] for each in (await _get(trainer, "/sessions"))["items"]]
    assert (kept["id"] in listed, gone["id"] in listed) == (True, False)


async def test_a_running_server_comes_to_its_night_by_itself() -> None:
    """When it starts nothing is due yet; half a second later it is two o'clock."""
    storage, clock = MemoryStorage(), SteppingClock()
    async with running_server(storage, now=clock) as server:
        await server.login()
        session = await server.open_session(title="Sepsis")
        await _post(server.http, f"/sessions/{session['id']}/close")
        decided = await server.http.put(f"{API}/school/retention", json={"names_months": 1, "records_months": None})
        assert decided.status_code == 200
        (due,) = (await _get(server.http, "/school/due"))["items"]
        clock.stand_still()
        clock.wait(datetime.fromisoformat(due["at"]) - clock() - timedelta(seconds=0.5))
    async with running_server(storage, now=clock.starts_anew(), is_seeded=False) as server:
        await server.login()
        path = f"/sessions/{session['id']}"

        async def without_names() -> bool:
            return (await _get(server.http, path))["names_out_at"] is not None

        assert not await without_names()
        clock.wait(timedelta(seconds=0.5))
        await eventually(without_names, "the night")
