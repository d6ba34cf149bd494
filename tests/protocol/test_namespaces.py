"""Socket.IO: namespaces, joined and left."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.protocol.marks import BY_LIBRARY, library_differs
from tests.protocol.wire import Cut, Poller, Server, WebSocketLine, opened, web_socket


def joined(server: Server, namespace: str = "") -> WebSocketLine:
    socket = opened(server)
    join(socket, namespace)
    return socket


def join(socket: WebSocketLine, namespace: str = "", auth: str = "") -> dict[str, Any]:
    """Both packets that it is answered with are read."""
    socket.send(f"40{namespace}{auth}")
    data = _answer(socket, f"40{namespace}")
    said = socket.read()
    assert isinstance(said, str)
    assert said.startswith(f'42{namespace}["auth",')
    return {**data, "auth": json.loads(said[said.index("[") :])[1]}


def _answer(socket: WebSocketLine, start: str) -> Any:
    packet = socket.read()
    assert isinstance(packet, str)
    assert packet.startswith(start), packet
    return json.loads(packet.removeprefix(start))


@pytest.mark.parametrize("namespace", ["", "/custom,"])
@pytest.mark.parametrize(
    ("auth", "heard"),
    [
        ("", {}),
        ("{}", {}),
        ('{"token":"123"}', {"token": "123"}),
        ('{"é":["😀",{"a":null}]}', {"é": ["😀", {"a": None}]}),
    ],
)
def test_joining_with_what_it_is_asked_with(namespaces: Server, namespace: str, auth: str, heard: Any) -> None:
    socket = opened(namespaces)
    said = join(socket, namespace, auth)
    assert set(said) == {"sid", "auth"}
    assert isinstance(said["sid"], str)
    assert said["auth"] == heard


def test_joining_by_polling(namespaces: Server) -> None:
    poller = Poller(namespaces)
    poller.post('40{"token":"123"}')
    come: list[str] = []
    while len(come) < 2:
        come += poller.poll()
    assert set(json.loads(come[0][2:])) == {"sid"}
    assert come[1] == '42["auth",{"token":"123"}]'


def test_the_comma_behind_a_name_may_be_left_out(namespaces: Server) -> None:
    socket = opened(namespaces)
    socket.send("40/custom")
    assert set(_answer(socket, "40/custom,")) == {"sid"}
    assert socket.read() == '42/custom,["auth",{}]'


def test_ids_differ_from_the_engine_s_and_by_namespace(namespaces: Server) -> None:
    """The documents say so since the fifth version: the engine's is what opens the line, and nobody else's business."""
    socket = web_socket(namespaces)
    ids = [socket.read_opened()["sid"], join(socket)["sid"], join(socket, "/custom,")["sid"]]
    assert len(set(ids)) == 3


def test_a_namespace_that_refuses_says_why(namespaces: Server) -> None:
    socket = joined(namespaces)
    socket.send('40/closed,{"token":"123"}')
    assert _answer(socket, "44/closed,") == {"message": "Not authorized", "data": {"token": {"token": "123"}}}
    # Nothing else is lost by it.
    socket.send('42["message","hello"]')
    assert socket.read() == '42["message-back","hello"]'


@pytest.mark.parametrize("name", ["/random", "/custom2", "/customs,", "/", "/CUSTOM,"])
def test_an_unknown_namespace_is_refused(namespaces: Server, name: str) -> None:
    socket = opened(namespaces)
    socket.send(f"40{name}")
    if name == "/":
        assert set(_answer(socket, "40")) == {"sid"}
        return
    refused = _answer(socket, f"44{name.rstrip(',')},")
    assert refused == {"message": "Invalid namespace"}


def test_who_is_refused_may_join_elsewhere(namespaces: Server) -> None:
    socket = opened(namespaces)
    socket.send("40/random,")
    packet = socket.read()
    assert isinstance(packet, str)
    assert packet.startswith("44/random,")
    assert join(socket)["sid"]


@library_differs("passes over it")
@pytest.mark.parametrize(
    "packet",
    ['42["message",1]', '420["message-with-ack",1]', '42/custom,["message",1]', "41", '431["x"]', b"\x01",
     '451-["message",{"_placeholder":true,"num":0}]'],
)  # fmt: skip
def test_who_begins_with_something_else_than_joining_is_ended(
    namespaces: Server, packet: str | bytes, expects_errors: object
) -> None:
    socket = opened(namespaces)
    socket.send(packet)
    assert set(socket.until_cut()) <= {"1"}


@library_differs("passes over it")
def test_who_was_refused_and_goes_on_all_the_same_is_ended(namespaces: Server) -> None:
    socket = opened(namespaces)
    socket.send("40/closed,", '42/closed,["message",1]')
    assert str(socket.read()).startswith("44/closed,")
    assert set(socket.until_cut()) <= {"1"}


def test_an_event_may_be_sent_before_joining_was_answered(namespaces: Server) -> None:
    socket = opened(namespaces)
    socket.send("40", '427["message-with-ack",1]')
    heard = [str(socket.read()) for _ in range(3)]
    assert heard[0].startswith('40{"sid":')
    assert sorted(heard[1:]) == ['42["auth",{}]', "437[1]"]


def test_nobody_is_in_a_namespace_that_was_not_asked_for(namespaces: Server) -> None:
    """Not even in the main one; the documents say so since the fifth version."""
    socket = opened(namespaces)
    # Nothing is said behind the open packet, nor about the main namespace to who joins another one.
    join(socket, "/custom,")
    socket.send('421["message-with-ack","lost"]', '42/custom,2["message-with-ack","heard"]')
    assert socket.read() == '43/custom,2["heard"]'


def test_who_is_there_joins_again_and_is_refused_or_ended(namespaces: Server) -> None:
    socket = joined(namespaces)
    socket.send("40")
    come = socket.read()
    assert come == "1" or str(come).startswith("44")


def test_several_namespaces_on_one_connection(namespaces: Server) -> None:
    socket = joined(namespaces)
    join(socket, "/custom,")
    socket.send('42["message",1]', '42/custom,["message",2]', '42["message",3]')
    heard = [socket.read() for _ in range(3)]
    assert sorted(heard) == ['42/custom,["message-back",2]', '42["message-back",1]', '42["message-back",3]']
    assert [each for each in heard if "custom" not in each] == ['42["message-back",1]', '42["message-back",3]']


@pytest.mark.parametrize("goodbye", ["41/custom,", "41/custom"])
def test_leaving_one_namespace_keeps_the_other(namespaces: Server, goodbye: str) -> None:
    socket = joined(namespaces)
    join(socket, "/custom,")
    socket.send(goodbye, '42/custom,["message","lost"]', '42["message","heard"]')
    assert socket.read() == '42["message-back","heard"]'


def test_the_connection_goes_on_without_any_namespace(namespaces: Server) -> None:
    socket = joined(namespaces)
    socket.send("41")
    assert join(socket)["sid"]


def test_coming_back_gives_another_id(namespaces: Server) -> None:
    socket = opened(namespaces)
    first = join(socket)["sid"]
    socket.send("41")
    assert join(socket)["sid"] != first


def test_the_server_sends_one_away(namespaces: Server) -> None:
    socket = joined(namespaces)
    join(socket, "/custom,")
    socket.send('42/custom,["send-away"]')
    assert socket.read() == "41/custom,"
    socket.send('42["message","still here"]')
    assert socket.read() == '42["message-back","still here"]'


def test_joining_by_polling_and_going_on_by_websocket(namespaces: Server) -> None:
    poller = Poller(namespaces)
    poller.post("40")
    socket = web_socket(namespaces, sid=poller.sid)
    socket.send("2probe")
    assert socket.read() == "3probe"
    come = [packet for packet in poller.poll() if packet != "6"]
    socket.send("5", '42["message","moved"]')
    while len(come) < 3:
        packet = socket.read()
        assert isinstance(packet, str)
        come += [packet] if packet != "6" else []
    assert come[0].startswith('40{"sid":')
    assert come[1:] == ['42["auth",{}]', '42["message-back","moved"]']


@pytest.mark.parametrize("packet", ["4abc", "4", "49", '4["x"]', "4-1", "4{}", "4b"])
@library_differs("keeps what python-socketio cannot read, and logs it")
def test_what_is_no_packet_before_joining_closes_the_connection(
    namespaces: Server, packet: str, expects_errors: object
) -> None:
    socket = opened(namespaces)
    socket.send(packet)
    assert set(socket.until_cut()) <= {"1"}


@pytest.mark.skipif(BY_LIBRARY, reason="python-engineio knows no such bound")
def test_who_joins_nothing_is_ended(hasty: Server) -> None:
    socket, poller = opened(hasty), Poller(hasty)
    with pytest.raises(Cut):
        _answer_pings(socket)
    poller.wait_until_over()


def _answer_pings(socket: WebSocketLine) -> None:
    while socket.read_message() == "1":
        pass


def test_another_client_is_not_touched_by_a_broken_one(namespaces: Server) -> None:
    good, bad = joined(namespaces), opened(namespaces)
    bad.send("abc")
    with pytest.raises(Cut):
        bad.read()
    good.send('42["message","still here"]')
    assert good.read() == '42["message-back","still here"]'
