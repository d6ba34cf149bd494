"""Socket.IO packets read so that nothing a client sends breaks its connection or leaves it without an ack.

The library takes a packet class of one's own (`serializer`). What cannot be read is handed on as a
message whose argument is `Unreadable`, under the ack id that the client gave.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from socketio import packet

from server.domain.outcomes import Conflict, InvalidBody, NotFound, TooLarge
from server.json_text import write_json
from server.transport.refusals import refused
from server.transport.socket.messages import TRAINEE, TRAINER
from server.transport.wire.reading import read_integer

MESSAGE_LIMIT_BYTES = 64 * 1024
# Of whoever connects. Of a longer auth the engine may have held the beginning only, for it comes from a stranger.
AUTH_LIMIT_BYTES = 3 * 1024

ROOT = "/"
"""The namespace of a packet that names none. Nobody is there."""

# Names that the library itself triggers handlers by: a client that sends them must not reach those.
_RESERVED = frozenset({"connect", "connect_error", "disconnect", "disconnecting"})
_LONGEST_ID = 100


@dataclass(frozen=True, slots=True)
class Unreadable:
    why: InvalidBody | TooLarge


_TOO_LARGE = Unreadable(TooLarge(f"A message may have at most {MESSAGE_LIMIT_BYTES} bytes."))
_NOT_JSON = Unreadable(InvalidBody("The message is not JSON."))
_NOT_A_MESSAGE = Unreadable(InvalidBody("A message is an array of its name and one object."))
_BINARY = Unreadable(InvalidBody("Binary messages are not taken here; send JSON."))

# A CONNECT that is refused before anybody judges it: the connection goes on as it was.
_HERE_ALREADY = refused(Conflict("This connection is in this namespace already; it goes on as it was."))
NO_NAMESPACE = refused(NotFound(f"There is no such namespace. There are {TRAINER} and {TRAINEE}."))


# Made once: `json.loads` makes one for each message.
_READER = json.JSONDecoder(parse_int=read_integer)


class SafeJson:
    """For the library, too; what is too deep or too long to be read is a ValueError like the rest."""

    @staticmethod
    def dumps(value: object, **options: Any) -> str:
        """Always compact, whatever the library's `options` say."""
        return write_json(value)

    @staticmethod
    def loads(text: str, **options: Any) -> Any:
        try:
            return _READER.decode(text)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def event_text(namespace: str, name: str, encoded: str) -> str:
    """An event as Engine.IO carries it; `encoded`: the JSON of its data. Names of ours need no escapes."""
    return f'{packet.EVENT}{namespace},["{name}",{encoded}]'


def ack_text(namespace: str, number: int, ack: object) -> str:
    """The answer to the message that asked for it under this number."""
    head = "" if namespace == ROOT else f"{namespace},"
    return f"{packet.ACK}{head}{number}{SafeJson.dumps([ack])}"


class Sent(NamedTuple):
    """A client's event: `data` is its name and its arguments; `number` is what its ack is asked for under."""

    namespace: str
    number: int | None
    data: list[Any]


_EVENT_HEAD = re.compile(
    rf"(?:{packet.EVENT}|{packet.BINARY_EVENT}(?:[0-9]+-)?)(/[^,?]*)(?:\?[^,]*)?,([0-9]{{0,{_LONGEST_ID}}})"
)
# One that names no namespace is answered only if it asks for an ack.
_ROOT_HEAD = re.compile(rf"{packet.EVENT}([0-9]{{1,{_LONGEST_ID}}})")
_BINARY_EVENT = str(packet.BINARY_EVENT)


def read_event(text: str) -> Sent | None:
    """The event of a namespace, as nearly every packet is one; None for any other, which `SafePacket` reads."""
    head = _EVENT_HEAD.match(text)
    if head is None:
        root = _ROOT_HEAD.match(text)
        return root and Sent(ROOT, int(root[1]), _as_message(_read_data(text[root.end() :])))
    namespace, number = head.groups()
    data = ["", _BINARY] if text[0] == _BINARY_EVENT else _as_message(_read_data(text[head.end() :]))
    return Sent(namespace, int(number) if number else None, data)


