"""Where the record of a session is kept: its events, in the order of their seq.

`RecordStore` is what the services ask. `Records` is what the journal (`server/live/journal.py`) stands on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.domain.events import Event, EventDraft
from server.domain.record import Actor, Recorded, StoreOutcome
from server.domain.session import Session

# Told what is about to be recorded, while it is not yet known to be.
Foresee = Callable[[Recorded], None]


class RecordStore(Protocol):
    async def append_event(
        self,
        session_id: UUID,
        actor: Actor,
        draft: EventDraft,
        now: datetime,
        foresee: Foresee | None = None,
        login: bytes | None = None,
    ) -> StoreOutcome:
        """`judge_draft`, atomically: the next seq, the fold into `last_values` and the event, or nothing.

        `login`: the hash of the token on which it is wanted; `Unauthenticated` if that has ended by the moment of the
        write, wherever it was ended. What waits in an outage is stored on what was known of it before.

        Returns after the commit. Events of one session get their seq, and their answers, in the order
        of these calls as far as one process makes them. On PostgreSQL: one round trip where nobody
        else writes to the session meanwhile; what comes during a commit goes together in the next one.

        Late or away, in a session that this process knows: the draft waits until it is stored, however
        long that takes, and also when the caller has gone. `foresee` is told once what will be recorded
        by what is known; that may turn out otherwise. The same id again waits for the same one. Raises
        `StorageUnavailable` if too much waits already, for this session or in all.
        """
        ...

    async def events_after(self, session_id: UUID, after_seq: int, limit: int) -> Sequence[Event]:
        """In seq order, those with a seq above `after_seq`. Late or away: if this process knows all of them."""
        ...


# Outcomes of one session, each judged on the one before.
Chain = Sequence[Recorded]
# By session, the hashes of the tokens on which its events are wanted.
Logins = Mapping[UUID, Collection[bytes]]
NO_LOGINS: Logins = {}


class Records(Protocol):
    """Every failure of the way to the storage is `StorageUnavailable`, and nobody knows then what was done."""

    async def append(self, chains: Sequence[Chain], logins: Logins = NO_LOGINS) -> Collection[UUID]:
        """The sessions whose events are written and committed; each session's are written wholly or not at all.

        They are written if the session as it is stored still is the one on which the first outcome was judged (the
        same `last_seq`, the same `version`, not closed), none of the ids is known and all of the session's `logins`
        stand. Nobody waits for a session that somebody else is writing to: that one is not written. No session stands
        in two calls at a time.
        """
        ...

    async def standing_logins(self, token_hashes: Collection[bytes]) -> Collection[bytes]:
        """Those that nobody has ended. Whether one has run out by itself is no question for the storage."""
        ...

    async def read_sessions(self, session_ids: Collection[UUID]) -> Mapping[UUID, Session]:
        """As they are stored; a session that does not exist is missing."""
        ...

    async def find_events(self, event_ids: Collection[UUID]) -> Mapping[UUID, Event]:
        """Those of the ids that are stored."""
        ...
