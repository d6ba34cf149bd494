"""The record of a session, for the debrief: read in pages, so that a long one costs no memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from server.domain.events import Event
from server.ports.sessions import SessionStore

PAGE = 500


class Debrief:
    def __init__(self, store: SessionStore) -> None:
        self._store = store

    async def events(self, session_id: UUID) -> AsyncIterator[Event]:
        """All events in seq order; one short read a page, none held open meanwhile."""
        after = 0
        while page := await self._store.events_after(session_id, after, PAGE):
            for event in page:
                yield event
            after = page[-1].seq
