"""The school's people over HTTP: invited, logged in, logged out elsewhere, removed; and what a hall says to that."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx

from server import clock
from server.domain.timestamps import write_timestamp
from tests.support.devices import an_event
from tests.support.patience import PATIENCE_SECONDS
from tests.support.running import Recorder, connected
from tests.support.ward import PASSWORD, Ward

Json = dict[str, Any]
API = "/api/v1"
BELA = {"email": "Bela@example.org", "name": "Bela", "role": "trainer"}


async def _invite(ward: Ward, **fields: str) -> Json:
    answer = await ward.admin.http.post(f"{API}/invitations", json={**BELA, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def _token(invited: Json) -> str:
    path = urlsplit(invited["url"]).path
    assert path.startswith("/invitation/")
    return path.removeprefix("/invitation/")


def _problem(answer: httpx.Response) -> tuple[int, str, list[str]]:
    problem = answer.json()
    return answer.status_code, problem["code"], [error["field"] for error in problem.get("errors", [])]


async def test_a_colleague_is_invited_and_comes_in_once(ward: Ward) -> None:
    admin, anybody = ward.admin.http, httpx.AsyncClient(base_url=ward.server.url, timeout=PATIENCE_SECONDS)
    async with anybody:
        invited = await _invite(ward)
        assert set(invited) == {"id", "email", "name", "role", "invited_by", "created_at", "expires_at", "url"}
        listed = (await admin.get(f"{API}/invitations")).json()
        assert listed == {"items": [{key: invited[key] for key in invited if key != "url"}], "next_cursor": None}
        found = await anybody.post(f"{API}/invitations/find", json={"token": _token(invited)})
        assert found.json()["standing"] == "open"
        assert (found.json()["email"], found.json()["role"]) == ("bela@example.org", "trainer")
        accept = {"token": _token(invited), "password": PASSWORD}
        login = await anybody.post(f"{API}/invitations/accept", json=accept)
        assert login.status_code == 200, login.text
        assert set(login.json()) == {"token", "expires_at", "trainer"}
        assert "httponly" in login.headers["set-cookie"].lower()
        # By the cookie alone.
        assert (await anybody.get(f"{API}/me")).json() == login.json()["trainer"]
        assert _problem(await anybody.post(f"{API}/invitations/accept", json=accept)) == (409, "conflict", [])
        again = await anybody.post(f"{API}/invitations/find", json={"token": _token(invited)})
        assert again.json()["standing"] == "accepted"
    assert (await admin.get(f"{API}/invitations")).json()["items"] == []
    names = {each["name"] for each in (await ward.observer.http.get(f"{API}/colleagues")).json()["items"]}
    assert {"Bela", "trainer", "colleague", "observer"} <= names
    assert _problem(await admin.post(f"{API}/invitations", json=BELA)) == (422, "invalid_fields", ["email"])


async def test_a_withdrawn_invitation_and_bad_ones(ward: Ward) -> None:
    admin = ward.admin.http
    invited = await _invite(ward)
    path = f"{API}/invitations/{invited['id']}"
    assert (await ward.trainer.http.delete(path)).status_code == 403
    for _ in range(2):
        assert (await admin.delete(path)).status_code == 204
    accept = {"token": _token(invited), "password": PASSWORD}
    assert _problem(await admin.post(f"{API}/invitations/accept", json=accept)) == (409, "conflict", [])
    wrong = {"token": "x" * 43, "password": PASSWORD}
    assert _problem(await admin.post(f"{API}/invitations/accept", json=wrong)) == (404, "not_found", [])
    bad = await admin.post(f"{API}/invitations", json={"email": "x", "name": "", "role": "boss"})
    assert _problem(bad)[:2] == (422, "invalid_fields")
    assert "role" in _problem(bad)[2]
    for who in (ward.trainer, ward.observer):
        assert (await who.http.get(f"{API}/invitations")).status_code == 403
        assert (await who.http.post(f"{API}/invitations", json=BELA)).status_code == 403


async def _line(stack: AsyncExitStack, ward: Ward, token: str) -> Recorder:
    return await stack.enter_async_context(connected(ward.server.url, "/trainer", {"token": token}))


async def _log_in(ward: Ward, who: str = "trainer") -> str:
    body = {"email": f"{who}@example.org", "password": PASSWORD}
    answer = await ward.server.http.post(f"{API}/auth/login", json=body, headers={"User-Agent": "A tablet"})
    return answer.json()["token"]


async def _is_cut(line: Recorder) -> bool:
    await line.client.wait()
    return not line.client.connected


async def test_a_new_password_of_ones_own_cuts_the_others_and_not_this_one(ward: Ward) -> None:
    here = ward.trainer.http
    change = {"password": PASSWORD, "new_password": "another long password"}
    async with AsyncExitStack() as stack:
        mine = await _line(stack, ward, here.headers["Authorization"].removeprefix("Bearer "))
        other = await _line(stack, ward, await _log_in(ward))
        wrong = await here.post(f"{API}/me/password", json={**change, "password": "not it at all"})
        assert _problem(wrong) == (422, "invalid_fields", ["password"])
        assert (await here.post(f"{API}/me/password", json=change)).status_code == 204
        assert await _is_cut(other)
        assert (await mine.call("clock:read", {}))["ok"] is True
        assert (await here.get(f"{API}/me")).status_code == 200
    audit = (await ward.admin.http.get(f"{API}/audit", params={"about": "trainer", "limit": 1})).json()["items"][0]
    assert (audit["action"], audit["by"]["name"], audit["details"]) == ("changed", "trainer", {"fields": ["password"]})


async def test_ones_logins_are_seen_and_ended(ward: Ward) -> None:
    here = ward.trainer.http
    async with AsyncExitStack() as stack:
        other = await _line(stack, ward, await _log_in(ward))
        logins = (await here.get(f"{API}/me/logins")).json()["items"]
        assert [(each["is_current"], each["agent"] == "A tablet") for each in logins] == [(False, True), (True, False)]
        assert set(logins[0]) == {"id", "agent", "created_at", "expires_at", "is_current"}
        assert (await ward.colleague.http.delete(f"{API}/me/logins/{logins[0]['id']}")).status_code == 404
        assert (await here.delete(f"{API}/me/logins/{logins[0]['id']}")).status_code == 204
        assert await _is_cut(other)
        assert (await here.delete(f"{API}/me/logins/{logins[0]['id']}")).status_code == 404
    assert [each["is_current"] for each in (await here.get(f"{API}/me/logins")).json()["items"]] == [True]
    by = {"by": ward.trainer.trainer_id}
    (entry,) = (await ward.admin.http.get(f"{API}/audit", params=by)).json()["items"]
    assert entry["action"] == "login_ended"


async def test_the_last_admin_neither_leaves_nor_steps_down(ward: Ward) -> None:
    path = f"{API}/trainers/{ward.admin.trainer_id}"
    assert _problem(await ward.admin.http.delete(path))[:2] == (409, "conflict")
    assert _problem(await ward.admin.http.patch(path, json={"role": "trainer"}))[:2] == (409, "conflict")
    assert (await ward.admin.http.get(f"{API}/me")).json()["role"] == "admin"


async def test_the_audit_refuses_a_filter_that_is_none(ward: Ward) -> None:
    for field, value in (("by", "nobody"), ("about", "tea")):
        answer = await ward.admin.http.get(f"{API}/audit", params={field: value})
        assert _problem(answer) == (422, "invalid_fields", [field])


async def test_a_co_trainer_who_only_observes_now_stands_in_no_other_s_way(ward: Ward) -> None:
    """Lists are sent whole, with one more in them; a tablet sends back the whole session that it was shown."""
    owner, left, ids = ward.trainer.http, ward.colleague.trainer_id, [ward.colleague.trainer_id]
    session = (await owner.post(f"{API}/sessions", json={"title": "Two"})).json()
    path = f"{API}/sessions/{session['id']}"
    assert (await owner.patch(path, json={"co_trainer_ids": ids})).status_code == 200
    observes = await ward.admin.http.patch(f"{API}/trainers/{left}", json={"role": "observer"})
    assert observes.status_code == 200, observes.text

    more = [left, ward.admin.trainer_id]
    wrong = {"co_trainer_ids": [*more, ward.observer.trainer_id]}
    for body in (wrong, {**wrong, "title": 7}):
        fields = set(_problem(await owner.patch(path, json=body))[2])
        assert fields == {"co_trainer_ids.2"} | ({"title"} if "title" in body else set())
    changed = await owner.patch(path, json={"co_trainer_ids": more})
    assert (changed.status_code, changed.json().get("co_trainer_ids")) == (200, more), changed.text

    [told] = [
        each
        for each in (await ward.trainer.ask("down", {"lastSyncTimestamp": 0})).json()["changes"]
        if each["entityId"] == session["id"]
    ]
    payload = {**told["payload"], "title": "From the tablet"}
    up = {"entityId": session["id"], "localVersion": told["serverVersion"], "payload": payload}
    answer = (
        await ward.trainer.ask("up", {"lastSyncTimestamp": 0, "events": [an_event("SESSION", "UPDATE", **up)]})
    ).json()
    assert (answer["rejected"], answer["conflicts"], len(answer["acknowledged"])) == ([], [], 1)
    after = (await owner.get(path)).json()
    assert (after["title"], after["co_trainer_ids"]) == ("From the tablet", more)

    # Once out, they come in no more.
    assert (await owner.patch(path, json={"co_trainer_ids": more[1:]})).status_code == 200
    assert _problem(await owner.patch(path, json={"co_trainer_ids": more}))[2] == ["co_trainer_ids.0"]


async def test_homework_of_somebody_who_may_give_none_any_more_is_not_offered(ward: Ward) -> None:
    """Who opens the link is told at once, and not when they have typed their name."""
    giver = ward.trainer.http
    steps = [{"key": "hives", "title": "Hives", "transitions": [{"to": None, "automatic": True, "on": {"after": 60}}]}]
    template = (await giver.post(f"{API}/templates", json={"title": "Hives", "steps": steps})).json()
    until = write_timestamp(clock.now() + timedelta(days=1))
    body = {"template_id": template["id"], "title": "A woman of 34", "until": until}
    path = f"{API}/assignments/{(await giver.post(f'{API}/assignments', json=body)).json()['token']}/open"
    async with httpx.AsyncClient(base_url=ward.server.url, timeout=PATIENCE_SECONDS) as anybody:
        assert (await anybody.get(path)).status_code == 200
        await ward.admin.http.patch(f"{API}/trainers/{ward.trainer.trainer_id}", json={"role": "observer"})
        for answer in (await anybody.get(path), await anybody.post(path, json={"name": "Zoé"})):
            assert _problem(answer) == (410, "session_closed", [])
