"""Annotations: texts at a moment of a session, beside its record, made in or after it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from server.domain.audit import author_of
from server.domain.events import Author, EventDraft, NoteAdded
from server.domain.outcomes import FieldError, Forbidden, InvalidFields, NotFound, VersionMismatch, version_mismatch
from server.domain.people import Trainer
from server.domain.permissions import judge_action
from server.domain.session import Session
from server.domain.text import NOTE_LIMIT, is_key, text_error

AnnotationKind = Literal["note", "bookmark", "plus", "delta", "takeaway"]

NO_ANNOTATION = NotFound("This session has no such annotation.")


@dataclass(frozen=True, slots=True)
class Annotation:
    id: UUID
    session_id: UUID
    school_id: UUID
    at: datetime
    kind: AnnotationKind
    text: str
    marker: str | None
    author: Author
    created_at: datetime
    updated_at: datetime
    version: int = 1
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AnnotationDraft:
    """What somebody wants to add, under an id that its maker chose."""

    id: UUID
    at: datetime
    kind: AnnotationKind
    text: str
    marker: str | None = None


@dataclass(frozen=True, slots=True)
class AnnotationChange:
    """What is None stays as it is; an empty `marker` removes it."""

    at: datetime | None = None
    kind: AnnotationKind | None = None
    text: str | None = None
    marker: str | None = None


def judge_annotation(
    session: Session, trainer: Trainer, draft: AnnotationDraft, now: datetime
) -> Annotation | NotFound | Forbidden | InvalidFields:
    """The annotation that this draft makes. A session that is over takes them, too."""
    if refusal := judge_action(trainer, "annotate", session):
        return refusal
    annotation = Annotation(
        id=draft.id,
        session_id=session.id,
        school_id=session.school_id,
        at=session.moment_within(draft.at, now),
        kind=draft.kind,
        text=draft.text.strip(),
        marker=draft.marker or None,
        author=author_of(trainer),
        created_at=now,
        updated_at=now,
    )
    return _checked(annotation)


def annotation_of_late_note(session: Session, note: EventDraft, now: datetime) -> AnnotationDraft | None:
    """What becomes of a note that was made before the end of its session and comes after it; None for any other."""
    ended_at = session.ended_at(now)
    if ended_at is None or note.made_at is None or note.made_at > ended_at or not isinstance(note.fact, NoteAdded):
        return None
    return AnnotationDraft(note.id, note.made_at, "note", note.fact.text or "", note.fact.marker)


def judge_annotation_change(
    annotation: Annotation,
    session: Session,
    trainer: Trainer,
    change: AnnotationChange,
    expected_version: int | None,
    now: datetime,
) -> Annotation | NotFound | Forbidden | VersionMismatch | InvalidFields:
    """Edited by its author or an admin."""
    if refusal := _judge_editor(annotation, session, trainer):
        return refusal
    if annotation.deleted_at is not None:
        return NO_ANNOTATION
    if mismatch := version_mismatch(expected_version, annotation.version):
        return mismatch
    changed = replace(
        annotation,
        at=annotation.at if change.at is None else session.moment_within(change.at, now),
        kind=change.kind or annotation.kind,
        text=annotation.text if change.text is None else change.text.strip(),
        marker=annotation.marker if change.marker is None else change.marker or None,
    )
    if changed == annotation:
        return annotation
    return _checked(replace(changed, updated_at=now, version=annotation.version + 1))


def judge_annotation_deletion(
    annotation: Annotation, session: Session, trainer: Trainer, expected_version: int | None, now: datetime
) -> Annotation | NotFound | Forbidden | VersionMismatch:
    """The tombstone; deleting twice answers the same one, whatever version was expected."""
    if refusal := _judge_editor(annotation, session, trainer):
        return refusal
    if annotation.deleted_at is not None:
        return annotation
    if mismatch := version_mismatch(expected_version, annotation.version):
        return mismatch
    return replace(annotation, deleted_at=now, updated_at=now, version=annotation.version + 1)


def _judge_editor(annotation: Annotation, session: Session, trainer: Trainer) -> NotFound | Forbidden | None:
    if annotation.session_id != session.id:
        return NO_ANNOTATION
    if annotation.author.id == trainer.id:
        return judge_action(trainer, "annotate", session)
    return judge_action(trainer, "edit_annotations_of_others", session)


def _checked(annotation: Annotation) -> Annotation | InvalidFields:
    wrong = annotation_errors(annotation)
    return InvalidFields(wrong) if wrong else annotation


def annotation_errors(annotation: Annotation, *, is_stored: bool = False) -> tuple[FieldError, ...]:
    """What is neither a bookmark nor marked has to say something. `is_stored`: as `text_error`."""
    needs_text = annotation.kind != "bookmark" and annotation.marker is None
    errors = [text_error("text", annotation.text, NOTE_LIMIT, required=needs_text, is_stored=is_stored)]
    if annotation.marker is not None and not is_key(annotation.marker):
        errors.append(FieldError("marker", "must be named by a-z, 0-9 and _, begin with a letter, at most 32"))
    return tuple(error for error in errors if error is not None)
