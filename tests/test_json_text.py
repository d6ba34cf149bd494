"""What is written is what was given, whichever of the two writers could do it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from server.json_text import write_json

_PLAIN = (
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False, allow_infinity=False) | some.text()
)
_JSON = some.recursive(_PLAIN, lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner), max_leaves=20)


@given(_JSON)
def test_it_is_read_back_as_it_was(value: object) -> None:
    written = write_json(value)
    assert json.loads(written) == value
    assert "\n" not in written


def test_it_is_compact_and_keeps_letters() -> None:
    assert write_json({"name": "Zoé", "seq": [1, 2]}) == '{"name":"Zoé","seq":[1,2]}'


def test_an_integer_of_any_size_does_not_change_how_the_rest_is_written() -> None:
    rest = {"id": uuid4(), "at": datetime(2026, 11, 21, 9, 30, 0, 123000, tzinfo=UTC), "value": 36.6}
    large = json.loads(write_json({**rest, "large": 2**70}))
    assert large.pop("large") == 2**70
    assert large == json.loads(write_json(rest))


@pytest.mark.parametrize("value", [object(), {"x": {1, 2}}, b"bytes"])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        write_json(value)
