"""Engine.IO: the server pings, and whoever does not answer is gone."""

from __future__ import annotations

import contextlib
import time

import pytest

from tests.protocol.marks import library_differs
from tests.protocol.wire import (
    PATIENCE_SECONDS,
    PONG,
    Cut,
    Poller,
    Server,
    WebSocketLine,
    frame,
    message_frame,
    opened,
    upgraded,
    web_socket,
)


def test_pings_by_websocket_come_again_when_they_are_answered(lively: Server) -> None:
    socket = opened(lively)
    for _ in range(4):
        assert socket.read() == "2"
        socket.send("3")


def test_pings_by_polling_come_again_when_they_are_answered(lively: Server) -> None:
    poller = Poller(lively)
    for _ in range(4):
        assert poller.poll() == ["2"]
        poller.post("3")


def test_pings_go_on_after_an_upgrade(lively: Server) -> None:
    poller = Poller(lively)
    assert poller.poll() == ["2"]
    socket = upgraded(poller)
    socket.send("3")
    for _ in range(3):
        while (packet := socket.read()) == "6":
            pass
        assert packet == "2"
        socket.send("3")


def test_messages_flow_between_pings(lively: Server) -> None:
    socket = opened(lively)
    answered = 0
    while answered < 3:
        socket.send("4hello")
        while (packet := socket.read()) == "2":
            socket.send("3")
            answered += 1
        assert packet == "4hello"


def test_who_opens_and_is_silent_is_closed_by_websocket(impatient: Server) -> None:
    socket = web_socket(impatient)
    socket.read_opened()
    come = socket.until_cut()
    assert come[0] == "2"
    # A packet that says so may come before the end.
    assert set(come[1:]) <= {"1"}


def test_who_is_silent_is_gone_by_polling(impatient: Server) -> None:
    poller = Poller(impatient)
    # It polls meanwhile, which is no pong.
    poller.wait_until_over()


def test_who_polls_and_never_answers_is_gone(impatient: Server) -> None:
    poller = Poller(impatient)
    heard: list[str] = []
    while (answer := poller.begin_poll().answer()).status == 200:
        heard += answer.packets
    assert answer.status == 400
    assert set(heard) <= {"2", "1", "6"}


def test_messages_are_no_pongs(impatient: Server) -> None:
    """Only an answer to the ping shows that the client hears what it is told."""
    socket = opened(impatient)
    with pytest.raises(Cut):
        _answer_with(socket, message_frame("4hello"))


def test_a_pong_of_the_websocket_is_none_of_engine_io(impatient: Server) -> None:
    socket = opened(impatient)
    with pytest.raises(Cut):
        _answer_with(socket, frame(PONG))


def test_who_upgraded_and_is_silent_is_gone(impatient: Server) -> None:
    poller, socket = _upgraded_in_time(impatient)
    assert set(socket.until_cut()) <= {"2", "6", "1"}
    assert poller.is_over()


@pytest.mark.parametrize("ping", ["2", "2probe", "2x"])
@library_differs("answers it")
def test_a_client_does_not_ping(calm: Server, ping: str) -> None:
    """Since the fourth version only the server does."""
    socket = opened(calm)
    socket.send(ping)
    assert set(socket.until_cut()) <= {"1"}
    poller = Poller(calm)
    assert poller.try_post(ping).status == 400
    assert poller.is_over()


def test_pings_and_messages_in_one_body(lively: Server) -> None:
    """In the order in which they were told."""
    poller = Poller(lively)
    poller.post("4before")
    come: list[str] = []
    while "2" not in come:
        assert come in ([], ["4before"])
        come += poller.poll()
    poller.post("3", "4after")
    while "4after" not in come:
        come += poller.poll()
    assert come[0] == "4before"
    assert come.index("2") < come.index("4after")


@library_differs("keeps the WebSocket")
def test_who_began_to_upgrade_and_is_silent_is_gone(impatient: Server) -> None:
    poller = Poller(impatient)
    socket = web_socket(impatient, sid=poller.sid)
    if socket.is_open:
        with contextlib.suppress(Cut):
            socket.send("2probe")
        socket.until_cut()
    poller.wait_until_over()


def _upgraded_in_time(server: Server) -> tuple[Poller, WebSocketLine]:
    """Before it was gone for its silence: a busy machine needs more tries than one."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        poller = Poller(server)
        socket = web_socket(server, sid=poller.sid)
        if not socket.is_open:
            continue
        with contextlib.suppress(Cut):
            socket.send("2probe")
            if socket.read() == "3probe":
                socket.send("5")
                return poller, socket
    raise AssertionError("none was upgraded")


def _answer_with(socket: WebSocketLine, answer: bytes) -> None:
    """To everything, until the end."""
    while True:
        socket.read()
        socket.send_raw(answer)
