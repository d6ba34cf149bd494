"""One `up` of a hall: as much as the central server takes at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar
from uuid import UUID

from server.domain.upstream import Link, LinkProblem
from server.json_text import write_json
from server.ports.upstream import RefusedRow, SentType
from server.upstream.answers import RejectedPart, UpAnswer
from server.upstream.client import CentralServer, NewEpoch, TooMuch
from server.upstream.envelopes import Envelope

EVENTS_LIMIT = 500
# Below the 2 MiB that a central takes, with room for the envelope.
BATCH_BYTES = 1_500_000

Stopped = LinkProblem | NewEpoch
Sent = TypeVar("Sent")


class UpCalls:
    def __init__(self, central: CentralServer, now: Callable[[], datetime]) -> None:
        self._central = central
        self.now = now
        self.limit = EVENTS_LIMIT

    def begin(self) -> None:
        """A round: what was too much for the last one need not be for this one."""
        self.limit = EVENTS_LIMIT

    async def up(self, link: Link, envelopes: Sequence[Envelope]) -> UpAnswer | NewEpoch | TooMuch | LinkProblem:
        body = {
            "clientId": link.client_id,
            "serverEpoch": link.epoch,
            "lastSyncTimestamp": link.cursor,
            "events": envelopes,
        }
        return await self._central.up(body)

    async def up_all(
        self,
        link: Link,
        waiting: Callable[[], Awaitable[Sequence[Sent]]],
        envelope: Callable[[Sent], Envelope],
        hear: Callable[[Sequence[tuple[Sent, Envelope]], UpAnswer], Awaitable[Stopped | None]],
    ) -> Stopped | None:
        """Everything that waits, as much as fits at a time. `hear` marks what was answered: it waits no more."""
        while some := await waiting():
            sent = self.fitting([(each, envelope(each)) for each in some])
            outcome = await self.up(link, [envelope for _, envelope in sent])
            if stopped := await self.settle(outcome, len(sent), partial(hear, sent)):
                return stopped
        return None

    async def settle(
        self,
        outcome: UpAnswer | NewEpoch | TooMuch | LinkProblem,
        sent: int,
        hear: Callable[[UpAnswer], Awaitable[Stopped | None]],
    ) -> Stopped | None:
        """Why no call comes after one of so many events; None: the next one does."""
        match outcome:
            case UpAnswer():
                return await hear(outcome)
            case TooMuch():
                return self.send_fewer(sent)
            case LinkProblem() | NewEpoch():
                return outcome

    def fitting(self, envelopes: Sequence[tuple[Sent, Envelope]]) -> Sequence[tuple[Sent, Envelope]]:
        """As many from the front as one call takes, one at least."""
        bytes_left = BATCH_BYTES
        for place, (_, envelope) in enumerate(envelopes[: self.limit]):
            bytes_left -= len(write_json(envelope))
            if bytes_left < 0:
                return envelopes[: max(place, 1)]
        return envelopes[: self.limit]

    def send_fewer(self, sent: int) -> LinkProblem | None:
        if sent <= 1:
            return LinkProblem("refused", "The central server does not take a single event of this size.")
        self.limit = max(1, sent // 2)
        return None

    def refused(self, type: SentType, entity_id: UUID, part: RejectedPart, version: int) -> RefusedRow:
        errors = [(error.field, error.message) for error in part.errors]
        return RefusedRow(type, entity_id, part.reason, errors, version, self.now())


def unanswered(left: Mapping[UUID, object]) -> LinkProblem | None:
    return LinkProblem("refused", f"The central server left {len(left)} events without an answer.") if left else None
