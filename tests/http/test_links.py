"""Links as people paste them, and HEAD, by which chats and monitoring look at an address before anybody does."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from server.addresses import PAGES
from server.transport.http.endpoint import API
from server.transport.http.pasted import code_pasted, page_meant
from server.transport.site import endpoints
from tests.support.running import RunningServer, connected, running_server

TOKEN = "aB3_-xyZ"

MEANT = [
    ("/j/K7M4QX/", "/j/K7M4QX"),
    ("/J/K7M4QX", "/j/K7M4QX"),
    ("//j//k7m4qx", "/j/K7M4QX"),
    ("/j/K7M4QX/).", "/j/K7M4QX"),
    ("/J/K7M 4QX, and hurry", "/j/K7M4QX"),
    ("/J/<K7M4QX>", "/j/K7M4QX"),
    ("/J/\u200bK7M4QX\u200b/ ", "/j/K7M4QX"),
    ("/j", "/"),
    ("/J/.", "/"),
    (f"/H/{TOKEN}", f"/h/{TOKEN}"),
    (f"/shared/{TOKEN}/.", f"/shared/{TOKEN}"),
    (f"/Invitation/{TOKEN}»", f"/invitation/{TOKEN}"),
    ("/Monitor/", "/monitor"),
    ("/Dashboard/Templates/", "/dashboard/templates"),
    ("/x", None),
    ("/j/K7M4QX/x", None),
    ("/jj/K7M4QX", None),
    ("/api/v1/me/", None),
    ("//elsewhere.example/", None),
    ("//elsewhere.example/j/K7M4QX/", None),
]


@pytest.mark.parametrize(("path", "page"), MEANT)
def test_the_page_that_was_meant(path: str, page: str | None) -> None:
    assert page_meant(path) == page


@pytest.mark.parametrize(
    "pasted", ["K7M4QX", "k7m-4qx", " K7M4QX. ", "K7M4QX…", "«K7M4QX»", "Ｋ７Ｍ４ＱＸ", "K7M4QX see you"]
)
def test_a_code_is_what_remains(pasted: str) -> None:
    assert code_pasted(pasted) == "K7M4QX"


@pytest.fixture
async def server() -> AsyncIterator[RunningServer]:
    async with running_server() as server:
        await server.login()
        yield server


async def test_a_pasted_link_leads_to_its_page(server: RunningServer) -> None:
    for path in ("/j/K7M4QX/", "/J/k7m4qx", "/j//K7M4QX%20."):
        for method in ("GET", "HEAD"):
            answer = await server.http.request(method, f"{path}?from=mail", follow_redirects=True)
            assert (answer.status_code, str(answer.url)) == (200, f"{server.url}/j/K7M4QX?from=mail")
            assert answer.headers["content-type"].startswith("text/html")
    assert (await server.http.get("/j/K7M4QX.")).status_code == 200
    assert (await server.http.post("/j/K7M4QX/")).status_code == 404


async def test_head_is_answered_as_get_is(server: RunningServer) -> None:
    session = await server.open_session()
    paths = {endpoint.base + endpoint.path for endpoint in endpoints("") if endpoint.method == "GET"}
    # Made at the first wish, which takes seconds.
    paths -= {f"{API}/openapi.json", f"{API}/asyncapi.json"}
    for pattern in [*sorted(paths), *PAGES.values(), "/nothing/here", "/api/v1/join"]:
        path = re.sub(r"{\w+}", session["id"], pattern)
        got, headed = [await server.http.request(method, path) for method in ("GET", "HEAD")]
        assert (headed.status_code, _told(headed)) == (got.status_code, _told(got)), path
        assert headed.content == b""


async def test_a_head_opens_no_connection_and_takes_nothing_of_one(server: RunningServer) -> None:
    opening = "/socket.io/?EIO=4&transport=polling"
    assert (await server.http.head(opening)).status_code == 400
    opened = await server.http.get(opening)
    assert opened.status_code == 200
    own = f"{opening}&sid={json.loads(opened.text[1:])['sid']}"
    assert (await server.http.post(own, content="40/trainee,{}")).status_code == 200
    assert (await server.http.head(own)).status_code == 405
    assert (await server.http.get(own)).text.startswith("44/trainee,")


async def test_the_head_of_a_download_is_no_download(server: RunningServer) -> None:
    """The names are those of the files; nobody has exported or opened anything, and no place is held."""
    session = await server.open_session(template_id=await _a_template(server))
    async with connected(server.url, "/trainee", {"code": session["code"], "name": "Ann"}) as ann:
        seat = (await ann.wait_for("session:joined"))["seat"]["id"]
        await server.http.post(f"{API}/sessions/{session['id']}/close")
    one = f"{API}/sessions/{session['id']}"
    downloads = [
        f"{API}/school/export",
        f"{one}/export",
        f"{one}/export?format=fhir",
        f"{one}/seats/{seat}/export",
        f"{API}/templates/{session['template_id']}/export",
        f"{API}/comparison?template_id={session['template_id']}&format=csv",
    ]
    before = await _audit(server)
    heads = [await server.http.head(path) for path in (*downloads, f"{API}/school/export", f"{one}/debrief")]
    assert [head.status_code for head in heads] == [200] * len(heads)
    assert await _audit(server) == before
    for path, head in zip(downloads, heads, strict=False):
        got = await server.http.get(path)
        for name in ("content-disposition", "content-type", "cache-control"):
            assert head.headers[name] == got.headers[name], path
    assert len(await _audit(server)) == len(before) + 4
    assert (await server.http.head(f"{one}/seats/{session['id']}/export")).status_code == 404


async def _a_template(server: RunningServer) -> str:
    return (await server.http.get(f"{API}/templates")).json()["items"][0]["id"]


async def _audit(server: RunningServer) -> list[str]:
    return [item["id"] for item in (await server.http.get(f"{API}/audit?limit=200")).json()["items"]]


def _told(answer: httpx.Response) -> set[str]:
    """What the headers say, but for those that are new each time, or of how the body travels."""
    told = set(answer.headers) - {
        "date",
        "vary",
        "x-request-id",
        "content-length",
        "transfer-encoding",
        "content-encoding",
    }
    return {f"{name}: {answer.headers[name]}" for name in told - {"content-disposition", "etag"}}


def test_what_no_page_can_have_is_not_looked_through() -> None:
    """Anybody may ask for any path, without a login: what is read of it is bounded."""
    assert page_meant("/j/" + "." * 300 + "K7M4QX") is None
    assert code_pasted("\u0301" * 100 + "K7M4QX") == ""
