"""Invitations: an admin names an address, a name and a role; whoever has the link chooses a password, once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from server.domain.audit import AuditAction, AuditEntry, Subject
from server.domain.events import Author
from server.domain.outcomes import Conflict, FieldError, InvalidFields, NotFound, Unchanged
from server.domain.people import Role, Trainer

INVITATION_LIFE = timedelta(days=7)

Standing = Literal["open", "accepted", "withdrawn", "expired"]

NO_INVITATION = NotFound("There is no such invitation. The link may have been cut off: copy the whole of it.")
EMAIL_HAS_ACCOUNT = InvalidFields((FieldError("email", "belongs to an account already"),))
NO_LONGER_OPEN = {
    "accepted": Conflict("This invitation was used already; log in with the password that was chosen then."),
    "withdrawn": Conflict("This invitation was withdrawn; ask an admin of the school for a new one."),
    "expired": Conflict("This invitation has run out; ask an admin of the school for a new one."),
}
# Only where its address has got an account by another way.
ACCOUNT_MADE_MEANWHILE = Conflict("The address of this invitation has an account by now; log in with that.")
ACCEPTED_ALREADY = Conflict("This invitation was used already; it is an account now, which can be removed.")


@dataclass(frozen=True, slots=True)
class Invitation:
    """`by` is the admin, under the name of that moment."""

    id: UUID
    school_id: UUID
    email: str
    name: str
    role: Role
    by: Author
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None = None
    withdrawn_at: datetime | None = None

    @property
    def is_waiting(self) -> bool:
        """Neither used nor withdrawn; it may have run out."""
        return self.accepted_at is None and self.withdrawn_at is None

    def standing(self, now: datetime) -> Standing:
        if self.accepted_at is not None:
            return "accepted"
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "expired" if self.expires_at <= now else "open"

    def account(self, trainer_id: UUID, now: datetime) -> Trainer:
        """What becomes of it when it is accepted."""
        return Trainer(trainer_id, self.school_id, self.email, self.name, self.role, now, now)


def judge_acceptance(invitation: Invitation | None, now: datetime) -> Invitation | NotFound | Conflict:
    if invitation is None:
        return NO_INVITATION
    standing = invitation.standing(now)
    return replace(invitation, accepted_at=now) if standing == "open" else NO_LONGER_OPEN[standing]


def judge_withdrawal(
    invitation: Invitation | None, school_id: UUID, now: datetime
) -> Invitation | Unchanged[Invitation] | NotFound | Conflict:
    """Twice is no error: its first moment stays."""
    if invitation is None or invitation.school_id != school_id:
        return NO_INVITATION
    if invitation.accepted_at is not None:
        return ACCEPTED_ALREADY
    return Unchanged(invitation) if invitation.withdrawn_at is not None else replace(invitation, withdrawn_at=now)


def entry_of_invitation(
    entry_id: UUID, action: AuditAction, invitation: Invitation, by: Author, now: datetime
) -> AuditEntry:
    details = {"name": invitation.name, "email": invitation.email, "role": invitation.role}
    return AuditEntry(entry_id, invitation.school_id, now, by, action, Subject("invitation", invitation.id), details)


def entry_of_acceptance(entry_id: UUID, trainer: Trainer, invitation: Invitation) -> AuditEntry:
    """Of the account, which its owner has made: who invited them stands beside it."""
    by = Author("trainer", trainer.id, trainer.name)
    details = {"name": trainer.name, "invited_by": invitation.by.name}
    return AuditEntry(
        entry_id, trainer.school_id, trainer.created_at, by, "added", Subject("trainer", trainer.id), details
    )
