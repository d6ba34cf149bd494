"""Socket.IO: events, acks and what is binary."""

from __future__ import annotations

import json

import pytest

from tests.protocol.marks import library_differs
from tests.protocol.test_namespaces import join, joined
from tests.protocol.wire import Poller, Server, WebSocketLine, opened, upgraded

ONE = '{"_placeholder":true,"num":0}'
TWO = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'
NAMESPACES = pytest.mark.parametrize("namespace", ["", "/custom,"])
ARGUMENTS = ['1,"2",{"3":[true]}', "null", '""', '"é😀"', "[[],{}]", "0.5,-1,1e100", '"\\u2028"', '{"a":{"b":[{}]}}']


@NAMESPACES
@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_an_event(namespaces: Server, namespace: str, arguments: str) -> None:
    socket = joined(namespaces, namespace)
    socket.send(f'42{namespace}["message",{arguments}]')
    heard = socket.read()
    assert isinstance(heard, str)
    start = f"42{namespace}"
    assert heard.startswith(start)
    assert json.loads(heard[len(start) :]) == json.loads(f'["message-back",{arguments}]')


def test_an_event_without_arguments(namespaces: Server) -> None:
    socket = joined(namespaces)
    socket.send('42["message"]')
    assert socket.read() == '42["message-back"]'


@NAMESPACES
@pytest.mark.parametrize("number", ["0", "1", "456", "99999999999"])
def test_an_ack_bears_the_number_of_its_event(namespaces: Server, namespace: str, number: str) -> None:
    socket = joined(namespaces, namespace)
    socket.send(f'42{namespace}{number}["message-with-ack",1,"2",{{"3":[false]}}]')
    assert socket.read() == f'43{namespace}{number}[1,"2",{{"3":[false]}}]'


def test_an_ack_of_nothing(namespaces: Server) -> None:
    socket = joined(namespaces)
    socket.send('427["message-with-ack"]')
    assert socket.read() == "437[]"


def test_acks_of_many_events(namespaces: Server) -> None:
    socket = joined(namespaces)
    socket.send(*(f'42{number}["message-with-ack",{number}]' for number in range(50)))
    assert sorted(str(socket.read()) for _ in range(50)) == sorted(f"43{number}[{number}]" for number in range(50))


@NAMESPACES
def test_bytes_in_an_event(namespaces: Server, namespace: str) -> None:
    socket = joined(namespaces, namespace)
    socket.send(f'452-{namespace}["message",{TWO}]', b"\x01\x02\x03", b"\x04\x05\x06")
    assert [socket.read() for _ in range(3)] == [
        f'452-{namespace}["message-back",{TWO}]',
        b"\x01\x02\x03",
        b"\x04\x05\x06",
    ]


@NAMESPACES
def test_bytes_in_an_event_and_in_its_ack(namespaces: Server, namespace: str) -> None:
    socket = joined(namespaces, namespace)
    socket.send(f'452-{namespace}789["message-with-ack",{TWO}]', b"\x01\x02\x03", b"\x04\x05\x06")
    assert [socket.read() for _ in range(3)] == [f"462-{namespace}789[{TWO}]", b"\x01\x02\x03", b"\x04\x05\x06"]


def test_bytes_deep_within(namespaces: Server) -> None:
    socket = joined(namespaces)
    socket.send(f'451-["message",{{"a":[{{"b":{ONE}}}]}},"c"]', b"\x00\xff" * 500)
    assert socket.read() == f'451-["message-back",{{"a":[{{"b":{ONE}}}]}},"c"]'
    assert socket.read() == b"\x00\xff" * 500


def test_bytes_in_other_order_than_they_are_counted(namespaces: Server) -> None:
    socket = joined(namespaces)
    swapped = '{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}'
    socket.send(f'452-["message",{swapped}]', b"first", b"second")
    assert socket.read() == f'452-["message-back",{TWO}]'
    assert [socket.read(), socket.read()] == [b"second", b"first"]


@NAMESPACES
def test_the_server_asks_for_an_ack(namespaces: Server, namespace: str) -> None:
    socket = joined(namespaces, namespace)
    socket.send(f'42{namespace}["ask-me","how",1]')
    heard = str(socket.read())
    start, end = f"42{namespace}", '["question","how",1]'
    assert heard.startswith(start)
    assert heard.endswith(end)
    number = heard.removeprefix(start).removesuffix(end)
    assert number.isdecimal()
    socket.send(f'43{namespace}{number}["fine",{{"a":2}}]')
    assert socket.read() == f'42{namespace}["answered","fine",{{"a":2}}]'


