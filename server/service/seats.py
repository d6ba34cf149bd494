"""Seats: taken by the session's code, come back to by their token, listed, taken away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar
from uuid import UUID, uuid4, uuid5

from server.domain.outcomes import (
    Forbidden,
    InvalidFields,
    NotFound,
    NotHome,
    RateLimited,
    SeatRemoved,
    SessionFull,
    SessionOver,
    WentOn,
)
from server.domain.people import Trainer
from server.domain.permissions import NO_SESSION, judge_action
from server.domain.seat_names import is_called_so
from server.domain.session import CODE_ALPHABET, CODE_LENGTH, Seat, Session, normal_code
from server.domain.text import DISPLAY_NAME_LIMIT, is_seen, line_error, one_line
from server.live.presence import Presence
from server.live.trainee_lists import trainees_of
from server.ports.broadcast import Publisher, Trainee
from server.ports.results import StorageUnavailable
from server.ports.sessions import SENT_ON_AT_MOST, SessionStore, last_sent_to
from server.service.devices import Devices, KnownDevice
from server.service.guessing import Allowance, CodeLimits, FailureLimit, Guess, Lately, count_in_all
from server.service.paces import JoinPace, ReturnPace
from server.service.tokens import new_token, sent_token, token_hash

FLOOD_AT_A_TIME = 2
FLOOD_WAITING = 200
# Seats that are no more have tokens that devices still show: a few classes of them.
UNKNOWN_SEATS_BY_ADDRESS = Allowance(100, 1)

T = TypeVar("T")


class _Flood:
    """What comes from where much is wrong is looked up a few at a time: it shall not hold the others up."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(FLOOD_AT_A_TIME)
        self._waiting = 0

    async def ask(self, question: Callable[[], Awaitable[T]], refusal: RateLimited) -> T | RateLimited:
        """`refusal` is the answer where too many wait already."""
        if self._waiting >= FLOOD_WAITING:
            return refusal
        self._waiting += 1
        try:
            async with self._turns:
                return await question()
        finally:
            self._waiting -= 1


@dataclass(frozen=True, slots=True)
class Comer:
    """Where somebody comes from who joins. `kept`: what their device shows from the last time."""

    address: str
    connection: str
    kept: str | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """A trainee in its seat; `token` keeps the seat."""

    session: Session
    seat: Seat
    token: str


@dataclass(frozen=True, slots=True)
class SentTo:
    """Its session is over, and its trainees were sent on: join there, under this name."""

    joined: Joined
    code: str
    name: str