class SafePacket(packet.Packet):
    """A packet that decodes whatever comes."""

    uses_binary_events = False
    json = SafeJson

    def __init__(self, *arguments: Any, encoded_packet: Any = None, **options: Any) -> None:
        super().__init__(*arguments, encoded_packet=encoded_packet, **options)
        if encoded_packet is not None and not encoded_packet:
            self.decode("")  # the library takes an empty packet for none

    def encode(self) -> Any:
        if self.packet_type == packet.CONNECT_ERROR and isinstance(self.data, str):
            # The library says one text of its own for both; clients read a `message`, and ours has a code.
            why = _HERE_ALREADY if self.namespace in (TRAINER, TRAINEE) else NO_NAMESPACE
            self.data = {"message": why.detail, "data": {"code": why.code, "detail": why.detail}}
        library: Any = super()
        return library.encode()

    def decode(self, encoded_packet: Any) -> int:
        self.namespace: str | None = None
        self.data: Any = None
        self.id: int | None = None
        text = encoded_packet if isinstance(encoded_packet, str) else ""
        kind = int(text[0]) if text[:1] in tuple("0123456") else None
        if kind is None:
            # An event for the root namespace, where nobody listens, without an ack to answer.
            self.packet_type = packet.EVENT
            self.data = ["", _NOT_A_MESSAGE]
            return 0
        is_binary = kind in (packet.BINARY_EVENT, packet.BINARY_ACK)
        self.packet_type = packet.EVENT if kind == packet.BINARY_EVENT else kind
        if kind in (packet.BINARY_ACK, packet.CONNECT_ERROR):
            self.packet_type = packet.ACK
        payload = self._read_head(text[1:], has_attachments=is_binary)
        if is_binary:
            self.data = ["", _BINARY]
        else:
            self.data = _read_data(payload)
        if kind == packet.CONNECT and len(payload) > AUTH_LIMIT_BYTES and _is_said(_NOT_JSON, self.data):
            self.data = ["", _TOO_LARGE]
        if self.packet_type == packet.EVENT:
            self.data = _as_message(self.data)
        elif self.packet_type == packet.ACK:
            self._drop_ack()
        return 0

    def _read_head(self, text: str, *, has_attachments: bool) -> str:
        if has_attachments:
            count, dash, rest = text.partition("-")
            text = rest if dash and count.isdecimal() else text
        if text.startswith("/"):
            namespace, _, text = text.partition(",")
            self.namespace = namespace.partition("?")[0]
        digits = 0
        while digits < len(text) and digits < _LONGEST_ID and text[digits] in "0123456789":
            digits += 1
        if digits:
            self.id = int(text[:digits])
        return text[digits:]

    def _drop_ack(self) -> None:
        """The server asks for no acks, so a client that sends one is answered by nothing."""
        self.packet_type = packet.EVENT
        self.namespace = None
        self.id = None
        self.data = ["", _NOT_A_MESSAGE]


def _read_data(payload: str) -> Any:
    if len(payload) > MESSAGE_LIMIT_BYTES or not (payload.isascii() or _size_of(payload) <= MESSAGE_LIMIT_BYTES):
        return ["", _TOO_LARGE]
    try:
        return SafeJson.loads(payload) if payload else None
    except ValueError:
        return ["", _NOT_JSON]


def _size_of(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def is_too_long(data: object) -> bool:
    """Whether what came of a packet was not looked at, for it is too long."""
    return _is_said(_TOO_LARGE, data)


def _is_said(why: Unreadable, data: object) -> bool:
    return isinstance(data, list) and why in data


def _as_message(data: Any) -> list[Any]:
    if not isinstance(data, list) or not data or not isinstance(data[0], str):
        return ["", _NOT_A_MESSAGE]
    if data[0] in _RESERVED:
        data[0] = f"({data[0]})"
    return cast(list[Any], data)
