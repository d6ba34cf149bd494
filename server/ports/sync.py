"""The log of what people edit in a school: templates, trainers, and sessions' own fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from server.domain.sync import LogEntry


class SyncStore(Protocol):
    async def log_after(self, school_id: UUID, version: int, limit: int) -> Sequence[LogEntry]:
        """One entry a row, by version, those above `version`; deleted rows too.

        Versions of a school are given in the order of its commits and never twice. What is refused or changes nothing
        has none, and neither has a session's record: events have their own order, `seq`.
        """
        ...
