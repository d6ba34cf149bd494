"""The record as CSV, in both dialects, with what was pushed, what was shown and what was so."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from tests.support.scenario_clients import Json, Person, World, new_id
from tests.support.scenario_values import UNITS


async def _export(trainer: Person, session: Json, **query: str) -> str:
    return (await trainer.call("GET", f"/sessions/{session['id']}/export", 200, params=query)).text


def _rows(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    """By the first word of each head."""
    head, *rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=delimiter))
    assert all(len(row) == len(head) for row in rows)
    return [dict(zip((name.split(" (")[0] for name in head), row, strict=True)) for row in rows]


async def test_what_was_shown_and_what_was_so(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session(vitals={"heart_rate": 88})
    line = await world.watch(session)
    await line.push(session, vitals={"temperature": 38.5, "spo2": 91})
    await line.push(session, flags={"spo2_off": True, "pulseless": True})
    await line.push(session, vitals={"heart_rate": 140}, ramp_seconds=3600)
    pushed, shown, true = [_rows(await _export(trainer, session, values=one)) for one in ("pushed", "shown", "true")]

    assert [row["heart_rate"] for row in pushed] == ["88", "", "", "140"]
    assert [row["heart_rate"] for row in shown] == ["88"] * 4
    assert [row["temperature"] for row in shown] == ["37.0", "38.5", "38.5", "38.5"]
    # Nobody has measured with the cuff.
    assert [(row["spo2"], row["systolic"]) for row in shown] == [("98", ""), ("91", ""), ("", ""), ("", "")]
    assert [(row["spo2"], row["systolic"]) for row in true] == [
        ("98", "120"),
        ("91", "120"),
        ("91", "120"),
        ("91", "120"),
    ]
    assert [row["rhythm"] for row in pushed] == [""] * 4
    assert [row["rhythm"] for row in shown] == ["sinus"] * 4
    assert json.loads(shown[3]["flags"]) == {"spo2_off": True, "pulseless": True}
    same = ("seq", "created_at", "made_at", "kind", "by_name", "ramp_seconds", "text", "details")
    for name in same:
        assert [row[name] for row in pushed] == [row[name] for row in shown] == [row[name] for row in true]


async def test_for_a_french_spreadsheet(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    line = await world.watch(session)
    await line.push(session, vitals={"temperature": 38.5}, ramp_seconds=2.5)
    await line.ask("note:add", {"id": new_id(), "session_id": session["id"], "text": "Adrénaline; 1 mg"})
    text = await _export(trainer, session, dialect="fr")
    assert text.startswith("\ufeffn°;enregistré à (Europe/Paris);fait à (Europe/Paris);type;")
    for unit in UNITS.values():
        assert f"({unit});" in text.partition("\r\n")[0] + ";"
    first, second = _rows(text, ";")
    assert (first["température"], first["durée de la rampe"]) == ("38,5", "2,5")
    assert second["texte"] == "Adrénaline; 1 mg"
    elsewhere = _rows(await _export(trainer, session, dialect="fr", timezone="Pacific/Auckland"), ";")
    assert elsewhere[0]["enregistré à"] != first["enregistré à"]
    assert elsewhere[0]["enregistré à"][-6:] == first["enregistré à"][-6:]


def _french_number(cell: str) -> float | None:
    """As a spreadsheet reads it whose region writes 38,5: what has a point in it is a text, or a date."""
    plain = cell.replace("\u202f", "").replace("\u00a0", "")
    if not plain.replace(",", "", 1).removeprefix("-").isdecimal():
        return None
    return float(plain.replace(",", "."))


async def test_a_french_spreadsheet_reads_the_numbers_as_numbers(memory_world: World) -> None:
    trainer = await memory_world.person("trainer")
    session = await trainer.open_session()
    line = await memory_world.watch(session)
    await line.push(session, vitals={"temperature": 38.5, "heart_rate": 112}, flags={"oxygen": True}, ramp_seconds=0)
    await line.push(session, vitals={"temperature": 39.0}, flags={"consciousness": "V"})
    for values in ("pushed", "shown", "true"):
        rows = _rows(await _export(trainer, session, dialect="fr", values=values), ";")
        assert [_french_number(row["température"]) for row in rows] == [38.5, 39.0]
        elapsed = [_french_number(row["temps écoulé"]) for row in rows]
        assert None not in elapsed
        assert elapsed == sorted(each or 0 for each in elapsed)
        assert _french_number(rows[0]["fréquence cardiaque"]) == 112


async def test_news2_stands_at_each_moment_with_what_is_missing(memory_world: World) -> None:
    trainer = await memory_world.person("trainer")
    session = await trainer.open_session(vitals={"respiratory_rate": 22, "spo2": 94, "heart_rate": 106})
    line = await memory_world.watch(session)
    await line.push(session, vitals={"systolic": 108, "temperature": 38.6})
    await line.push(session, flags={"oxygen": False, "consciousness": "A"})
    await line.push(session, flags={"consciousness": "V"})
    await line.push(session, rhythm="asystole")
    rows = _rows(await _export(trainer, session, values="true"))
    assert [(row["news2"], row["news2_missing"]) for row in rows] == [
        ("4", "consciousness oxygen"), ("6", "consciousness oxygen"), ("6", ""), ("9", ""), ("", ""),
    ]  # fmt: skip
    # No cuff has measured: nobody knows the pressure.
    assert [(row["news2_known"], row["news2_known_missing"]) for row in rows] == [
        ("4", "systolic consciousness oxygen"), ("5", "systolic consciousness oxygen"), ("5", "systolic"),
        ("8", "systolic"), ("", ""),
    ]  # fmt: skip
    assert all(float(row["elapsed_seconds"]) >= 0 for row in rows)


async def test_a_plain_export_is_what_it_always_was(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    line = await world.watch(session)
    event = await line.push(
        session, vitals={"heart_rate": 140, "temperature": 38.5}, flags={"cpr": True}, ramp_seconds=30
    )
    note = (await line.ask("note:add", {"id": new_id(), "session_id": session["id"], "text": 'a "note", é'}))["event"]
    name = trainer.account["name"]
    expected = (
        "seq,created_at (UTC),made_at (UTC),kind,step,marker,by_role,by_name,heart_rate (/min),systolic (mmHg),"
        "diastolic (mmHg),spo2 (%),respiratory_rate (/min),etco2 (mmHg),temperature (°C),rhythm,flags,"
        "ramp_seconds (s),text,details\r\n"
        f"1,{event['created_at']},{event['made_at']},vitals,,,trainer,{name},140,,,,,,38.5,,"
        '"{""cpr"": true}",30,,\r\n'
        f'2,{note["created_at"]},{note["made_at"]},note,,,trainer,{name},,,,,,,,,,,"a ""note"", é",\r\n'
    )
    assert await _export(trainer, session) == expected
    assert await _export(trainer, session, format="csv", dialect="rfc", values="pushed") == expected


async def test_an_undo_is_known_by_its_id(memory_world: World) -> None:
    """The screens give it that of the push it takes back, with version 8."""
    trainer = await memory_world.person("trainer")
    session = await trainer.open_session()
    line = await memory_world.watch(session)
    pushed = await line.push(session, vitals={"heart_rate": 140})
    undo = {"id": f"{pushed['id'][:14]}8{pushed['id'][15:]}", "session_id": session["id"], "vitals": {"heart_rate": 75}}
    first = (await line.ask("vitals:push", undo))["event"]
    assert first["id"] == undo["id"]
    assert (await line.ask("vitals:push", undo))["event"] == first
    assert [event["id"] for event in await trainer.events(session)] == [pushed["id"], undo["id"]]


async def test_late_notes_stand_where_they_belong(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    line = await world.watch(session)
    await line.push(session, vitals={"spo2": 90})
    middle = await line.push(session, vitals={"spo2": 70})
    while await line.clock() <= middle["created_at"]:
        # In the same millisecond it would be what was shown at that moment.
        pass
    await line.push(session, vitals={"spo2": 60})
    await trainer.post(f"/sessions/{session['id']}/close")
    late = {"id": new_id(), "kind": "note", "text": "=late", "marker": "oxygen", "made_at": middle["created_at"]}
    annotation = await trainer.post(f"/sessions/{session['id']}/events", late, 201)
    rows = _rows(await _export(trainer, session, values="shown"))
    place = next(place for place, row in enumerate(rows) if row["kind"] == "annotation")
    assert [row["seq"] for row in rows if row["seq"]] == ["1", "2", "3", "4"]
    assert rows[place - 1]["created_at"] <= annotation["at"] < rows[place + 1]["created_at"]
    told = {name: rows[place][name] for name in ("seq", "created_at", "made_at", "marker", "spo2", "text", "details")}
    assert told == {
        "seq": "",
        "created_at": annotation["created_at"],
        "made_at": annotation["at"],
        "marker": "oxygen",
        "spo2": "70",
        "text": "'=late",
        "details": '{"kind": "note"}',
    }
    exported = json.loads(await _export(trainer, session, format="json"))
    assert exported["annotations"] == [annotation]


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"dialect": "de"}, ["dialect"]),
        ({"values": "targets"}, ["values"]),
        ({"dialect": "fr", "timezone": "Europe/Nowhere"}, ["timezone"]),
        ({"dialect": "fr", "timezone": "../../etc/passwd"}, ["timezone"]),
        ({"dialect": "fr", "timezone": "Europe"}, ["timezone"]),
        ({"dialect": "fr", "timezone": ""}, ["timezone"]),
        ({"dialect": "fr", "timezone": "A" * 5000}, ["timezone"]),
        ({"dialect": "fr", "timezone": "Europe/Paris\0"}, ["timezone"]),
        ({"format": "xml", "dialect": "", "values": "SHOWN"}, ["format", "dialect", "values"]),
    ],
)
async def test_what_is_wrong_is_named(memory_world: World, query: dict[str, Any], fields: list[str]) -> None:
    trainer = await memory_world.person("trainer")
    session = await trainer.open_session()
    problem = (await trainer.call("GET", f"/sessions/{session['id']}/export", 422, params=query)).json()
    assert [error["field"] for error in problem["errors"]] == fields


@pytest.mark.parametrize(
    ("format_", "media_type", "name"),
    [
        ("csv", "text/csv; charset=utf-8", ".csv"),
        ("json", "application/json", ".json"),
        ("scores", "text/csv; charset=utf-8", "-scores.csv"),
        ("fhir", "application/fhir+json", "-fhir.json"),
        ("hl7", "x-application/hl7-v2+er7; charset=utf-8", ".hl7"),
        ("xapi", "application/json", "-xapi.json"),
    ],
)
async def test_every_file_says_what_it_is(memory_world: World, format_: str, media_type: str, name: str) -> None:
    trainer = await memory_world.person("trainer")
    session = await trainer.open_session(title="Choc à l’hôpital; 2", vitals={"heart_rate": 88})
    answer = await trainer.call("GET", f"/sessions/{session['id']}/export", 200, params={"format": format_})
    day = session["created_at"][:10]
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="shiller-{day}-choc-a-lhopital-2-{session["code"]}{name}"'
    )
    if format_ == "fhir":
        rates = [each["resource"] for each in answer.json()["entry"] if "effectiveDateTime" in each["resource"]]
        assert any(each.get("valueQuantity", {}).get("value") == 88 for each in rates)
    if format_ == "hl7":
        assert "|88|264864^MDC_DIM_BEAT_PER_MIN" in answer.text
