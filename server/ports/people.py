"""Where schools, trainers and their logins are kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.domain.events import Author
from server.domain.outcomes import Conflict, NotFound, Unchanged, VersionMismatch
from server.domain.people import Access, Credentials, Login, School, Trainer, TrainerChange
from server.ports.results import Added, AlreadyThere, Cursor, Page


@dataclass(frozen=True, slots=True)
class EditedTrainer:
    """A trainer as changed or deleted, and the logins that ended with it: the hashes of their tokens."""

    trainer: Trainer
    ended_logins: Sequence[bytes] = ()


class AccountStore(Protocol):
    async def add_school(self, school: School) -> School:
        """Store the school, or answer the stored one if its id is known."""
        ...

    async def find_school(self, school_id: UUID) -> School | None: ...

    async def list_schools(self) -> Sequence[School]:
        """All of them, by name: for the command line."""
        ...

    async def has_accounts(self) -> bool:
        """Whether there ever was one, in any school."""
        ...

    async def add_first_trainer(self, trainer: Trainer, password_hash: str, school: School) -> Trainer | Conflict:
        """The school and its admin, by that admin; Conflict if there is any account, also one that was deleted.

        Of many at once one is stored.
        """
        ...

    async def add_trainer(
        self, trainer: Trainer, password_hash: str, by: Author, new_school: School | None = None
    ) -> Added[Trainer] | AlreadyThere[Trainer] | Conflict | School:
        """`judge_new_trainer`, atomically. A `new_school` is stored with its first trainer, or neither is.

        A School: there is one of the new one's name, which somebody else made meanwhile; nothing was written.
        """
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
        by: Author,
        now: datetime,
        keeping: bytes | None = None,
    ) -> EditedTrainer | Unchanged[Trainer] | NotFound | VersionMismatch | Conflict:
        """`judge_trainer_change`, atomically, and with it the end of the logins that it ends (`ends_logins`).

        The login of the token hash `keeping` goes on.
        """
        ...

    async def delete_trainer(
        self, school_id: UUID, trainer_id: UUID, expected_version: int | None, by: Author, now: datetime
    ) -> EditedTrainer | NotFound | VersionMismatch | Conflict:
        """`judge_trainer_removal`, atomically: a tombstone that neither logs in nor keeps the address or a login."""
        ...

    async def add_token(
        self, credentials: Credentials, token_hash: bytes, now: datetime, expires_at: datetime, agent: str = ""
    ) -> bool:
        """False, and no token, if the account is deleted or its password is another one by now.

        Of a password's change and a token's addition at once, one sees the other: no token that was given by the old
        password is left after the change.
        """
        ...

    async def find_access(self, token_hash: bytes, now: datetime) -> Access | None:
        """None if the token is unknown or has run out, or its trainer is deleted. One read by index.

        Late or away: an access that this process found lately, and knows nothing against.
        """
        ...

    async def list_logins(self, trainer: Trainer, now: datetime) -> Sequence[Login]:
        """Newest first, without those that have run out."""
        ...

    async def end_login(self, trainer: Trainer, login_id: UUID, now: datetime) -> Login | NotFound:
        """By the trainer whose login it is; told to the audit."""
        ...

    async def delete_token(self, token_hash: bytes) -> None: ...

    async def delete_expired_tokens(self, now: datetime) -> int: ...

    async def live_tokens(self, token_hashes: Collection[bytes], now: datetime) -> frozenset[bytes]:
        """Which of these still open the door."""
        ...
