"""The short way to read an event, and the long one: the same for whatever a client sends."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as some
from socketio import packet

from server.transport.socket.packet import MESSAGE_LIMIT_BYTES, ROOT, SafePacket, Unreadable, read_event

_PARTS = some.sampled_from(
    ["2", "0", "3", "5", "/trainer", "/trainee", "/", "?", ",", "17", "9" * 120, "-", "1-", '["vitals:push",{"id":1}]',
     '["connect"]', "[]", "[1]", "{}", '["x"', "[NaN]", "[" * 2000, "é", "\x00", "\ud800"]
)  # fmt: skip


_PAYLOADS = some.sampled_from(
    ['["vitals:push",{"id":1}]', '["connect"]', '["disconnect",{}]', "[]", "[1]", "{}", '["x"', "[NaN]", "[" * 2000, "",
     '["x",' + "9" * 120 + "]", '["x","\ud800"]', ' ["x"]', '["x",1,2]', "null", '["é","\\u0000"]']
)  # fmt: skip
_EVENTS = some.tuples(
    some.sampled_from(["2", "5", "51-", "500-"]), some.sampled_from(["/trainer", "/trainee?a=b", "/", "/a/b"]),
    some.just(","),
    some.sampled_from(["", "0", "17", "007", "9" * 100, "9" * 101]), _PAYLOADS,
).map("".join)  # fmt: skip


@given(_EVENTS)
def test_the_events_of_a_namespace_are_read_the_short_way(text: str) -> None:
    assert read_event(text) is not None


@given(_EVENTS | some.lists(_PARTS, max_size=8).map("".join) | some.text(max_size=30))
@example("2/trainer,17" + '["note:add",{"text":"' + "x" * MESSAGE_LIMIT_BYTES + '"}]')
@example("2/trainer?token=x,1" + '["clock:read",{}]')
@example('27["clock:read",{}]')
def test_an_event_is_read_the_same_both_ways(text: str) -> None:
    short, long = read_event(text), SafePacket(encoded_packet=text)
    if short is not None:
        assert long.packet_type == packet.EVENT
        assert _shown(short.namespace, short.number, short.data) == _shown(long.namespace or ROOT, long.id, long.data)


def test_what_clients_of_the_library_send_is_read_the_short_way() -> None:
    for number in (None, 0, 17):
        text = SafePacket(packet.EVENT, namespace="/trainer", id=number, data=["note:add", {"text": "ça va"}]).encode()
        assert read_event(text) == ("/trainer", number, ["note:add", {"text": "ça va"}])


def _shown(*read: object) -> str:
    """NaN is not itself, but looks the same."""
    return repr([each.why if isinstance(each, Unreadable) else each for each in read])
