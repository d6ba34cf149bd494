"""Engine.IO: how a connection is opened, and what opens none."""

from __future__ import annotations

import json

import pytest

from tests.protocol.app import MAX_PAYLOAD
from tests.protocol.marks import library_differs
from tests.protocol.wire import Poller, Server, ask, opened, web_socket

FIELDS = {"sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"}


def test_the_open_packet_by_polling(calm: Server) -> None:
    answer = ask(calm, "GET", calm.target(transport="polling"))
    said = answer.opened
    assert set(said) == FIELDS
    assert isinstance(said["sid"], str)
    assert said["upgrades"] == ["websocket"]
    assert (said["pingInterval"], said["pingTimeout"]) == (600_000, 600_000)
    assert said["maxPayload"] == MAX_PAYLOAD
    assert answer.headers["content-type"].lower() == "text/plain; charset=utf-8"


def test_the_open_packet_by_websocket(calm: Server) -> None:
    said = web_socket(calm).read_opened()
    assert set(said) == FIELDS
    assert isinstance(said["sid"], str)
    # There is nothing better to move to.
    assert said["upgrades"] == []
    assert said["maxPayload"] == MAX_PAYLOAD


@library_differs("rounds the interval to seconds before it makes milliseconds of them")
def test_intervals_below_a_second_are_said_in_milliseconds(lively: Server) -> None:
    said = Poller(lively).opened
    assert (said["pingInterval"], said["pingTimeout"]) == (50, 600_000)


def test_every_connection_has_an_id_of_its_own(calm: Server) -> None:
    by_polling = [Poller(calm).sid for _ in range(5)]
    by_websocket = [web_socket(calm).read_opened()["sid"] for _ in range(5)]
    ids = {*by_polling, *by_websocket}
    assert len(ids) == 10
    # They are written into addresses as they are.
    assert all(set(sid) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~") for sid in ids)


@pytest.mark.parametrize("version", [None, "", "abc", "3", "5", "44", "4.0"])
def test_another_version_of_the_protocol_opens_nothing(calm: Server, version: str | None) -> None:
    assert ask(calm, "GET", calm.target(transport="polling", EIO=version)).status == 400
    socket = web_socket(calm, target=calm.target(transport="websocket", EIO=version))
    assert not socket.is_open or socket.until_cut() == []


@pytest.mark.parametrize("transport", ["abc", "webtransport", "flashsocket", "POLLING", "polling2"])
def test_an_unknown_transport_opens_nothing(calm: Server, transport: str) -> None:
    assert ask(calm, "GET", calm.target(transport=transport)).status == 400
    socket = web_socket(calm, target=calm.target(transport=transport))
    assert not socket.is_open or socket.until_cut() == []


@library_differs("takes it for polling")
@pytest.mark.parametrize("transport", [None, ""])
def test_the_transport_must_be_said(calm: Server, transport: str | None) -> None:
    assert ask(calm, "GET", calm.target(transport=transport)).status == 400
    socket = web_socket(calm, target=calm.target(transport=transport))
    assert not socket.is_open or socket.until_cut() == []


def test_the_transport_must_be_the_one_that_the_request_speaks(calm: Server) -> None:
    assert ask(calm, "GET", calm.target(transport="websocket")).status == 400


def test_a_websocket_that_says_polling_is_refused(calm: Server) -> None:
    socket = web_socket(calm, target=calm.target(transport="polling"))
    assert not socket.is_open or socket.until_cut() == []


@pytest.mark.parametrize("method", ["POST", pytest.param("PUT", marks=library_differs("says 405")), "DELETE", "PATCH"])
def test_only_get_opens(calm: Server, method: str) -> None:
    answer = ask(calm, method, calm.target(transport="polling"), "4hello")
    assert answer.status == (400 if method in ("POST", "PUT") else answer.status)
    assert 400 <= answer.status < 500


@pytest.mark.parametrize("sid", ["unknown", "", "..", "%00", "a" * 2000])
def test_an_unknown_id(calm: Server, sid: str) -> None:
    target = calm.target(transport="polling", sid=sid)
    if sid:
        # An id that is left empty is none for some servers; a GET may then open a connection.
        assert ask(calm, "GET", target).status == 400
        socket = web_socket(calm, sid=sid)
        assert not socket.is_open or socket.until_cut() == []
    assert ask(calm, "POST", target, "4hello").status == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_known_id_by_another_method_is_refused_and_lives_on(calm: Server, method: str) -> None:
    poller = Poller(calm)
    assert 400 <= ask(calm, method, poller.target, "4hello").status < 500
    poller.post("4still here")
    assert poller.poll() == ["4still here"]


@library_differs("asks for the version only as long as there is no id")
@pytest.mark.parametrize("version", [None, "3"])
def test_the_version_is_asked_of_every_request(calm: Server, version: str | None) -> None:
    poller = Poller(calm)
    target = calm.target(transport="polling", sid=poller.sid, EIO=version)
    assert ask(calm, "POST", target, "4hello").status == 400
    assert ask(calm, "GET", target).status == 400


def test_who_is_on_a_websocket_has_no_polls(calm: Server) -> None:
    socket = web_socket(calm)
    target = calm.target(transport="polling", sid=socket.read_opened()["sid"])
    assert ask(calm, "GET", target).status == 400
    assert ask(calm, "POST", target, "4hello").status == 400
    socket.send("4still here")
    assert socket.read() == "4still here"


def test_more_in_the_query_does_no_harm(calm: Server) -> None:
    """`t` keeps browsers from answering out of their cache; programs may say more."""
    answer = ask(calm, "GET", calm.target(transport="polling", t="N8hyd6w", b64="1", token="x%26y"))
    assert set(answer.opened) == FIELDS
    assert web_socket(calm, target=calm.target(transport="websocket", t="N8hyd6w")).read_opened()


@library_differs("answers in a script")
@pytest.mark.parametrize("index", ["0", "12"])
def test_no_script_is_sent(calm: Server, index: str) -> None:
    """The documents have had no JSONP since the fourth version."""
    assert ask(calm, "GET", calm.target(transport="polling", j=index)).status == 400


def test_refusals_are_no_pages(calm: Server) -> None:
    answer = ask(calm, "GET", calm.target(transport="<script>alert(1)</script>"))
    assert answer.status == 400
    assert "html" not in answer.headers.get("content-type", "")
    assert "<script>" not in answer.text


def test_a_page_of_another_origin_may_read_what_it_asks_for(calm: Server) -> None:
    """Where the server was told to let it."""
    answer = ask(calm, "GET", calm.target(transport="polling"), Origin="http://other.example")
    assert answer.headers["access-control-allow-origin"] in ("*", "http://other.example")
    asked = ask(
        calm, "OPTIONS", calm.target(transport="polling"),
        **{"Origin": "http://other.example", "Access-Control-Request-Method": "POST"},
    )  # fmt: skip
    assert 200 <= asked.status < 300
    assert asked.headers["access-control-allow-origin"] in ("*", "http://other.example")


def test_the_open_packet_is_compact_json(calm: Server) -> None:
    text = ask(calm, "GET", calm.target(transport="polling")).text
    assert text[1:] == json.dumps(json.loads(text[1:]), separators=(",", ":"))


def test_a_connection_echoes_as_the_suites_ask(calm: Server) -> None:
    socket = opened(calm)
    socket.send("4hello")
    assert socket.read() == "4hello"
