"""What browsers and proxies may keep of an answer, and by which way they come back."""

from __future__ import annotations

import re
from uuid import uuid4

import httpx

from server.transport.site import endpoints
from tests.support.running import running_server

NAMED = {"Host": "training.example.org", "X-Forwarded-For": "192.0.2.7"}


async def test_nothing_of_the_api_is_kept_on_the_way() -> None:
    async with running_server() as server:
        await server.login()
        kept: list[str] = []
        for one in endpoints(server.url):
            path = re.sub(r"\{[^}]*\}", str(uuid4()), one.base + one.path)
            content = None if one.method == "GET" else b"{"
            for headers in ({}, {"Authorization": "Bearer x"}):
                answer = await server.http.request(one.method, path, content=content, headers=headers)
                if path.startswith("/api/") and answer.headers.get("cache-control") != "no-store":
                    kept.append(f"{one.method} {path}: {answer.status_code} {answer.headers.get('cache-control')}")
        await server.login()
        session = await server.open_session(title="Kept nowhere")
        for path in ("", "/events", "/export?format=csv", "/export?format=json", "/debrief", "/case", "/annotations"):
            answer = await server.http.get(f"/api/v1/sessions/{session['id']}{path}")
            assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store"), path
        for path in ("/api/v1/nothing", "/api/nothing"):
            assert (await server.http.get(path)).headers["cache-control"] == "no-store"
        assert kept == []


async def test_https_is_held_on_to_where_the_name_is_ones_own() -> None:
    async with running_server() as server:

        async def told(**headers: str) -> bool:
            answer: httpx.Response = await server.http.get("/healthz", headers=headers)
            assert answer.status_code == 200
            return "strict-transport-security" in answer.headers

        assert await told(**NAMED, **{"X-Forwarded-Proto": "https"})
        assert not await told(**NAMED, **{"X-Forwarded-Proto": "http"})
        for host in ("192.168.1.20:8443", "localhost:8000", "hall.local", "[::1]"):
            assert not await told(**{**NAMED, "Host": host, "X-Forwarded-Proto": "https"})
