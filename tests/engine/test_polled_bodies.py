"""The packets of a polled body, in whatever pieces it comes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.engine.packets import SEPARATOR
from server.engine.polling import BodyReader
from server.engine.settings import EngineSettings, Joining

packets = st.lists(st.text(max_size=40).filter(lambda text: SEPARATOR not in text), min_size=1, max_size=8)


def _read(reader: BodyReader, body: bytes, cuts: list[int]) -> list[str]:
    edges = [0, *sorted({cut % (len(body) + 1) for cut in cuts}), len(body)]
    found: list[str] = []
    for begin, end in pairwise(edges):
        found += reader.feed(body[begin:end], is_last=False)
    return [*found, *reader.feed(b"", is_last=True)]


@given(packets, st.lists(st.integers(0, 10**4), max_size=8))
def test_every_packet_is_read_whole(sent: list[str], cuts: list[int]) -> None:
    assert _read(BodyReader(EngineSettings(), has_joined=True), SEPARATOR.join(sent).encode(), cuts) == sent


@given(packets, st.lists(st.integers(0, 10**4), max_size=8))
def test_of_a_long_one_no_more_is_held_than_may_be(sent: list[str], cuts: list[int]) -> None:
    settings = EngineSettings(message_bytes=1000, joining=Joining(message_bytes=7))
    body = SEPARATOR.join(sent).encode()
    read = _read(BodyReader(settings, has_joined=False), body, [*cuts, *range(len(body))])
    assert read == [packet.encode()[:7].decode("utf-8", "ignore") for packet in sent]
    # What comes all at once need not be held.
    assert list(BodyReader(settings, has_joined=False).feed(body, is_last=True)) == sent


def test_what_is_no_text_is_refused_or_read_as_far_as_it_goes() -> None:
    with pytest.raises(UnicodeDecodeError):
        _read(BodyReader(EngineSettings(), has_joined=True), b"4\xff", [])
    with pytest.raises(UnicodeDecodeError):
        _read(BodyReader(EngineSettings(), has_joined=True), b"4\xe2\x82", [])
    assert _read(BodyReader(EngineSettings(is_forgiving=True), has_joined=True), b"4\xff", []) == ["4\ufffd"]
