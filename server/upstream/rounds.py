"""One round between a hall and its central server: hello, send what waits, get what is new."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import structlog

from server import __version__
from server.domain.devices import EntityType
from server.domain.halls import NOTHING_WAITS, Waiting
from server.domain.people import School
from server.domain.timestamps import write_optional_timestamp
from server.domain.upstream import Link, LinkProblem, is_older, offset_ms
from server.ports.upstream import UpstreamStore, WaitingSession
from server.upstream.answers import ChangePart, DownAnswer, HelloAnswer, SessionPart
from server.upstream.calls import Stopped
from server.upstream.client import CentralServer, NewEpoch
from server.upstream.forgetting import Forgetting
from server.upstream.sending import Sending
from server.upstream.taking import CentralRow, TakingHome

log = structlog.get_logger("shiller.upstream")

# One fixed list, for a cursor belongs to its types.
PULLED: tuple[EntityType, ...] = ("TRAINER", "TEMPLATE")
SESSIONS_ASKED = 500
ROWS_PULLED = 200
ROWS_GIVEN_UP = 500
# A central that changes its epoch each time it is asked is broken.
EPOCHS_IN_A_ROUND = 3


class Rounds:
    def __init__(
        self,
        store: UpstreamStore,
        central: CentralServer,
        sending: Sending,
        taking: TakingHome,
        forgetting: Forgetting,
        cut: Callable[[Sequence[bytes]], Awaitable[None]],
        now: Callable[[], datetime],
    ) -> None:
        """`cut` ends the connections of logins that ended."""
        self._cut = cut
        self._store = store
        self._central = central
        self._sending = sending
        self._taking = taking
        self._forgetting = forgetting
        self._now = now
        self._link: Link | None = None

    async def one(self, link: Link) -> Link:
        """The link as it stands after a round, kept; with the problem that ended it, if one did."""
        self._link = link
        for _ in range(EPOCHS_IN_A_ROUND):
            outcome = await self._try()
            if not isinstance(outcome, NewEpoch):
                return await self._end(outcome)
            # Whatever it calls itself now: what was known of it is not so any more.
            self._link = replace(self._present, epoch=None)
        return await self._end(
            LinkProblem("central_failed", "The central server says each time that it is another one.")
        )

    async def _end(self, problem: LinkProblem | None) -> Link:
        link = self._present
        if problem is None:
            ended = replace(link, problem=None, completed_at=self._now())
        elif problem.kind == "revoked" and link.school_id is not None:
            # What it must not know any more it forgets; should it be let in again, it pulls everything anew.
            await self._cut(await self._store.forget_hashes(link.school_id, self._now()))
            ended = replace(link, problem=problem, epoch=None)
        else:
            ended = replace(link, problem=problem)
        await self._store.keep(ended)
        return ended

    @property
    def _present(self) -> Link:
        assert self._link is not None  # noqa: S101 - asked for within a round only
        return self._link

    async def _try(self) -> Stopped | None:
        link, now = self._present, self._now()
        waiting = () if link.school_id is None else await self._store.waiting_sessions(link.school_id, now)
        there = await self._hello(link, waiting)
        if isinstance(there, LinkProblem | NewEpoch):
            return there
        if self._present.is_pulling_whole and (stopped := await self._pull()):
            return stopped
        return (
            await self._sending.send(self._present, waiting, there)
            or await self._pull()
            or await self._forgetting.look(self._present, self._ask_about)
        )

    async def _ask_about(self, session_ids: Sequence[UUID]) -> HelloAnswer | LinkProblem:
        link, now = self._present, self._now()
        totals = NOTHING_WAITS if link.school_id is None else await self._store.waiting(link.school_id, now)
        return await self._central.hello(hello_body(link.client_id, session_ids, totals, link.offset_ms))

    # Hello

    async def _hello(
        self, link: Link, waiting: Sequence[WaitingSession]
    ) -> Mapping[UUID, SessionPart] | LinkProblem | NewEpoch:
        """What the central has of the sessions of which something waits."""
        there: dict[UUID, SessionPart] = {}
        totals = NOTHING_WAITS if link.school_id is None else await self._store.waiting(link.school_id, self._now())
        for start in range(0, max(len(waiting), 1), SESSIONS_ASKED):
            asked = waiting[start : start + SESSIONS_ASKED]
            asked_at = self._now()
            link = self._present
            body = hello_body(link.client_id, [session.id for session in asked], totals, link.offset_ms)
            answer = await self._central.hello(body)
            if isinstance(answer, LinkProblem):
                return answer
            if problem := await self._met(answer, asked_at):
                return problem
            there |= answer.sessions
        return there

    async def _met(self, answer: HelloAnswer, asked_at: datetime) -> LinkProblem | None:
        """The central is who it should be; the link says so, and says it to a restart."""
        if is_older(answer.release, __version__):
            return LinkProblem(
                "central_too_old",
                f"The central server is release {answer.release}, this hall is {__version__}: update the central one.",
            )
        link = replace(
            self._present,
            hall_id=answer.hall.id,
            hall_name=answer.hall.name,
            contacted_at=self._now(),
            offset_ms=offset_ms(answer.serverTime, asked_at, self._now()),
            release=answer.release,
        )
        if link.school_id is not None and link.school_id != answer.school.id:
            return _another_school(answer.school.name)
        settled = await self._store.settle(link, School(answer.school.id, answer.school.name, self._now()))
        if isinstance(settled, School):
            return _another_school(settled.name)
        self._link = settled
        if settled.epoch != answer.serverEpoch:
            await self._begin_anew(answer.serverEpoch)
        return None

    async def _begin_anew(self, epoch: str) -> None:
        log.info("everything is pulled anew", central=self._present.hall_name)
        self._link = replace(self._present, epoch=epoch, cursor=0, is_pulling_whole=True)
        await self._store.begin_anew(self._link)

    # Pull

    async def _pull(self) -> Stopped | None:
        while True:
            link = self._present
            answer = await self._central.down(
                {
                    "clientId": link.client_id,
                    "serverEpoch": link.epoch,
                    "lastSyncTimestamp": link.cursor,
                    "entityTypes": PULLED,
                    "limit": ROWS_PULLED,
                }
            )
            if not isinstance(answer, DownAnswer):
                return answer
            await self._take_page(answer)
            if not answer.hasMore:
                return await self._end_of_whole() if self._present.is_pulling_whole else None

    async def _take_page(self, answer: DownAnswer) -> None:
        rows = [row for change in answer.changes if (row := _row_of(change)) is not None]
        link = replace(self._present, cursor=answer.syncTimestamp)
        if rows:
            await self._taking.take(link, rows)
        elif link != self._present:
            await self._store.keep(link)
        self._link = link

    async def _end_of_whole(self) -> None:
        """What was not named, the central has not got, or this hall may not have it any more."""
        link = self._present
        met = link.met
        while unnamed := await self._store.unnamed(met.school_id, met.epoch, ROWS_GIVEN_UP):
            await self._taking.give_up(link, unnamed)
        self._link = replace(link, is_pulling_whole=False)
        await self._store.keep(self._link)


def hello_body(
    client_id: str, session_ids: Sequence[UUID], totals: Waiting, offset_ms: int | None
) -> Mapping[str, object]:
    return {
        "clientId": client_id,
        "release": __version__,
        "sessions": [str(each) for each in session_ids],
        "waiting": {
            "templates": totals.templates,
            "sessions": totals.sessions,
            "events": totals.events,
            "annotations": totals.annotations,
            "since": write_optional_timestamp(totals.since),
        },
        "clockOffsetMs": offset_ms,
    }


def _row_of(change: ChangePart) -> CentralRow | None:
    if change.entityType not in PULLED:
        return None
    return CentralRow(
        change.entityType,
        change.entityId,
        change.serverVersion,
        is_deleted=change.operation == "DELETE",
        payload=change.payload,
    )


def _another_school(name: str) -> LinkProblem:
    return LinkProblem(
        "another_school",
        f"The database of this hall holds the school {name!r}, which is not the central server's: "
        "give the hall a database of its own.",
    )
