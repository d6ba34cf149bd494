"""`shiller hall`, beside a running server on the same database."""

from __future__ import annotations

import asyncio
import json
import subprocess
from typing import Any

import httpx

from tests.scenario.conftest import OTHER_SCHOOL_EMAIL
from tests.support.hall_side import an_envelope
from tests.support.patience import PATIENCE_SECONDS
from tests.support.scenario import DEMO_EMAIL, run_command
from tests.support.scenario_clients import World, new_id

SCHOOL = "Demo school"


async def _run(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = world.server.variables
    return await asyncio.to_thread(run_command, "hall", *arguments, folder=world.server.folder, **variables)


async def _school_of(world: World) -> str:
    listed = await _run(world, "list", "--json")
    assert listed.returncode == 0, listed.stderr
    names = [each["school"]["name"] for each in json.loads(listed.stdout)["items"]]
    return next(name for name in names if name != "Other school")


def _session(trainer_id: str, code: str) -> dict[str, Any]:
    limits = {"heart_rate": {"low": 50, "high": 120}}
    moments = {"created_at": "2026-11-28T09:00:00.000Z", "expires_at": "2096-11-28T13:00:00.000Z"}
    payload = {"code": code, "title": "In the hall", "trainer_id": trainer_id, "limits": limits, **moments}
    return an_envelope("SESSION", new_id(), payload)  # type: ignore[arg-type]


async def test_a_hall_is_added_listed_and_revoked(two_schools: World) -> None:
    school, name = await _school_of(two_schools), f"Hall {new_id()[:8]}"
    added = await _run(two_schools, "add", name, "--school", school, "--trainer", DEMO_EMAIL, "--json")
    assert added.returncode == 0, added.stderr
    hall = json.loads(added.stdout)
    assert hall["token"].startswith("shh_")
    async with httpx.AsyncClient(base_url=two_schools.url, trust_env=False, timeout=PATIENCE_SECONDS) as http:
        headers = {"Authorization": f"Bearer {hall['token']}"}
        hello = {"clientId": new_id(), "release": "1.0", "waiting": {"events": 7}}
        assert (await http.post("/api/sync/hello", json=hello, headers=headers)).status_code == 200
        listed = await _run(two_schools, "list")
        [line] = [line for line in listed.stdout.splitlines() if name in line]
        assert "7 waiting" in line
        assert hall["token"] not in listed.stdout
        revoked = await _run(two_schools, "revoke", name.upper())
        assert (revoked.returncode, revoked.stdout.strip()) == (0, f"revoked {name}; 0 sessions of it are open")
        assert (await _run(two_schools, "revoke", hall["id"])).returncode == 0
        refused = await http.post("/api/sync/hello", json=hello, headers=headers)
        assert refused.json()["code"] == "hall_revoked"


async def test_what_cannot_be_done_is_said(two_schools: World) -> None:
    school = await _school_of(two_schools)
    wrong: list[tuple[tuple[str, ...], int, str]] = [
        (("add", "X"), 2, "--trainer"),
        (("add", "X", "--all"), 2, "--school"),
        (("add", "X", "--all", "--school", "Nowhere"), 1, "no school Nowhere"),
        (("add", "X", "--school", school, "--trainer", OTHER_SCHOOL_EMAIL), 1, "no trainer"),
        (("add", "", "--school", school, "--all"), 1, "name"),
        (("revoke", "Nowhere"), 1, "no hall Nowhere"),
        (("take-over", "ABCDEF"), 1, "ABCDEF"),
    ]
    told = await asyncio.gather(*(_run(two_schools, *arguments) for arguments, _, _ in wrong))
    for (arguments, code, said), ran in zip(wrong, told, strict=True):
        assert (ran.returncode, said in ran.stderr) == (code, True), (arguments, ran.stderr)


async def test_a_session_of_a_lost_hall_is_taken_over(two_schools: World) -> None:
    school, name = await _school_of(two_schools), f"Hall {new_id()[:8]}"
    added = json.loads((await _run(two_schools, "add", name, "--school", school, "--all", "--json")).stdout)
    trainer = await two_schools.person("trainer")
    async with httpx.AsyncClient(base_url=two_schools.url, trust_env=False, timeout=PATIENCE_SECONDS) as http:
        headers = {"Authorization": f"Bearer {added['token']}"}
        sent = _session(two_schools.accounts["trainer"]["id"], "QQQQQQ")
        answer = await http.post("/api/sync/up", json={"clientId": new_id(), "events": [sent]}, headers=headers)
        assert not answer.json()["rejected"], answer.text
    path = f"/sessions/{sent['entityId']}"
    refused = await trainer.call("POST", f"{path}/close")
    assert refused.json()["hall"] == name
    taken = await _run(two_schools, "take-over", sent["entityId"], "--json")
    assert taken.returncode == 0, taken.stderr
    assert json.loads(taken.stdout)["hall"] is None
    assert (await _run(two_schools, "take-over", sent["entityId"])).returncode == 0
    closed = await trainer.call("POST", f"{path}/close")
    assert closed.json()["close_reason"] == "closed"
    over = await _run(two_schools, "take-over", sent["entityId"])
    assert over.returncode == 1