class Seats:
    def __init__(
        self, store: SessionStore, publisher: Publisher, presence: Presence, devices: Devices, seats_limit: int
    ) -> None:
        """`seats_limit`: of one session."""
        self._store = store
        self._publisher = publisher
        self._presence = presence
        self._devices = devices
        self._seats_limit = seats_limit
        self._pace = JoinPace(seats_limit)
        self._returns = ReturnPace()
        self._code_limits = CodeLimits()
        self._codes = _Flood()
        self._unknown = FailureLimit(UNKNOWN_SEATS_BY_ADDRESS)
        self._tokens = _Flood()
        # The hashes of the tokens of seats that were taken or found here.
        self._right = Lately[bytes]()

    def be_at_home(self, session: Session, address: str) -> None:
        """Its trainer was seen there: whoever has the code gets in from there, however many guess."""
        self._code_limits.be_at_home(address, session.code)

    def token_of_device(self, session: Session, kept: str | None, now: datetime) -> str:
        """What a device shows from now on that has found `session`; `kept`: what it shows until now."""
        return self._devices.joined(str(session.id), now, self._devices.find_joined(kept, now))

    async def look_up(
        self, code: str, address: str, kept: str | None, now: datetime
    ) -> Session | NotFound | SessionOver | WentOn | NotHome | RateLimited:
        """The open session behind a typed code. Wrong codes count against where they come from."""
        return await self._look_up(normal_code(code), address, self._devices.find_joined(kept, now), now)

    async def take_seat(
        self, code: str, name: str | None, seat_token: str | None, comer: Comer, now: datetime
    ) -> (
        Joined
        | SentTo
        | NotFound
        | SessionOver
        | WentOn
        | NotHome
        | RateLimited
        | SeatRemoved
        | SessionFull
        | InvalidFields
    ):
        """Join by the code: back to the seat that the token proves, or to a new one.

        Whoever was sent over from another session may show the token of there: it is the same seat each time.
        """
        if name is not None and (error := line_error("name", name, DISPLAY_NAME_LIMIT, required=False)):
            return InvalidFields((error,))
        name, code = _wished_name(name), normal_code(code)
        device, address = self._devices.find_joined(comer.kept, now), comer.address
        seat = await self._find_seat(token_hash(seat_token), address, now) if seat_token else None
        if isinstance(seat, RateLimited):
            return seat
        if seat is not None and seat_token:
            session = await self._store.find_session(seat.session_id)
            if session is not None and session.code == code:
                return await self._return_to_seat(session, seat, seat_token, name, address, now)
            device = device or KnownDevice(str(seat.id), str(seat.session_id))
        elif refusal := self._pace.refusal(address, comer.connection, now):
            return refusal
        session = await self._look_up(code, address, device, now)
        if not isinstance(session, Session):
            return session
        if seat is not None and seat_token and await self._were_sent(seat, session):
            return await self._take_sent_seat(session, seat, sent_token(seat_token, session.id), name, address, now)
        if refusal := self._pace.begin(session.id, address, comer.connection, now):
            return refusal
        try:
            return await self._take_seat(Seat(uuid4(), session.id, name, now), session, new_token())
        except StorageUnavailable:
            # They come back until it answers, all together.
            self._pace.take_back(session.id, address, comer.connection, now)
            raise

    async def _find_seat(self, token: bytes, address: str, now: datetime) -> Seat | RateLimited | None:
        if refusal := self._returns.refusal(token, now):
            return refusal
        seat = await self._ask_for_seat(token, address, now)
        if isinstance(seat, Seat):
            self._returns.count(token, now)
        return seat

    async def _ask_for_seat(self, token: bytes, address: str, now: datetime) -> Seat | RateLimited | None:
        """By its token alone, so that no code is looked for which nobody has counted.

        Nobody guesses 256 bits. Each guess is a question to the storage all the same: from where many come they wait
        for each other, and no token waits that was right before.
        """
        ask = partial(self._store.find_seat, token)
        if token in self._right:
            return await ask()
        refusal = count_in_all(((self._unknown, address),), now)
        is_unknown = False
        try:
            seat = await (ask() if refusal is None else self._tokens.ask(ask, refusal))
            is_unknown = seat is None
        finally:
            if refusal is None and not is_unknown:
                self._unknown.take_back(address, now)
        if isinstance(seat, Seat):
            self._right.see(token)
        return seat

    async def _take_seat(self, seat: Seat, session: Session, token: str) -> Joined | SessionFull:
        """It has a name of its own from now on: the one that was given, numbered if another's is like it."""
        hashed = token_hash(token)
        taken = await self._store.take_seat(seat, hashed, self._seats_limit)
        if not isinstance(taken, Seat):
            return taken
        self._right.see(hashed)
        return Joined(session, taken, token)

    async def _were_sent(self, seat: Seat, session: Session) -> bool:
        """Whether the trainees of the session in which this seat is were sent over to the other, by whatever way."""
        if seat.removed_at is not None:
            return False
        for _ in range(SENT_ON_AT_MOST):
            forked = session.forked_from
            if forked is None or not forked.moves_trainees:
                return False
            if forked.session_id == seat.session_id:
                return True
            before = await self._store.find_session(forked.session_id)
            if before is None:
                return False
            session = before
        return False

    async def _take_sent_seat(
        self, session: Session, seat: Seat, token: str, name: str, address: str, now: datetime
    ) -> Joined | SessionOver | NotHome | SeatRemoved | SessionFull | SentTo:
        """`seat` is the one of there. Here it begins when its trainee arrives, and is the same one ever after."""
        taken = await self._store.find_seat(token_hash(token))
        if taken is not None:
            return await self._return_to_seat(session, taken, token, name, address, now)
        return await self._take_seat(
            Seat(uuid5(session.id, str(seat.id)), session.id, name or seat.name, now), session, token
        )

    async def trainees(self, session_id: UUID) -> Sequence[Trainee]:
        """Who holds a seat, in the order of joining, and whether they are connected at this moment."""
        return await trainees_of(session_id, self._store, self._presence)

    async def remove_trainee(
        self, trainer: Trainer, session_id: UUID, seat_id: UUID, now: datetime
    ) -> Seat | NotFound | Forbidden | NotHome:
        """Take the seat away and cut its connections; its token does not come in again."""
        session = await self._store.find_session(session_id)
        if session is None:
            return NO_SESSION
        if refusal := judge_action(trainer, "remove_trainee", session) or session.elsewhere():
            return refusal
        seat = await self._store.remove_seat(session_id, seat_id, now)
        if seat is None:
            return NotFound("Nobody in this session has this seat.")
        await self._publisher.seat_removed(session_id, seat_id)
        await self._publisher.seat_changed(seat)
        return seat

    async def _return_to_seat(
        self, session: Session, seat: Seat, seat_token: str, name: str, address: str, now: datetime
    ) -> Joined | SessionOver | NotHome | SeatRemoved | SentTo:
        if refusal := session.over(now) or session.elsewhere():
            sent_to = None if seat.removed_at is not None else await last_sent_to(self._store, session.id)
            return (
                refusal
                if sent_to is None
                else SentTo(Joined(session, seat, seat_token), sent_to.code, name or seat.name)
            )
        if seat.removed_at is not None:
            return SeatRemoved()
        self.be_at_home(session, address)
        if name and not is_called_so(seat, name) and self._returns.may_rename(seat, now):
            seat = await self._store.rename_seat(seat, name, is_told_apart=True)
        return Joined(session, seat, seat_token)

    async def _look_up(
        self, code: str, address: str, device: KnownDevice | None, now: datetime
    ) -> Session | NotFound | SessionOver | WentOn | NotHome | RateLimited:
        guess = self._code_limits.begin(code, address, device, now)
        if isinstance(guess, RateLimited):
            return guess
        is_failure = False
        try:
            session = await self._find(code, guess)
            is_failure = session is None
        finally:
            # Nor is it one if nobody can tell: the storage is away, or who asked is gone.
            if not is_failure:
                self._code_limits.take_back(guess, now)
        if isinstance(session, RateLimited):
            return session
        if session is None:
            return guess.refusal or NotFound("No session has this code. Look at the trainer's screen once more.")
        if over := session.over(now):
            return await self._went_on(session, over, now)
        if refusal := session.elsewhere():
            return refusal
        self.be_at_home(session, address)
        return session

    async def _went_on(self, session: Session, over: SessionOver, now: datetime) -> SessionOver | WentOn | NotHome:
        """Its code still hangs on the wall: whoever comes late by it is told under which its team plays on."""
        try:
            sent_to = await last_sent_to(self._store, session.id)
        except StorageUnavailable:
            return over
        if sent_to is None or sent_to.over(now) is not None:
            return over
        return sent_to.elsewhere() or WentOn(over, sent_to.code)

    async def _find(self, code: str, guess: Guess) -> Session | RateLimited | None:
        if len(code) != CODE_LENGTH or not set(code) <= set(CODE_ALPHABET):
            return None
        if guess.refusal is None or guess.is_at_home:
            return await self._store.find_session_by_code(code)
        return await self._codes.ask(partial(self._store.find_session_by_code, code), guess.refusal)


def _wished_name(name: str | None) -> str:
    """Empty if there is nothing to be seen of it."""
    line = one_line(name or "")
    return line if is_seen(line) else ""
