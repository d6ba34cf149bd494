"""How deep JSON may be, and what becomes of what is deeper."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.domain.nesting import CUT, NESTING_LIMIT, cut_to_depth, nesting, nesting_errors
from server.domain.outcomes import FieldError
from server.domain.text import read_details

plain = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(), st.sampled_from(['{["', '\\"{', "]}\\", "[" * 40])
)
shallow = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=30
)
KINDS = ("list", "object")


def _around(value: object, kinds: list[str]) -> object:
    for kind in kinds:
        value = [value] if kind == "list" else {'a"[': value}
    return value


def _cut(value: object, allowed: int) -> object:
    """What it should be, the plain way."""
    if not isinstance(value, dict | list):
        return value
    if allowed == 0:
        return CUT
    if isinstance(value, dict):
        return {name: _cut(inner, allowed - 1) for name, inner in value.items()}
    return [_cut(inner, allowed - 1) for inner in value]


@given(shallow, st.lists(st.sampled_from(KINDS), max_size=60), st.booleans())
@example([[], {}, [1]], ["list"] * (NESTING_LIMIT - 1), True)
def test_what_is_too_deep_is_cut_and_nothing_else(value: object, kinds: list[str], is_compact: bool) -> None:
    deep = _around(value, kinds)
    text = json.dumps(deep, ensure_ascii=False, separators=(",", ":") if is_compact else None)
    read = json.loads(cut_to_depth(text))
    assert read == _cut(deep, NESTING_LIMIT)
    assert nesting(read) == min(nesting(deep), NESTING_LIMIT)


@pytest.mark.parametrize("depth", [NESTING_LIMIT + 1, 963, 5000, 100_000])
def test_however_deep_it_is_it_can_be_read(depth: int) -> None:
    text = '{"before": 1, "deep": ' + "[" * depth + '"x"' + "]" * depth + ', "after": [2]}'
    read = json.loads(cut_to_depth(text))
    assert (read["before"], read["after"]) == (1, [2])
    assert nesting(read) == NESTING_LIMIT


@given(shallow, st.lists(st.sampled_from(KINDS), max_size=60))
def test_a_field_may_be_as_deep_as_leaves_the_whole_within_the_limit(value: object, kinds: list[str]) -> None:
    body: dict[object, object] = {"details": _around(value, kinds), "action": "marker"}
    assert nesting_errors(body) == () or nesting(body) > NESTING_LIMIT
    assert [error.field for error in nesting_errors(body)] == (["details"] if nesting(body) > NESTING_LIMIT else [])


@pytest.mark.parametrize(("depth", "is_taken"), [(NESTING_LIMIT - 1, True), (NESTING_LIMIT, False), (963, False)])
def test_details_are_bounded_wherever_they_come_from(depth: int, is_taken: bool) -> None:
    details = _around(1, [*(["list"] * (depth - 1)), "object"])
    assert nesting(details) == depth
    assert isinstance(read_details(details), FieldError) is not is_taken
