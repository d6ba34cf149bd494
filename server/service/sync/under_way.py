"""How many calls of devices may be under way."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from uuid import UUID

from server.domain.outcomes import RateLimited
from server.ports.slices import rest_after

CALLS_OF_A_SCHOOL = 2
CALLS_IN_ALL = 4
RETRY_SECONDS = 1
# Of those whose new passwords are hashed first, a quarter of a second each.
HASHING_OF_A_SCHOOL = 2
HASHING_IN_ALL = 4
RETRY_HASHING_SECONDS = 5
_OTHERS_SYNC = RateLimited(RETRY_SECONDS, "Other devices are being synchronized at this moment")
_OTHERS_HASH = RateLimited(RETRY_HASHING_SECONDS, "Other new passwords are being taken at this moment")


class CallsUnderWay:
    """Each holds a connection of the storage and a part of the processor, which live pushes need too."""

    def __init__(self) -> None:
        self._under_way = Counter[UUID]()
        self._hashing = Counter[UUID]()
        self._somebody_left = asyncio.Event()

    @asynccontextmanager
    async def one(self, school_id: UUID, *, waits: bool = False) -> AsyncGenerator[RateLimited | None]:
        """A refusal if there are enough already. `waits`: rather wait for the others than be refused."""
        while self._is_full(school_id):
            if not waits:
                yield _OTHERS_SYNC
                return
            self._somebody_left.clear()
            await self._somebody_left.wait()
        try:
            with _counted(self._under_way, school_id):
                began = time.monotonic()
                yield None
                await rest_after(time.monotonic() - began)
        finally:
            self._somebody_left.set()

    @asynccontextmanager
    async def hashing(self, school_id: UUID) -> AsyncGenerator[RateLimited | None]:
        """Before its turn among the calls: it holds nothing but a place in the line of the hashes."""
        if self._hashing[school_id] >= HASHING_OF_A_SCHOOL or self._hashing.total() >= HASHING_IN_ALL:
            yield _OTHERS_HASH
            return
        with _counted(self._hashing, school_id):
            yield None

    def _is_full(self, school_id: UUID) -> bool:
        return self._under_way[school_id] >= CALLS_OF_A_SCHOOL or self._under_way.total() >= CALLS_IN_ALL


@contextmanager
def _counted(counter: Counter[UUID], school_id: UUID) -> Generator[None]:
    counter[school_id] += 1
    try:
        yield
    finally:
        counter[school_id] -= 1
        if not counter[school_id]:
            del counter[school_id]
