"""What stands in a CSV, as a spreadsheet reads it, with its own separator or with another."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import server as server_package
from server.domain.events import Event
from server.domain.session import Session
from server.storage.memory import MemoryStorage
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
from server.transport.http.endpoint import API
from server.transport.http.export import CsvForm, csv_lines
from tests.support.debriefing import an_event, marked, pushed
from tests.support.making import a_school, a_seat, a_session, a_trainer
from tests.support.running import running_server

FRENCH = FrenchDialect(ZoneInfo("Europe/Paris"))
DIALECTS: list[Dialect] = [RfcDialect(), FRENCH]
DANGEROUS = "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\u207a\u2212"

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


@pytest.mark.parametrize("dialect", DIALECTS)
@given(text=_TEXTS, other=_TEXTS)
def test_nor_where_a_text_is_written_as_it_is_and_blanks_are_let_go(dialect: Dialect, text: str, other: str) -> None:
    row = csv_row((7, text, csv_json({other: [text, {"a": other}]}), "end"), dialect)
    for delimiter in ",;\t|":
        cells = csv.reader(io.StringIO(row, newline=""), delimiter=delimiter, skipinitialspace=True)
        for cell in (cell for line in cells for cell in line):
            assert not cell.lstrip().startswith(tuple(DANGEROUS)), (delimiter, cell, row)


NAME = "x;=1+1;"


def _unharmed(text: str) -> set[str]:
    """The cells that are formulas, by every separator."""
    cells = {cell.lstrip() for delimiter in ",;\t|" for cell in _cells(text.removeprefix("\ufeff"), delimiter)}
    return {cell for cell in cells if cell.startswith(tuple(DANGEROUS))}


@pytest.mark.parametrize("dialect", ["rfc", "fr"])
async def test_no_name_is_a_formula_in_any_csv_that_is_written(dialect: str) -> None:
    storage = MemoryStorage()
    async with running_server(storage) as server:
        await server.login()
        checklist = [{"key": "help", "text": f"{NAME}\uff1d2"}]
        case = {"title": NAME, "checklist": checklist, "targets": [{"marker": "oxygen", "seconds": 9}]}
        template = (await server.http.post(f"{API}/templates", json=case)).json()
        path = ""
        for number in range(5):
            session = await server.open_session(template_id=template["id"], trainee_name=NAME)
            path = f"{API}/sessions/{session['id']}"
            seat = a_seat(await _stored(storage, session["id"]), NAME)
            await storage.sessions.add_seat(seat, bytes([number]))
            note = {"id": str(uuid4()), "kind": "note", "text": f"{NAME}\n; -2", "marker": "oxygen"}
            assert (await server.http.post(f"{path}/events", json=note)).status_code == 201
            scores = {"items": {"help": {"score": 1, "comment": NAME}}, "comment": NAME}
            assert (await server.http.put(f"{path}/scores", json=scores)).status_code == 200
            assert (await server.http.post(f"{path}/close")).status_code == 200
        asked = [f"{path}/export?format={form}&dialect={dialect}" for form in ("csv", "scores")]
        asked += [f"{API}/comparison?template_id={template['id']}&format=csv&dialect={dialect}"]
        for each in asked:
            answer = await server.http.get(each)
            assert answer.status_code == 200, answer.text
            written = answer.content.decode("utf-8")
            assert "=1+1" in written, each
            assert _unharmed(written) == set(), each
            # By this mark a French Excel knows UTF-8; a program that reads the other one would take it for a letter.
            assert written.startswith("\ufeff") is (dialect == "fr")


async def _stored(storage: MemoryStorage, session_id: str) -> Session:
    session = await storage.sessions.find_session(UUID(session_id))
    assert session is not None
    return session


def test_nothing_but_one_module_writes_csv() -> None:
    server = Path(server_package.__file__).parent
    writers = [path.name for path in server.rglob("*.py") if "csv.writer" in path.read_text(encoding="utf-8")]
    assert writers == ["csv_dialects.py"]


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
        ("x;=1+1;", "x;'=1+1;"),
        ("a; \uff1d1", "a; '\uff1d1"),
        (" =1", "' =1"),
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
    assert len(english) == len(french) == len(set(french)) == 25
    assert RfcDialect().head() == english[:20]
    units = [name.partition("(")[2] for name in english if "UTC" not in name]
    assert units == [name.partition("(")[2] for name in french if "Paris" not in name and "NEWS2" not in name] + [
        ""
    ] * len(NEWS2)


async def test_what_came_late_stands_with_what_of_news2_was_missing_when_it_was_made() -> None:
    async def events() -> AsyncIterator[Event]:
        yield an_event(1, 10, pushed(flags={"oxygen": True}))
        yield an_event(2, 20, pushed(flags={"consciousness": "A"}))
        yield an_event(3, 30, marked("help"), made_at=5)
        yield an_event(4, 40, marked("help"), made_at=15)
        yield an_event(5, 50, marked("help"))

    form = CsvForm(RfcDialect(), "true")
    text = "".join([line async for line in csv_lines(a_session(a_trainer(a_school())), events(), (), form)])
    head, *rows = csv.reader(io.StringIO(text))
    place = head.index("news2_missing")
    assert [row[place - 2 : place + 1] for row in rows] == [
        ["10", "2", "consciousness"], ["20", "2", ""], ["5", "0", "consciousness oxygen"], ["15", "2", "consciousness"],
        ["50", "2", ""],
    ]  # fmt: skip
