"""Where the links to debriefs are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from server.domain.events import Author
from server.domain.session import Session
from server.domain.shares import Share


class ShareStore(Protocol):
    async def add_share(self, share: Share, token_hash: bytes, session: Session) -> None:
        """With its entry in the audit."""
        ...

    async def find_share(self, token_hash: bytes) -> Share | None:
        """Of whichever school, also one that has ended: whoever opens a link has no school."""
        ...

    async def list_shares(self, session: Session) -> Sequence[Share]:
        """In the order of making, also those that have ended."""
        ...

    async def end_shares(self, session: Session, by: Author, now: datetime) -> int:
        """Every open one of the session, with one entry in the audit if there was any; how many."""
        ...

    async def tell_opened(self, share: Share, session: Session, now: datetime) -> None:
        """In the audit, unless it was told lately (`is_to_be_told`)."""
        ...
