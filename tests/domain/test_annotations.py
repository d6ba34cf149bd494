"""Annotations: who may edit one, and what one may be."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from server.domain.annotations import (
    NO_ANNOTATION,
    Annotation,
    AnnotationChange,
    AnnotationDraft,
    judge_annotation,
    judge_annotation_change,
    judge_annotation_deletion,
)
from server.domain.outcomes import FieldError, Forbidden, InvalidFields, VersionMismatch
from server.domain.people import Trainer
from server.domain.session import Session
from tests.support.making import NOW, a_school, a_session, a_trainer, an_annotation, later

SCHOOL = a_school()
OWNER, COLLEAGUE = a_trainer(SCHOOL), a_trainer(SCHOOL)
ADMIN, OBSERVER = a_trainer(SCHOOL, "admin"), a_trainer(SCHOOL, "observer")
SESSION = a_session(OWNER)


def _changed(
    annotation: Annotation, trainer: Trainer, change: AnnotationChange, version: int | None = None
) -> Annotation | object:
    return judge_annotation_change(annotation, SESSION, trainer, change, version, later(9))


@pytest.mark.parametrize(
    ("session", "at", "kept"),
    [
        (SESSION, later(-5), NOW),
        (SESSION, later(30), later(30)),
        (SESSION, later(90), later(60)),
        (replace(SESSION, closed_at=later(20), close_reason="closed"), later(30), later(20)),
        (replace(SESSION, expires_at=later(40)), later(50), later(40)),
        (replace(SESSION, expires_at=later(40), closed_at=later(45), close_reason="expired"), later(50), later(40)),
    ],
)
def test_its_moment_is_kept_within_the_life_of_the_session(session: Session, at: object, kept: object) -> None:
    draft = AnnotationDraft(uuid4(), at, "note", "x")  # type: ignore[arg-type]
    annotation = judge_annotation(session, OWNER, draft, later(60))
    assert isinstance(annotation, Annotation)
    assert annotation.at == kept


@pytest.mark.parametrize(
    ("kind", "text", "marker", "wrong"),
    [
        ("note", " \n", None, ["text"]),
        ("takeaway", "", None, ["text"]),
        ("bookmark", "", None, []),
        ("note", "", "adrenaline", []),
        ("plus", "x" * 2001, None, ["text"]),
        ("plus", "\x00", "Not A Key", ["text", "marker"]),
    ],
)
def test_one_says_something(kind: str, text: str, marker: str | None, wrong: list[str]) -> None:
    draft = AnnotationDraft(uuid4(), NOW, kind, text, marker)  # type: ignore[arg-type]
    outcome = judge_annotation(SESSION, OWNER, draft, NOW)
    errors: tuple[FieldError, ...] = outcome.errors if isinstance(outcome, InvalidFields) else ()
    assert [error.field for error in errors] == wrong


def test_its_author_and_the_admins_edit_it() -> None:
    of_observer, of_colleague = an_annotation(SESSION, OBSERVER), an_annotation(SESSION, COLLEAGUE)
    change = AnnotationChange(text="Better")
    for annotation, author, others in (
        (of_observer, OBSERVER, (OWNER, COLLEAGUE)),
        (of_colleague, COLLEAGUE, (OWNER, OBSERVER)),
    ):
        for trainer in (author, ADMIN):
            changed = _changed(annotation, trainer, change)
            assert changed == replace(annotation, text="Better", updated_at=later(9), version=2)
            assert isinstance(judge_annotation_deletion(annotation, SESSION, trainer, None, NOW), Annotation)
        for trainer in others:
            assert isinstance(_changed(annotation, trainer, change), Forbidden)
            assert isinstance(judge_annotation_deletion(annotation, SESSION, trainer, None, NOW), Forbidden)


def test_what_changes_nothing_is_no_new_version() -> None:
    annotation = an_annotation(SESSION, OWNER, marker="adrenaline")
    assert _changed(annotation, OWNER, AnnotationChange()) is annotation
    assert _changed(annotation, OWNER, AnnotationChange(text=annotation.text, marker="adrenaline")) is annotation
    assert _changed(annotation, OWNER, AnnotationChange(), 2) == VersionMismatch(1)


def test_a_marker_is_removed_by_an_empty_one_if_there_is_something_left_to_say() -> None:
    annotation = an_annotation(SESSION, OWNER, marker="adrenaline")
    changed = _changed(annotation, OWNER, AnnotationChange(marker=""))
    assert isinstance(changed, Annotation)
    assert changed.marker is None
    silent = replace(annotation, text="")
    assert isinstance(_changed(silent, OWNER, AnnotationChange(marker="")), InvalidFields)


def test_a_deleted_one_and_one_of_another_session_are_not_there() -> None:
    annotation = an_annotation(SESSION, OWNER)
    tombstone = judge_annotation_deletion(annotation, SESSION, OWNER, None, later(1))
    assert isinstance(tombstone, Annotation)
    assert tombstone == replace(annotation, deleted_at=later(1), updated_at=later(1), version=2)
    assert judge_annotation_deletion(tombstone, SESSION, OWNER, None, later(2)) == tombstone
    assert _changed(tombstone, OWNER, AnnotationChange(text="x")) == NO_ANNOTATION
    assert _changed(replace(annotation, session_id=uuid4()), OWNER, AnnotationChange(text="x")) == NO_ANNOTATION
