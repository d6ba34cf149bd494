"""What goes out to other systems, judged by validators that know their languages and not ours."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from fhir.resources.bundle import Bundle
from fhir.resources.R4B.bundle import Bundle as BundleOfR4
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message
from tincan import Statement

from server.domain.annotations import Annotation
from server.domain.attendance import SeatAttendance, Span
from server.domain.case import Case, ChecklistItem
from server.domain.events import ActionTaken, Author, Event, Fact, NoteAdded, SessionEnded, VitalsPushed
from server.domain.patches import read_patch
from server.domain.scores import ItemScore, Scores, ScoreSheet, scores_of
from server.domain.session import Session
from server.domain.vitals import VitalsPatch
from server.transport.going_out.csv_dialects import FrenchDialect, RfcDialect
from server.transport.going_out.fhir import fhir_pieces
from server.transport.going_out.hl7 import hl7_messages
from server.transport.going_out.readings import readings_of
from server.transport.going_out.scores import ScoredBy, evaluators_of, scores_csv
from server.transport.going_out.xapi import SheetTold, xapi_pieces
from tests.support.making import BY, NOW, a_school, a_seat, a_session, a_trainer, later

HTEST = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
AWKWARD = "Été | ^choc~ & \\septique\\\r\nOBX|1"
HOME = "https://shiller.example"
ENDED = later(700)


def _session(**fields: Any) -> Session:
    return a_session(a_trainer(a_school()), closed_at=later(600), close_reason="closed", **fields)


def _pushed(**fields: Any) -> VitalsPushed:
    patch = read_patch(**fields)
    assert isinstance(patch, VitalsPatch)
    return VitalsPushed(patch)


COURSE: Sequence[tuple[float, Fact]] = (
    (1, _pushed(vitals={"spo2": 91, "temperature": 38.5})),
    (30, ActionTaken("nibp_start")),
    (100, _pushed(vitals={"heart_rate": 140}, ramp_seconds=60)),
    (400, NoteAdded(marker="adrenaline")),
    (500, NoteAdded("Marie was late")),
    (600, SessionEnded("closed")),
)


async def _events(session: Session, course: Sequence[tuple[float, Fact]], by: Author = BY) -> AsyncIterator[Event]:
    for seq, (seconds, fact) in enumerate(course, 1):
        yield Event(UUID(int=seq), session.id, seq, later(seconds), later(seconds), by, fact)


async def _text(pieces: AsyncIterator[str]) -> str:
    return "".join([piece async for piece in pieces])


async def _bundle(session: Session, course: Sequence[tuple[float, Fact]] = COURSE) -> dict[str, Any]:
    readings = readings_of(session, _events(session, course), "shown", later(700))
    return json.loads(await _text(fhir_pieces(session, readings, later(700))))


@pytest.mark.parametrize("title", ["Septic shock", AWKWARD, " "])
async def test_the_bundle_is_fhir(title: str) -> None:
    bundle = await _bundle(_session(title=title))
    BundleOfR4.model_validate(bundle)
    Bundle.model_validate(bundle)
    assert len({entry["fullUrl"] for entry in bundle["entry"]}) == len(bundle["entry"])
    resources = [entry["resource"] for entry in bundle["entry"]]
    assert all(each["meta"]["security"] == [HTEST] for each in [bundle, *resources])
    patient, *observations = resources
    assert patient["resourceType"] == "Patient"
    assert {each["subject"]["reference"] for each in observations} == {bundle["entry"][0]["fullUrl"]}


async def test_the_bundle_tells_what_was_shown() -> None:
    observations = [entry["resource"] for entry in (await _bundle(_session()))["entry"]][1:]
    at_a_second = [each for each in observations if each["effectiveDateTime"] == "2026-11-21T09:30:01.123Z"]
    assert [([coding["code"] for coding in each["code"]["coding"]], each["valueQuantity"]) for each in at_a_second] == [
        (
            ["59408-5", "2708-6", "150456"],
            {"value": 91, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"},
        ),
        (["8310-5", "150344"], {"value": 38.5, "unit": "°C", "system": "http://unitsofmeasure.org", "code": "Cel"}),
    ]
    (pressure,) = [each for each in observations if "component" in each]
    assert pressure["effectiveDateTime"] == "2026-11-21T09:31:00.123Z"
    assert pressure["code"]["coding"] == [{"system": "http://loinc.org", "code": "85354-9"}]
    assert [
        (each["code"]["coding"][0]["code"], each["code"]["coding"][1]["code"], each["valueQuantity"]["value"])
        for each in pressure["component"]
    ] == [("8480-6", "150021", 120), ("8462-4", "150022", 80)]


async def test_what_stood_there_at_the_end_is_told() -> None:
    """The session ends in the midst of a ramp."""
    course = ((590, _pushed(vitals={"heart_rate": 135}, ramp_seconds=60)), (600, SessionEnded("closed")))
    *_, last = [entry["resource"] for entry in (await _bundle(_session(), course))["entry"]]
    assert (last["effectiveDateTime"], last["code"]["text"]) == ("2026-11-21T09:40:00.123Z", "Heart rate")
    assert last["valueQuantity"]["value"] == 85
    assert any("|85|" in line for line in (await _messages(_session(), course))[-1].split("\r"))


async def test_of_an_open_session_no_moment_is_told_that_the_next_download_would_not_have() -> None:
    course = ((1, _pushed(vitals={"heart_rate": 135}, ramp_seconds=60)),)
    session = a_session(a_trainer(a_school()))

    async def moments(now: datetime) -> set[datetime]:
        return {reading.at async for reading in readings_of(session, _events(session, course), "shown", now)}

    assert await moments(later(20)) <= await moments(later(30))


async def _messages(session: Session, course: Sequence[tuple[float, Fact]] = COURSE) -> list[str]:
    readings = readings_of(session, _events(session, course), "shown", later(700))
    text = await _text(hl7_messages(session, readings))
    assert "\n" not in text
    first, *messages = text.split("MSH|")
    assert first == ""
    return [f"MSH|{message}" for message in messages]


@pytest.mark.parametrize("title", ["Septic shock", AWKWARD])
async def test_each_message_is_hl7(title: str) -> None:
    messages = await _messages(_session(title=title))
    parsed = [parse_message(each, validation_level=VALIDATION_LEVEL.STRICT, find_groups=True) for each in messages]
    for number, message in enumerate(parsed, 1):
        assert message.validate()
        assert message.msh.msh_9.to_er7() == "ORU^R01^ORU_R01"
        assert message.msh.msh_10.to_er7() == str(number)
        assert message.msh.msh_11.to_er7() == "T"


async def test_a_message_tells_what_was_new() -> None:
    messages = await _messages(_session(code="QJS93A", title=AWKWARD))
    head, patient, _, order, *observations = messages[1].removesuffix("\r").split("\r")
    assert head == ("MSH|^~\\&|SHILLER|QJS93A|||20261121093001.123+0000||ORU^R01^ORU_R01|2|T|2.6||||||UNICODE UTF-8")
    assert patient.endswith("Training^Été \\F\\ \\S\\choc\\R\\ \\T\\ \\E\\septique\\E\\  OBX\\F\\1")
    assert order == "OBR|1|||182777000^monitoring of patient^SCT|||20261121093001.123+0000"
    assert [line.split("|")[3].split("^")[0] + "=" + line.split("|")[5] for line in observations] == [
        "150456=91",
        "150344=38.5",
    ]


CHECKLIST = (ChecklistItem("a", "Calls;=1+1"), ChecklistItem("b", "Leads"), ChecklistItem("c", "Leads"))
CASE = Case(UUID(int=1), 1, "", (), CHECKLIST, ())


def _scores() -> Scores:
    ids = (uuid4(), uuid4())
    first = ScoreSheet(*ids, BY, {"a": ItemScore(2, None, "well"), "b": ItemScore(1)}, "@all", NOW, NOW)
    second = ScoreSheet(*ids, replace(BY, name="=Eve"), {"a": ItemScore("na")}, "", NOW, NOW)
    return scores_of(CASE, [first, second])


def test_scores_have_a_row_a_person_and_a_column_a_criterion() -> None:
    people = [*evaluators_of(CASE, _scores()), ScoredBy("trainee", None, {"c": 0})]
    rows = list(csv.reader(io.StringIO("".join(scores_csv(CASE, people, RfcDialect())))))
    assert rows == [
        ["role", "name", "Calls;'=1+1", "Leads (b)", "Leads (c)", "percent (%)", "passed", "comment"],
        ["evaluator", "Grace", "2", "1", "", "50.0", "no", "'@all\nCalls;'=1+1: well"],
        ["evaluator", "'=Eve", "na", "", "", "0.0", "no", ""],
        ["trainee", "", "", "", "0", "", "", ""],
    ]
    french = "".join(scores_csv(CASE, people, FrenchDialect(ZoneInfo("Europe/Paris"))))
    assert french.startswith("\ufeffrôle;nom;")
    found = list(csv.reader(io.StringIO(french.removeprefix("\ufeff")), delimiter=";"))
    assert [len(row) for row in found] == [8] * 4
    assert found[1][5:7] == ["50,0", "non"]


def test_a_session_without_a_case_has_no_criteria() -> None:
    assert "".join(scores_csv(None, [], RfcDialect())) == "role,name,percent (%),passed,comment\r\n"


def _attendance(session: Session) -> list[SeatAttendance]:
    early, late = a_seat(session, "Marie"), a_seat(session, "Jean")
    return [
        SeatAttendance(early, [Span(NOW, later(300))]),
        SeatAttendance(late, [Span(later(10), later(100)), Span(later(200), later(600))]),
    ]


async def _statements(
    session: Session, attendance: Sequence[SeatAttendance], now: datetime = ENDED, by: Author = BY
) -> list[dict[str, Any]]:
    sheets = [SheetTold(BY, later(650), 75.0, True), SheetTold(replace(BY, id=uuid4()), later(660), 62.5, False)]
    sheets.append(SheetTold(replace(BY, id=uuid4()), later(670), None, None))
    note = Annotation(uuid4(), session.id, session.school_id, later(50), "plus", "Marie led well", None, BY, NOW, NOW)
    pieces = xapi_pieces(session, attendance, _events(session, COURSE, by), [note], sheets, HOME, now)
    return json.loads(await _text(pieces))


async def test_the_statements_are_xapi() -> None:
    session = _session(title=AWKWARD)
    attendance = _attendance(session)
    statements = await _statements(session, attendance)
    for each in statements:
        assert json.loads(Statement.from_json(json.dumps(each)).to_json("1.0.3")).keys() >= each.keys()
        assert each["context"]["registration"] == str(session.id)
    assert len({each["id"] for each in statements}) == len(statements)
    assert await _statements(session, attendance) != []
    verbs = [each["verb"]["id"].rpartition("/")[2] for each in statements]
    assert verbs == [
        "initialized", "initialized", "interacted", "interacted", "commented", "commented",
        *(["scored", "passed"] * 2), *(["scored", "failed"] * 2), "terminated", "completed", "terminated",
    ]  # fmt: skip
    assert statements[-1]["result"] == {"completion": True, "duration": "PT490.00S"}
    assert statements[6]["result"]["score"] == {"scaled": 0.75, "raw": 75.0, "min": 0, "max": 100}


async def test_nobody_is_named_in_a_statement_and_ids_stay() -> None:
    session = _session()
    attendance = _attendance(session)
    statements = await _statements(session, attendance)
    text = json.dumps(statements, ensure_ascii=False)
    for private in ("Marie", "Jean", "Grace", "Group B", str(attendance[0].seat.id), str(BY.id)):
        assert private not in text
    again = [each["id"] for each in await _statements(session, attendance)]
    same = {each["id"] for each in statements if each["verb"]["id"].rpartition("/")[2] in ("initialized", "interacted")}
    assert same <= set(again)


async def test_an_open_session_has_no_end_and_an_empty_one_no_statement() -> None:
    session = a_session(a_trainer(a_school()))
    told = [each["verb"]["id"].rpartition("/")[2] for each in await _statements(session, _attendance(session), NOW)]
    assert "terminated" not in told
    assert "completed" not in told
    nothing = xapi_pieces(session, [], _events(session, ()), [], [], HOME, NOW)
    assert json.loads(await _text(nothing)) == []
