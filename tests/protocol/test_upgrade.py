"""Engine.IO: from long-polling to a WebSocket."""

from __future__ import annotations

import select

import pytest

from tests.protocol.marks import library_differs
from tests.protocol.wire import (
    CLOSE,
    PONG,
    TEXT,
    Cut,
    Frame,
    Poller,
    Server,
    WebSocketLine,
    ask,
    frame,
    upgraded,
    web_socket,
)


@library_differs("sends the poll's noop by the WebSocket, too")
def test_an_upgrade_while_nothing_happens(calm: Server) -> None:
    poller = Poller(calm)
    socket = web_socket(calm, sid=poller.sid)
    socket.send("2probe")
    # No open packet: the connection is the same.
    assert socket.read_frame() == Frame(TEXT, b"3probe")
    # A poll that comes now is not left to wait.
    assert poller.poll() == ["6"]
    socket.send("5", "4hello")
    assert socket.read() == "4hello"


def test_the_poll_under_way_is_ended_by_the_probe(calm: Server) -> None:
    poller = Poller(calm)
    poller.begin_poll()
    socket = web_socket(calm, sid=poller.sid)
    socket.send("2probe")
    assert socket.read() == "3probe"
    assert poller.down.answer().text == "6"
    socket.send("5", "4hello")
    assert socket.read() == "4hello"


@library_differs("sends the poll's noop by the WebSocket, too")
def test_probe_and_upgrade_in_one_write(calm: Server) -> None:
    poller = Poller(calm)
    socket = web_socket(calm, sid=poller.sid)
    socket.send("2probe", "5", "4one", "4two")
    assert [socket.read() for _ in range(3)] == ["3probe", "4one", "4two"]
    assert poller.is_over()


@library_differs("sends the poll's noop by the WebSocket, too")
def test_uploads_go_on_between_probe_and_upgrade(calm: Server) -> None:
    poller = Poller(calm)
    socket = web_socket(calm, sid=poller.sid)
    socket.send("2probe")
    assert socket.read() == "3probe"
    poller.post("4late")
    socket.send("5", "4hello")
    assert [socket.read() for _ in range(2)] == ["4late", "4hello"]


def test_what_gathered_before_the_upgrade_comes_by_websocket_or_by_the_last_poll(calm: Server) -> None:
    poller = Poller(calm)
    poller.post(*(f"4{number}" for number in range(20)))
    socket = web_socket(calm, sid=poller.sid)
    socket.send("2probe")
    assert socket.read() == "3probe"
    by_poll = [packet for packet in poller.poll() if packet != "6"]
    socket.send("5", "4last")
    assert by_poll + _read_until(socket, "4last") == [*(f"4{number}" for number in range(20)), "4last"]


@pytest.mark.parametrize("ahead", [0, 5, 20])
def test_nothing_is_lost_doubled_or_out_of_order_around_the_upgrade(calm: Server, ahead: int) -> None:
    """The server pours while the client moves; `ahead`: as much as is fetched before it begins to."""
    count = 60
    poller = Poller(calm)
    poller.post(f"4pour {count}")
    found: list[str | bytes] = []
    while len(found) <= ahead:
        found += poller.poll()
    poller.begin_poll()
    socket = web_socket(calm, sid=poller.sid)
    socket.send("2probe")
    assert socket.read() == "3probe"
    found += poller.down.answer().packets
    # As the clients do: the poll under way is awaited before the upgrade is completed.
    socket.send("5", "4end")
    while not {f"4{count - 1}", "4end"} <= set(found):
        found.append(socket.read())
    poured = [packet for packet in found if packet not in ("6", "4end")]
    assert poured == [f"4pour {count}", *(f"4{number}" for number in range(count))]


@library_differs("has it upgrade for ever")
@pytest.mark.parametrize("probe", ["2", "2prob", "2probex", "4probe", "3probe", "5", "1", "abc", "", b"2probe"])
def test_another_probe_leaves_the_connection_where_it_is(calm: Server, probe: str | bytes) -> None:
    poller = Poller(calm)
    socket = web_socket(calm, sid=poller.sid)
    socket.send(probe)
    assert "3probe" not in socket.until_cut()
    poller.post("4still here")
    assert poller.poll_until("4still here")[-1] == "4still here"


@library_differs("has it upgrade for ever")
@pytest.mark.parametrize("instead", ["4hello", "2probe", "6", "abc", "1"])
def test_something_else_than_the_upgrade_leaves_it_where_it_is(calm: Server, instead: str) -> None:
    poller = Poller(calm)
    socket = web_socket(calm, sid=poller.sid)
    socket.send("2probe")
    assert socket.read() == "3probe"
    socket.send(instead)
    socket.until_cut()
    poller.post("4still here")
    assert poller.poll_until("4still here")[-1] == "4still here"


