"""Engine.IO over a WebSocket, and the WebSocket below it (RFC 6455)."""

from __future__ import annotations

import struct

import pytest

from tests.protocol.marks import library_differs
from tests.protocol.wire import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Frame,
    Server,
    frame,
    opened,
    web_socket,
)

TEXTS = ["", "é", "€", "😀", "\n", '"', "\\", "b", "bAQ==", "2probe", "0", "12", "{}", '["a"]', "a\x1eb"]
LONG = ["x" * 120, "x" * 124, "x" * 125, "x" * 65_534, "x" * 65_535, "x" * 200_000]


@pytest.mark.parametrize("text", [*TEXTS, *LONG], ids=lambda text: f"{len(text)}:{text:.9}")
def test_a_text_comes_back_in_a_frame_of_its_own(calm: Server, text: str) -> None:
    socket = opened(calm)
    socket.send(f"4{text}")
    assert socket.read_frame() == Frame(TEXT, f"4{text}".encode())


@pytest.mark.parametrize("size", [0, 1, 4, 125, 126, 65_535, 65_536, 200_000])
def test_bytes_come_back_as_they_are(calm: Server, size: int) -> None:
    payload = (bytes(range(256)) * (size // 256 + 1))[:size]
    socket = opened(calm)
    socket.send(payload)
    assert socket.read_frame() == Frame(BINARY, payload)


def test_many_messages_in_one_write_keep_their_order(calm: Server) -> None:
    socket = opened(calm)
    sent: list[str | bytes] = [f"4{number}" if number % 3 else bytes([number]) for number in range(200)]
    socket.send(*sent)
    assert [socket.read() for _ in sent] == sent


@library_differs("closes as if it had failed itself")
@pytest.mark.parametrize("text", ["abc", "", "9", "7x", "é", "-1", " 4hello", "{}"])
def test_what_is_no_packet_closes_the_connection(calm: Server, text: str) -> None:
    socket = opened(calm)
    socket.send(text)
    code = socket.close_code()
    # Not 1011: it is the client's fault.
    assert code in (None, 1000, 1002, 1003, 1005, 1007, 1008)


def test_packets_that_say_nothing_are_taken(calm: Server) -> None:
    """`noop`, and a pong that nobody asked for."""
    socket = opened(calm)
    socket.send("6", "3", "0", "5", "4still here")
    assert socket.read() == "4still here"


def test_frames_byte_by_byte(calm: Server) -> None:
    socket = opened(calm)
    for byte in frame(TEXT, "4né".encode()):
        socket.send_raw(bytes([byte]))
    assert socket.read() == "4né"


@pytest.mark.parametrize("pieces", [["4hel", "lo"], ["4", "", "", "x"], ["", "4x"], ["4é"[:2]] + ["y"] * 50])
def test_a_message_in_pieces(calm: Server, pieces: list[str]) -> None:
    socket = opened(calm)
    _send_in_pieces(socket, TEXT, [piece.encode() for piece in pieces])
    assert socket.read() == "".join(pieces)


def test_bytes_in_pieces(calm: Server) -> None:
    socket = opened(calm)
    _send_in_pieces(socket, BINARY, [b"\x00\xff", b"\x80", b"\x01"])
    assert socket.read() == b"\x00\xff\x80\x01"


def test_a_letter_may_be_cut_by_the_end_of_a_piece(calm: Server) -> None:
    socket = opened(calm)
    _send_in_pieces(socket, TEXT, [b"4\xf0\x9f", b"\x98", b"\x80"])
    assert socket.read() == "4😀"


def test_pings_between_the_pieces_are_answered_at_once(calm: Server) -> None:
    socket = opened(calm)
    socket.send_raw(frame(TEXT, b"4one ", is_final=False) + frame(PING, b"now"))
    assert socket.read_frame() == Frame(PONG, b"now")
    socket.send_raw(frame(PONG, b"unasked") + frame(CONTINUATION, b"message"))
    assert socket.read() == "4one message"


@pytest.mark.parametrize("payload", [b"", b"x", b"\x00\xff" * 62 + b"\x00"])
def test_a_websocket_ping_is_answered_with_what_it_brought(calm: Server, payload: bytes) -> None:
    socket = opened(calm)
    socket.send_raw(frame(PING, payload))
    assert socket.read_frame() == Frame(PONG, payload)


def test_a_pong_that_nobody_asked_for_is_taken(calm: Server) -> None:
    socket = opened(calm)
    socket.send_raw(frame(PONG) + frame(PONG, b"x"))
    socket.send("4still here")
    assert socket.read() == "4still here"


def _close(code: int, reason: bytes = b"") -> bytes:
    return frame(CLOSE, struct.pack("!H", code) + reason)


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1011, 3000, 4321, 4999])
def test_a_close_is_answered_with_its_code(calm: Server, code: int) -> None:
    socket = opened(calm)
    socket.send_raw(_close(code, b"enough"))
    # Some answer each end with the usual one.
    assert socket.close_code() in (code, 1000)


