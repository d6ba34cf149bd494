"""What people make of a session afterwards, as a hall sends it: in the shapes that the lines of an export have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar
from uuid import UUID

from server.domain.case import CHECKLIST_LIMIT
from server.domain.hall_beside import Beside, BesideType
from server.domain.outcomes import FieldError, InvalidBody, InvalidFields
from server.domain.reflections import Reflection
from server.domain.scores import ScoreSheet
from server.transport.moving import parts
from server.transport.moving.shapes import MomentData, ReflectionData, SheetData
from server.transport.moving.writing import told_as
from server.transport.wire.reading import read_model
from server.transport.wire.requests import Request

Data = TypeVar("Data", bound=Request)
_Read = Callable[[Mapping[str, object], UUID], Beside | InvalidFields]


def told_beside(row: Beside) -> Mapping[str, object]:
    return told_as(row, 0)


def read_beside(type: BesideType, sent: Mapping[str, object], school_id: UUID) -> Beside | InvalidFields:
    return _READERS[type](sent, school_id)


def _reader(model: type[Data], make: Callable[[Data, UUID, list[FieldError]], Beside]) -> _Read:
    def read(sent: Mapping[str, object], school_id: UUID) -> Beside | InvalidFields:
        data = read_model(model, sent)
        assert not isinstance(data, InvalidBody)  # noqa: S101 - an object was sent
        if isinstance(data, InvalidFields):
            return data
        errors: list[FieldError] = []
        row = make(data, school_id, errors)
        if _scored(row) > CHECKLIST_LIMIT:
            errors.append(FieldError("items", f"may be at most {CHECKLIST_LIMIT}"))
        return InvalidFields(tuple(errors)) if errors else row

    return read


def _scored(row: Beside) -> int:
    match row:
        case ScoreSheet():
            return len(row.items)
        case Reflection():
            return len(row.scores)
        case _:
            return 0


_READERS: Mapping[BesideType, _Read] = {
    "SCORE_SHEET": _reader(SheetData, parts.score_sheet),
    "REFLECTION": _reader(ReflectionData, parts.reflection),
    "MOMENT": _reader(MomentData, parts.moment),
}
