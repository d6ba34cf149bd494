"""Our WebSocket frames against another implementation's, in both directions and in whatever pieces they come."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side

from server.engine import frames
from server.engine.frames import FRAGMENT, FrameError, FrameReader, Message

LARGEST = 100_000
SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, LARGEST]
texts = st.text(max_size=300) | st.sampled_from(SIZES).map(lambda size: "x" * size)


def _masked(kind: int, payload: bytes, *, fin: bool = True, mask: bytes = b"\x01\x02\x03\x04") -> bytes:
    head = bytes([(0x80 if fin else 0) | kind])
    size = len(payload)
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65_536:
        head += bytes([0x80 | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([0x80 | 127]) + size.to_bytes(8, "big")
    return head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def _fed(reader: FrameReader, data: bytes, cuts: list[int]) -> list[Message]:
    edges = [0, *sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]
    found: list[Message] = []
    for begin, end in pairwise(edges):
        reader.feed(data[begin:end])
        while (message := reader.next()) is not None:
            found.append(message)
    return found


def _reader(longest: int = LARGEST) -> FrameReader:
    return FrameReader(longest, longest)


@given(texts)
def test_a_frame_is_byte_for_byte_what_the_library_writes(text: str) -> None:
    library = Protocol(Side.SERVER)
    library.send_text(text.encode())
    assert frames.data_frame(text) == b"".join(library.data_to_send())


@given(st.lists(texts | st.binary(max_size=300), max_size=6), st.lists(st.integers(0, 10**6), max_size=8))
def test_what_a_client_of_the_library_sends_is_read_in_any_pieces(sent: list[str | bytes], cuts: list[int]) -> None:
    client = Protocol(Side.CLIENT)
    for one in sent:
        if isinstance(one, str):
            client.send_text(one.encode())
        else:
            client.send_binary(one)
        client.send_ping(b"between")
    read = _fed(_reader(10**6), b"".join(client.data_to_send()), cuts)
    messages = [message for message in read if message.kind in (frames.TEXT, frames.BINARY)]
    assert messages == [
        Message(frames.TEXT, one.encode(), one) if isinstance(one, str) else Message(frames.BINARY, one) for one in sent
    ]
    assert len(read) == 2 * len(sent)


@given(st.lists(st.text(max_size=50), min_size=1, max_size=6), st.lists(st.integers(0, 10**6), max_size=8))
def test_fragments_are_put_together_also_around_a_ping(parts: list[str], cuts: list[int]) -> None:
    data = b""
    for number, part in enumerate(parts):
        kind = frames.TEXT if number == 0 else frames.CONTINUATION
        data += _masked(kind, part.encode(), fin=number == len(parts) - 1) + _masked(frames.PING, b"p")
    read = _fed(_reader(), data, cuts)
    assert [message.payload.decode() for message in read if message.kind == frames.TEXT] == ["".join(parts)]
    assert sum(message.kind == frames.PING for message in read) == len(parts)


def test_a_character_may_be_divided_between_fragments() -> None:
    euro = "€".encode()
    data = _masked(frames.TEXT, euro[:1], fin=False) + _masked(frames.CONTINUATION, euro[1:])
    assert _fed(_reader(), data, []) == [FRAGMENT, Message(frames.TEXT, euro, "€")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (bytes([0x81, 0x01]) + b"x", 1002),  # not masked
        (bytes([0xC1, 0x80]) + b"mask", 1002),  # compressed, which was never agreed on
        (_masked(0x3, b""), 1002),
        (_masked(0xB, b""), 1002),
        (_masked(frames.PING, b"", fin=False), 1002),
        (_masked(frames.PING, b"x" * 126), 1002),
        (_masked(frames.CONTINUATION, b"of nothing"), 1002),
        (_masked(frames.TEXT, b"a", fin=False) + _masked(frames.TEXT, b"b"), 1002),
        (_masked(frames.TEXT, b"\xff"), 1007),
        (_masked(frames.TEXT, "€".encode()[:2]), 1007),
        (_masked(frames.TEXT, b"x" * (LARGEST + 1))[:14], 1009),  # known before it has come
        (_masked(frames.TEXT, b"x" * LARGEST, fin=False) + _masked(frames.CONTINUATION, b"x"), 1009),
        (bytes([0x81, 0xFF]) + b"\xff" * 8 + b"mask", 1009),
    ],
)
def test_what_breaks_the_protocol(data: bytes, code: int) -> None:
    with pytest.raises(FrameError) as error:
        _fed(_reader(), data, [])
    assert error.value.code == code
    with pytest.raises(FrameError) as error:
        _fed(_reader(), data, list(range(len(data))))
    assert error.value.code == code


@given(st.text(min_size=11, max_size=400), st.integers(1, 5), st.lists(st.integers(0, 10**6), max_size=8))
def test_of_a_message_that_is_too_long_the_beginning_is_handed_on(text: str, parts: int, cuts: list[int]) -> None:
    payload, held = text.encode(), 10
    size = len(payload) // parts + 1
    pieces = [payload[at : at + size] for at in range(0, len(payload), size)]
    data = b"".join(
        _masked(frames.TEXT if at == 0 else frames.CONTINUATION, piece, fin=at == len(pieces) - 1)
        for at, piece in enumerate(pieces)
    )
    *fragments, message = _fed(FrameReader(held, LARGEST), data + _masked(frames.TEXT, b"next"), cuts)[:-1]
    assert fragments == [FRAGMENT] * (len(pieces) - 1)
    assert message.payload == payload[:held]
    assert text.startswith(message.text)
    assert len(message.text.encode()) > held - 4


def test_no_more_is_held_than_may_be() -> None:
    """Of a client that promises much and sends it slowly, or in fragments without end."""
    reader = FrameReader(1000, 10**9)
    reader.feed(_masked(frames.TEXT, b"x" * 70_000, fin=False))
    assert reader.next() is FRAGMENT
    assert reader.next() is None
    for _ in range(50):
        reader.feed(_masked(frames.CONTINUATION, b"y" * 70_000, fin=False)[:-1] + b"y")
        while reader.next() is not None:
            pass
        held = sum(len(getattr(reader, name)) for name in ("_data", "_gathered"))
        assert held <= 1000


@given(st.binary(max_size=200), st.lists(st.integers(0, 10**6), max_size=4))
def test_junk_is_read_or_refused(junk: bytes, cuts: list[int]) -> None:
    with suppress(FrameError):
        _fed(_reader(), junk, cuts)


@pytest.mark.parametrize(
    ("payload", "code"),
    [(b"", 1005), (b"\x03\xe8", 1000), (b"\x03\xe9bye", 1001), (b"\x0f\xa0", 4000), (b"\x0b\xb8", 3000)],
)
def test_a_close_frame(payload: bytes, code: int) -> None:
    assert frames.read_close(payload) == code


@pytest.mark.parametrize(
    ("payload", "code"),
    [(b"\x03", 1002), (b"\x03\xed", 1002), (b"\x00\x00", 1002), (b"\x13\x88", 1002), (b"\x03\xe8\xff", 1007)],
)
def test_a_bad_close_frame(payload: bytes, code: int) -> None:
    with pytest.raises(FrameError) as error:
        frames.read_close(payload)
    assert error.value.code == code


def test_our_close_frame_is_read_by_the_library() -> None:
    client = Protocol(Side.CLIENT)
    client.receive_data(frames.close_frame(frames.RESTARTING, "back soon"))
    (event,) = client.events_received()
    assert isinstance(event, Frame)
    assert event.opcode is Opcode.CLOSE
    assert client.close_rcvd is not None
    assert (client.close_rcvd.code, client.close_rcvd.reason) == (1012, "back soon")
