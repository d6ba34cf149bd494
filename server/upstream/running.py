"""When a hall and its central server talk: every SYNC_SECONDS, at once when there is a reason, and later and later
while it does not work.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import structlog

from server.domain.upstream import LASTING, LONGEST_PAUSE_SECONDS, Link, pause_seconds
from server.ports.keeping import KeepingStore
from server.ports.results import StorageUnavailable
from server.ports.sessions import SessionStore
from server.ports.sync import Synced
from server.ports.upstream import UpstreamStore
from server.upstream.beside import BesideSending
from server.upstream.calls import UpCalls
from server.upstream.client import CentralServer
from server.upstream.forgetting import Forgetting
from server.upstream.records import RecordSending
from server.upstream.rounds import Rounds
from server.upstream.sending import Sending
from server.upstream.taking import TakingHome
from server.waiting import is_set_within

log = structlog.get_logger("shiller.upstream")

# So often it is looked whether this machine has come into another network, while the central is not reached.
NETWORK_LOOKED_AT_SECONDS = 3.0
# So often whoever has a reason looks whether another process has ended its round.
TURN_LOOKED_FOR_SECONDS = 1.0
# By less no timer is told from one that is due.
EARLY_SECONDS = 0.05


class Reason:
    """For a round now: a session ended, or somebody wants it. Given before there is anybody who acts on it, too."""

    def __init__(self) -> None:
        self._given = asyncio.Event()

    def give(self) -> None:
        self._given.set()

    def take(self) -> bool:
        """Whether there was one, which is used up by that."""
        was_given = self._given.is_set()
        self._given.clear()
        return was_given

    async def wait(self, seconds: float) -> bool:
        return await is_set_within(self._given, seconds) or self._given.is_set()


class Upstream:
    def __init__(
        self,
        url: str,
        token: str,
        every_seconds: float,
        store: UpstreamStore,
        sessions: SessionStore,
        keeping: KeepingStore,
        tell: Callable[[Synced], Awaitable[None]],
        cut: Callable[[Sequence[bytes]], Awaitable[None]],
        network: Callable[[], Sequence[str]],
        reason: Reason,
        now: Callable[[], datetime],
    ) -> None:
        """`tell` and `cut` reach the devices of this hall; `network` are the addresses of this machine."""
        self._token_hash = hashlib.sha256(token.encode()).digest()
        self._every_seconds = every_seconds
        self._store = store
        self._network = network
        self._now = now
        self._central = CentralServer(url, token, now)
        taking = TakingHome(store, tell, now)
        calls = UpCalls(self._central, now)
        records = RecordSending(store, sessions, calls)
        sending = Sending(store, calls, records, BesideSending(store, calls), taking, now)
        self._rounds = Rounds(store, self._central, sending, taking, Forgetting(sessions, keeping, now), cut, now)
        self._reason = reason
        self._failures = 0

    async def run(self) -> None:
        """Until cancelled."""
        has_reason = True
        while True:
            has_reason = self._reason.take() or has_reason
            try:
                pause = await self._turn(has_reason=has_reason)
                if pause is None:
                    # Their round may have begun before there was the reason, which stays one.
                    pause = TURN_LOOKED_FOR_SECONDS if has_reason else self._every_seconds
                else:
                    has_reason = False
            except StorageUnavailable as outage:
                pause = self._after_failure()
                log.warning("the hall waits for its storage", retry_in=round(pause, 1), reason=str(outage))
            except Exception:
                pause = self._after_failure()
                log.exception("a round with the central server failed")
            has_reason = await self._rest(pause) or has_reason

    async def now(self, *, waits: bool) -> Link | None:
        """A round at once; None if somebody else is at it and was not waited for."""
        async with self._store.turn(waits=waits) as has_turn:
            if not has_turn:
                return None
            return await self._rounds.one(await self._begun())

    async def close(self) -> None:
        await self._central.close()

    async def _turn(self, *, has_reason: bool) -> float | None:
        """A round, unless another process was at it a moment ago; the seconds until the next one.

        None: another process is at it.
        """
        early = 0.0 if has_reason else await self._early_seconds()
        if early > 0:
            return early
        async with self._store.turn(waits=False) as has_turn:
            if not has_turn:
                return None
            link = await self._rounds.one(await self._begun())
            pause = self._pause_after(link)
            await self._store.keep(replace(link, next_try_at=None if pause is None else self._at(pause)))
        # What lasts is not tried again by itself, but a person may come and ask for it.
        return float("inf") if pause is None else pause

    async def _early_seconds(self) -> float:
        """By so much it is too early: another process has had its round meanwhile."""
        link = await self._store.link()
        if link is None or link.next_try_at is None:
            return 0.0
        early = (link.next_try_at - self._now()).total_seconds()
        # A clock that was set back by years does not make it wait for years.
        return early if EARLY_SECONDS < early <= max(LONGEST_PAUSE_SECONDS, self._every_seconds) else 0.0

    def _at(self, pause: float) -> datetime:
        return self._now() + timedelta(seconds=pause)

    def _pause_after(self, link: Link) -> float | None:
        problem = link.problem
        if problem is None:
            if self._failures:
                log.info("the central server is reached again")
            self._failures = 0
            return self._every_seconds
        pause = self._after_failure()
        if problem.kind in LASTING:
            log.warning("nothing goes to the central server until somebody does something", reason=problem.detail)
            return None
        if problem.retry_after_seconds is not None:
            pause = max(problem.retry_after_seconds, 1.0)
        log.warning("the central server is not reached", problem=problem.kind, reason=problem.detail, retry_in=pause)
        return pause

    def _after_failure(self) -> float:
        self._failures += 1
        return pause_seconds(self._failures, random.random())  # noqa: S311

    async def _begun(self) -> Link:
        """The link as it is kept; another token is another hall's, or the same one's on a new start."""
        link = await self._store.link()
        if link is None or link.token_hash != self._token_hash:
            school_id = None if link is None else link.school_id
            link = Link(f"hall-{uuid4()}", self._token_hash, school_id=school_id)
            await self._store.keep(link)
        return link

    async def _rest(self, seconds: float) -> bool:
        """For so long, or until there is a reason; another network is one, while the central is not reached."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        network = list(self._network()) if self._failures else []
        while (left := until - loop.time()) > 0:
            if await self._reason.wait(min(left, NETWORK_LOOKED_AT_SECONDS)):
                return self._reason.take()
            if self._failures and list(self._network()) != network:
                log.info("this machine is in another network")
                return True
        return False
