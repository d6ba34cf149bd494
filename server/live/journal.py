"""The record of a session: the next seq, the fold and the event, committed in groups.

The fold is the domain's, so it runs here and not in SQL: drafts are judged on the head of their session, one
after the other, and written if the row still is that head (`groups.py`). What comes while a group is under
way goes together in the next one; a draft that comes alone goes at once. Somebody else's write makes a head
stale; it is read again and its drafts are judged anew. Every such retry means that another write went through.

When the line breaks, nobody knows whether the group was committed. Its sessions are in doubt, and before they
are written to again the record is asked for the ids. Drafts of sessions that this process knows wait until the
database is back; `foresee` is told what will be stored as soon as that takes long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from server.domain.events import EventDraft
from server.domain.outcomes import NotFound
from server.domain.people import Trainer
from server.domain.session import Recorded, Seat, repeat
from server.live.backoff import pause
from server.live.drafts import Chain, Drafts
from server.live.known_sessions import Head, Heads
from server.live.late_storage import ANSWER_TIMEOUT_SECONDS
from server.live.waiting_list import Outcome, Waiting
from server.ports.records import Foresee
from server.ports.results import StorageUnavailable

log = structlog.get_logger("shiller.journal")

EVENTS_IN_GROUP = 1000
# So many sessions that wait do not wait for the group under way: one is folded here while PostgreSQL writes another.
# Fewer go together in the next one, for many small groups cost more than a few large ones.
CROWD = 32
# After a failure of the line: doubled each time, and spread so that several processes do not come at once.
SHORTEST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 2.0
# Who ends a session lets what was pushed before be stored before.
SETTLED_WITHIN_SECONDS = 5.0
# After somebody else was found to be writing to a session's row.
SHORTEST_HOLDUP_SECONDS = 0.005
LONGEST_HOLDUP_SECONDS = 0.25


class Journal:
    def __init__(self, lines: Sequence[Any], heads: Heads) -> None:
        """As many groups may be under way as there are lines; never two with the same session."""
        self._lines = tuple(lines)
        self._idle = list(lines)
        self._heads = heads
        self._drafts = Drafts(heads, self._begin)
        self._list = self._drafts.list
        self._ready: dict[Head, None] = {}
        self._under_way: set[asyncio.Task[None]] = set()
        self._is_beginning = False
        self._failures = 0
        """Of any line, in a row. One of each may be lines that broke; more is an outage."""

    async def append(
        self, session_id: UUID, actor: Trainer | Seat, draft: EventDraft, now: datetime, foresee: Foresee | None = None
    ) -> Outcome:
        while (twin := self._list.find(draft.id)) is not None:
            await asyncio.wait({twin.answer})
        head = self._heads.of(session_id)
        waiting = Waiting(head.session_id, actor, draft, now, foresee)
        self._drafts.add(head, waiting)
        self._make_ready(head)
        if self.is_late:
            self._drafts.foresee(head)
        return await waiting.outcome()

    @property
    def is_late(self) -> bool:
        """Some event waits longer than it should, or the line is known to be down."""
        return self._is_away or self._list.has_late

    @property
    def _is_away(self) -> bool:
        return self._failures > len(self._lines)

    @property
    def waiting(self) -> int:
        """How many events are not stored yet."""
        return len(self._list)

    def waiting_sessions(self) -> Sequence[UUID]:
        return self._list.sessions()

    async def settled(self, session_id: UUID) -> None:
        """Until what waits for this session now is stored or refused. Raises StorageUnavailable if that takes long."""
        if waiting := self._heads.of(session_id).waiting:
            _, left = await asyncio.wait({each.answer for each in waiting}, timeout=SETTLED_WITHIN_SECONDS)
            if left:
                raise StorageUnavailable("events of this session still wait to be stored")

    async def close(self) -> None:
        """Let what waits be stored if the database answers; whatever is left then is told that it is not."""
        if self._under_way and not self._is_away:
            await asyncio.wait(self._under_way, timeout=ANSWER_TIMEOUT_SECONDS)
        for task in self._under_way:
            task.cancel()
        for line in self._lines:
            line.cut()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        self._drafts.close(StorageUnavailable("the server is stopping"))

    # Groups

    def _make_ready(self, head: Head) -> None:
        if head.is_out or not head.waiting:
            return
        self._ready[head] = None
        self._begin()

    def _begin(self) -> None:
        """A group beside those that are under way, if it is worth one."""
        if self._idle and not self._is_beginning and self._is_worth_a_group(len(self._lines) - len(self._idle)):
            # A task begins in the next turn of the loop: what comes in this turn goes together.
            self._is_beginning = True
            task = asyncio.create_task(self._work(self._idle.pop()))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    def _is_worth_a_group(self, others: int) -> bool:
        """`others`: groups under way. Nobody waits for one that takes too long."""
        return len(self._ready) >= (CROWD if others and not self._list.has_overdue else 1)

    async def _work(self, line: Any) -> None:
        """Group after group on this line, as long as anything is ready."""
        self._is_beginning = False
        try:
            while self._is_worth_a_group(len(self._lines) - len(self._idle) - 1):
                chains, asked = self._next_group()
                self._begin()
                try:
                    asked += await self._write(line, chains)
                    chains = {}
                    await self._ask(line, asked)
                except StorageUnavailable as outage:
                    self._lost(chains, asked, outage)
                    await asyncio.sleep(pause(SHORTEST_PAUSE_SECONDS, self._failures - 1, LONGEST_PAUSE_SECONDS))
                except Exception as fault:
                    log.exception("events could not be stored")
                    for head in (*chains, *asked):
                        self._drafts.refuse([head], fault)
                        head.is_doubted = True
                        self._bring_back(head)
        finally:
            self._idle.append(line)

    def _next_group(self) -> tuple[dict[Head, Chain], list[Head]]:
        """What can be written at once; and the sessions of which the record must be asked first."""
        chains: dict[Head, Chain] = {}
        asked: list[Head] = []
        size = 0
        # A share for each line that has nothing to do, if that is worth a group.
        share = len(self._ready)
        if share >= 2 * CROWD:
            share = -(-share // (len(self._idle) + 1))
        for head in tuple(self._ready):
            if head.is_suspect and (chains or asked):
                continue
            del self._ready[head]
            try:
                chain = self._drafts.chain(head, EVENTS_IN_GROUP - size)
            except Exception as fault:
                log.exception("events could not be judged", session_id=str(head.session_id))
                self._drafts.refuse([head], fault)
                continue
            if chain:
                chains[head] = chain
                size += len(chain)
            elif head.waiting:
                asked.append(head)
            else:
                continue
            head.is_out = True
            if head.is_suspect or size >= EVENTS_IN_GROUP or len(chains) >= share:
                break
        return chains, asked

    async def _write(self, line: Any, chains: dict[Head, Chain]) -> list[Head]:
        """Commit the group and answer what was written; the sessions of which nothing was, for their head was stale."""
        if not chains:
            return []
        try:
            written = await line.append([[recorded for _, recorded in chain] for chain in chains.values()])
        except StorageUnavailable:
            raise
        except Exception as fault:
            await self._single_out(line, chains, fault)
            return []
        self._failures = 0
        stored: list[tuple[Waiting, Recorded, Head]] = []
        stale: list[Head] = []
        for head, chain in chains.items():
            head.is_suspect = False
            if head.session_id in written:
                head.holdups = 0
                head.learn(chain[-1][1].session)
                stored += [(waiting, recorded, head) for waiting, recorded in chain]
            else:
                head.is_doubted = True
                stale.append(head)
                for waiting, _ in chain:
                    waiting.is_sent = False
        for waiting, recorded, head in sorted(stored, key=lambda each: each[0].number):
            self._heads.remember(recorded.event)
            self._drafts.answer(head, waiting, recorded)
        for head in chains:
            if head.session_id in written:
                self._bring_back(head)
        return stale

    async def _single_out(self, line: Any, chains: dict[Head, Chain], fault: Exception) -> None:
        """A fault that is not the line's: one of them cannot be written. Each alone, it will show which."""
        (head, chain), *others = chains.items()
        for each, sent in chains.items():
            each.is_suspect = True
            each.is_doubted = True
            for waiting, _ in sent:
                waiting.is_sent = False
        if not others and len(chain) == 1:
            head.is_suspect = False
            waiting, recorded = chain[0]
            known = await line.find_events([waiting.draft.id])
            if event := known.get(waiting.draft.id):
                self._drafts.answer(head, waiting, repeat(recorded.session, event))
            else:
                log.error("an event could not be stored", session_id=str(head.session_id), exc_info=fault)
                self._drafts.answer(head, waiting, fault)
        for each in chains:
            self._bring_back(each)

    async def _ask(self, line: Any, heads: Sequence[Head]) -> None:
        """Read these sessions anew; and look for the ids of what waits for those in which nobody else wrote."""
        if not heads:
            return
        sessions = await line.read_sessions([head.session_id for head in heads])
        asked = [
            waiting
            for head in heads
            for waiting in head.waiting
            if waiting.tried or (head.session is not None and head.session == sessions.get(head.session_id))
        ]
        events = await line.find_events([waiting.draft.id for waiting in asked])
        self._failures = 0
        for waiting in asked:
            waiting.is_asked_about = True
        for head in heads:
            session = sessions.get(head.session_id)
            if session is None:
                self._heads.drop(head)
                self._drafts.refuse([head], NotFound("There is no such session."))
                continue
            found = [waiting for waiting in head.waiting if waiting.draft.id in events]
            held_up = head.session == session and head.is_doubted and not found
            head.reread(session)
            for waiting in found:
                event = events[waiting.draft.id]
                self._heads.remember(event)
                self._drafts.answer(head, waiting, waiting.wrote(event) or repeat(session, event))
            if held_up:
                # Nothing stood against our write but somebody who was writing.
                back_in = pause(SHORTEST_HOLDUP_SECONDS, head.holdups, LONGEST_HOLDUP_SECONDS)
                head.holdups += 1
                asyncio.get_running_loop().call_later(back_in, self._bring_back, head)
            else:
                self._bring_back(head)

    def _bring_back(self, head: Head) -> None:
        head.is_out = False
        self._make_ready(head)

    def _lost(self, chains: dict[Head, Chain], asked: Sequence[Head], outage: StorageUnavailable) -> None:
        """The line broke, and nobody knows what was written.

        Drafts of known sessions wait. The others are told of the outage, if it is one: a line may be mended at once.
        """
        self._failures += 1
        for line in self._idle:
            # As dead, most likely.
            line.cut()
        if self._failures == len(self._lines) + 1:
            log.warning("the storage does not answer", reason=str(outage), waiting=len(self._list))
        for head, chain in chains.items():
            head.is_doubted = True
            for waiting, recorded in chain:
                waiting.is_sent = False
                waiting.tried[recorded.event.seq] = recorded
        for head in (*chains, *asked):
            if head.session is None and self._is_away:
                self._drafts.refuse([head], outage)
            self._bring_back(head)
        if self._is_away:
            self._drafts.foresee_all()
