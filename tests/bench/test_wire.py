"""Frames come in whatever pieces the network makes of them."""

from __future__ import annotations

import zlib

from hypothesis import given
from hypothesis import strategies as st

from bench.generator.wire import Wire, text_frame

_ANSWER = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


class _Heard(Wire):
    def __init__(self) -> None:
        super().__init__("/", "localhost")
        self.texts: list[bytes] = []

    def receive(self, data: bytes, start: int, end: int) -> None:
        self.texts.append(data[start:end])


def _frame(text: bytes, kind: int = 0x81) -> bytes:
    if len(text) < 126:
        return bytes((kind, len(text))) + text
    if len(text) < 65536:
        return bytes((kind, 126)) + len(text).to_bytes(2, "big") + text
    return bytes((kind, 127)) + len(text).to_bytes(8, "big") + text


@given(
    texts=st.lists(st.sampled_from([b"", b"2", b"x" * 125, b"y" * 126, b"z" * 70_000]), max_size=5),
    cuts=st.lists(st.integers(0, 200), max_size=8),
)
def test_texts_are_whole_however_they_are_cut(texts: list[bytes], cuts: list[int]) -> None:
    stream = _ANSWER + b"".join(map(_frame, texts))
    heard = _Heard()
    for cut in cuts:
        heard.data_received(stream[:cut])
        stream = stream[cut:]
    heard.data_received(stream)
    assert heard.texts == texts


def test_deflated_texts_are_inflated_in_the_order_of_their_shared_window() -> None:
    deflater = zlib.compressobj(wbits=-15)
    heard = _Heard()
    heard.data_received(_ANSWER)
    for text in (b"the same again and again", b"the same again and again"):
        packed = (deflater.compress(text) + deflater.flush(zlib.Z_SYNC_FLUSH))[:-4]
        heard.data_received(_frame(packed, 0xC1))
    assert heard.texts == [b"the same again and again"] * 2


def test_a_frame_to_the_server_is_masked_by_zeros() -> None:
    assert text_frame("40/trainee,") == b"\x81\x8b\x00\x00\x00\x0040/trainee,"
    assert text_frame("x" * 200)[:4] == b"\x81\xfe\x00\xc8"
