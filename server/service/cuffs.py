"""The measurements that the cuff begins by itself, by its cycle or in STAT."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from server.domain.events import SYSTEM, EventDraft, due_measurement
from server.domain.nibp import due
from server.domain.outcomes import Conflict, Forbidden, InvalidFields, NotFound, NotHome, SessionClosed, SessionExpired
from server.domain.record import SERVER, AlreadyRecorded, AlreadySo, Recorded
from server.domain.session import Session
from server.domain.timestamps import write_timestamp
from server.ports.sessions import SessionStore
from server.service.sessions import Sessions


def next_measurement(session: Session) -> datetime | None:
    """When the cuff begins one by itself; None while it does not, or does so in a hall."""
    measurement = None if session.elsewhere() is not None else due(session.last_values)
    return None if measurement is None else measurement.at


class Cuffs:
    def __init__(self, store: SessionStore, sessions: Sessions, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._sessions = sessions
        self._clock = clock

    async def due_sessions(self) -> Sequence[Session]:
        return await self._store.due_sessions()

    async def measure(self, session_id: UUID, due_at: datetime) -> Session | None:
        """Record the measurement that is due then, once, whoever else does so too. The session as it is then.

        None if the session is over. Raises StorageUnavailable if it cannot even wait to be stored.
        """
        session = await self._store.find_session(session_id)
        if session is None or next_measurement(session) != due_at:
            return session
        fact = due_measurement(session.last_values)
        assert fact is not None  # noqa: S101 - there is one at that moment
        draft = EventDraft(measurement_id(session_id, due_at), SYSTEM, fact)
        outcome = await self._sessions.append(SERVER, session_id, draft, self._clock())
        match outcome:
            case Recorded() | AlreadySo():
                return outcome.session
            case AlreadyRecorded():
                return await self._store.find_session(session_id)
            case (
                SessionClosed() | SessionExpired() | NotHome() | NotFound() | Forbidden() | Conflict() | InvalidFields()
            ):
                return None


def measurement_id(session_id: UUID, due_at: datetime) -> UUID:
    """It follows from what made the measurement due: no moment of a session's cuff is due twice."""
    return uuid5(session_id, f"nibp {write_timestamp(due_at)}")
