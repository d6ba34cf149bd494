"""POST /templates/import: a file as it is; drafts and a report come back, and nothing is stored."""

from __future__ import annotations

import asyncio
import json

from server.domain.imports.dispatch import FILE_LIMIT_BYTES
from server.transport.http.endpoint import API
from tests.support.case_files import (
    OWN_TEMPLATE,
    a_monitor_case,
    a_scenario,
    every_valid_file,
    infirmary_file,
    own_file,
)
from tests.support.running import running_server

IMPORT = f"{API}/templates/import"


async def test_drafts_come_back_and_can_be_kept_as_they_are() -> None:
    async with running_server() as server:
        await server.login()
        before = (await server.http.get(f"{API}/templates")).json()["items"]
        for tool, body in every_valid_file().items():
            # What the client calls it is not looked at.
            answer = await server.http.post(IMPORT, content=body, headers={"Content-Type": "image/png"})
            assert answer.status_code == 200, answer.text
            report = answer.json()["report"]
            assert report[0] == {
                "level": "info", "kind": "taken", "code": "recognised", "field": "", "values": {"tool": tool},
                "message": report[0]["message"],
            }  # fmt: skip
            assert (await server.http.get(f"{API}/templates")).json()["items"] == before
            (draft,) = answer.json()["templates"]
            kept = await server.http.post(f"{API}/templates", json=draft)
            assert kept.status_code == 201, kept.text
            assert {name: kept.json()[name] for name in draft} == draft
            await server.http.delete(f"{API}/templates/{kept.json()['id']}")


async def test_what_cannot_be_read_is_refused_with_its_report() -> None:
    async with running_server() as server:
        await server.login()
        answer = await server.http.post(IMPORT, content='{"título": 1}'.encode("latin-1"))
        assert answer.status_code == 422
        problem = answer.json()
        assert problem["code"] == "invalid_fields"
        assert [error["field"] for error in problem["errors"]] == ["file"]
        assert "UTF-8" in problem["errors"][0]["message"]
        assert [(entry["code"], entry["level"]) for entry in problem["report"]] == [("not_utf8", "error")]
        assert (await server.http.post(IMPORT, content=b"")).json()["report"][0]["code"] == "empty_file"


async def test_a_wrong_check_sum_is_a_warning() -> None:
    async with running_server() as server:
        await server.login()
        answer = await server.http.post(IMPORT, content=infirmary_file(a_scenario(), check_sum="0" * 64))
        assert answer.status_code == 200
        warnings = [entry["code"] for entry in answer.json()["report"] if entry["level"] == "warning"]
        assert "wrong_hash" in warnings


async def test_the_largest_file_is_read_and_a_larger_one_is_not() -> None:
    async with running_server() as server:
        await server.login()
        body = json.dumps(own_file(OWN_TEMPLATE)).encode()
        largest = body + b" " * (FILE_LIMIT_BYTES - len(body))
        assert (await server.http.post(IMPORT, content=largest)).status_code == 200
        assert (await server.http.post(IMPORT, content=largest + b" ")).status_code == 413


async def test_only_who_may_edit_cases_brings_them_in() -> None:
    async with running_server() as server:
        assert (await server.http.post(IMPORT, content=b"{}")).status_code == 401


async def test_several_at_once_each_get_their_own() -> None:
    async with running_server() as server:
        await server.login()
        bodies = [
            json.dumps({**a_monitor_case(), "case": {**a_monitor_case()["case"], "name": f"C{n}"}}) for n in range(6)
        ]
        answers = await asyncio.gather(*(server.http.post(IMPORT, content=body) for body in bodies))
        assert [answer.json()["templates"][0]["title"] for answer in answers] == [f"C{n}" for n in range(6)]
