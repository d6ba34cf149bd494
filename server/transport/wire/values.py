"""Of a refusal the fields that are wrong besides: shapes and values in one answer.

What is right is read once, by its shape, and judged once, by the domain: here nothing is asked of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from types import NoneType, UnionType
from typing import Annotated, Any, Union, cast, get_args, get_origin

from pydantic import BaseModel

from server.domain.outcomes import ERRORS_TOLD, FieldError, InvalidFields
from server.transport.wire.requests import Request
from server.transport.wire.rules import Rule


def with_all(refusal: InvalidFields, model: type[BaseModel], raw: object, now: datetime | None) -> InvalidFields:
    """`refusal` of what was sent as `model`, and every other field whose value is wrong."""
    if not isinstance(raw, dict):
        return refusal
    told = {error.field for error in refusal.errors}
    also: dict[str, FieldError] = {}
    for error in value_errors(model, cast(dict[str, object], raw), now):
        if not _is_told(error.field, told):
            also.setdefault(error.field, error)
    return InvalidFields((*refusal.errors, *also.values())) if also else refusal


def value_errors(model: type[BaseModel], raw: Mapping[str, object], now: datetime | None) -> Iterable[FieldError]:
    """As many as are told."""
    return islice(_of_model(model, raw, now, ""), 2 * ERRORS_TOLD)


def _is_told(field: str, told: set[str]) -> bool:
    """It, or something of which it is a part."""
    parts = field.split(".")
    return any(".".join(parts[:count]) in told for count in range(1, len(parts) + 1))


def _of_model(
    model: type[BaseModel], raw: Mapping[str, object], now: datetime | None, before: str
) -> Iterator[FieldError]:
    for name, field in model.model_fields.items():
        if raw.get(name) is not None:
            yield from _of_kind(field.annotation, field.metadata, raw[name], now, before + name)
    if issubclass(model, Request):
        for error in model.judge_together(raw):
            yield FieldError(before + error.field, error.message)


def _of_kind(kind: Any, notes: Iterable[object], raw: object, now: datetime | None, path: str) -> Iterator[FieldError]:
    for rule in notes:
        if isinstance(rule, Rule):
            yield from rule.judge(path, raw, now)
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        yield from _of_kind(parts[0], parts[1:], raw, now, path)
    elif origin in (Union, UnionType):
        for part in parts:
            if part is not NoneType:
                yield from _of_kind(part, (), raw, now, path)
    elif origin is list and isinstance(raw, list):
        for place, each in enumerate(cast(list[object], raw)):
            yield from _of_kind(parts[0], (), each, now, f"{path}.{place}")
    elif isinstance(kind, type) and issubclass(kind, BaseModel) and isinstance(raw, dict):
        yield from _of_model(kind, cast(dict[str, object], raw), now, f"{path}.")
