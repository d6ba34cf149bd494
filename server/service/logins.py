"""The logins of trainers: who somebody is, until when, and what they change about it themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from server.domain.audit import author_of
from server.domain.outcomes import (
    Conflict,
    Forbidden,
    InvalidFields,
    NotFound,
    RateLimited,
    Unauthenticated,
    invalid,
)
from server.domain.passwords import password_error
from server.domain.people import (
    EMAIL_LIMIT,
    Access,
    Credentials,
    Login,
    Trainer,
    TrainerChange,
    agent_text,
    normal_email,
)
from server.domain.permissions import KEPT_AT_CENTRAL
from server.domain.text import is_storable
from server.ports.broadcast import Publisher
from server.ports.people import AccountStore, EditedTrainer
from server.service.devices import Devices, KnownDevice
from server.service.fair_turns import FairTurns, Line
from server.service.guessing import Counted, LoginLimits
from server.service.passwords import WORKERS, PasswordHasher
from server.service.tokens import new_token, token_hash
from server.service.upstream import HallLink

# Somebody else changed the account while its password was compared.
CHANGED_MEANWHILE = Conflict("Your account was changed at this moment; try again.")
# That many logins of an account may be under way, and that many from an address, where a whole school may stand.
LOGINS_OF_AN_ACCOUNT = 100
LOGINS_OF_AN_ADDRESS = 200
TOO_MANY_LOGINS = RateLimited(1)
# The same text whether or not the address exists.
WRONG_LOGIN = Unauthenticated("The e-mail address or the password is wrong.")

Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """`device`: what this device shows from now on at its logins."""

    token: str
    expires_at: datetime
    trainer: Trainer
    device: str


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the door: from which address; `kept` is what the device was given at its logins until now, `agent`
    what it calls itself.
    """

    address: str
    kept: str | None = None
    agent: str = ""


