"""The lines of a school that moves, read back: each judged by the rules by which its contents came in."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sized
from dataclasses import dataclass
from typing import TypeVar, cast
from uuid import UUID

from server.domain.moving import ExportBegun, Part
from server.domain.outcomes import FieldError, InvalidBody, InvalidFields
from server.domain.people import School
from server.domain.text import shown
from server.transport.moving import parts
from server.transport.moving.events import event
from server.transport.moving.shapes import (
    AnnotationData,
    AuditData,
    ConflictData,
    DeviceData,
    EndData,
    EventData,
    ExportData,
    MomentData,
    ReflectionData,
    SchoolData,
    SeatData,
    SessionData,
    SheetData,
    SpanData,
    TemplateData,
    TrainerData,
)
from server.transport.moving.writing import LINE_VERSION, told_as
from server.transport.wire.reading import read_model
from server.transport.wire.requests import Request

Data = TypeVar("Data", bound=Request)

Reader = Callable[[Mapping[str, object], UUID, list[FieldError]], Part | None]

_ERRORS_SAID = 5


@dataclass(frozen=True, slots=True)
class UnreadableLine:
    """What is wrong with a line, in a sentence that goes on from its number."""

    sentence: str


class LineReader:
    """Reads the lines of one file, in their order."""

    def __init__(self) -> None:
        self._number = 0
        self._school_id = UUID(int=0)
        self._server = "an unknown release"

    def read(self, line: bytes) -> Part | UnreadableLine:
        self._number += 1
        parsed = self._parse(line)
        if isinstance(parsed, UnreadableLine):
            return parsed
        type, data = parsed
        errors: list[FieldError] = []
        part = _READERS[type](data, self._school_id, errors)
        if part is None or errors:
            return _unreadable(type, errors)
        self._note(part)
        # What is told otherwise would be lost, or come out changed.
        told = told_as(part, self._number - 1)
        changed = [name for name, value in data.items() if not _is_kept({name: value}, told)]
        if changed:
            return _unreadable(type, [FieldError(name, "is not as an export writes it") for name in changed])
        return part

    def _parse(self, line: bytes) -> tuple[str, Mapping[str, object]] | UnreadableLine:
        try:
            raw: object = json.loads(line)
        except (ValueError, RecursionError):
            return UnreadableLine("is not JSON: the file is cut, or was changed on its way")
        match raw:
            case {"type": str(type), "version": int(version), "data": dict()} if len(cast(Sized, raw)) == 3:
                known = type in _READERS
            case _:
                return UnreadableLine('is no line of an export: {"type": …, "version": …, "data": {…}}')
        if version > LINE_VERSION:
            return UnreadableLine(
                f"has version {version}, and this Shiller reads {LINE_VERSION}: "
                f"import with the release that wrote it ({self._server}), or a newer one"
            )
        if version < LINE_VERSION or not known:
            return UnreadableLine(
                f"is of the type {shown(type)}, version {version}, which this Shiller does not know "
                f"(written by {self._server}); it knows version {LINE_VERSION} of: {', '.join(_READERS)}"
            )
        return type, cast(Mapping[str, Mapping[str, object]], raw)["data"]

    def _note(self, part: Part) -> None:
        match part:
            case ExportBegun():
                self._server = f"Shiller {part.server}"
            case School():
                self._school_id = part.id
            case _:
                pass


def _is_kept(sent: object, told: object) -> bool:
    """Whether all of what was sent is told again; fields that were added since have a value where a file has none."""
    if isinstance(sent, Mapping) and isinstance(told, Mapping):
        again = cast(Mapping[object, object], told)
        return all(
            name in again and _is_kept(value, again[name])
            for name, value in cast(Mapping[object, object], sent).items()
        )
    if isinstance(sent, list) and isinstance(told, list):
        ours, theirs = cast(list[object], sent), cast(list[object], told)
        return len(ours) == len(theirs) and all(map(_is_kept, ours, theirs))
    return sent == told


def _reader(model: type[Data], make: Callable[[Data, UUID, list[FieldError]], Part | None]) -> Reader:
    def read(data: Mapping[str, object], school_id: UUID, errors: list[FieldError]) -> Part | None:
        sent = read_model(model, data)
        match sent:
            case InvalidBody():
                return None
            case InvalidFields():
                errors.extend(sent.errors)
                return None
            case _:
                return make(sent, school_id, errors)

    return read


_READERS: Mapping[str, Reader] = {
    "export": _reader(ExportData, parts.export_begun),
    "school": _reader(SchoolData, parts.school),
    "trainer": _reader(TrainerData, parts.trainer),
    "template": _reader(TemplateData, parts.template),
    "session": _reader(SessionData, parts.session),
    "seat": _reader(SeatData, parts.seat),
    "event": _reader(EventData, event),
    "attendance": _reader(SpanData, parts.span),
    "annotation": _reader(AnnotationData, parts.annotation),
    "moment": _reader(MomentData, parts.moment),
    "score_sheet": _reader(SheetData, parts.score_sheet),
    "reflection": _reader(ReflectionData, parts.reflection),
    "audit": _reader(AuditData, parts.audit),
    "device": _reader(DeviceData, parts.device),
    "conflict": _reader(ConflictData, parts.conflict),
    "end": _reader(EndData, parts.head),
}


def _unreadable(type: str, errors: Collection[FieldError]) -> UnreadableLine:
    said = [f"{error.field} {error.message}" for error in list(errors)[:_ERRORS_SAID]]
    more = len(errors) - len(said)
    return UnreadableLine(f"({type}): " + "; ".join(said) + (f"; and {more} more" if more > 0 else ""))
