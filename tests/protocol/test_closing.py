"""Engine.IO: how a connection ends."""

from __future__ import annotations

import pytest

from tests.protocol.marks import library_differs
from tests.protocol.wire import Cut, Poller, Server, opened, upgraded, web_socket


@library_differs("lets the poll wait on")
def test_a_client_that_polls_says_that_it_goes(calm: Server) -> None:
    poller = Poller(calm)
    poller.begin_poll()
    Poller(calm).leave()
    poller.post("1")
    assert poller.down.answer().text == "6"
    assert poller.is_over()


@library_differs("keeps the WebSocket until the client sends once more")
def test_a_client_on_a_websocket_says_that_it_goes(calm: Server) -> None:
    socket = opened(calm)
    socket.send("1")
    assert socket.until_cut() == []


@library_differs("keeps the WebSocket until the client sends once more")
def test_what_was_asked_before_the_goodbye_is_done(calm: Server) -> None:
    socket = opened(calm)
    socket.send("4hello", "1")
    assert socket.until_cut() in (["4hello"], [])


@library_differs("keeps the WebSocket until the client sends once more")
def test_a_client_that_moved_says_that_it_goes(calm: Server) -> None:
    poller = Poller(calm)
    socket = upgraded(poller)
    socket.send("1")
    assert set(socket.until_cut()) <= {"6"}
    assert poller.is_over()


def test_an_id_is_not_known_after_its_websocket_is_gone(calm: Server) -> None:
    poller = Poller(calm)
    socket = upgraded(poller)
    socket.send("4moved")
    while socket.read() != "4moved":
        pass
    socket.leave()
    again = web_socket(calm, sid=poller.sid)
    assert not again.is_open or again.until_cut() == []


@library_differs("keeps the WebSocket until the client sends once more")
def test_the_server_ends_a_websocket(calm: Server) -> None:
    socket = opened(calm)
    socket.send("4leave")
    assert set(socket.until_cut()) <= {"1"}


def test_the_server_ends_a_poll(calm: Server) -> None:
    poller = Poller(calm)
    poller.begin_poll()
    Poller(calm).leave()
    poller.up.begin("POST", poller.target, "4leave")
    assert poller.down.answer().packets == ["1"]
    assert poller.is_over()


def test_packets_after_the_goodbye_are_not_taken(calm: Server) -> None:
    poller = Poller(calm)
    poller.try_post("1", "4hello")
    answer = poller.begin_poll().answer()
    assert "4hello" not in answer.text
    assert poller.is_over()


@library_differs("keeps the WebSocket until the client sends once more")
def test_others_go_on_when_one_goes(calm: Server) -> None:
    one, other = opened(calm), opened(calm)
    one.send("1")
    with pytest.raises(Cut):
        one.read()
    other.send("4still here")
    assert other.read() == "4still here"
