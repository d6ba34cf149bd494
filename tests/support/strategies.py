"""Hypothesis strategies: what a client may send, and what it should not."""

from __future__ import annotations

from hypothesis import strategies as st

from server.domain.vitals import FLAG_TEXT_LIMIT, KNOWN_FLAGS, RHYTHMS, SIGNS, Number, VitalSign, VitalsPatch

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
# As they come out of a storage: finite, and what PostgreSQL can hold.
storable_text = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))
storable_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(-1e9, 1e9, allow_nan=False).map(lambda number: round(number, 6))
    | storable_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(storable_text, inner, max_size=4),
    max_leaves=12,
)


def values_of(sign: VitalSign) -> st.SearchStrategy[Number]:
    if sign.decimals == 0:
        return st.integers(int(sign.minimum), int(sign.maximum))
    scale = 10**sign.decimals
    return st.integers(int(sign.minimum * scale), int(sign.maximum * scale)).map(lambda tenths: tenths / scale)


flag_keys = st.sampled_from(KNOWN_FLAGS) | st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True)
flag_values = st.booleans() | st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=FLAG_TEXT_LIMIT)
ramp_seconds = st.just(0) | st.integers(0, 3600) | st.integers(1, 3_599_999).map(lambda ms: ms / 1000)

signs = st.fixed_dictionaries({}, optional={name: values_of(sign) for name, sign in SIGNS.items()})
patches = st.builds(
    VitalsPatch,
    signs=signs,
    rhythm=st.none() | st.sampled_from(RHYTHMS),
    flags=st.dictionaries(flag_keys, st.none() | flag_values, max_size=5),
    ramp_seconds=ramp_seconds,
)
