"""Links to a debrief: made and ended by whoever steers the session, opened by whoever has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from server.domain.audit import author_of
from server.domain.outcomes import Conflict, Forbidden, InvalidFields, NotFound, RateLimited
from server.domain.people import Trainer
from server.domain.session import Session
from server.domain.shares import NO_SHARE, Share, ShareDraft, judge_share, judge_sharing
from server.ports.sessions import SessionStore
from server.ports.shares import ShareStore
from server.service.guessing import Allowance, FailureLimit
from server.service.sessions import Sessions
from server.service.tokens import new_token, token_hash

OPEN_LIMIT = 20
TOO_MANY = Conflict(f"{OPEN_LIMIT} links to this debrief are open; end them before you make another.")

# A link is 256 bits that nobody guesses; who tries does not keep the storage busy.
UNKNOWN_BY_ADDRESS = Allowance(20, 1)
# A whole class reads behind one address; a stuck script reads many a second.
READ_BY_ADDRESS = Allowance(120, 0.5)


@dataclass(frozen=True, slots=True)
class Shared:
    """Its token is told this once."""

    share: Share
    token: str


class Shares:
    def __init__(self, store: ShareStore, sessions: Sessions, session_store: SessionStore) -> None:
        self._store = store
        self._sessions = sessions
        self._session_store = session_store
        self._unknown = FailureLimit(UNKNOWN_BY_ADDRESS)
        self._read = FailureLimit(READ_BY_ADDRESS)

    async def add(
        self, trainer: Trainer, session_id: UUID, draft: ShareDraft, now: datetime
    ) -> Shared | NotFound | Forbidden | InvalidFields | Conflict:
        session = await self._sessions.find(trainer, session_id)
        if not isinstance(session, Session):
            return session
        share = judge_share(session, trainer, draft, uuid4(), now)
        if not isinstance(share, Share):
            return share
        if len(await self.open_of(session, now)) >= OPEN_LIMIT:
            return TOO_MANY
        token = new_token()
        await self._store.add_share(share, token_hash(token), session)
        return Shared(share, token)

    async def list(self, trainer: Trainer, session_id: UUID, now: datetime) -> Sequence[Share] | NotFound | Forbidden:
        """The open ones; who may watch a session sees who can read it."""
        session = await self._sessions.find(trainer, session_id)
        return await self.open_of(session, now) if isinstance(session, Session) else session

    async def end(self, trainer: Trainer, session_id: UUID, now: datetime) -> int | NotFound | Forbidden:
        """All of them, at once. Twice is no error."""
        session = await self._sessions.find(trainer, session_id)
        if not isinstance(session, Session):
            return session
        if refusal := judge_sharing(session, trainer):
            return refusal
        return await self._store.end_shares(session, author_of(trainer), now)

    async def open_of(self, session: Session, now: datetime) -> Sequence[Share]:
        return [share for share in await self._store.list_shares(session) if share.is_open(now)]

    async def read(self, token: str, address: str, now: datetime) -> tuple[Share, Session] | NotFound | RateLimited:
        """The session whose debrief is to be told, and by which link."""
        if refusal := self._unknown.refusal(address, now) or self._read.refusal(address, now):
            return refusal
        share = await self._store.find_share(token_hash(token))
        session = None if share is None else await self._session_store.find_session(share.session_id)
        if share is None or session is None or not share.is_open(now):
            self._unknown.count(address, now)
            return NO_SHARE
        self._read.count(address, now)
        await self._store.tell_opened(share, session, now)
        return share, session