def test_the_server_asks_with_bytes_and_is_answered_with_bytes(namespaces: Server) -> None:
    socket = joined(namespaces)
    socket.send(f'451-["ask-me",{ONE}]', b"\x01")
    heard = str(socket.read())
    assert heard.startswith("451-")
    number = heard.removeprefix("451-").partition("[")[0]
    assert socket.read() == b"\x01"
    socket.send(f"461-{number}[{ONE}]", b"\x02")
    assert [socket.read(), socket.read()] == [f'451-["answered",{ONE}]', b"\x02"]


def test_an_ack_that_nobody_asked_for_is_not_taken_for_one(namespaces: Server) -> None:
    socket = joined(namespaces)
    socket.send('4399["x"]', '42["message","still here"]')
    assert socket.read() == '42["message-back","still here"]'


def test_what_the_server_sends_comes_in_order(namespaces: Server) -> None:
    socket = joined(namespaces)
    socket.send('42["pour",300]')
    assert [socket.read() for _ in range(300)] == [f'42["drop",{number}]' for number in range(300)]


def test_what_the_server_sends_comes_in_order_by_polling_and_through_an_upgrade(namespaces: Server) -> None:
    poller = Poller(namespaces)
    poller.post("40", '42["pour",100]')
    come: list[str] = []
    while '42["auth",{}]' not in come:
        come += poller.poll()
    socket = upgraded(poller)
    last = '42["drop",99]'
    while last not in come:
        packet = socket.read()
        assert isinstance(packet, str)
        come.append(packet)
    assert [each for each in come if "drop" in each] == [f'42["drop",{number}]' for number in range(100)]


def test_bytes_by_polling(namespaces: Server) -> None:
    poller = Poller(namespaces)
    poller.post("40", f'451-["message",{ONE}]', "bAQIDBA==")
    come: list[str] = []
    while "bAQIDBA==" not in come:
        come += poller.poll()
    assert come[-2:] == [f'451-["message-back",{ONE}]', "bAQIDBA=="]


def test_events_of_a_namespace_that_was_not_joined_are_not_heard(namespaces: Server) -> None:
    socket = joined(namespaces)
    socket.send('42/custom,["message","lost"]', '42["message","heard"]')
    assert socket.read() == '42["message-back","heard"]'


@library_differs("keeps what python-socketio cannot read, and logs it")
@pytest.mark.parametrize(
    "packet",
    [
        "4abc", "4", "48", "42{}", "42null", "42", "42[]", '42["x"', "42abc", "42[1,2", "42{ns}",
        '42abc["message-with-ack",1,"2",{"3":[false]}]', '4599999999999-["x"]', '44{"message":"x"}',
        "42/custom,{}", "42/custom,7null", "42/custom,[]", "42/custom,",
    ],
)  # fmt: skip
def test_what_is_no_packet_closes_the_connection(namespaces: Server, packet: str, expects_errors: object) -> None:
    socket = joined(namespaces)
    socket.send(packet)
    assert set(socket.until_cut()) <= {"1"}


@library_differs("keeps what python-socketio cannot read, and logs it")
def test_bytes_that_belong_to_nothing_close_the_connection(namespaces: Server) -> None:
    socket = joined(namespaces)
    socket.send(b"\x01\x02\x03")
    assert set(socket.until_cut()) <= {"1"}


@library_differs("keeps what python-socketio cannot read, and logs it")
def test_bytes_in_an_event_that_is_no_array_close_the_connection(namespaces: Server, expects_errors: object) -> None:
    socket = joined(namespaces)
    socket.send(f'451-{{"a":{ONE}}}', b"\x01")
    assert set(socket.until_cut()) <= {"1"}


def test_no_bytes_at_all_in_an_event(namespaces: Server) -> None:
    socket = joined(namespaces)
    socket.send(f'451-["message",{ONE}]', b"")
    assert [socket.read(), socket.read()] == [f'451-["message-back",{ONE}]', b""]


def test_bytes_of_one_client_are_not_taken_for_another_s(namespaces: Server) -> None:
    one, other = joined(namespaces), joined(namespaces)
    one.send(f'451-["message",{ONE}]')
    other.send(f'451-["message",{ONE}]', b"other")
    assert [other.read(), other.read()] == [f'451-["message-back",{ONE}]', b"other"]
    one.send(b"one")
    assert [one.read(), one.read()] == [f'451-["message-back",{ONE}]', b"one"]


def test_two_clients_hear_their_own(namespaces: Server) -> None:
    sockets: list[WebSocketLine] = [opened(namespaces) for _ in range(10)]
    for socket in sockets:
        join(socket)
    for number, socket in enumerate(sockets):
        socket.send(f'42{number}["message-with-ack",{number}]')
    assert [socket.read() for socket in sockets] == [f"43{number}[{number}]" for number in range(10)]
