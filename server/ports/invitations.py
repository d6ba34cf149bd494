"""Where invitations are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.domain.events import Author
from server.domain.invitations import Invitation
from server.domain.outcomes import Conflict, InvalidFields, NotFound, Unchanged
from server.domain.people import Trainer
from server.ports.results import Cursor, Page


class InvitationStore(Protocol):
    async def add_invitation(self, invitation: Invitation, token_hash: bytes) -> Invitation | InvalidFields:
        """InvalidFields: an account has its address, of whichever school.

        An earlier one of the school for the same address is withdrawn with it.
        """
        ...

    async def find_invitation(self, token_hash: bytes) -> Invitation | None:
        """However it stands."""
        ...

    async def list_invitations(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[Invitation]:
        """Newest first: those that were neither used nor withdrawn. Some may have run out."""
        ...

    async def withdraw_invitation(
        self, school_id: UUID, invitation_id: UUID, by: Author, now: datetime
    ) -> Invitation | Unchanged[Invitation] | NotFound | Conflict:
        """`judge_withdrawal`, atomically."""
        ...

    async def accept_invitation(
        self, token_hash: bytes, trainer_id: UUID, password_hash: str, now: datetime
    ) -> Trainer | NotFound | Conflict:
        """`judge_acceptance` and the account, atomically: of many at once one is given the account."""
        ...
