"""Where it is kept what people make of the moments of a debrief."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.domain.debrief.moment_edits import MomentChange, MomentEdit


class MomentStore(Protocol):
    async def moment_edits(self, session_id: UUID) -> Sequence[MomentEdit]:
        """In the order of their moments' seq and kind."""
        ...

    async def change_moment(self, unedited: MomentEdit, change: MomentChange, now: datetime) -> MomentEdit:
        """`changed_edit`, atomically, of what is kept of that moment, or of `unedited` where nothing is."""
        ...
