"""read_patch: whatever a client sends, it is either a patch within the rules or named field by field."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.domain.outcomes import InvalidFields
from server.domain.patches import read_patch, read_stored_patch
from server.domain.text import is_key
from server.domain.vitals import FLAG_TEXT_LIMIT, FLAGS_LIMIT, RAMP_SECONDS_LIMIT, RHYTHMS, SIGNS, VitalsPatch
from tests.support.strategies import json_values, patches, signs

HUGE = 10**400  # JSON has no bound; a double has

sign_names = st.sampled_from(list(SIGNS)) | st.text(max_size=5)
sent_numbers = st.integers(-400, 400) | st.floats(-400, 400) | json_values | st.just(HUGE)


@given(
    vitals=json_values | st.dictionaries(sign_names, sent_numbers, max_size=6),
    rhythm=json_values | st.sampled_from(RHYTHMS),
    flags=json_values | st.dictionaries(st.text(max_size=4) | st.just("cpr"), json_values, max_size=40),
    ramp_seconds=sent_numbers,
)
@example(vitals={"heart_rate": HUGE}, rhythm=None, flags=None, ramp_seconds=None)
@example(vitals={"temperature": -HUGE}, rhythm=None, flags=None, ramp_seconds=None)
@example(vitals=None, rhythm=None, flags=None, ramp_seconds=HUGE)
@example(vitals={"heart_rate\x00\ud800": 1}, rhythm="\ud800", flags={"cpr": "\ud800"}, ramp_seconds=math.nan)
def test_whatever_is_sent_is_read_or_refused_by_name(
    vitals: object, rhythm: object, flags: object, ramp_seconds: object
) -> None:
    read = read_patch(vitals, rhythm, flags, ramp_seconds, prefix="steps.3.")
    if isinstance(read, InvalidFields):
        assert read.errors
        for error in read.errors:
            assert error.field.startswith(("steps.3.vitals", "steps.3.rhythm", "steps.3.flags", "steps.3.ramp_seconds"))
            assert error.message
            json.dumps([error.field, error.message]).encode("ascii")
            error.field.encode("utf-8")
    else:
        _assert_within_the_rules(read)


def _assert_within_the_rules(patch: VitalsPatch) -> None:
    for name, value in patch.signs.items():
        sign = SIGNS[name]
        assert sign.minimum <= value <= sign.maximum
        assert type(value) is (float if sign.decimals else int)
        assert value == round(value, sign.decimals)
    assert patch.rhythm in (None, *RHYTHMS)
    assert len(patch.flags) <= FLAGS_LIMIT
    for key, value in patch.flags.items():
        assert is_key(key)
        assert value is None or isinstance(value, bool | str)
        assert not isinstance(value, str) or (len(value) <= FLAG_TEXT_LIMIT and "\x00" not in value)
        str(value).encode("utf-8")
    assert 0 <= patch.ramp_seconds <= RAMP_SECONDS_LIMIT


@given(patches)
def test_what_the_rules_allow_is_read_unchanged(patch: VitalsPatch) -> None:
    read = read_patch(dict(patch.signs), patch.rhythm, dict(patch.flags), patch.ramp_seconds)
    assert read == patch
    # And again out of storage, where it stands as JSON.
    stored = {
        "vitals": patch.signs,
        "rhythm": patch.rhythm,
        "flags": patch.flags,
        "ramp_seconds": patch.ramp_seconds,
    }
    assert read_stored_patch(json.loads(json.dumps(stored))) == patch


@given(
    good=signs,
    wrong=st.dictionaries(
        st.sampled_from(list(SIGNS)),
        st.sampled_from([-1, 301, 24.9, 43.1, 70.5, 37.05, "70", True, None, [], {}, math.nan, math.inf, HUGE]),
        max_size=7,
    ),
    unknown=st.sampled_from([{}, {"hr": 70}, {"HEART_RATE": 70}, {"rhythm": "sinus"}]),
)
def test_every_wrong_sign_is_named_and_no_other(
    good: dict[str, object], wrong: dict[str, object], unknown: dict[str, object]
) -> None:
    # These two are right for these signs.
    wrong = {name: value for name, value in wrong.items() if not (name == "temperature" and value in (70.5,))}
    wrong |= {name: "wrong" for name, value in wrong.items() if name != "temperature" and value in (43.1, 24.9)}
    sent = {**good, **wrong, **unknown}
    read = read_patch(sent)
    named = {f"vitals.{name}" for name in (*wrong, *unknown)}
    assert named == ({error.field for error in read.errors} if isinstance(read, InvalidFields) else set())


@pytest.mark.parametrize("name", list(SIGNS))
def test_the_range_of_each_sign_is_closed(name: str) -> None:
    sign = SIGNS[name]
    step = 10**-sign.decimals
    for inside in (sign.minimum, sign.maximum, sign.start):
        assert read_patch({name: inside}) == VitalsPatch({name: inside})
    for outside in (sign.minimum - step, sign.maximum + step):
        read = read_patch({name: outside})
        assert isinstance(read, InvalidFields)
        assert f"{sign.minimum} to {sign.maximum}" in read.errors[0].message
        assert sign.unit in read.errors[0].message


@pytest.mark.parametrize(
    ("sent", "read"),
    [(37, 37.0), (37.1, 37.1), (37.10000001, 37.1), (36.6 + 0.1, 36.7), (37.05, None), (37.11, None)],
)
def test_a_temperature_has_one_decimal(sent: float, read: float | None) -> None:
    patch = read_patch({"temperature": sent})
    if read is None:
        assert isinstance(patch, InvalidFields)
    else:
        assert patch == VitalsPatch({"temperature": read})


@pytest.mark.parametrize(
    ("sent", "read"), [(0, 0), (0.5, 0.5), (60.0, 60), (12.3456, 12.346), (3600, 3600), (3600.001, None), (-1, None)]
)
def test_ramp_seconds_keep_their_milliseconds(sent: float, read: float | None) -> None:
    patch = read_patch({"spo2": 90}, ramp_seconds=sent)
    if read is None:
        assert isinstance(patch, InvalidFields)
        assert [error.field for error in patch.errors] == ["ramp_seconds"]
    else:
        assert patch == VitalsPatch({"spo2": 90}, ramp_seconds=read)


@pytest.mark.parametrize(
    ("key", "is_good"),
    [("a", True), ("a" * 32, True), ("a_1", True)]
    + [(key, False) for key in ("", "A", "1a", "_a", "a-b", "a b", "a" * 33, "ä", "a\n", "a\x00")],
)
def test_the_names_of_flags(key: str, is_good: bool) -> None:
    read = read_patch(flags={key: True})
    assert isinstance(read, VitalsPatch) is is_good
    if isinstance(read, InvalidFields):
        assert read.errors[0].field.startswith("flags.")


def test_flags_have_limits() -> None:
    most = {f"flag_{number}": None for number in range(FLAGS_LIMIT)}
    assert isinstance(read_patch(flags=most), VitalsPatch)
    too_many = read_patch(flags={**most, "one_more": True})
    assert isinstance(too_many, InvalidFields)
    assert [error.field for error in too_many.errors] == ["flags"]
    assert isinstance(read_patch(flags={"note": "ü" * FLAG_TEXT_LIMIT}), VitalsPatch)
    for wrong in ("x" * (FLAG_TEXT_LIMIT + 1), "\x00", "\ud800", 1, 0.0, [], {}):
        read = read_patch(flags={"note": wrong, "cpr": True})
        assert isinstance(read, InvalidFields)
        assert [error.field for error in read.errors] == ["flags.note"]