def test_a_close_without_a_code(calm: Server) -> None:
    socket = opened(calm)
    socket.send_raw(frame(CLOSE))
    assert socket.close_code() in (1000, 1005)


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535])
def test_codes_that_may_not_be_sent(calm: Server, code: int) -> None:
    socket = opened(calm)
    socket.send_raw(_close(code))
    assert socket.close_code() == 1002


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        pytest.param(frame(TEXT, b"4hello", is_masked=False), 1002, id="no mask"),
        pytest.param(frame(TEXT, b"4hello", reserved=4), 1002, id="RSV1"),
        pytest.param(frame(TEXT, b"4hello", reserved=2), 1002, id="RSV2"),
        pytest.param(frame(BINARY, b"hello", reserved=1), 1002, id="RSV3"),
        *(pytest.param(frame(opcode, b"x"), 1002, id=f"opcode {opcode}") for opcode in (3, 7, 11, 15)),
        pytest.param(frame(CONTINUATION, b"4hello"), 1002, id="continues nothing"),
        pytest.param(frame(TEXT, b"4a", is_final=False) + frame(TEXT, b"4b"), 1002, id="begins within another"),
        pytest.param(frame(PING, b"x", is_final=False), 1002, id="ping in pieces"),
        pytest.param(frame(CLOSE, is_final=False), 1002, id="close in pieces"),
        pytest.param(frame(PING, b"x" * 126), 1002, id="long ping"),
        pytest.param(frame(CLOSE, b"\x03\xe8" + b"x" * 124), 1002, id="long close"),
        pytest.param(frame(CLOSE, b"\x03"), 1002, id="half a code"),
        pytest.param(frame(CLOSE, b"\x03\xe8\xff\xfe"), 1007, id="reason is no text"),
        pytest.param(frame(TEXT, b"4\xff\xfe"), 1007, id="no text"),
        pytest.param(frame(TEXT, b"4\xf0\x9f"), 1007, id="half a letter"),
        pytest.param(frame(TEXT, b"4\xed\xa0\x80"), 1007, id="half a pair"),
        pytest.param(frame(TEXT, b"4\xc0\xaf"), 1007, id="too long a form"),
        pytest.param(frame(TEXT, b"4\xf0", is_final=False) + frame(CONTINUATION, b"x"), 1007, id="no text in pieces"),
        pytest.param(b"\x82\xff" + struct.pack("!Q", 2**63) + bytes(4), 1002, id="highest bit of the length"),
    ],
)
def test_what_breaks_the_websocket_closes_it(calm: Server, sent: bytes, code: int) -> None:
    socket = opened(calm)
    socket.send_raw(sent)
    found = socket.close_code()
    # A length that cannot be is too much as well as wrong.
    assert found == code or (sent.startswith(b"\x82\xff") and found == 1009)


def test_the_lines_of_others_go_on_when_one_is_broken(calm: Server) -> None:
    good, bad = opened(calm), opened(calm)
    bad.send_raw(frame(TEXT, b"4\xff"))
    assert bad.close_code() == 1007
    good.send("4still here")
    assert good.read() == "4still here"


def test_no_extension_is_taken_that_was_not_offered(calm: Server) -> None:
    assert "sec-websocket-extensions" not in web_socket(calm).headers
    assert "sec-websocket-protocol" not in web_socket(calm).headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_WebSocket_Key": None},
        {"Sec_WebSocket_Key": "short"},
        {"Sec_WebSocket_Version": "8"},
        {"Sec_WebSocket_Version": None},
        {"Connection": "keep-alive"},
    ],
    ids=lambda headers: str(*headers.items()),
)
def test_a_handshake_that_is_none(calm: Server, headers: dict[str, str | None]) -> None:
    assert web_socket(calm, **headers).status != 101


@pytest.mark.parametrize(
    "headers", [{"Upgrade": "WebSocket"}, {"Connection": "keep-alive, Upgrade"}, {"Connection": "upgrade"}], ids=str
)
def test_a_handshake_as_other_programs_write_it(calm: Server, headers: dict[str, str | None]) -> None:
    socket = web_socket(calm, **headers)
    assert socket.is_open
    socket.read_opened()
    socket.send("4hello")
    assert socket.read() == "4hello"


def test_a_message_right_behind_the_handshake_is_not_lost(calm: Server) -> None:
    """A client that writes on before it has the answer: proxies send both in one piece."""
    socket = web_socket(calm)
    socket.send("4early")
    socket.read_opened()
    assert socket.read() == "4early"


def _send_in_pieces(socket, opcode: int, pieces: list[bytes]) -> None:
    for number, piece in enumerate(pieces):
        is_final = number == len(pieces) - 1
        socket.send_raw(frame(CONTINUATION if number else opcode, piece, is_final=is_final))
