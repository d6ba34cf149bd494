"""Work that nobody asks for: expiry on time, and telling this process's clients what others did.

Each job is one step that is safe to repeat, so a crash, an outage or a second process costs nothing.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import structlog

from server.domain.session import Session
from server.live.audience import Audience
from server.ports.broadcast import Publisher
from server.ports.people import AccountStore
from server.ports.results import Seen, StorageUnavailable
from server.ports.sessions import SessionStore
from server.ports.sync import SyncStore
from server.waiting import is_set_within

log = structlog.get_logger("shiller.jobs")

EXPIRED_AT_ONCE = 100
SHORTEST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_AFTER_FAILURE_SECONDS = 5.0
SWEPT_EVERY = timedelta(minutes=10)
FORGOTTEN_AT_ONCE = 5000


class Reconciler(Protocol):
    """How the connections of this process hear what was done elsewhere."""

    def seen(self) -> Mapping[UUID, Seen]:
        """How far they have been told of their sessions."""
        ...

    async def session_moved(self, session: Session) -> None:
        """Tell what they have not been told yet: events, changes, the end."""
        ...

    async def cut_seats(self, seat_ids: Collection[UUID]) -> None: ...

    async def cut_logins(self, token_hashes: Collection[bytes]) -> None: ...


class Jobs:
    """Ends what is due, exactly when it is due; every `most_late` it also looks what others changed."""

    def __init__(
        self,
        sessions: SessionStore,
        accounts: AccountStore,
        devices: SyncStore,
        publisher: Publisher,
        reconciler: Reconciler,
        audience: Audience,
        most_late: timedelta,
        log_kept: timedelta,
        clock: Callable[[], datetime],
        nothing_is_open: Callable[[], None] = lambda: None,
    ) -> None:
        """`log_kept` is how long calls of devices, and their answers, can be looked up.

        `nothing_is_open` is called whenever no session is found open.
        """
        self._sessions = sessions
        self._accounts = accounts
        self._devices = devices
        self._publisher = publisher
        self._reconciler = reconciler
        self._audience = audience
        self._most_late = most_late
        self._log_kept = log_kept
        self._clock = clock
        self._nothing_is_open = nothing_is_open
        self._wake = asyncio.Event()
        self._failures = 0
        self._swept_at: datetime | None = None

    def wake(self) -> None:
        """The next expiry may be another one than it was, or somebody said that there is something to be found."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled. Storage that does not answer is tried again with growing pauses."""
        while True:
            self._wake.clear()
            try:
                pause = await self._pass()
            except StorageUnavailable as outage:
                pause = self._pause_after(outage)
            except Exception:
                # A bug in one pass must not end expiry for good.
                pause = self._most_late.total_seconds()
                log.exception("a job failed")
            await is_set_within(self._wake, pause)

    async def expire_due(self) -> int:
        """End everything that is due now and tell everybody; how many sessions that were."""
        count = 0
        while ended := await self._sessions.expire_due(self._clock(), EXPIRED_AT_ONCE):
            for recorded in ended:
                await self._publisher.event_recorded(recorded)
                await self._publisher.session_ended(recorded.session)
            count += len(ended)
        return count

    async def reconcile(self) -> None:
        """Tell this process's clients what others did to their sessions, and cut whose login or seat others ended.

        Another process or the command line may have done it, and no message about it need have come.
        """
        if logins := self._audience.live_logins():
            await self._reconciler.cut_logins(set(logins) - await self._accounts.live_tokens(logins, self._clock()))
        if seats := self._audience.live_seats():
            await self._reconciler.cut_seats(await self._sessions.removed_among(seats))
        if seen := self._reconciler.seen():
            for session in await self._sessions.moved_among(seen):
                await self._reconciler.session_moved(session)

    async def sweep(self, now: datetime) -> None:
        """Forget logins that have run out, and what devices called long ago; a part at a time of what is much."""
        await self._accounts.delete_expired_tokens(now)
        await self._devices.forget_before(now - self._log_kept, FORGOTTEN_AT_ONCE)

    async def _pass(self) -> float:
        """One round of all jobs; the seconds until the next one."""
        held = await self._expire_what_can_be()
        await self.reconcile()
        now = self._clock()
        if self._swept_at is None or abs(now - self._swept_at) >= SWEPT_EVERY:
            await self.sweep(now)
            self._swept_at = now
        longest = self._most_late.total_seconds()
        if held is None:
            self._failures = 0
            next_expiry = await self._sessions.next_expiry()
            if next_expiry is None:
                self._nothing_is_open()
        else:
            # What is held is tried again later and later; the others still end on time.
            longest = min(longest, self._pause_after(held))
            next_expiry = await self._sessions.next_expiry(now)
        if next_expiry is None:
            return longest
        return min(longest, max(SHORTEST_PAUSE_SECONDS, (next_expiry - self._clock()).total_seconds()))

    async def _expire_what_can_be(self) -> StorageUnavailable | None:
        try:
            await self.expire_due()
        except StorageUnavailable as held:
            return held
        return None

    def _pause_after(self, outage: StorageUnavailable) -> float:
        longest = min(LONGEST_PAUSE_AFTER_FAILURE_SECONDS, 0.25 * 2 ** min(self._failures, 8))
        # Half of it by chance, so that several processes do not come back at once.
        pause = longest * random.uniform(0.5, 1)  # noqa: S311
        self._failures += 1
        log.warning("jobs wait for the storage", retry_in=round(pause, 2), reason=str(outage))
        return pause
