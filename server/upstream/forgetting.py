"""A hall's copies of sessions whose names are out at the central server: once a night they are deleted.

A copy from which nobody debriefs need not lose its names one by one. What the central has not got whole stays: names go
out of a record that has ended there, and its end comes last.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

import structlog

from server.domain.events import Author
from server.domain.retention import last_night
from server.domain.session import Session
from server.domain.upstream import Link, LinkProblem
from server.ports.keeping import KeepingStore
from server.ports.results import Cursor
from server.ports.sessions import SessionStore
from server.upstream.answers import HelloAnswer

log = structlog.get_logger("shiller.upstream")

SESSIONS_ASKED = 200
Asking = Callable[[Sequence[UUID]], Awaitable[HelloAnswer | LinkProblem]]
CENTRAL_AUTHOR = Author("system", None, "Central server")


class Forgetting:
    def __init__(self, sessions: SessionStore, keeping: KeepingStore, now: Callable[[], datetime]) -> None:
        self._sessions = sessions
        self._keeping = keeping
        self._now = now
        self._done: datetime | None = None
        """The night in which it was asked last."""

    async def look(self, link: Link, hello: Asking) -> LinkProblem | None:
        """`hello` asks the central about sessions."""
        now = self._now()
        if self._done == last_night(now) or link.school_id is None:
            return None
        after: Cursor | None = None
        while True:
            page = await self._sessions.list_sessions(link.school_id, "ended", SESSIONS_ASKED, after, now)
            here = {summary.session.id: summary.session for summary in page.items}
            answer = await hello(list(here))
            if isinstance(answer, LinkProblem):
                return answer
            forgotten = [each for each, part in answer.sessions.items() if part.isForgotten and each in here]
            await self._forget([here[each] for each in forgotten])
            if page.next is None:
                break
            after = page.next
        self._done = last_night(now)
        return None

    async def _forget(self, sessions: Sequence[Session]) -> None:
        for session in sessions:
            if session.closed_at is None:
                continue
            if await self._keeping.delete_record(session, CENTRAL_AUTHOR, self._now()):
                log.info("the copy of a session is deleted, for its names are out", session=str(session.id))
