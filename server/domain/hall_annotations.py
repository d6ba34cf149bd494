"""Annotations of a hall's sessions, as their home tells of them; each side may edit what came from the hall.

Nothing goes down, and no clocks of two machines are compared: what was edited here keeps its place, and what the hall
edits after that stands beside it, under an id that follows from the first. So neither text is lost, and whoever reads
both deletes one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from server.domain.annotations import Annotation
from server.domain.hall_records import ID_TAKEN, NOT_SENT
from server.domain.halls import Hall
from server.domain.judging import Rejected
from server.domain.outcomes import FieldError
from server.domain.session import Session

NO_AUTHOR = Rejected("invalid_fields", (FieldError("payload.by", "is not a trainer of this school"),))


@dataclass(frozen=True, slots=True)
class KnownAnnotation:
    """One that stands here; `hall_version` is the version that a hall told last of it, None if it was made here."""

    annotation: Annotation
    hall_version: int | None

    @property
    def is_as_told(self) -> bool:
        return self.annotation.version == self.hall_version


@dataclass(frozen=True, slots=True)
class NothingNew:
    """It stands here, was here before, or is deleted and never was here."""


@dataclass(frozen=True, slots=True)
class StandsElsewhere:
    """This place is taken by what was written here: it is judged again at the place `id`."""

    id: UUID


def refuse_annotation(session: Session | None, hall: Hall) -> Rejected | None:
    """Why this hall may not annotate this session. One that was taken over may be: it stands beside the record."""
    if session is None or session.school_id != hall.school_id:
        return NOT_SENT
    return None if session.hall is not None and session.hall.id == hall.id else ID_TAKEN


def is_forgotten(session: Session | None) -> bool:
    """Names are out of it: what a hall still tells of it is taken as told, and not written."""
    return session is not None and session.names_out_at is not None


def judge_hall_annotation(
    known: KnownAnnotation | None, sent: Annotation, place: UUID
) -> Annotation | NothingNew | StandsElsewhere | Rejected:
    """What is to stand at `place`, where `known` stands; `sent` has the id and the version that it has at the hall.

    However often and in whichever order a hall's versions are told, the newest is what stays.
    """
    told = replace(sent, id=place)
    if known is None:
        return NothingNew() if sent.deleted_at is not None else told
    there = known.annotation
    if there.session_id != sent.session_id:
        return ID_TAKEN
    if known.hall_version is not None and not _is_newer(sent, known, known.hall_version):
        return NothingNew()
    if known.is_as_told or there == told:
        return told
    return NothingNew() if _says_the_same(there, told) else StandsElsewhere(uuid5(place, "hall"))


def _is_newer(sent: Annotation, known: KnownAnnotation, hall_version: int) -> bool:
    """A hall whose disk was put back counts its versions anew, by the same clock."""
    is_rewritten = known.is_as_told and sent.updated_at > known.annotation.updated_at
    return sent.version > hall_version or is_rewritten


def _says_the_same(here: Annotation, told: Annotation) -> bool:
    return (here.at, here.kind, here.text, here.marker, here.deleted_at is None) == (
        told.at,
        told.kind,
        told.text,
        told.marker,
        told.deleted_at is None,
    )
