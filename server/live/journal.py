"""The record of a session: the next seq, the fold and the event, committed in groups.

The fold is the domain's, so it runs here and not in the storage: drafts are judged on what is known of their session,
one after the other, and written if it still is so (`Records.append`). What comes while a group is under way goes
together in the next one; a draft that comes alone goes at once. Somebody else's write makes what is known stale; it is
read again and its drafts are judged anew. Every such retry means that another write went through.

When the storage is lost, nobody knows whether the group was committed. Its sessions are in doubt, and before they
are written to again the record is asked for the ids. Drafts of sessions that this process knows wait until the
storage is back; `foresee` is told what will be stored as soon as that takes long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import structlog

from server.domain.events import Event, EventDraft
from server.domain.outcomes import Unauthenticated
from server.domain.permissions import NO_SESSION
from server.domain.record import Actor, Recorded, StoreOutcome, repeat
from server.domain.session import Session
from server.live.drafts import Drafts, Judged
from server.live.known_sessions import (
    BY_ITSELF,
    HELD_UP,
    READY,
    RESTING,
    UNDER_WAY,
    WRITTEN,
    Finding,
    KnownSession,
    KnownSessions,
)
from server.live.pending_draft import ANSWERED, FORESEEN, LOOKED_UP, WAITING, PendingDraft
from server.live.settings import LiveSettings
from server.ports.records import NO_LOGINS, Foresee, Logins, Records
from server.ports.results import StorageUnavailable

log = structlog.get_logger("shiller.journal")


class Journal:
    def __init__(self, records: Records, known_sessions: KnownSessions, settings: LiveSettings) -> None:
        """So many groups may be under way as the settings say; never two with the same session."""
        self._records = records
        self._known_sessions = known_sessions
        self._settings = settings
        self._drafts = Drafts(known_sessions, settings, self._begin)
        self._list = self._drafts.list
        self._ready: dict[KnownSession, None] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._idle = settings.groups_under_way
        self._is_beginning = False
        self._failures = 0
        """Of the storage, in a row. One for each group may be a connection that broke; more is an outage."""
        self._refuses_writes = False
        """As far as is known; a standby goes on answering questions."""

    async def append(
        self,
        session_id: UUID,
        actor: Actor,
        draft: EventDraft,
        now: datetime,
        foresee: Foresee | None = None,
        login: bytes | None = None,
    ) -> StoreOutcome:
        while (twin := self._list.find(draft.id)) is not None:
            await asyncio.wait({twin.answer})
        known = self._known_sessions.of(session_id)
        pending = PendingDraft(known.session_id, actor, draft, now, foresee, None if self.is_away else login)
        self._drafts.add(known, pending)
        self._make_ready(known)
        # Else it may well be stored in time: where a busy machine is late with one, nothing else is told twice.
        if self.is_away or known.waiting[0].showing is FORESEEN:
            self._drafts.foresee(known)
        return await pending.outcome()

    @property
    def is_late(self) -> bool:
        """Some event waits longer than it should, or the storage is known to be away."""
        return self.is_away or self._list.has_foreseen

    @property
    def is_away(self) -> bool:
        return self._failures > self._settings.groups_under_way

    @property
    def is_refused(self) -> bool:
        """Events wait, for the storage is away or takes none."""
        return self.is_away and len(self._list) > 0

    @property
    def waiting(self) -> int:
        """How many events are not stored yet."""
        return len(self._list)

    def waiting_sessions(self) -> Sequence[UUID]:
        return self._list.sessions()

    async def settled(self, session_id: UUID) -> None:
        """Until what waits for this session now is stored or refused. Raises StorageUnavailable if that takes long."""
        if waiting := self._known_sessions.of(session_id).waiting:
            answers = {each.answer for each in waiting}
            _, left = await asyncio.wait(answers, timeout=self._settings.settled_within_seconds)
            if left:
                raise StorageUnavailable("events of this session still wait to be stored")

    async def unsettled(self, session_ids: Collection[UUID]) -> Collection[UUID]:
        """Those of which something waits for longer than it should."""
        sessions = [self._known_sessions.of(session_id) for session_id in session_ids]
        if answers := {each.answer for known in sessions for each in known.waiting}:
            await asyncio.wait(answers, timeout=self._settings.late_seconds)
        return [known.session_id for known in sessions if known.waiting]

    async def close(self) -> None:
        """Let what waits be stored if the storage answers; whatever is left then is told that it is not."""
        try:
            if self._workers and not self.is_away:
                await asyncio.wait(self._workers, timeout=self._settings.answer_timeout_seconds)
            for worker in self._workers:
                worker.cancel()
            await asyncio.gather(*self._workers, return_exceptions=True)
        finally:
            # Also where it was given too little time.
            self._drafts.close(StorageUnavailable("the server is stopping"))

    # Groups

    def _make_ready(self, known: KnownSession) -> None:
        if known.turn is RESTING and known.waiting:
            known.move(READY)
            self._ready[known] = None
        if known.turn is READY:
            self._begin()

    def _begin(self) -> None:
        """A group beside those that are under way, if it is worth one."""
        under_way = self._settings.groups_under_way - self._idle
        if self._idle and not self._is_beginning and self._is_worth_a_group(under_way):
            # A task begins in the next turn of the loop: what comes in this turn goes together.
            self._is_beginning = True
            self._idle -= 1
            worker = asyncio.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)

    def _is_worth_a_group(self, others: int) -> bool:
        """`others`: groups under way. Nobody waits for one that takes too long."""
        return len(self._ready) >= (self._settings.crowd if others and not self._list.has_overdue else 1)

    async def _work(self) -> None:
        """Group after group, as long as anything is ready."""
        self._is_beginning = False
        try:
            while self._is_worth_a_group(self._settings.groups_under_way - self._idle - 1):
                group, asked = self._next_group()
                self._begin()
                try:
                    asked += await self._write(group)
                    group = {}
                    await self._ask(asked)
                except StorageUnavailable as outage:
                    self._lost(group, asked, outage)
                    await asyncio.sleep(self._settings.retry.pause(self._failures - 1))
                except Exception as fault:
                    log.exception("events could not be stored")
                    for known in (*group, *asked):
                        self._drafts.refuse([known], fault)
                        known.find(Finding.FAULTY)
                        self._bring_back(known)
        finally:
            self._idle += 1

    def _next_group(self) -> tuple[dict[KnownSession, Judged], list[KnownSession]]:
        """What can be written at once; and the sessions of which the record must be asked first."""
        group: dict[KnownSession, Judged] = {}
        asked: list[KnownSession] = []
        size = 0
        # A share for each group that may be under way beside this one, if that is worth a group.
        share = len(self._ready)
        if share >= 2 * self._settings.crowd:
            share = -(-share // (self._idle + 1))
        for known in tuple(self._ready):
            is_by_itself = known.trust in BY_ITSELF
            if is_by_itself and (group or asked):
                continue
            chain = self._take(known, self._settings.events_in_group - size)
            if known.turn is not UNDER_WAY:
                continue
            if chain:
                group[known] = chain
                size += len(chain)
            else:
                asked.append(known)
            if is_by_itself or size >= self._settings.events_in_group or len(group) >= share:
                break
        return group, asked

    def _take(self, known: KnownSession, longest: int) -> Judged:
        """What can be written of this session; it is under way from now on, unless nothing of it waits any more."""
        del self._ready[known]
        chain: Judged = ()
        try:
            chain = self._drafts.chain(known, longest)
        except Exception as fault:
            log.exception("events could not be judged", session_id=str(known.session_id))
            self._drafts.refuse([known], fault)
        known.move(UNDER_WAY if known.waiting else RESTING)
        return chain

    async def _write(self, group: dict[KnownSession, Judged]) -> list[KnownSession]:
        """Commit the group and answer what was written; the sessions of which nothing was, for they were stale."""
        if not group:
            return []
        try:
            chains = [[recorded for _, recorded in chain] for chain in group.values()]
            written = await self._records.append(chains, _logins(group))
        except StorageUnavailable:
            raise
        except Exception as fault:
            await self._single_out(group, fault)
            return []
        self._failures, self._refuses_writes = 0, False
        moved: list[KnownSession] = []
        stored: list[tuple[PendingDraft, Recorded, KnownSession]] = []
        stale: list[KnownSession] = []
        for known, chain in group.items():
            if known.session_id in written:
                known.holdups = 0
                known.see(chain[-1][1].session, WRITTEN)
                moved.append(known)
                stored += [(pending, recorded, known) for pending, recorded in chain]
            else:
                known.find(Finding.STALE)
                stale.append(known)
                for pending, _ in chain:
                    pending.move(WAITING)
        for pending, recorded, known in sorted(stored, key=lambda each: each[0].number):
            self._known_sessions.remember(recorded.event)
            self._drafts.answer(known, pending, recorded)
        for known in moved:
            self._bring_back(known)
        return stale

    async def _single_out(self, group: dict[KnownSession, Judged], fault: Exception) -> None:
        """A fault that is no outage: one of them cannot be written. Each alone, it will show which."""
        (known, chain), *others = group.items()
        if not others and len(chain) == 1:
            await self._refuse_faulty(known, *chain[0], fault)
            return
        for known, chain in group.items():
            known.find(Finding.FAULTY)
            for pending, _ in chain:
                pending.move(WAITING)
        for known in group:
            self._bring_back(known)

    async def _refuse_faulty(
        self, known: KnownSession, pending: PendingDraft, recorded: Recorded, fault: Exception
    ) -> None:
        """It cannot be written, unless it was before: a repeat is none that could be."""
        stored = await self._records.find_events([pending.draft.id])
        known.find(Finding.SINGLED_OUT)
        if event := stored.get(pending.draft.id):
            self._drafts.answer(known, pending, repeat(recorded.session, pending.draft, event))
        else:
            log.error("an event could not be stored", session_id=str(known.session_id), exc_info=fault)
            self._drafts.answer(known, pending, fault)
        self._bring_back(known)

    async def _ask(self, asked: Sequence[KnownSession]) -> None:
        """Read these sessions anew; and look for the ids of what waits for those in which nobody else wrote."""
        if not asked:
            return
        sessions = await self._records.read_sessions([known.session_id for known in asked])
        looked_up = [
            pending
            for known in asked
            for pending in known.waiting
            if pending.tried or (known.session is not None and known.session == sessions.get(known.session_id))
        ]
        events = await self._records.find_events([pending.draft.id for pending in looked_up])
        ended = await self._ended_logins(asked)
        if not self._refuses_writes:
            self._failures = 0
        for pending in looked_up:
            if pending.storing is not ANSWERED:
                pending.move(LOOKED_UP)
        for known in asked:
            session = sessions.get(known.session_id)
            if session is None:
                self._known_sessions.drop(known)
                self._drafts.refuse([known], NO_SESSION)
                continue
            is_held_up = known.session == session and known.judgeable is None
            known.read(session)
            if self._answer_found(known, session, events) + self._answer_ended(known, ended):
                is_held_up = False
            if is_held_up:
                # Nothing stood against our write but somebody who was writing.
                known.move(HELD_UP)
                back_in = self._settings.holdup.pause(known.holdups)
                known.holdups += 1
                asyncio.get_running_loop().call_later(back_in, self._bring_back, known)
            else:
                self._bring_back(known)
        if not len(self._list):
            # Nothing is left by which to find out.
            self._failures, self._refuses_writes = 0, False

    def _answer_found(self, known: KnownSession, session: Session, events: Mapping[UUID, Event]) -> int:
        """What waits and is stored; how many that were."""
        found = [pending for pending in known.waiting if pending.draft.id in events]
        for pending in found:
            event = events[pending.draft.id]
            self._known_sessions.remember(event)
            self._drafts.answer(known, pending, pending.wrote(event) or repeat(session, pending.draft, event))
        return len(found)

    def _answer_ended(self, known: KnownSession, ended: Collection[bytes]) -> int:
        """What waits and is wanted on a login that has ended; how many that were."""
        found = [pending for pending in known.waiting if pending.login in ended]
        for pending in found:
            self._drafts.answer(known, pending, Unauthenticated())
        return len(found)

    async def _ended_logins(self, asked: Sequence[KnownSession]) -> Collection[bytes]:
        """Of those on which something waits for these sessions."""
        logins = {pending.login for known in asked for pending in known.waiting if pending.login is not None}
        if not logins:
            return ()
        return logins - set(await self._records.standing_logins(logins))

    def _bring_back(self, known: KnownSession) -> None:
        if known.turn in (UNDER_WAY, HELD_UP):
            known.move(RESTING)
        self._make_ready(known)

    def _lost(
        self, group: dict[KnownSession, Judged], asked: Sequence[KnownSession], outage: StorageUnavailable
    ) -> None:
        """The storage was lost, and nobody knows what was written.

        Drafts of known sessions wait. The others are told of the outage, if it is one: a connection may be mended at
        once.
        """
        self._failures += 1
        self._refuses_writes = self._refuses_writes or bool(group)
        if self._failures == self._settings.groups_under_way + 1:
            log.warning("the storage does not answer", reason=str(outage), waiting=len(self._list))
        for known, chain in group.items():
            known.find(Finding.LOST)
            for pending, recorded in chain:
                pending.doubt(recorded)
        for known in (*group, *asked):
            if known.session is None and self.is_away:
                self._drafts.refuse([known], outage)
            self._bring_back(known)
        if self.is_away:
            self._drafts.trust_logins()
            self._drafts.foresee_all()


def _logins(group: Mapping[KnownSession, Judged]) -> Logins:
    """On which each session's drafts are wanted, where somebody may have ended them elsewhere."""
    logins = {
        known.session_id: {pending.login for pending, _ in chain if pending.login is not None}
        for known, chain in group.items()
    }
    return logins if any(logins.values()) else NO_LOGINS
