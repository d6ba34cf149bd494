"""A device that an admin has shut out: refused at every door by a code of its own, kept in the list, let in again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import quote

import httpx
import pytest

from tests.support.devices import Json, Tablet, an_event
from tests.support.ward import Ward

Door = Callable[[Tablet], Awaitable[httpx.Response]]


async def _ask(device: Tablet, method: str, path: str, body: Json | None = None) -> httpx.Response:
    while True:
        answer = await device.http.request(method, f"/api/v1/sync/{path}", json=body)
        if answer.status_code != 429:
            return answer


def _phone(device: Tablet) -> str:
    return f"watermelon/{device.trainer_id}"


async def _pull(device: Tablet) -> httpx.Response:
    return await _ask(device, "GET", "watermelon/pull?last_pulled_at=null")


async def _push(device: Tablet) -> httpx.Response:
    row = {"id": an_event()["id"], "title": "A case"}
    body = {"templates": {"created": [row], "updated": [], "deleted": []}}
    return await _ask(device, "POST", "watermelon/push?last_pulled_at=1", body)


async def _mark_synced(device: Tablet) -> httpx.Response:
    change = {"entityType": "TEMPLATE", "tempId": "a", "payload": {"title": "A case"}}
    return await _ask(device, "POST", "mark-synced", {"deviceId": device.client_id, "changes": [change]})


CLIENT: dict[str, Door] = {
    "up": lambda device: device.ask("up", {"events": [an_event()]}),
    "an empty up": lambda device: device.ask("up", {"events": []}),
    "down": lambda device: device.ask("down", {"lastSyncTimestamp": 0}),
    "mark-synced": _mark_synced,
}
PHONE: dict[str, Door] = {
    "pull": _pull,
    "push": _push,
    "initial": lambda device: _ask(device, "POST", "initial"),
    "pending": lambda device: _ask(device, "GET", "pending?since=0"),
}


def _device(ward: Ward, client_id: str, method: str, part: str = "") -> Awaitable[httpx.Response]:
    return ward.admin.http.request(method, f"/api/sync/devices/{quote(client_id, safe='')}{part}")


async def _listed(ward: Ward, client_id: str) -> Json:
    items = (await ward.admin.http.get("/api/sync/devices")).json()["items"]
    (found,) = [each for each in items if each["clientId"] == client_id]
    return found


@pytest.mark.parametrize("kind", ["client", "phone"])
async def test_a_revoked_device_is_refused_at_every_door_until_it_is_let_in(ward: Ward, kind: str) -> None:
    doors, client_id = (CLIENT, ward.trainer.client_id) if kind == "client" else (PHONE, _phone(ward.trainer))
    for name, door in doors.items():
        assert (await door(ward.trainer)).status_code == 200, name
    seen = await _listed(ward, client_id)
    assert (seen["revokedAt"], seen["revokedBy"]) == (None, None)
    revoked = await _device(ward, client_id, "POST", "/revocation")
    assert revoked.status_code == 200, revoked.text
    before = await ward.versions()
    for name, door in doors.items():
        answer = await door(ward.trainer)
        assert (answer.status_code, answer.json()["code"]) == (403, "device_revoked"), (name, answer.text)
        assert "let it in again" in answer.json()["detail"]
    assert await ward.versions() == before
    listed = await _listed(ward, client_id)
    assert listed == revoked.json()
    assert listed["revokedBy"]["role"] == "trainer"
    assert listed["lastSeenAt"] == seen["lastSeenAt"]
    again = await _device(ward, client_id, "POST", "/revocation")
    assert again.json()["revokedAt"] == listed["revokedAt"]
    kept = await _device(ward, client_id, "DELETE")
    assert (kept.status_code, kept.json()["code"]) == (409, "conflict")
    for _ in range(2):
        let_in = await _device(ward, client_id, "DELETE", "/revocation")
        assert (let_in.status_code, let_in.json()["revokedAt"], let_in.json()["revokedBy"]) == (200, None, None)
    for name, door in doors.items():
        assert (await door(ward.trainer)).status_code == 200, name
    assert (await _device(ward, client_id, "DELETE")).status_code == 204
    assert (await _device(ward, client_id, "POST", "/revocation")).status_code == 404
    # What was so already is not told again.
    told = (await ward.admin.http.get("/api/v1/audit?about=device")).json()["items"]
    assert [each["action"] for each in told] == ["forgotten", "let_in", "revoked"]
    assert {each["by"]["id"] for each in told} == {ward.admin.trainer_id}
    named = {"client_id": client_id, "trainer_id": ward.trainer.trainer_id}
    assert all(each["details"] == named for each in told)


async def test_its_trainer_goes_on_by_other_devices_and_chooses_in_its_conflicts(ward: Ward) -> None:
    conflict = await ward.trainer.conflict(an_event(operation="UPDATE"))
    await _device(ward, ward.trainer.client_id, "POST", "/revocation")
    other = Tablet(ward.trainer.http, "another tablet")
    await other.acknowledgement(an_event())
    assert (await ward.trainer.http.get("/api/sync/conflicts")).json()["items"][0]["id"] == conflict["conflictId"]
    resolved = await ward.trainer.http.post(
        f"/api/sync/conflicts/{conflict['conflictId']}/resolve", json={"keep": "server", "serverVersion": 0}
    )
    assert resolved.status_code == 200, resolved.text
    # A colleague is told nothing new of it.
    borrowed = await Tablet(ward.colleague.http, ward.trainer.client_id).ask("up", {"events": []})
    assert borrowed.json()["code"] == "forbidden"


async def test_only_admins_of_the_school_revoke(ward: Ward) -> None:
    await ward.trainer.up(an_event())
    path = f"/api/sync/devices/{ward.trainer.client_id}/revocation"
    for device in (ward.trainer, ward.observer):
        for method in ("POST", "DELETE"):
            assert (await device.http.request(method, path)).status_code == 403
    assert (await _listed(ward, ward.trainer.client_id))["revokedAt"] is None


async def test_what_a_revoked_device_tries_fills_no_log(ward: Ward) -> None:
    await ward.trainer.up(an_event())
    await _device(ward, ward.trainer.client_id, "POST", "/revocation")

    async def logged() -> list[Json]:
        calls = (await ward.admin.http.get("/api/sync/log")).json()["items"]
        return [call for call in calls if call["clientId"] == ward.trainer.client_id]

    before = await logged()
    for door in (*CLIENT.values(), *PHONE.values()):
        await door(ward.trainer)
    assert await logged() == before
