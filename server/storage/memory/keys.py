"""Keys in memory."""

from __future__ import annotations

import asyncio


class MemoryKeys:
    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}

    async def keep(self, name: str, fresh: bytes) -> bytes:
        await asyncio.sleep(0)
        return self._keys.setdefault(name, fresh)
