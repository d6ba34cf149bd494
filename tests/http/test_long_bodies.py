"""A long body is read in slices, and as every other: the same values, the same refusals."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.outcomes import InvalidBody
from server.ports.slices import Slices
from server.transport.wire import long_reading
from server.transport.wire.long_reading import read_long_json
from server.transport.wire.reading import read_json

PLAIN: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40)
)
JSON = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5)
)
PIECES = [1, 2, 7, 64, 16 * 1024]


@pytest.fixture(autouse=True, params=PIECES)
def piece(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(long_reading, "PIECE_CHARACTERS", request.param)
    return request.param


async def is_the_same(body: bytes) -> None:
    long, short = await read_long_json(body), read_json(body)
    # As text: NaN, which passes, is not equal to itself, and 1 is to 1.0 and True.
    assert repr(long) == repr(short), body[:200]


@given(value=JSON, indent=st.sampled_from([None, 1]), is_ascii=st.booleans())
async def test_every_value(value: Any, indent: int | None, is_ascii: bool) -> None:
    await is_the_same(json.dumps(value, indent=indent, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass"))


@given(value=JSON, data=st.data())
async def test_what_is_broken_anywhere(value: Any, data: st.DataObject) -> None:
    text = json.dumps({"events": [value, value], "a": value})
    at = data.draw(st.integers(0, len(text)))
    until = data.draw(st.integers(at, min(len(text), at + 3)))
    put = data.draw(st.text(alphabet='{}[],:"\\ 019.-eNatrufls\n\x00' + string.ascii_letters[:2], max_size=3))
    await is_the_same((text[:at] + put + text[until:]).encode())


@pytest.mark.parametrize(
    "text",
    ["", " ", "{", "[", "]", "{}", "[]", "[,]", "[1,]", '{"a"}', '{"a":}', '{"a":1,}', "{1:2}", "[1 2]", "[1]]",
     "[1] x", "\ufeff[]", "[NaN, -Infinity, 1e999]", f"[{'9' * 200}]", f"[{'9' * 90}]", '{"a":1,"a":2}', '["\\ud800"]',
     '["\t"]', "[01]", "[-]", "nul", "[nul]", "\xa0[]", "[]\x0c"],
)  # fmt: skip
async def test_odd_ones(text: str) -> None:
    await is_the_same(text.encode())


async def test_what_is_no_text() -> None:
    await is_the_same(b'["\xff"]')
    await is_the_same(b'["\xed\xa0\x80"]')


@pytest.mark.parametrize("depth", [40, 300, 600])
async def test_depth(depth: int) -> None:
    await is_the_same(b'{"events":' + b"[" * depth + b'"' + b"x" * 50_000 + b'"' + b"]" * depth + b"}")


@pytest.mark.parametrize("depth", [5_000, 100_000])
async def test_far_too_deep(depth: int) -> None:
    refused = await read_long_json(b"[" * depth + b"]" * depth)
    assert isinstance(refused, InvalidBody)
    assert "nested" in refused.detail


async def test_others_have_their_turn_between_any_two_pieces(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    """Wherever the length of a body stands: in many members, or in one of them."""
    turns = 0

    async def turn(_: object) -> None:
        nonlocal turns
        turns += 1

    monkeypatch.setattr(Slices, "breathe", turn)
    for body in ([{"a": [1, 2]}] * 300, {"one": {"event": {"steps": [{"a": [1] * 9}] * 300}}}):
        turns = 0
        text = json.dumps(body)
        await read_long_json(text.encode())
        assert turns >= len(text) / max(piece, 64)
