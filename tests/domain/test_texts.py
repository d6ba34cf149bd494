"""What may be typed: texts, details, codes, addresses, passwords and moments."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.domain.outcomes import FieldError
from server.domain.passwords import normal_password, password_error
from server.domain.people import account_errors, normal_email
from server.domain.session import CODE_ALPHABET, CODE_LENGTH, normal_code
from server.domain.text import DETAILS_LIMIT_BYTES, is_storable, read_details, text_error
from server.domain.timestamps import read_timestamp, to_milliseconds, write_optional_timestamp, write_timestamp
from tests.support.strategies import json_values, storable_json, storable_text


@given(st.text())
@example("\x00")
@example("a\ud83d")
def test_storable_is_what_postgresql_takes(text: str) -> None:
    stored = "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
    assert is_storable(text) is stored
    error = text_error("note", text, 10_000, required=False)
    assert (error is None) is stored


@pytest.mark.parametrize(
    ("text", "required", "is_good"),
    [
        ("x" * 200, True, True),
        ("x" * 201, True, False),
        ("🫀" * 200, True, True),
        ("", True, False),
        (" \t\n\u00a0\u2003", True, False),
        ("", False, True),
        ("x" * 201, False, False),
        ("a\x00b", False, False),
        ("\udfff", True, False),
    ],
)
def test_a_text_error_names_its_field(text: str, required: bool, is_good: bool) -> None:
    error = text_error("steps.0.title", text, 200, required=required)
    assert (error is None) is is_good
    if error is not None:
        assert error.field == "steps.0.title"
        error.message.encode("utf-8")


@given(json_values)
def test_details_are_taken_or_refused_and_never_raise(raw: object) -> None:
    read = read_details(raw)
    if isinstance(read, FieldError):
        assert read.field == "details"
    else:
        assert read == raw
        assert len(json.dumps(raw, ensure_ascii=False, separators=(",", ":")).encode()) <= DETAILS_LIMIT_BYTES


@given(st.dictionaries(storable_text, storable_json, max_size=3))
@example({"path": "\\u0000"})
@example({"\\u0000": "C:\\u0000\\"})
def test_plain_details_are_taken_as_they_are(raw: dict[str, object]) -> None:
    if len(json.dumps(raw, ensure_ascii=False, separators=(",", ":")).encode()) <= DETAILS_LIMIT_BYTES:
        assert read_details(raw) == raw


def test_details_are_measured_as_browsers_write_them() -> None:
    """`JSON.stringify` puts no blank anywhere, and whoever counts what it wrote may send it."""
    list_of = ",".join("1" for _ in range(DETAILS_LIMIT_BYTES // 2 - 4))
    for written in ('{"a":"' + "x" * (DETAILS_LIMIT_BYTES - 8) + '"}', '{"ab":[' + list_of + "]}"):
        assert len(written) == DETAILS_LIMIT_BYTES
        assert read_details(json.loads(written)) == json.loads(written)
        assert isinstance(read_details(json.loads(written.replace('{"a', '{"aa'))), FieldError)


def _nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "raw",
    [
        {"a": float("nan")},
        {"a": [float("-inf")]},
        {"a": "\x00"},
        {"\x00": 1},
        {"a": {"b": ["\x00"]}},
        {"a": "\ud800"},
        {"a": "x" * DETAILS_LIMIT_BYTES},
        {"a": "ü" * (DETAILS_LIMIT_BYTES // 2)},
        {"a": _nested(5000)},
        [],
        "text",
        None,
    ],
    ids=lambda raw: type(raw).__name__,
)
def test_details_that_cannot_be_stored_are_refused(raw: object) -> None:
    assert isinstance(read_details(raw), FieldError)


@given(
    code=st.text(CODE_ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH),
    between=st.lists(st.text(" -\t\n\u00a0\u2009\u2010\u2011\u2013\u2014", max_size=3), min_size=7, max_size=7),
    lower=st.lists(st.booleans(), min_size=6, max_size=6),
)
def test_a_code_is_known_however_it_was_typed(code: str, between: list[str], lower: list[bool]) -> None:
    typed = between[0] + "".join(
        (letter.lower() if is_lower else letter) + gap
        for letter, is_lower, gap in zip(code, lower, between[1:], strict=True)
    )
    assert normal_code(typed) == code


@given(st.text())
def test_a_normal_code_stays_as_it_is(typed: str) -> None:
    assert normal_code(normal_code(typed)) == normal_code(typed)


def test_codes_have_no_letters_that_are_mistaken() -> None:
    assert len(set(CODE_ALPHABET)) == len(CODE_ALPHABET) == 31
    assert not set("01OIL") & set(CODE_ALPHABET)


moments = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(moments, offsets)
def test_a_moment_comes_back_to_the_millisecond(moment: datetime, offset: timezone) -> None:
    written = write_timestamp(moment.astimezone(offset))
    assert len(written) == len("2026-11-21T09:30:00.123Z")
    assert written.endswith("Z")
    read = read_timestamp(written)
    assert read == to_milliseconds(moment)
    assert read.tzinfo is UTC
    assert timedelta(0) <= moment - read < timedelta(milliseconds=1)
    assert write_timestamp(read) == written


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?", fullmatch=True))
@example("0001-01-01T00:00:00+23:00")
@example("9999-12-31T23:59:59-23:00")
@example("2026-11-21T09:30:00")
@example("2026-11-21")
@example("20261121T093000.1234567Z")
def test_what_is_no_moment_is_a_value_error(text: str) -> None:
    try:
        read = read_timestamp(text)
    except ValueError:
        return
    assert read.tzinfo is UTC
    assert read.microsecond % 1000 == 0


def test_moments_as_people_and_devices_write_them() -> None:
    expected = datetime(2026, 11, 21, 9, 30, 0, 123_000, UTC)
    for text in (
        "2026-11-21T09:30:00.123Z",
        "2026-11-21t09:30:00.123z",
        "2026-11-21T10:30:00.123+01:00",
        "2026-11-21 09:30:00.123999+00:00",
        # As long as one that is written here.
        "20261121T093000.1237777Z",
    ):
        assert read_timestamp(text) == expected
    assert write_timestamp(expected) == "2026-11-21T09:30:00.123Z"
    assert write_optional_timestamp(None) is None
    assert write_optional_timestamp(expected) == "2026-11-21T09:30:00.123Z"
    for text in ("2026-11-21T09:30:00.123", "now", "", "1795253400", "2026-02-30T00:00:00Z"):
        with pytest.raises(ValueError, match=r"\w"):
            read_timestamp(text)


def bcrypt_hash(cost: int, kind: str = "2b") -> str:
    return f"${kind}${cost:02}$" + "N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"email": "ada@example.org"}, []),
        ({"email": " Ada@Example.ORG "}, []),
        ({"email": "x" * 242 + "@example.org"}, []),
        ({"email": "x" * 243 + "@example.org"}, ["email"]),
        ({"email": "ada"}, ["email"]),
        ({"email": "a b@example.org"}, ["email"]),
        ({"email": "ada@"}, ["email"]),
        ({"email": "a\x00@example.org"}, ["email"]),
        ({"email": "\ud800@example.org"}, ["email"]),
        ({"name": " "}, ["name"]),
        ({"name": "x" * 101, "email": "", "password": "short"}, ["email", "name", "password"]),
        ({"password": "x" * 73}, []),
        ({"password": "ü" * 37}, []),
        ({"password": "密" * 64}, []),
        ({"password": "1234567"}, ["password"]),
        ({"password": "8 letter"}, []),
        ({"password": "12345678"}, ["password"]),
        ({"password": "  PassWord123 "}, ["password"]),
        ({"password": "Ａｚｅｒｔｙｕｉｏｐ"}, ["password"]),
        ({"password": "x" * 500}, []),
        ({"password": "x" * 501}, ["password"]),
        ({"password": "e\u0301" * 7}, ["password"]),
        ({"password": "e\u0301" * 8}, []),
        ({"password": "1234567\x00"}, ["password"]),
        ({"password_hash": bcrypt_hash(10)}, []),
        ({"password_hash": bcrypt_hash(14, "2y")}, []),
        ({"password_hash": bcrypt_hash(9)}, ["password_hash"]),
        ({"password_hash": bcrypt_hash(15)}, ["password_hash"]),
        ({"password_hash": bcrypt_hash(31)}, ["password_hash"]),
        ({"password_hash": bcrypt_hash(12, "2x")}, ["password_hash"]),
        ({"password_hash": bcrypt_hash(12) + "\n"}, ["password_hash"]),
        ({"password_hash": ""}, ["password_hash"]),
        ({"password_hash": bcrypt_hash(12), "password": "8 letter"}, ["password_hash"]),
        ({}, []),
    ],
)
def test_the_parts_of_an_account(fields: dict[str, str], wrong: list[str]) -> None:
    assert [error.field for error in account_errors(**fields)] == wrong


@given(st.text())
def test_a_password_is_judged_as_it_is_kept(password: str) -> None:
    error = password_error(password)
    assert error == password_error(normal_password(password))
    if error is None:
        assert 8 <= len(normal_password(password)) <= 500
        assert "\x00" not in password


def test_a_password_of_marks_without_end_is_refused_unread() -> None:
    """They would be put in order by the square of their number, for anybody without a login."""
    assert password_error("a" + "\u0301\u0316" * 100_000) == "must have at most 500 characters"


@given(st.text())
def test_a_normal_address_stays_as_it_is(email: str) -> None:
    assert normal_email(normal_email(email)) == normal_email(email)