@library_differs("has it upgrade for ever")
def test_a_client_that_begins_to_move_and_is_gone(calm: Server) -> None:
    poller = Poller(calm)
    socket = web_socket(calm, sid=poller.sid)
    socket.send("2probe")
    assert socket.read() == "3probe"
    socket.leave()
    poller.post("4still here")
    assert poller.poll_until("4still here")[-1] == "4still here"
    # And it may try once more.
    again = upgraded(poller)
    again.send("4moved")
    assert again.read() == "4moved"


@library_differs("has it upgrade for ever")
def test_a_websocket_that_only_opens_is_no_upgrade(calm: Server) -> None:
    poller = Poller(calm)
    web_socket(calm, sid=poller.sid)
    poller.post("4still here")
    assert poller.poll_until("4still here")[-1] == "4still here"


@library_differs("sends the poll's noop by the WebSocket, too")
def test_polls_after_the_upgrade_are_refused_and_do_no_harm(calm: Server) -> None:
    poller = Poller(calm)
    socket = upgraded(poller)
    socket.send("4moved")
    assert socket.read() == "4moved"
    assert ask(calm, "GET", poller.target).status == 400
    assert poller.try_post("4hello").status == 400
    socket.send("4still here")
    assert socket.read() == "4still here"


@library_differs("sends the poll's noop by the WebSocket, too")
def test_a_second_websocket_after_the_upgrade_is_closed_and_the_first_goes_on(calm: Server) -> None:
    poller = Poller(calm)
    socket = upgraded(poller)
    socket.send("4moved")
    assert socket.read() == "4moved"
    _assert_closed_at_once(web_socket(calm, sid=poller.sid))
    socket.send("4still here")
    assert socket.read() == "4still here"


@library_differs("takes as many as come")
def test_a_second_websocket_during_the_upgrade_is_closed(calm: Server) -> None:
    poller = Poller(calm)
    first = web_socket(calm, sid=poller.sid)
    first.send("2probe")
    assert first.read() == "3probe"
    _assert_closed_at_once(web_socket(calm, sid=poller.sid))
    first.send("5", "4moved")
    assert first.read() == "4moved"


@library_differs("takes it for an upgrade")
def test_a_second_websocket_for_one_that_began_as_a_websocket(calm: Server) -> None:
    first = web_socket(calm)
    sid = first.read_opened()["sid"]
    second = web_socket(calm, sid=sid)
    second.send("2probe", "5", "4not mine")
    _assert_closed_at_once(second)
    first.send("4still here")
    assert first.read() == "4still here"


@library_differs("waits for the end of the line")
def test_a_second_websocket_is_gone_once_its_client_has_answered_the_close(calm: Server) -> None:
    sid = web_socket(calm).read_opened()["sid"]
    silent, polite = web_socket(calm, sid=sid), web_socket(calm, sid=sid)
    _assert_closed_at_once(silent)
    _assert_closed_at_once(polite)
    polite.send_raw(frame(CLOSE))
    with pytest.raises(Cut):
        polite.read_frame()
    # The one that came first is still waited for, so it was not the waiting that ended the other.
    assert not select.select([silent.line._socket], [], [], 0)[0]


@library_differs("sends the poll's noop by the WebSocket, too")
def test_upgrades_go_one_after_another_for_many(calm: Server) -> None:
    pollers = [Poller(calm) for _ in range(10)]
    sockets = [upgraded(poller) for poller in pollers]
    for number, socket in enumerate(sockets):
        socket.send(f"4{number}")
    assert [socket.read() for socket in sockets] == [f"4{number}" for number in range(10)]


@library_differs("sends the poll's noop by the WebSocket, too")
def test_a_websocket_ping_during_the_upgrade(calm: Server) -> None:
    poller = Poller(calm)
    socket = web_socket(calm, sid=poller.sid)
    socket.send_raw(frame(9, b"x"))
    assert socket.read_frame() == Frame(PONG, b"x")
    socket.send("2probe", "5", "4moved")
    assert [socket.read() for _ in range(2)] == ["3probe", "4moved"]


def test_bytes_that_gathered_leave_as_bytes(calm: Server) -> None:
    """What waits is written for the way that it takes, not for the one that it was to take."""
    poller = Poller(calm)
    poller.post("bAQIDBA==")
    socket = upgraded(poller)
    assert _read_until(socket, b"\x01\x02\x03\x04")[-1] == b"\x01\x02\x03\x04"


def _assert_closed_at_once(second: WebSocketLine) -> None:
    """Opened, for a client that is refused sees an error where it waits for the end; and told nothing."""
    assert second.is_open
    assert second.until_cut() == []


def _read_until(socket: WebSocketLine, last: str | bytes) -> list[str | bytes]:
    found = [socket.read()]
    while found[-1] != last:
        found.append(socket.read())
    return [packet for packet in found if packet != "6"]
