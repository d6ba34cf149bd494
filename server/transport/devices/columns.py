"""Rows of a phone's tables: a column holds a text, a number, a boolean or null; lists and objects are JSON text.

Moments are numbers, milliseconds since 1970, as the library keeps its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

from server.domain.devices import Entity, EntityType
from server.domain.events import Event
from server.domain.limits import ADULT_LIMITS, limits_as_json
from server.domain.nesting import NESTING_LIMIT, RULE, nesting
from server.domain.outcomes import FieldError, InvalidBody
from server.domain.text import shown
from server.domain.timestamps import read_timestamp, write_timestamp
from server.json_text import write_json
from server.ports.sync import ToldTemplate
from server.service.sync.judging import Show
from server.transport.wire.answers import event_answer
from server.transport.wire.reading import read_json

# The library writes these into every row that it pushes.
_OF_THE_LIBRARY = frozenset(("_status", "_changed"))
_ADULT = cast(object, limits_as_json(ADULT_LIMITS))
# What an empty column of JSON stands for.
_STARTS: Mapping[EntityType, Mapping[str, object]] = {
    "TEMPLATE": {"vitals": {}, "flags": {}, "steps": [], "limits": _ADULT, "checklist": [], "targets": []},
    "SESSION": {"limits": _ADULT, "co_trainer_ids": [], "vitals": None},
    "TRAINER": {},
}
# Columns that are empty, or 0, where there is none.
_OPTIONAL: Mapping[EntityType, frozenset[str]] = {
    "TEMPLATE": frozenset(("duration_minutes", "pass_percent", "rhythm", "language")),
    "SESSION": frozenset(("expires_at", "template_id", "duration_minutes")),
    "TRAINER": frozenset(),
}
_TEXTS = frozenset(("title", "public_title", "description", "trainee_name"))
_BEGAN = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def row_of(entity: Entity, show: Show) -> dict[str, object]:
    return columns_of(show(entity))


def template_row(template: ToldTemplate) -> dict[str, object]:
    return {
        "id": str(template.id),
        "school_id": str(template.school_id),
        **columns_of(template.content.as_json()),
        "created_at": _milliseconds(template.created_at),
        "updated_at": _milliseconds(template.updated_at),
        "deleted_at": None,
        "version": template.version,
    }


def event_row(event: Event) -> dict[str, object]:
    return columns_of(cast(Mapping[str, object], event_answer(event)))


def columns_of(answer: Mapping[str, object]) -> dict[str, object]:
    return {name: _column(name, value) for name, value in answer.items()}


def _column(name: str, value: object) -> object:
    if isinstance(value, dict | list):
        return write_json(cast(object, value))
    if name.endswith("_at") and isinstance(value, str):
        return _milliseconds(datetime.fromisoformat(value))
    return value


def _milliseconds(moment: datetime) -> int:
    return (moment - _BEGAN) // _MILLISECOND


def payload_of(
    entity_type: EntityType, row: Mapping[str, object]
) -> tuple[Mapping[str, object], tuple[FieldError, ...]]:
    """The entity as REST shows it, of the columns that were sent; and what is wrong with those that are no part of it,
    because they cannot be read.
    """
    payload: dict[str, object] = {}
    errors: list[FieldError] = []
    for name, value in row.items():
        if name in _OF_THE_LIBRARY:
            continue
        read = _read_column(entity_type, name, value)
        if isinstance(read, FieldError):
            errors.append(read)
        else:
            payload[name] = read
    return payload, tuple(errors)


def _read_column(entity_type: EntityType, name: str, value: object) -> object:
    starts = _STARTS[entity_type]
    if name in starts:
        return _read_json_column(name, value, starts[name])
    if name in _OPTIONAL[entity_type] and value in (None, "", 0):
        return None
    if name in _TEXTS and value is None:
        return ""
    if name == "expires_at" and isinstance(value, int | float):
        return _read_moment(name, value)
    return value


def _read_json_column(name: str, value: object, start: object) -> object:
    if value is None or value == "":
        return start
    if not isinstance(value, str):
        # As it stands in the other calls.
        is_plain = not isinstance(value, dict | list)
        return FieldError(shown(name), "must be JSON text") if is_plain else cast(object, value)
    read = read_json(value.encode("utf-8", "surrogatepass"))
    if isinstance(read, InvalidBody):
        return FieldError(shown(name), "is not JSON text")
    return FieldError(shown(name), RULE) if nesting(read) >= NESTING_LIMIT - 1 else read


def _read_moment(name: str, value: float) -> object:
    try:
        return write_timestamp(read_timestamp((_BEGAN + value * _MILLISECOND).isoformat()))
    except (ValueError, OverflowError):
        return FieldError(name, "must be milliseconds since 1970")
