"""What stands in a CSV, as a spreadsheet reads it, with its own separator or with another."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.transport.going_out.csv_dialects import (
    ELAPSED,
    NEWS2,
    Dialect,
    FrenchDialect,
    RfcDialect,
    csv_json,
    csv_row,
    csv_text,
)

FRENCH = FrenchDialect(ZoneInfo("Europe/Paris"))
DIALECTS: list[Dialect] = [RfcDialect(), FRENCH]
DANGEROUS = "=+-@\uff1d\uff0b\uff0d\uff20"

_TEXTS = st.text(st.sampled_from([*DANGEROUS, *',;|\t\r\n"', "'", "\\", "1", "a", " ", "é"]), max_size=12)


def _cells(row: str, delimiter: str) -> list[str]:
    """As a program reads it that takes this separator, and knows quotation marks where a cell begins."""
    return [cell for line in csv.reader(io.StringIO(row, newline=""), delimiter=delimiter) for cell in line]


@pytest.mark.parametrize("dialect", DIALECTS)
@given(text=_TEXTS, other=_TEXTS)
def test_nothing_becomes_a_formula_whichever_separator_it_is_read_with(dialect: Dialect, text: str, other: str) -> None:
    row = csv_row((7, csv_text(text), csv_json({other: [text, -1, {"a": other}]}), "end"), dialect)
    for delimiter in ",;\t|":
        for cell in _cells(row, delimiter):
            assert not cell.lstrip("\t\r\n").startswith(tuple(DANGEROUS)), (delimiter, cell, row)


@given(_TEXTS, _TEXTS)
def test_json_says_the_same_as_before(text: str, other: str) -> None:
    value = {text: [other, {"x": text}, -1, 0.5, None]}
    assert json.loads(csv_json(value) or "") == value


@given(st.text(st.characters(codec="utf-8", exclude_characters=DANGEROUS + "\t\r\n")))
def test_a_text_without_such_signs_stays_as_it_is(text: str) -> None:
    assert csv_text(text) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+2", "'=1+2"),
        ("\tx", "'\tx"),
        ("\uff1d1", "'\uff1d1"),
        ("a;=1", "a;'=1"),
        ("a,-1+2", "a,'-1+2"),
        ('a;"=1', "a;\"'=1"),
        ("- one\n- two", "'- one\n'- two"),
        ("a = 1, b - 2; c", "a = 1, b - 2; c"),
        ("120/80, then -", "120/80, then -"),
        ("", ""),
        (None, None),
    ],
)
def test_what_is_put_before_a_sign(text: str | None, written: str | None) -> None:
    assert csv_text(text) == written


def test_a_french_spreadsheet_reads_local_times_and_decimal_commas() -> None:
    assert FRENCH.number(38.5) == "38,5"
    assert FRENCH.number(140) == 140
    assert FRENCH.number(None) is None
    assert FRENCH.moment(datetime(2026, 11, 21, 9, 30, 0, 123_000, UTC)) == "21/11/2026 10:30:00"
    assert FRENCH.moment(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == "02/07/2026 01:30:00"
    assert csv_row(("a;b", 38.5), FRENCH) == '"a;b";38.5\r\n'


def test_both_heads_name_the_same_columns_with_their_units() -> None:
    english, french = RfcDialect().head((ELAPSED, *NEWS2)), FRENCH.head((ELAPSED, *NEWS2))
    assert len(english) == len(french) == len(set(french)) == 23
    assert RfcDialect().head() == english[:20]
    units = [name.partition("(")[2] for name in english if "UTC" not in name]
    assert units == [name.partition("(")[2] for name in french if "Paris" not in name and "NEWS2" not in name] + [
        "",
        "",
    ]
