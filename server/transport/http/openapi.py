"""The OpenAPI 3.1 document, made from the endpoints and the shapes that parse the requests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from server import __version__
from server.domain.debrief.moments import MOMENT_KINDS
from server.transport.http.endpoint import API, Endpoint
from server.transport.http.problems import MEDIA_TYPE, STATUSES, Problem
from server.transport.refusals import Code
from server.transport.wire.components import Document, Shapes

_WITH_LOGIN: tuple[Code, ...] = ("unauthenticated", "forbidden")
_UUID: Document = {"type": "string", "format": "uuid"}
# Of those in a path that are no ids.
_PATH_SCHEMAS: Mapping[str, Document] = {
    "seq": {"type": "integer", "minimum": 0},
    "kind": {"type": "string", "enum": list(MOMENT_KINDS)},
}
_ANY_FILE = "application/octet-stream"
# As OpenAPI 3.1 says that there is nothing more to say of it.
_BYTES: Mapping[str, Any] = {}
_WITH_BODY: tuple[Code, ...] = ("invalid_body", "too_large", "unsupported_media_type", "invalid_fields")


def openapi_document(endpoints: Sequence[Endpoint], public_url: str) -> Document:
    shapes = Shapes()
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        path = endpoint.base + endpoint.path
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, shapes)
    shapes.reference(Problem)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Shiller",
            "version": __version__,
            "description": "Sessions of clinical training: opened, joined, pushed to, recorded. "
            f"The Socket.IO messages stand in {API}/asyncapi.json.",
            "license": {"name": "Proprietary", "identifier": "LicenseRef-Shiller"},
        },
        "servers": [{"url": public_url}],
        "paths": paths,
        "components": {
            "schemas": shapes.components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _operation(endpoint: Endpoint, shapes: Shapes) -> Document:
    operation: Document = {
        "operationId": _operation_id(endpoint),
        "summary": endpoint.summary,
        "responses": {
            **_answers(endpoint, shapes),
            **_problems(endpoint),
        },
    }
    parameters = [_path_parameter(name, endpoint) for name in re.findall(r"{(\w+)}", endpoint.path)]
    parameters += [
        {
            "name": parameter.name,
            "in": parameter.place,
            "required": False,
            "schema": parameter.schema,
            "description": parameter.description,
        }
        for parameter in endpoint.parameters
    ]
    if parameters:
        operation["parameters"] = parameters
    if endpoint.bodies:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _body(endpoint.bodies, shapes)}},
        }
    if endpoint.takes_file:
        operation["requestBody"] = {"required": True, "content": {_ANY_FILE: {"schema": _BYTES}}}
    if endpoint.needs_login:
        operation["security"] = [{"token": []}]
    return operation


def _body(bodies: Sequence[type[BaseModel]], shapes: Shapes) -> Document:
    references = [shapes.reference(body) for body in bodies]
    return references[0] if len(references) == 1 else {"oneOf": references}


def _answers(endpoint: Endpoint, shapes: Shapes) -> dict[str, Document]:
    answers: dict[str, Document] = {}
    for status, shape in endpoint.answers.items():
        answer: Document = {"description": endpoint.summary}
        if shape is not None:
            others: Document = {each: {} for each in endpoint.media_types if each != "application/json"}
            answer["content"] = {"application/json": {"schema": shapes.reference(shape)}, **others}
        elif status == 200:
            answer["content"] = {media_type: {} for media_type in endpoint.media_types}
        answers[str(status)] = answer
    return answers


def _problems(endpoint: Endpoint) -> dict[str, Document]:
    by_status: dict[int, list[Code]] = {}
    for code in refusals_of(endpoint):
        by_status.setdefault(STATUSES[code][0], []).append(code)
    return {
        str(status): {
            "description": f"{STATUSES[codes[0]][1]} (`{'`, `'.join(codes)}`)",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            **({"headers": _RETRY_AFTER} if status in (429, 503) else {}),
        }
        for status, codes in sorted(by_status.items())
    }


_RETRY_AFTER: Mapping[str, Any] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}


def refusals_of(endpoint: Endpoint) -> list[Code]:
    """All codes that this endpoint may answer with, in the order of their statuses."""
    codes: set[Code] = {*endpoint.refusals, "storage_unavailable"}
    if endpoint.needs_login:
        codes.update(("unauthenticated",) if endpoint.method == "GET" else _WITH_LOGIN)
    if endpoint.bodies:
        codes.update(_WITH_BODY)
    if endpoint.takes_file:
        codes.add("too_large")
    return [code for code in STATUSES if code in codes]


def _path_parameter(name: str, endpoint: Endpoint) -> Document:
    schema = {"type": "string"} if endpoint.takes_any_id else _PATH_SCHEMAS.get(name, _UUID)
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": schema,
    }


def _operation_id(endpoint: Endpoint) -> str:
    words = re.sub(r"[^a-z]+", "_", endpoint.path.replace("{id}", "one")).strip("_")
    return f"{endpoint.method.lower()}_{words}"
