"""Engine.IO: how much a client may send at once."""

from __future__ import annotations

import pytest

from tests.protocol.app import MAX_PAYLOAD
from tests.protocol.marks import library_differs
from tests.protocol.wire import BINARY, CONTINUATION, TEXT, Cut, Poller, Server, ask, frame, opened


def test_an_upload_as_large_as_was_said(calm: Server) -> None:
    poller = Poller(calm)
    packet = "4" + "x" * (MAX_PAYLOAD - 1)
    poller.post(packet)
    assert poller.poll() == [packet]


@library_differs("says 400")
def test_a_larger_upload_is_refused(calm: Server) -> None:
    poller = Poller(calm)
    assert poller.try_post("4" + "x" * MAX_PAYLOAD).status == 413


@library_differs("says 400")
def test_a_larger_upload_is_refused_before_it_is_sent(calm: Server) -> None:
    poller = Poller(calm)
    answer = poller.up.begin("POST", poller.target, headers={"Content-Length": str(10**12)}).answer()
    assert answer.status == 413


@library_differs("reads nothing of it, and says that it is fine")
def test_a_larger_upload_in_chunks_is_refused(calm: Server) -> None:
    poller = Poller(calm)
    poller.up.begin("POST", poller.target, headers={"Transfer-Encoding": "chunked"})
    piece = b"%x\r\n%s\r\n" % (100_000, b"4" * 100_000)
    try:
        for _ in range(MAX_PAYLOAD // 100_000 + 1):
            poller.up.write(piece)
        poller.up.write(b"0\r\n\r\n")
        assert poller.up.answer().status == 413
    except Cut:
        # Ended before it was read to the end.
        pass


@library_differs("reads for longer than is waited for")
def test_it_is_bytes_that_are_counted(calm: Server) -> None:
    answer = Poller(calm).try_post("4" + "€" * (MAX_PAYLOAD // 3 + 1))
    assert answer.status in (400, 413)


@pytest.mark.parametrize("length", ["-1", "x", "1x"])
def test_a_length_that_is_none(calm: Server, length: str) -> None:
    try:
        answer = ask(calm, "POST", Poller(calm).target, b"4hello", **{"Content-Length": length})
    except Cut:
        return
    assert 400 <= answer.status < 500


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_a_message_as_large_as_was_said(calm: Server, opcode: int) -> None:
    payload = b"4" * MAX_PAYLOAD
    socket = opened(calm)
    socket.send_raw(frame(opcode, payload))
    assert socket.read() == (payload.decode() if opcode == TEXT else payload)


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_a_larger_message_closes_the_connection(calm: Server, opcode: int) -> None:
    socket = opened(calm)
    socket.send_raw(frame(opcode, b"4", size=MAX_PAYLOAD + 1))
    assert socket.close_code() == 1009


def test_a_message_whose_pieces_are_too_large_together_closes_the_connection(calm: Server) -> None:
    socket = opened(calm)
    socket.send_raw(frame(TEXT, b"4" * 600_000, is_final=False) + frame(CONTINUATION, b"x", size=600_000))
    assert socket.close_code() == 1009


@pytest.mark.parametrize("size", [2**31, 2**32 + 1, 2**62])
def test_a_length_that_nobody_means(calm: Server, size: int) -> None:
    socket = opened(calm)
    socket.send_raw(frame(BINARY, b"", size=size))
    assert socket.close_code() in (1002, 1009)
