"""Inviting colleagues: an admin hands over a link, and whoever has it makes the account, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from server.domain.audit import author_of
from server.domain.invitations import (
    INVITATION_LIFE,
    NO_INVITATION,
    NO_LONGER_OPEN,
    Invitation,
    Standing,
)
from server.domain.outcomes import (
    Conflict,
    Forbidden,
    InvalidFields,
    NotFound,
    RateLimited,
    Unauthenticated,
    Unchanged,
    invalid,
)
from server.domain.passwords import password_error
from server.domain.people import Role, School, Trainer, account_errors, normal_email
from server.domain.permissions import KEPT_AT_CENTRAL, judge_school_action
from server.domain.text import one_line
from server.ports.invitations import InvitationStore
from server.ports.people import AccountStore
from server.ports.results import Cursor, Page
from server.service.accounts import Accounts
from server.service.guessing import LinkLimits
from server.service.logins import LoggedIn, Visitor
from server.service.passwords import PasswordHasher
from server.service.tokens import new_token, token_hash


@dataclass(frozen=True, slots=True)
class NewInvitation:
    email: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Invited:
    """`token` is told this once: only its hash is kept."""

    invitation: Invitation
    token: str


@dataclass(frozen=True, slots=True)
class FoundInvitation:
    """An invitation as whoever has its link sees it."""

    invitation: Invitation
    school: School
    standing: Standing


class Invitations:
    def __init__(
        self,
        store: InvitationStore,
        schools: AccountStore,
        accounts: Accounts,
        passwords: PasswordHasher,
        *,
        is_hall: bool,
    ) -> None:
        """A hall has its accounts from its central server: nobody is invited there."""
        self._store = store
        self._schools = schools
        self._accounts = accounts
        self._passwords = passwords
        self._is_hall = is_hall
        self._limits = LinkLimits()

    async def list(self, admin: Trainer, limit: int, after: Cursor | None) -> Page[Invitation] | Forbidden:
        """Newest first: those that nobody has used or withdrawn."""
        if refusal := judge_school_action(admin, "manage_trainers"):
            return refusal
        return await self._store.list_invitations(admin.school_id, limit, after)

    async def invite(self, admin: Trainer, new: NewInvitation, now: datetime) -> Invited | Forbidden | InvalidFields:
        """For seven days. An earlier invitation of the same address opens nothing any more."""
        if refusal := judge_school_action(admin, "manage_trainers"):
            return refusal
        if self._is_hall:
            return KEPT_AT_CENTRAL
        if errors := account_errors(email=new.email, name=new.name):
            return InvalidFields(tuple(errors))
        token = new_token()
        invitation = Invitation(
            id=uuid4(),
            school_id=admin.school_id,
            email=normal_email(new.email),
            name=one_line(new.name),
            role=new.role,
            by=author_of(admin),
            created_at=now,
            expires_at=now + INVITATION_LIFE,
        )
        added = await self._store.add_invitation(invitation, token_hash(token))
        return Invited(added, token) if isinstance(added, Invitation) else added

    async def withdraw(
        self, admin: Trainer, invitation_id: UUID, now: datetime
    ) -> Invitation | Forbidden | NotFound | Conflict:
        """Its link opens nothing any more. Twice is no error."""
        if refusal := judge_school_action(admin, "manage_trainers"):
            return refusal
        if self._is_hall:
            return KEPT_AT_CENTRAL
        outcome = await self._store.withdraw_invitation(admin.school_id, invitation_id, author_of(admin), now)
        return outcome.item if isinstance(outcome, Unchanged) else outcome

    async def find(self, token: str, visitor: Visitor, now: datetime) -> FoundInvitation | NotFound | RateLimited:
        """However it stands: whoever has the link is told why it opens nothing any more."""
        invitation = await self._find(token, visitor, now)
        if not isinstance(invitation, Invitation):
            return invitation
        school = await self._schools.find_school(invitation.school_id)
        return NO_INVITATION if school is None else FoundInvitation(invitation, school, invitation.standing(now))

    async def accept(
        self, token: str, password: str, visitor: Visitor, now: datetime
    ) -> LoggedIn | Forbidden | NotFound | Conflict | InvalidFields | RateLimited | Unauthenticated:
        """Make the account, and log in to it."""
        if self._is_hall:
            return KEPT_AT_CENTRAL
        invitation = await self._find(token, visitor, now)
        if not isinstance(invitation, Invitation):
            return invitation
        standing = invitation.standing(now)
        # Asked before the password is hashed, which takes a while; judged again where it counts.
        if standing != "open":
            return NO_LONGER_OPEN[standing]
        if message := password_error(password):
            return invalid("password", message)
        hashed = await self._passwords.hash(password, visitor.address)
        trainer = await self._store.accept_invitation(token_hash(token), uuid4(), hashed, now)
        if not isinstance(trainer, Trainer):
            return trainer
        return await self._accounts.enter(trainer.email, hashed, visitor, now)

    async def _find(self, token: str, visitor: Visitor, now: datetime) -> Invitation | NotFound | RateLimited:
        if refusal := self._limits.begin(visitor.address, now):
            return refusal
        is_failure = False
        try:
            invitation = await self._store.find_invitation(token_hash(token))
            is_failure = invitation is None
        finally:
            # Nor is it one if nobody can tell: the storage is away, or who asked is gone.
            if not is_failure:
                self._limits.take_back(visitor.address, now)
        return NO_INVITATION if invitation is None else invitation
