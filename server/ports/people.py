"""Where schools, trainers and their logins are kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.domain.outcomes import Conflict, NotFound, VersionMismatch
from server.domain.people import Access, Credentials, School, Trainer, TrainerChange
from server.ports.results import Added, AlreadyThere, Cursor, Page


class AccountStore(Protocol):
    async def add_school(self, school: School) -> School:
        """Store the school, or answer the stored one if its id is known."""
        ...

    async def find_school(self, school_id: UUID) -> School | None: ...

    async def list_schools(self) -> Sequence[School]:
        """All of them, by name: for the command line."""
        ...

    async def add_trainer(
        self, trainer: Trainer, password_hash: str
    ) -> Added[Trainer] | AlreadyThere[Trainer] | Conflict:
        """`Conflict` if another account has the address, or another school the id."""
        ...

    async def find_trainer(self, school_id: UUID, trainer_id: UUID) -> Trainer | None:
        """None also for a deleted one."""
        ...

    async def find_credentials(self, email: str) -> Credentials | None:
        """By the normal form of the address; None also for a deleted account."""
        ...

    async def list_trainers(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[Trainer]:
        """Oldest first, without the deleted."""
        ...

    async def change_trainer(
        self,
        school_id: UUID,
        trainer_id: UUID,
        change: TrainerChange,
        expected_version: int | None,
        now: datetime,
    ) -> Trainer | NotFound | VersionMismatch | Conflict:
        """`Conflict` if the address is taken, or the school would be left without an admin."""
        ...

    async def delete_trainer(self, school_id: UUID, trainer_id: UUID, now: datetime) -> Trainer | NotFound | Conflict:
        """Leaves a tombstone that neither logs in nor keeps the address. `Conflict` for the last admin."""
        ...

    async def add_token(self, trainer_id: UUID, token_hash: bytes, now: datetime, expires_at: datetime) -> None: ...

    async def find_access(self, token_hash: bytes, now: datetime) -> Access | None:
        """None if the token is unknown or has run out, or its trainer is deleted. One read by index.

        Late or away: an access that this process found lately, and knows nothing against.
        """
        ...

    async def delete_token(self, token_hash: bytes) -> None: ...

    async def delete_tokens_of(self, trainer_id: UUID) -> Sequence[bytes]:
        """The hashes of those that were deleted."""
        ...

    async def delete_expired_tokens(self, now: datetime) -> int: ...

    async def live_tokens(self, token_hashes: Collection[bytes], now: datetime) -> frozenset[bytes]:
        """Which of these still open the door."""
        ...
