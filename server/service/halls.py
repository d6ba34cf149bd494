"""The hall servers of a school: who may be one, and what becomes of the sessions of one that is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from server.domain.audit import author_of
from server.domain.events import Author
from server.domain.halls import Everybody, Hall, HallSummary, hall_errors
from server.domain.outcomes import (
    Conflict,
    Forbidden,
    HallRevoked,
    InvalidFields,
    NotFound,
    SessionOver,
    Unauthenticated,
    Unchanged,
)
from server.domain.people import Trainer
from server.domain.permissions import judge_school_action
from server.domain.session import Session
from server.domain.text import one_line
from server.ports.broadcast import Publisher
from server.ports.halls import HallStore
from server.ports.people import AccountStore
from server.service.tokens import new_token, token_hash

TOKEN_PREFIX = "shh_"  # noqa: S105 - what every hall's token begins with, so that it is known where one was left lying
_WRONG_TOKEN = Unauthenticated("This server knows no hall by this token.")


@dataclass(frozen=True, slots=True)
class AddedHall:
    """`token` is told this once: only its hash is kept."""

    hall: Hall
    token: str


class Halls:
    def __init__(
        self, store: HallStore, accounts: AccountStore, publisher: Publisher, expiry_changed: Callable[[], None]
    ) -> None:
        """`expiry_changed` is told that the next expiry may be another one than it was."""
        self._store = store
        self._accounts = accounts
        self._publisher = publisher
        self._expiry_changed = expiry_changed

    async def identify(self, token: str) -> Hall | Unauthenticated | HallRevoked:
        hall = await self._store.find_hall_by_token(token_hash(token))
        if hall is None:
            return _WRONG_TOKEN
        return hall if hall.revoked_at is None else HallRevoked()

    async def list(self, admin: Trainer) -> Sequence[HallSummary] | Forbidden:
        return judge_school_action(admin, "manage_halls") or await self._store.list_halls(admin.school_id)

    async def summary(self, hall: Hall) -> HallSummary:
        """Of one of the admin's own."""
        found = await self._store.list_halls(hall.school_id)
        return next(each for each in found if each.hall.id == hall.id)

    async def add(
        self, admin: Trainer, name: str, trainer_ids: Sequence[UUID] | Everybody, now: datetime
    ) -> AddedHall | Forbidden | Conflict | InvalidFields:
        if refusal := judge_school_action(admin, "manage_halls"):
            return refusal
        return await self.enrol(admin.school_id, name, trainer_ids, author_of(admin), now)

    async def enrol(
        self, school_id: UUID, name: str, trainer_ids: Sequence[UUID] | Everybody, by: Author, now: datetime
    ) -> AddedHall | Conflict | InvalidFields:
        """Add one without asking who wants it: for the command line."""
        named = () if trainer_ids == "all" else tuple(dict.fromkeys(trainer_ids))
        known = {each for each in named if await self._accounts.find_trainer(school_id, each) is not None}
        wished: tuple[UUID, ...] | Everybody = "all" if trainer_ids == "all" else named
        if errors := hall_errors(name, wished, known):
            return InvalidFields(tuple(errors))
        token = TOKEN_PREFIX + new_token()
        hall = Hall(uuid4(), school_id, one_line(name), wished, now)
        added = await self._store.add_hall(hall, token_hash(token), by)
        return AddedHall(added, token) if isinstance(added, Hall) else added

    async def revoke(self, admin: Trainer, hall_id: UUID, now: datetime) -> Hall | Forbidden | NotFound:
        """Its token opens nothing any more, from this moment on. Twice is no error."""
        if refusal := judge_school_action(admin, "manage_halls"):
            return refusal
        return await self.withdraw(admin.school_id, hall_id, author_of(admin), now)

    async def withdraw(self, school_id: UUID, hall_id: UUID, by: Author, now: datetime) -> Hall | NotFound:
        """Revoke it without asking who wants that: for the command line."""
        outcome = await self._store.revoke_hall(school_id, hall_id, by, now)
        return outcome.item if isinstance(outcome, Unchanged) else outcome

    async def take_over(
        self, admin: Trainer, session_id: UUID, now: datetime, by: Author | None = None
    ) -> Session | NotFound | Forbidden | SessionOver:
        """This server is the session's home from now on. Of one that is at home here already nothing changes.

        `by` is whom the audit names: the admin, unless told.
        """
        outcome = await self._store.take_over(session_id, admin, by or author_of(admin), now)
        if isinstance(outcome, Unchanged):
            return outcome.item
        if isinstance(outcome, Session):
            self._expiry_changed()
            await self._publisher.session_updated(outcome)
        return outcome
