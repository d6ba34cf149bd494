"""Links by which the debrief of a session is read without an account, until a date, or until somebody ends them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from server.domain.annotations import Annotation
from server.domain.audit import AuditAction, AuditEntry, Subject, author_of
from server.domain.events import Author
from server.domain.outcomes import Forbidden, InvalidFields, NotFound, invalid
from server.domain.people import Trainer
from server.domain.permissions import judge_action
from server.domain.session import Session
from server.domain.timestamps import not_soon_error

USUAL_DAYS = 14
LONGEST_DAYS = 366
DAYS_RULE = f"must be from 1 to {LONGEST_DAYS}"
# Of somebody who reads on and on, the audit tells once in a while.
TOLD_AGAIN_AFTER = timedelta(minutes=10)

# A link that has ended is answered as one that never was: whoever guesses learns nothing.
NO_SHARE = NotFound(
    "There is no such link, or it has ended; one that was made in a hall opens in that hall alone. Ask whoever gave it "
    "to you for a new one."
)
# Written for everybody who was there; notes and bookmarks are the trainers' own.
_TOLD_KINDS = frozenset(("plus", "delta", "takeaway"))
READER = Author("system", None, "Shared link")


@dataclass(frozen=True, slots=True)
class Share:
    """`by` is who made it, under the name of that moment. Its token is kept as a hash."""

    id: UUID
    session_id: UUID
    school_id: UUID
    by: Author
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    opened_at: datetime | None = None
    """When the audit last told that it was read."""

    def is_open(self, now: datetime) -> bool:
        return self.ended_at is None and now < self.expires_at

    def is_to_be_told(self, now: datetime) -> bool:
        return self.opened_at is None or self.opened_at + TOLD_AGAIN_AFTER <= now


@dataclass(frozen=True, slots=True)
class ShareDraft:
    """Either of them, or neither: the usual time."""

    days: int | None = None
    expires_at: datetime | None = None


def judge_sharing(session: Session, trainer: Trainer) -> NotFound | Forbidden | None:
    """Whoever steers a session decides who else reads its debrief."""
    return judge_action(trainer, "edit_session", session)


def judge_share(
    session: Session, trainer: Trainer, draft: ShareDraft, share_id: UUID, now: datetime
) -> Share | NotFound | Forbidden | InvalidFields:
    if refusal := judge_sharing(session, trainer):
        return refusal
    expires_at = _end_of(draft, now)
    if isinstance(expires_at, InvalidFields):
        return expires_at
    return Share(share_id, session.id, session.school_id, author_of(trainer), now, expires_at)


def _end_of(draft: ShareDraft, now: datetime) -> datetime | InvalidFields:
    if draft.expires_at is not None:
        if draft.days is not None:
            return invalid("days", "stands there instead of expires_at, not beside it")
        if error := not_soon_error("expires_at", draft.expires_at, now, timedelta(days=LONGEST_DAYS)):
            return InvalidFields((error,))
        return draft.expires_at
    days = USUAL_DAYS if draft.days is None else draft.days
    if not 1 <= days <= LONGEST_DAYS:
        return invalid("days", DAYS_RULE)
    return now + timedelta(days=days)


def told_annotations(annotations: Sequence[Annotation]) -> Sequence[Annotation]:
    """Those that are read by others than the school's own people."""
    return [each for each in annotations if each.kind in _TOLD_KINDS]


def entry_of_share(entry_id: UUID, action: AuditAction, session: Session, by: Author, now: datetime) -> AuditEntry:
    subject = Subject("session", session.id)
    return AuditEntry(entry_id, session.school_id, now, by, action, subject, {"title": session.title})