class Logins:
    def __init__(
        self,
        store: AccountStore,
        publisher: Publisher,
        passwords: PasswordHasher,
        devices: Devices,
        token_life: timedelta,
        look_again: Callable[[], None],
        hall: HallLink | None = None,
    ) -> None:
        """`look_again` makes the jobs look at once whose login has ended. A `hall` has its accounts from elsewhere."""
        self._store = store
        self._publisher = publisher
        self._passwords = passwords
        self._devices = devices
        self._token_life = token_life
        self._look_again = look_again
        self._hall = hall
        self._limits = LoginLimits()
        self._turns = FairTurns(WORKERS)
        self._turns_of_known_devices = FairTurns(WORKERS)

    async def login(
        self, email: str, password: str, visitor: Visitor, now: datetime
    ) -> LoggedIn | Unauthenticated | Forbidden | RateLimited:
        # What cannot be an address is nobody's; cut short, so that the counters stay small.
        email = normal_email(email)[: EMAIL_LIMIT + 1] if is_storable(email) else ""
        device = self._devices.find_logged_in(email, visitor.kept, now)
        if self._hall is not None and (refusal := await self._hall.judge_login(now)):
            return refusal
        credentials = await self._compare(email, password, visitor.address, device, now)
        if not isinstance(credentials, Credentials):
            return credentials
        return await self._enter(credentials, visitor, now)

    async def enter(
        self, email: str, password_hash: str, visitor: Visitor, now: datetime
    ) -> LoggedIn | Unauthenticated:
        """Log in to an account that was made a moment ago, with the password of that hash."""
        credentials = await self._store.find_credentials(email)
        if credentials is None or credentials.password_hash != password_hash:
            return WRONG_LOGIN
        return await self._enter(credentials, visitor, now)

    async def _compare(
        self, email: str, password: str, address: str, device: KnownDevice | None, now: datetime
    ) -> Credentials | Unauthenticated | RateLimited:
        # What is refused at once does not wait first. Asked again in turn, so that guesses sent side by side find the
        # failures of those before them. A device that is known does not wait behind the others.
        if refusal := self._limits.refusal(email, address, device, now):
            return refusal
        turns = self._turns if device is None else self._turns_of_known_devices
        account, place = (
            Line(f"account {email}", LOGINS_OF_AN_ACCOUNT),
            Line(f"address {address}", LOGINS_OF_AN_ADDRESS),
        )
        async with turns.turn(account, place) as is_in:
            if not is_in:
                return TOO_MANY_LOGINS
            counted = self._limits.begin(email, address, device, now)
            if isinstance(counted, RateLimited):
                return counted
            return await self._compare_counted(email, password, counted, now)

    async def _compare_counted(
        self, email: str, password: str, counted: Counted, now: datetime
    ) -> Credentials | Unauthenticated:
        is_failure = False
        try:
            credentials = await self._store.find_credentials(email)
            # At a hall that may not know it any more it is empty.
            known_hash = None if credentials is None else credentials.password_hash or None
            is_failure = not await self._passwords.matches(password, known_hash)
        finally:
            # Nor is it one if nobody can tell: the storage is away, or who asked is gone.
            if not is_failure:
                self._limits.take_back(counted, now)
        return WRONG_LOGIN if is_failure or credentials is None else credentials

    async def _enter(self, credentials: Credentials, visitor: Visitor, now: datetime) -> LoggedIn | Unauthenticated:
        email = credentials.trainer.email
        token = new_token()
        expires_at = now + self._token_life
        if not await self._store.add_token(credentials, token_hash(token), now, expires_at, agent_text(visitor.agent)):
            # The password was changed while it was compared.
            return WRONG_LOGIN
        self._limits.succeeded(email, visitor.address)
        return LoggedIn(token, expires_at, credentials.trainer, self._devices.logged_in(email, visitor.kept, now))

    async def identify(self, token: str | None, now: datetime) -> Access | Unauthenticated:
        if not token:
            return Unauthenticated()
        return await self._store.find_access(token_hash(token), now) or Unauthenticated()

    async def logout(self, access: Access) -> None:
        try:
            await self._store.delete_token(access.token_hash)
        finally:
            # In an outage too: this process forgets the login, though only the storage can end it for good.
            await self._publisher.tokens_revoked([access.token_hash])

    async def change_own_password(
        self, access: Access, password: str, new_password: str, visitor: Visitor, now: datetime
    ) -> Trainer | Forbidden | RateLimited | InvalidFields | Conflict:
        """Every other login of the account ends with the old one; this one goes on."""
        if self._hall is not None:
            return KEPT_AT_CENTRAL
        if message := password_error(new_password):
            return invalid("new_password", message)
        trainer = access.trainer
        device = self._devices.find_logged_in(trainer.email, visitor.kept, now)
        credentials = await self._compare(trainer.email, password, visitor.address, device, now)
        if isinstance(credentials, Unauthenticated):
            return invalid("password", "is not your present password")
        if isinstance(credentials, RateLimited):
            return credentials
        self._limits.succeeded(trainer.email, visitor.address)
        change = TrainerChange(password_hash=await self._passwords.hash(new_password, str(trainer.id)))
        known, by = credentials.trainer.version, author_of(trainer)
        changed = await self._cutting(
            self._store.change_trainer(trainer.school_id, trainer.id, change, known, by, now, keeping=access.token_hash)
        )
        # Nothing is unchanged about a new password, and whoever is logged in has an account.
        return changed if isinstance(changed, Trainer) else CHANGED_MEANWHILE

    async def list_logins(self, trainer: Trainer, now: datetime) -> Sequence[Login]:
        return await self._store.list_logins(trainer, now)

    async def end_login(self, trainer: Trainer, login_id: UUID, now: datetime) -> Login | NotFound:
        try:
            ended = await self._store.end_login(trainer, login_id, now)
        except BaseException:
            self._look_again()
            raise
        if isinstance(ended, Login):
            await self._publisher.tokens_revoked([ended.token_hash])
        return ended

    async def _cutting(self, editing: Awaitable[EditedTrainer | Outcome]) -> Trainer | Outcome:
        """The trainer as edited, after the connections of the logins that ended with it are cut."""
        try:
            edited = await editing
            if not isinstance(edited, EditedTrainer):
                return edited
            if edited.ended_logins:
                await self._publisher.tokens_revoked(edited.ended_logins)
        except BaseException:
            # Its answer was lost, or nobody waits for it any more: it may be stored all the same.
            self._look_again()
            raise
        return edited.trainer
