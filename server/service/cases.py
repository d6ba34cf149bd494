"""The cases of sessions, as they were copied when the sessions opened; the last few are kept, for they never change."""

from __future__ import annotations

from collections import OrderedDict
from uuid import UUID

from server.domain.case import Case
from server.ports.sessions import SessionStore

# Those least recently used are let go and read again when needed.
CASES_KEPT = 256


class Cases:
    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._kept: OrderedDict[UUID, Case] = OrderedDict()

    async def find(self, session_id: UUID) -> Case | None:
        """None if it was opened without a template. Raises StorageUnavailable if it is neither kept nor to be read."""
        case = self._kept.get(session_id)
        if case is None:
            case = await self._store.find_case(session_id)
            if case is None:
                return None
        self.keep(session_id, case)
        return case

    def keep(self, session_id: UUID, case: Case) -> None:
        self._kept[session_id] = case
        self._kept.move_to_end(session_id)
        if len(self._kept) > CASES_KEPT:
            self._kept.popitem(last=False)
