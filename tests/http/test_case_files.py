"""A case as a file: what the server writes is what its JSON Schema says, and what it would take itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from itertools import product
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from jsonschema import Draft202012Validator

from server.domain.case_file import case_file_name, write_case_file
from server.domain.outcomes import InvalidFields
from server.domain.template import TEMPLATE_FIELDS, Template, judge_template
from server.service.seeds import Language, case_names, read_case
from server.transport.http.endpoint import API
from server.transport.wire.case_schema import case_file_schema
from server.transport.wire.reading import read_model, template_draft
from server.transport.wire.requests import TemplateBody
from tests.support.running import running_server

NOW = datetime.fromisoformat("2026-11-28T10:00:00+00:00")
SCHEMA = Draft202012Validator(case_file_schema("https://shiller.example/api/v1/template.schema.json"))
SUPPLIED: list[tuple[str, Language]] = [*product(case_names(), get_args(Language))]

File = dict[str, Any]


def _judged(raw: object) -> Template | InvalidFields:
    """As POST /templates takes it."""
    body = read_model(TemplateBody, raw)
    if not isinstance(body, TemplateBody):
        return InvalidFields(())
    content = judge_template(template_draft(body)[1])
    if isinstance(content, InvalidFields):
        return content
    return Template(uuid4(), uuid4(), content, NOW, NOW)


def _supplied(name: str, language: Language = "en") -> Template:
    case = read_case(name, language)
    template = _judged({field: case[field] for field in case if field in TEMPLATE_FIELDS})
    assert isinstance(template, Template)
    return template


def _written(name: str) -> File:
    return json.loads(json.dumps(write_case_file(_supplied(name))))


@pytest.mark.parametrize(("name", "language"), SUPPLIED)
def test_the_supplied_cases_are_what_the_schema_says_and_read_back_the_same(name: str, language: Language) -> None:
    template = _supplied(name, language)
    file = json.loads(json.dumps(write_case_file(template)))
    SCHEMA.validate(file)
    again = _judged(file["template"])
    assert isinstance(again, Template)
    assert again.content == template.content


def test_what_says_nothing_may_be_left_out_or_null() -> None:
    for template in ({"title": "A"}, {"title": "A", "rhythm": None, "vitals": None, "steps": [{"title": "B"}]}):
        SCHEMA.validate({"format": "shiller.case", "version": 1, "template": template})
        assert isinstance(_judged(template), Template)


def _change(path: str, value: object) -> Callable[[File], None]:
    def change(file: File) -> None:
        *way, last = [int(part) if part.isdecimal() else part for part in path.split("/")]
        part: Any = file["template"]
        for step in way:
            part = part[step]
        part[last] = value

    return change


WRONG: dict[str, Callable[[File], None]] = {
    "a title of another kind": _change("title", 3),
    "a title that is empty": _change("title", ""),
    "a field that no case has": _change("colour", "blue"),
    "somebody else's id": _change("school_id", "3094833b-ba7f-49ee-9365-9b3601e76bb1"),
    "a pulse beyond its range": _change("vitals/heart_rate", 301),
    "a pulse with a decimal": _change("vitals/heart_rate", 70.5),
    "a sign that nobody knows": _change("vitals/pulse", 70),
    "a rhythm that nobody knows": _change("rhythm", "waltz"),
    "a flag without a key": _change("flags", {"Not a key": True}),
    "a language that is a sentence": _change("language", "in French"),
    "more steps than a case may have": _change("steps", [{"title": "A"}] * 101),
    "more ways than a step may have": _change("steps/0/transitions", [{"to": None, "on": {"after": 5}}] * 9),
    "a way on two things at once": _change("steps/0/transitions/0/on", {"after": 5, "marker": "fluid"}),
    "a way on nothing": _change("steps/0/transitions/0/on", {}),
    "a condition that is code": _change("steps/0/transitions/0/on", {"when": [{"expression": "hr > 3"}]}),
    "a hold of an hour": _change("steps/0/transitions/0/on", {"when": [{"rhythm": "sinus"}], "hold": 3601}),
    "a ramp that goes back": _change("steps/0/ramp_seconds", -1),
    "an item without its text": _change("checklist/0", {"critical": True}),
    "a target without its time": _change("targets", [{"marker": "fluid"}]),
    "a limit that is neither low nor high": _change("limits/spo2", {"middle": 90}),
}


@pytest.mark.parametrize("wrong", WRONG, ids=lambda name: name)
def test_schema_and_server_refuse_the_same(wrong: str) -> None:
    file = _written("sepsis")
    spoilt = deepcopy(file)
    WRONG[wrong](spoilt)
    assert not SCHEMA.is_valid(spoilt)
    assert isinstance(_judged(spoilt["template"]), InvalidFields)


@pytest.mark.parametrize(
    "envelope", [{"format": "other"}, {"version": 2}, {"version": "1"}, {"template": None}, {"x": 1}]
)
def test_another_file_is_none_of_ours(envelope: File) -> None:
    assert not SCHEMA.is_valid({**_written("sepsis"), **envelope})


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA.schema)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Septic shock, 2nd", "shiller-septic-shock-2nd.json"),
        ("Arrêt cardiaque à l’hôpital", "shiller-arret-cardiaque-a-lhopital.json"),
        ('../../etc/"passwd"\r\n', "shiller-etc-passwd.json"),
        ("心停止", "shiller-case.json"),
        ("a" * 200, f"shiller-{'a' * 60}.json"),
    ],
)
def test_a_file_has_a_name_that_every_system_takes(title: str, name: str) -> None:
    assert case_file_name(title) == name


async def test_a_case_is_downloaded_and_its_schema_published() -> None:
    async with running_server() as server:
        published = (await server.http.get(f"{API}/template.schema.json")).json()
        assert published["$id"].endswith(f"{API}/template.schema.json")
        assert (await server.http.get(f"{API}/templates/{UUID(int=1)}/export")).status_code == 401
        await server.login()
        added = (await server.http.post(f"{API}/templates", json={"title": "Été", "steps": [{"title": "A"}]})).json()
        answer = await server.http.get(f"{API}/templates/{added['id']}/export")
        assert answer.status_code == 200
        assert answer.headers["content-disposition"] == 'attachment; filename="shiller-ete.json"'
        Draft202012Validator(published).validate(answer.json())
        assert answer.json()["template"] == {field: added[field] for field in TEMPLATE_FIELDS}
        assert (await server.http.get(f"{API}/templates/{UUID(int=1)}/export")).status_code == 404
        await server.http.delete(f"{API}/templates/{added['id']}")
        assert (await server.http.get(f"{API}/templates/{added['id']}/export")).status_code == 404
