"""Engine.IO: long-polling."""

from __future__ import annotations

import base64
import select

import pytest

from tests.protocol.marks import library_differs
from tests.protocol.wire import SEPARATOR, Http, Poller, Server, ask


def test_a_message_there_and_back(calm: Server) -> None:
    poller = Poller(calm)
    poller.post("4hello")
    answer = poller.begin_poll().answer()
    assert (answer.status, answer.text) == (200, "4hello")
    assert answer.headers["content-type"].lower() == "text/plain; charset=utf-8"


@library_differs("answers in capitals")
def test_an_upload_is_answered_ok(calm: Server) -> None:
    answer = Poller(calm).try_post("4hello")
    assert (answer.status, answer.text) == (200, "ok")
    assert answer.headers["content-type"].startswith("text/")


def test_several_packets_in_a_body_both_ways(calm: Server) -> None:
    poller = Poller(calm)
    poller.post("4test1", "4test2", "4test3")
    assert poller.begin_poll().answer().text == SEPARATOR.join(["4test1", "4test2", "4test3"])


def test_packets_that_say_nothing_are_taken(calm: Server) -> None:
    """As on a WebSocket: `noop`, and a pong that nobody asked for."""
    poller = Poller(calm)
    poller.post("6", "3", "0", "5", "4still here")
    assert poller.poll() == ["4still here"]


def test_what_gathers_between_polls_comes_in_order(calm: Server) -> None:
    poller = Poller(calm)
    for number in range(30):
        poller.post(f"4{number}")
    came = list[str]()
    while len(came) < 30:
        came += poller.poll()
    assert came == [f"4{number}" for number in range(30)]


@pytest.mark.parametrize("payload", [b"\x01\x02\x03\x04", b"", b"\x00", b"\xff" * 3000, bytes(range(256))])
def test_bytes_go_as_base64(calm: Server, payload: bytes) -> None:
    poller = Poller(calm)
    written = "b" + base64.b64encode(payload).decode()
    poller.post("4hello", written, "4world")
    answer = poller.begin_poll().answer()
    assert answer.packets == ["4hello", written, "4world"]
    # Written so it is text like the rest.
    assert answer.headers["content-type"].lower() == "text/plain; charset=utf-8"


NULL = pytest.param("null", marks=library_differs("reads JSON wherever it can, and this is nothing"))


@pytest.mark.parametrize(
    "text",
    ["", "é", "€", "😀", "\n", '"', "\\", "b", "bAQ==", "2probe", "0", "12", NULL, "{}", '["a"]', "x" * 100_000],
    ids=lambda text: f"{text:.12}",
)
def test_a_text_comes_back_as_it_went(calm: Server, text: str) -> None:
    poller = Poller(calm)
    poller.post(f"4{text}")
    assert poller.poll() == [f"4{text}"]


@pytest.mark.parametrize("content_type", [None, "text/plain", "text/plain;charset=UTF-8", "application/octet-stream"])
def test_the_type_of_an_upload_makes_no_difference(calm: Server, content_type: str | None) -> None:
    poller = Poller(calm)
    headers = {} if content_type is None else {"Content-Type": content_type}
    assert poller.up.ask("POST", poller.target, "4é", headers).status == 200
    assert poller.poll() == ["4é"]


@library_differs("says that it is fine, and reads none of it")
def test_an_upload_in_chunks(calm: Server) -> None:
    poller = Poller(calm)
    poller.up.begin("POST", poller.target, headers={"Transfer-Encoding": "chunked"})
    for piece in ("4in", "\x1e", "4two"):
        poller.up.write(f"{len(piece):x}\r\n{piece}\r\n".encode())
    poller.up.write(b"0\r\n\r\n")
    if poller.up.answer().status == 200:
        assert poller.poll() == ["4in", "4two"]
    else:
        # It may be refused, for want of a length; the connection is none the worse.
        poller.post("4whole")
        assert poller.poll() == ["4whole"]


def test_a_poll_waits_for_something_to_be_told(calm: Server) -> None:
    poller = Poller(calm)
    waiting = poller.begin_poll()
    poller.post("3")
    assert not select.select([waiting._socket], [], [], 0)[0]
    poller.post("4hello")
    assert waiting.answer().text == "4hello"


def test_polls_and_uploads_on_one_http_connection(calm: Server) -> None:
    poller = Poller(calm)
    poller.up = poller.down
    for number in range(5):
        poller.post(f"4{number}")
        assert poller.poll() == [f"4{number}"]


def test_many_connections_at_once_hear_only_their_own(calm: Server) -> None:
    pollers = [Poller(calm) for _ in range(20)]
    for number, poller in enumerate(pollers):
        poller.begin_poll()
        poller.post(f"4{number}")
    assert [poller.down.answer().text for poller in pollers] == [f"4{number}" for number in range(20)]
    for poller in pollers:
        poller.leave()


@library_differs("lets both wait, and each gets some of what comes")
def test_a_second_poll_at_once_ends_the_connection(calm: Server) -> None:
    poller = Poller(calm)
    first = poller.begin_poll()
    _wait_until_taken(poller)
    assert ask(calm, "GET", poller.target).status in (400, 500)
    answer = first.answer()
    assert (answer.status, answer.text) == (200, "1")
    assert poller.is_over()


@library_differs("takes both")
def test_a_second_upload_at_once_ends_the_connection(calm: Server) -> None:
    poller = Poller(calm)
    first = Http(calm).begin("POST", poller.target, headers={"Content-Length": "8"})
    first.write(b"4hel")
    _wait_until_taken(poller)
    assert poller.try_post("4second").status == 400
    assert poller.is_over()


@library_differs("waits for a poll that is gone")
def test_a_poll_that_is_given_up_ends_the_connection(calm: Server) -> None:
    poller = Poller(calm)
    poller.begin_poll()
    _wait_until_taken(poller)
    poller.down.leave()
    _wait_until_taken(poller)
    assert ask(calm, "GET", poller.target).status == 400


@library_differs("says that it is fine, and goes on")
@pytest.mark.parametrize("body", ["abc", "", "9", "7x", "\x1e4hello", "-1", "é"])
def test_what_is_no_packet_ends_the_connection(calm: Server, body: str) -> None:
    poller = Poller(calm)
    assert poller.try_post(body).status == 400
    assert poller.is_over()


@library_differs("says that it is fine, and goes on")
@pytest.mark.parametrize("body", ["4hello\x1e", "4hello\x1ex", "4hello\x1e9\x1e4lost"])
def test_what_is_no_packet_behind_good_ones_ends_the_connection(calm: Server, body: str) -> None:
    poller = Poller(calm)
    assert poller.try_post(body).status == 400
    # What the good ones were answered with may still be fetched.
    answer = poller.begin_poll().answer()
    assert answer.status == 400 or set(answer.packets) <= {"4hello", "1"}
    assert poller.is_over()


@library_differs("says that it is fine, and goes on")
@pytest.mark.parametrize("body", [b"4\xff\xfe", b"b\x00", b"\x01\x02", b"b!!!!", b"bAQI"])
def test_bytes_that_are_no_text_end_the_connection(calm: Server, body: bytes) -> None:
    poller = Poller(calm)
    assert poller.up.ask("POST", poller.target, body).status == 400
    assert poller.is_over()


def _wait_until_taken(poller: Poller) -> None:
    """Until the server has seen the request that was begun: it takes a later one of another client up after it."""
    for _ in range(3):
        other = Poller(poller.server)
        other.leave()
