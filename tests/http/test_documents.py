"""The OpenAPI document says what the server does, and the server does nothing that it does not say."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from server.transport.http.endpoint import API
from server.transport.http.openapi import refusals_of
from server.transport.site import endpoints
from tests.support.running import running_server

EXAMPLES = 5
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


async def test_every_endpoint_is_in_the_document_and_the_other_way_round() -> None:
    async with running_server() as server:
        document = (await server.http.get(f"{API}/openapi.json")).json()
    documented = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert documented == {(one.method, one.base + one.path) for one in endpoints(server.url)}
    assert document["openapi"].startswith("3.1")


async def test_an_endpoint_documents_the_problems_of_its_kind() -> None:
    login = next(one for one in endpoints("http://x") if one.path == "/auth/login")
    assert refusals_of(login) == [
        "invalid_body",
        "unauthenticated",
        # At a hall that has not heard of its central server for a month.
        "forbidden",
        "too_large",
        "unsupported_media_type",
        "invalid_fields",
        "rate_limited",
        "storage_unavailable",
    ]


async def test_fuzzing_finds_no_crash_and_nothing_undocumented(tmp_path: Path) -> None:
    """
    schemathesis makes requests from the document, right and wrong ones, and checks every answer. What it was answered
    it uses in later requests: it finds the id of the very trainer that it is logged in as, and changes or removes them.
    So what ends its login comes last, and by itself.
    """
    ends_a_login = [f"{API}/auth/logout", f"{API}/me/logins/{{id}}", f"{API}/trainers/{{id}}"]
    async with running_server() as server:
        token = (await server.login())["token"]
        await _fuzz(server.url, token, tmp_path, *(part for path in ends_a_login for part in ("--exclude-path", path)))
        assert (await server.http.get(f"{API}/me")).status_code == 200
        await _fuzz(server.url, token, tmp_path, "--include-path", f"{API}/trainers/{{id}}")


async def _fuzz(url: str, token: str, folder: Path, *chosen: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).parent / "schemathesis"), "run", f"{url}{API}/openapi.json"),
        *("--header", f"Authorization: Bearer {token}", "--checks", CHECKS),
        *("--max-examples", str(EXAMPLES), "--phases", "examples,coverage,fuzzing", "--no-color"),
        *chosen,
        cwd=folder,
        env={**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    assert b"passed" in output
