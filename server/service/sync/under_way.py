"""How many calls of devices may be under way."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

from server.domain.outcomes import RateLimited

CALLS_OF_A_SCHOOL = 2
CALLS_IN_ALL = 4
RETRY_SECONDS = 1


class CallsUnderWay:
    """Each holds a connection of the storage and a part of the processor, which live pushes need too."""

    def __init__(self) -> None:
        self._under_way = Counter[UUID]()

    @asynccontextmanager
    async def one(self, school_id: UUID) -> AsyncGenerator[RateLimited | None]:
        """A refusal if there are enough already."""
        if self._under_way[school_id] >= CALLS_OF_A_SCHOOL or self._under_way.total() >= CALLS_IN_ALL:
            yield RateLimited(RETRY_SECONDS)
            return
        self._under_way[school_id] += 1
        try:
            yield None
        finally:
            self._under_way[school_id] -= 1
            if not self._under_way[school_id]:
                del self._under_way[school_id]
