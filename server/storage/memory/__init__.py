"""Everything in this process, gone when it stops. The readable reference of what a storage does.

No method awaits between reading and writing, so each is atomic on the event loop.
"""

from __future__ import annotations

from server.storage.memory.accounts import MemoryAccounts
from server.storage.memory.sessions import MemorySessions
from server.storage.memory.tables import Tables
from server.storage.memory.templates import MemoryTemplates


class MemoryStorage:
    def __init__(self) -> None:
        tables = Tables()
        self.accounts = MemoryAccounts(tables)
        self.sessions = MemorySessions(tables)
        self.templates = MemoryTemplates(tables)

    @property
    def waiting_events(self) -> int:
        return 0

    async def ping(self) -> None:
        pass

    async def close(self) -> None:
        pass
