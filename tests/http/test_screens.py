"""The pages of the screens: one table of addresses, served by the built screens and, in part, by the plain page."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from server.addresses import PAGES, join_link
from server.transport.http.screens import lost_page, screen_routes


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Shiller</title>", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
async def test_every_page_is_served_at_its_address(built: Path, page: str) -> None:
    path = re.sub(r"{\w+}", "something", PAGES[page])
    answer = await _get(built, path)
    assert answer.status_code == 200
    assert "Content-Security-Policy" in answer.headers


async def test_the_dashboard_answers_for_pages_that_only_newer_screens_know(built: Path) -> None:
    assert (await _get(built, f"{PAGES['sessions']}/not/yet")).status_code == 200
    assert (await _get(built, "/not/yet")).status_code == 404


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
LOST = [
    ("GET", "/nothing/here", BROWSER, True),
    ("HEAD", "/trainer", BROWSER, True),
    ("POST", "/nothing/here", BROWSER, False),
    ("GET", "/nothing/here", "*/*", False),
    ("GET", "/nothing/here", "application/json", False),
    ("GET", "/api/v1/nothing", BROWSER, False),
    ("GET", "/assets/nothing.js", BROWSER, False),
]


@pytest.mark.parametrize(("method", "path", "accept", "is_shown"), LOST)
def test_who_comes_to_no_page_in_a_browser_is_shown_one(
    built: Path, method: str, path: str, accept: str, is_shown: bool
) -> None:
    headers = [(b"accept", accept.encode()), (b"host", b"test")]
    request = Request({"type": "http", "method": method, "path": path, "headers": headers})
    answer = lost_page(built, request)
    assert (answer is not None) == is_shown
    assert answer is None or (answer.status_code, "Content-Security-Policy" in answer.headers) == (404, True)
    assert lost_page(built / "not built", request) is None


def test_a_join_link_leads_to_the_page_to_join() -> None:
    assert join_link("https://sim.example", "K7M2QX") == "https://sim.example/j/K7M2QX"


async def _get(folder: Path, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(Starlette(routes=screen_routes(folder)))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        return await http.get(path)
