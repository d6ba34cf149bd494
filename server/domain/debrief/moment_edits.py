"""What a person makes of a moment: hides it, or gives it another title. Kept beside the record, whoever did it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from server.domain.debrief.moments import Moment, MomentKind
from server.domain.outcomes import Forbidden, InvalidFields, NotFound
from server.domain.people import Trainer
from server.domain.permissions import judge_action
from server.domain.session import Session
from server.domain.text import TITLE_LIMIT, line_error, one_line

NO_MOMENT = NotFound("This session has no such moment.")


@dataclass(frozen=True, slots=True)
class MomentEdit:
    session_id: UUID
    school_id: UUID
    seq: int
    kind: MomentKind
    is_hidden: bool
    title: str | None
    updated_at: datetime
    version: int = 0
    """Counts the edits."""

    @property
    def id(self) -> UUID:
        """The same wherever the moment is edited."""
        return uuid5(self.session_id, f"{self.seq}/{self.kind}")


@dataclass(frozen=True, slots=True)
class MomentChange:
    """What is None stays as it is; an empty title takes it away."""

    is_hidden: bool | None = None
    title: str | None = None


def judge_moment_change(
    session: Session, trainer: Trainer, change: MomentChange
) -> NotFound | Forbidden | InvalidFields | None:
    """Whoever may annotate a session may do this; None: yes."""
    if refusal := judge_action(trainer, "annotate", session):
        return refusal
    error = line_error("title", change.title or "", TITLE_LIMIT, required=False)
    return None if error is None else InvalidFields((error,))


def unedited(session: Session, moment: Moment, now: datetime) -> MomentEdit:
    return MomentEdit(
        session.id, session.school_id, moment.seq, moment.kind, is_hidden=False, title=None, updated_at=now
    )


def changed_edit(known: MomentEdit, change: MomentChange, now: datetime) -> MomentEdit:
    changed = replace(
        known,
        is_hidden=known.is_hidden if change.is_hidden is None else change.is_hidden,
        title=known.title if change.title is None else one_line(change.title) or None,
    )
    return known if changed == known else replace(changed, updated_at=now, version=known.version + 1)


def edited(moments: Sequence[Moment], edits: Iterable[MomentEdit]) -> Sequence[Moment]:
    by_moment = {(edit.seq, edit.kind): edit for edit in edits}
    if not by_moment:
        return moments
    return [_edited(moment, by_moment.get((moment.seq, moment.kind))) for moment in moments]


def _edited(moment: Moment, edit: MomentEdit | None) -> Moment:
    return moment if edit is None else replace(moment, is_hidden=edit.is_hidden, title=edit.title)
