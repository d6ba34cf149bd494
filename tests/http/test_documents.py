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
    """schemathesis makes requests from the document, right and wrong ones, and checks every answer."""
    async with running_server() as server:
        token = (await server.login())["token"]
        process = await asyncio.create_subprocess_exec(
            *(str(Path(sys.executable).parent / "schemathesis"), "run", f"{server.url}{API}/openapi.json"),
            *("--header", f"Authorization: Bearer {token}", "--checks", CHECKS),
            *("--max-examples", str(EXAMPLES), "--phases", "examples,coverage,fuzzing"),
            # A logout in the middle would make everything after it a 401.
            *("--exclude-path", f"{API}/auth/logout", "--exclude-path", f"{API}/me/logins/{{id}}", "--no-color"),
            cwd=tmp_path,
            env={**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        assert (await server.http.get(f"{API}/me")).status_code == 200
    assert process.returncode == 0, output.decode()
    assert b"passed" in output
