"""When sessions move by themselves: this process sleeps until the next moment that is due in any of them.

What is due is read off a session as it was last seen, never asked for again and again. Whoever records or foresees an
event says how its session is then (`see`); what other processes set going is found by looking, at the start and, if
there are any others, every few seconds. All processes do what is due, under the same id, so it is recorded once; and
whichever of them is killed, the others go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from server.domain.session import Session
from server.live.backoff import Backoff
from server.ports.results import StorageUnavailable
from server.waiting import is_set_within

log = structlog.get_logger("shiller.due")

RETRY = Backoff(0.25, 5.0)
# The clock by which things are due may be put back or forward; the one by which this sleeps goes on evenly.
LONGEST_SLEEP_SECONDS = 5.0

NextDue = Callable[[Session], datetime | None]
"""When a session moves by itself the next time; None: not by what is known."""
Move = Callable[[UUID, datetime], Awaitable[Session | None]]
"""Do what is due, in this session and now. The session as it is known then, or None if there is nothing left to do."""
Look = Callable[[], Awaitable[Sequence[Session]]]
"""The sessions in which anything is to come."""


class DueMoments:
    def __init__(self, next_due: NextDue, clock: Callable[[], datetime]) -> None:
        self._next_due = next_due
        self._clock = clock
        self._moments: dict[UUID, datetime] = {}
        self._moving: dict[tuple[UUID, datetime], asyncio.Task[None]] = {}
        """While the storage is away several of a session wait."""
        self._changed = asyncio.Event()

    def see(self, session: Session) -> None:
        """It was read, recorded in, or foreseen to be so."""
        due = None if session.closed_at is not None else self._next_due(session)
        if due is None:
            self._moments.pop(session.id, None)
        elif self._moments.get(session.id) != due:
            self._moments[session.id] = due
            self._changed.set()

    async def run(self, move: Move, look: Look, look_every: timedelta | None) -> None:
        """Until cancelled. `look_every` is None where no other process can set anything going."""
        looking = asyncio.create_task(self._look(look, look_every))
        try:
            while True:
                self._changed.clear()
                pause = self._begin_due(move)
                await is_set_within(self._changed, pause)
        finally:
            tasks = [looking, *self._moving.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _begin_due(self, move: Move) -> float:
        """Begin everything that is due; the seconds until the next of it."""
        now = self._clock()
        pause = LONGEST_SLEEP_SECONDS
        for moment in self._moments.items():
            left = (moment[1] - now).total_seconds()
            if left > 0:
                pause = min(pause, left)
            elif moment not in self._moving:
                moving = self._moving[moment] = asyncio.create_task(self._move(move, *moment))
                moving.add_done_callback(lambda _, moved=moment: self._moving.pop(moved))
        return pause

    async def _move(self, move: Move, session_id: UUID, due: datetime) -> None:
        """Until it is done, or due no longer."""
        failures = 0
        while self._moments.get(session_id) == due:
            try:
                self._moved(session_id, due, await move(session_id, due))
                if self._moments.get(session_id) != due:
                    return
            except StorageUnavailable as outage:
                log.warning("what is due waits for the storage", session_id=str(session_id), reason=str(outage))
            except Exception:
                log.exception("what is due could not be done", session_id=str(session_id))
            await asyncio.sleep(RETRY.pause(failures))
            failures += 1

    def _moved(self, session_id: UUID, due: datetime, session: Session | None) -> None:
        """What happened while that was done is not known to the session that it left: it can bring the next moment
        forward, not put it off.
        """
        meanwhile = self._moments.get(session_id, due)
        if meanwhile == due and session is None:
            self._moments.pop(session_id, None)
        if session is None:
            return
        self.see(session)
        if meanwhile != due and self._moments.get(session_id, meanwhile) >= meanwhile:
            self._moments[session_id] = meanwhile

    async def _look(self, look: Look, every: timedelta | None) -> None:
        failures = 0
        while True:
            try:
                for session in await look():
                    self.see(session)
                failures = 0
                if every is None:
                    return
                pause = every.total_seconds()
            except StorageUnavailable as outage:
                log.warning("what is due is not known before the storage answers", reason=str(outage))
                pause = RETRY.pause(failures)
                failures += 1
            except Exception:
                log.exception("what is due could not be looked for")
                pause = LONGEST_SLEEP_SECONDS
            await asyncio.sleep(pause)
