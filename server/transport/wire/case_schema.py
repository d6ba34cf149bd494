"""The JSON Schema of a case's file, made from the shapes that read a template and from the domain's own bounds."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any, cast

from server.domain.case import CHECKLIST_LIMIT, STEPS_LIMIT, TARGETS_LIMIT
from server.domain.case_file import CASE_FILE_FORMAT, CASE_FILE_VERSION
from server.domain.template import TEMPLATE_FIELDS
from server.domain.transitions import TRANSITIONS_LIMIT
from server.transport.wire.requests import StepBody, TemplateBody
from server.transport.wire.schemas import Schema

CASE_SCHEMA_PATH = "/template.schema.json"
_LISTS_HOLD = {
    "steps": STEPS_LIMIT,
    "checklist": CHECKLIST_LIMIT,
    "targets": TARGETS_LIMIT,
    "transitions": TRANSITIONS_LIMIT,
}


def case_file_schema(url: str) -> Schema:
    """`url` is where it is published."""
    body = TemplateBody.model_json_schema()
    template = _fields_of(body, TEMPLATE_FIELDS)
    step = _fields_of(cast(Schema, body["$defs"])[StepBody.__name__], StepBody.model_fields)
    template["properties"]["steps"]["items"] = {"$ref": "#/$defs/step"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": url,
        "title": f"A case of Shiller, version {CASE_FILE_VERSION}",
        "description": (
            "What one field says of another is judged when the file is brought in: a diastolic pressure above the "
            "systolic one, a way that leads to no step."
        ),
        "type": "object",
        "properties": {
            "$schema": {"type": "string", "description": "For editors of text; it is not looked at."},
            "format": {"const": CASE_FILE_FORMAT},
            "version": {"const": CASE_FILE_VERSION},
            "template": {"$ref": "#/$defs/template"},
        },
        "required": ["format", "version", "template"],
        "additionalProperties": False,
        "$defs": {"template": template, "step": step},
    }


def _fields_of(shape: Mapping[str, Any], names: Container[str]) -> Schema:
    """Those of these names; null stands for a field that says nothing, as it does in a request."""
    properties = {name: _bounded(name, part) for name, part in shape["properties"].items() if name in names}
    return {
        "type": "object",
        "properties": properties,
        "required": shape["required"],
        "additionalProperties": False,
    }


def _bounded(name: str, part: Mapping[str, Any]) -> Schema:
    schema = {key: value for key, value in part.items() if key not in ("title", "default")}
    if name in _LISTS_HOLD:
        schema["maxItems"] = _LISTS_HOLD[name]
    says_nothing = part.get("default", ...) is None and {"type": "null"} not in schema.get("anyOf", ())
    return {"anyOf": [schema, {"type": "null"}]} if says_nothing else schema
