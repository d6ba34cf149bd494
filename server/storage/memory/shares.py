"""Links to debriefs in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from server.domain.audit import AuditAction
from server.domain.events import Author
from server.domain.session import Session
from server.domain.shares import READER, Share, entry_of_share
from server.storage.memory.tables import Tables


class MemoryShares:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add_share(self, share: Share, token_hash: bytes, session: Session) -> None:
        await asyncio.sleep(0)
        self._tables.shares[token_hash] = share
        self._tell("shared", session, share.by, share.created_at)

    async def find_share(self, token_hash: bytes) -> Share | None:
        await asyncio.sleep(0)
        return self._tables.shares.get(token_hash)

    async def list_shares(self, session: Session) -> Sequence[Share]:
        await asyncio.sleep(0)
        shares = [share for share in self._tables.shares.values() if share.session_id == session.id]
        return sorted(shares, key=lambda share: (share.created_at, share.id))

    async def end_shares(self, session: Session, by: Author, now: datetime) -> int:
        await asyncio.sleep(0)
        of_session = ((key, share) for key, share in self._tables.shares.items() if share.session_id == session.id)
        open_ones = [(key, share) for key, share in of_session if share.is_open(now)]
        for key, share in open_ones:
            self._tables.shares[key] = replace(share, ended_at=now)
        if open_ones:
            self._tell("share_ended", session, by, now)
        return len(open_ones)

    async def tell_opened(self, share: Share, session: Session, now: datetime) -> None:
        await asyncio.sleep(0)
        # Its session's record may have been deleted meanwhile.
        for key, known in self._tables.shares.items():
            if known.id == share.id and known.is_to_be_told(now):
                self._tables.shares[key] = replace(known, opened_at=now)
                self._tell("share_opened", session, READER, now)

    def _tell(self, action: AuditAction, session: Session, by: Author, now: datetime) -> None:
        self._tables.logs[session.school_id].audit.append(entry_of_share(uuid4(), action, session, by, now))
