"""For how long a school keeps what trainees do, as they are told before they join: everybody who joins asks."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

from server.domain.people import Retention, School
from server.ports.people import AccountStore
from server.ports.results import StorageUnavailable

# What a school decided is told so much later at the most.
KNOWN_FOR = timedelta(minutes=1)
# A storage that is late, or away, keeps nobody from joining.
PATIENCE_SECONDS = 0.3


class ToldMonths:
    def __init__(self, accounts: AccountStore) -> None:
        self._accounts = accounts
        self._known: dict[UUID, tuple[Retention, datetime]] = {}
        self._asking: dict[UUID, asyncio.Task[None]] = {}

    async def of(self, school_id: UUID, now: datetime) -> Retention | None:
        """None where nobody can say just now."""
        known = self._known.get(school_id)
        if known is None or abs(now - known[1]) > KNOWN_FOR:
            if school_id not in self._asking:
                self._asking[school_id] = asyncio.create_task(self._ask(school_id, now))
            await asyncio.wait({self._asking[school_id]}, timeout=PATIENCE_SECONDS)
            known = self._known.get(school_id)
        return None if known is None else known[0]

    async def _ask(self, school_id: UUID, now: datetime) -> None:
        try:
            school = await self._accounts.find_school(school_id)
        except StorageUnavailable:
            return
        finally:
            del self._asking[school_id]
        if isinstance(school, School):
            self._known[school_id] = (school.retention, now)
