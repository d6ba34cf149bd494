"""The first account of a new server: made by whoever has the link that the terminal printed.

The link is the same from every process of a server, and at every start, until there is an account; then it opens
nothing any more, whoever made that account and however.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from secrets import token_bytes
from uuid import uuid4

from server.domain.outcomes import (
    Conflict,
    FieldError,
    Forbidden,
    InvalidFields,
    NotFound,
    RateLimited,
    Unauthenticated,
)
from server.domain.people import NOT_THE_FIRST, School, Trainer, account_errors, normal_email
from server.domain.permissions import KEPT_AT_CENTRAL
from server.domain.text import NAME_LIMIT, line_error, one_line
from server.ports.keys import KeyStore
from server.ports.people import AccountStore
from server.service.accounts import Accounts
from server.service.guessing import LinkLimits
from server.service.logins import LoggedIn, Visitor
from server.service.passwords import PasswordHasher

KEY = "first admin"
KEY_BYTES = 32

_NO_SUCH_LINK = NotFound("This link is not the one that the server printed. Copy the whole of it.")


@dataclass(frozen=True, slots=True)
class NewSchool:
    """With its first admin."""

    school: str
    name: str
    email: str
    password: str

    def errors(self) -> list[FieldError]:
        error = line_error("school", self.school, NAME_LIMIT)
        parts = account_errors(email=self.email, name=self.name, password=self.password)
        return [*([error] if error else []), *parts]


class FirstAdmin:
    def __init__(
        self, keys: KeyStore, store: AccountStore, accounts: Accounts, passwords: PasswordHasher, *, is_hall: bool
    ) -> None:
        """A hall has its accounts from its central server."""
        self._keys = keys
        self._store = store
        self._accounts = accounts
        self._passwords = passwords
        self._is_hall = is_hall
        self._limits = LinkLimits()

    async def token(self) -> str | None:
        """What the link ends with; None where it would open nothing."""
        if self._is_hall or await self._store.has_accounts():
            return None
        return await self._read_token()

    async def judge(
        self, token: str, visitor: Visitor, now: datetime
    ) -> Forbidden | NotFound | Conflict | RateLimited | None:
        """Why this link opens nothing; None: it opens."""
        if self._is_hall:
            return KEPT_AT_CENTRAL
        if refusal := self._limits.begin(visitor.address, now):
            return refusal
        is_failure = False
        try:
            # Asked first: of a server in use nobody learns by its answers what its link was.
            if await self._store.has_accounts():
                return NOT_THE_FIRST
            right = (await self._read_token()).encode()
            is_failure = not compare_digest(token.encode("utf-8", "replace"), right)
        finally:
            # Nor is it one if nobody can tell: the storage is away, or who asked is gone.
            if not is_failure:
                self._limits.take_back(visitor.address, now)
        return _NO_SUCH_LINK if is_failure else None

    async def make(
        self, token: str, new: NewSchool, visitor: Visitor, now: datetime
    ) -> LoggedIn | Forbidden | NotFound | Conflict | InvalidFields | RateLimited | Unauthenticated:
        """The school and its admin, who is logged in then."""
        if refusal := await self.judge(token, visitor, now):
            return refusal
        if errors := new.errors():
            return InvalidFields(tuple(errors))
        hashed = await self._passwords.hash(new.password, visitor.address)
        school = School(uuid4(), one_line(new.school), now)
        trainer = Trainer(uuid4(), school.id, normal_email(new.email), one_line(new.name), "admin", now, now)
        added = await self._store.add_first_trainer(trainer, hashed, school)
        if not isinstance(added, Trainer):
            return added
        return await self._accounts.enter(added.email, hashed, visitor, now)

    async def _read_token(self) -> str:
        key = await self._keys.keep(KEY, token_bytes(KEY_BYTES))
        return base64.urlsafe_b64encode(key).decode("ascii").rstrip("=")
