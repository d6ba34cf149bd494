"""Seats: taken by the session's code, come back to by their token, listed, taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from server.domain.outcomes import Forbidden, InvalidFields, NotFound, RateLimited, SeatRemoved, SessionOver
from server.domain.people import Trainer
from server.domain.permissions import NO_SESSION, judge_action
from server.domain.session import CODE_ALPHABET, CODE_LENGTH, Seat, Session, normal_code
from server.domain.text import DISPLAY_NAME_LIMIT, line_error, one_line
from server.live.presence import Presence
from server.ports.broadcast import Publisher
from server.ports.sessions import SessionStore
from server.service.guessing import CodeLimits
from server.service.tokens import new_token, token_hash


@dataclass(frozen=True, slots=True)
class Joined:
    """A trainee in its seat; `token` keeps the seat."""

    session: Session
    seat: Seat
    token: str


@dataclass(frozen=True, slots=True)
class Trainee:
    """A seat as the trainer sees it."""

    seat: Seat
    is_connected: bool


class Seats:
    def __init__(self, store: SessionStore, publisher: Publisher, presence: Presence) -> None:
        self._store = store
        self._publisher = publisher
        self._presence = presence
        self._code_limits = CodeLimits()

    async def look_up(self, code: str, address: str, now: datetime) -> Session | NotFound | SessionOver | RateLimited:
        """The open session behind a typed code. Wrong codes count against the address they come from."""
        if refusal := self._code_limits.refusal(address, now):
            return refusal
        session = await self._find_by_code(code)
        if session is None:
            self._code_limits.count(address, now)
            return NotFound("No session has this code. Look at the trainer's screen once more.")
        return session.over(now) or session

    async def take_seat(
        self, code: str, name: str | None, seat_token: str | None, address: str, now: datetime
    ) -> Joined | NotFound | SessionOver | RateLimited | SeatRemoved | InvalidFields:
        """Join by the code: back to the seat that the token proves, or to a new one."""
        if name is not None and (error := line_error("name", name, DISPLAY_NAME_LIMIT, required=False)):
            return InvalidFields((error,))
        name = one_line(name or "")
        if seat_token and (returned := await self._return_to_seat(code, name, seat_token, now)):
            return returned
        session = await self.look_up(code, address, now)
        if not isinstance(session, Session):
            return session
        if not name:
            name = f"Trainee {len(await self._store.list_seats(session.id)) + 1}"
        token = new_token()
        seat = Seat(uuid4(), session.id, name, now)
        await self._store.add_seat(seat, token_hash(token))
        return Joined(session, seat, token)

    async def trainees(self, session_id: UUID) -> Sequence[Trainee]:
        """Who holds a seat, in the order of joining, and whether they are connected at this moment."""
        seats = await self._store.list_seats(session_id)
        return [Trainee(seat, self._presence.is_connected(seat)) for seat in seats]

    async def remove_trainee(
        self, trainer: Trainer, session_id: UUID, seat_id: UUID, now: datetime
    ) -> Seat | NotFound | Forbidden:
        """Take the seat away and cut its connections; its token does not come in again."""
        session = await self._store.find_session(session_id)
        if session is None:
            return NO_SESSION
        if refusal := judge_action(trainer, "remove_trainee", session):
            return refusal
        seat = await self._store.remove_seat(session_id, seat_id, now)
        if seat is None:
            return NotFound("Nobody in this session has this seat.")
        await self._publisher.seat_removed(session_id, seat_id)
        await self._publisher.trainees_changed(session_id)
        return seat

    async def _return_to_seat(
        self, code: str, name: str, seat_token: str, now: datetime
    ) -> Joined | SessionOver | SeatRemoved | None:
        """None if the token proves no seat here. It needs no limit: nobody guesses 256 bits."""
        session = await self._find_by_code(code)
        seat = session and await self._store.find_seat(session.id, token_hash(seat_token))
        if session is None or seat is None:
            return None
        if over := session.over(now):
            return over
        if seat.removed_at is not None:
            return SeatRemoved()
        if name and name != seat.name:
            seat = await self._store.rename_seat(seat, name)
        return Joined(session, seat, seat_token)

    async def _find_by_code(self, code: str) -> Session | None:
        wanted = normal_code(code)
        if len(wanted) != CODE_LENGTH or not set(wanted) <= set(CODE_ALPHABET):
            return None
        return await self._store.find_session_by_code(wanted)
