"""What people write beside the records of a hall, sent once their sessions are at the central server."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from server.domain.upstream import Link, LinkProblem
from server.ports.upstream import BesideRecord, UpstreamStore
from server.upstream.answers import UpAnswer
from server.upstream.calls import Stopped, UpCalls, unanswered
from server.upstream.envelopes import Envelope, beside_envelope, type_beside


class BesideSending:
    def __init__(self, store: UpstreamStore, calls: UpCalls) -> None:
        self._store = store
        self._calls = calls

    async def send(self, link: Link) -> Stopped | None:
        return await self._calls.up_all(
            link,
            lambda: self._store.waiting_beside(link.met.school_id, self._calls.now(), self._calls.limit),
            lambda each: beside_envelope(link, each),
            lambda sent, answer: self._hear(link, sent, answer),
        )

    async def _hear(
        self, link: Link, sent: Sequence[tuple[BesideRecord, Envelope]], answer: UpAnswer
    ) -> LinkProblem | None:
        # They are of one type.
        type = type_beside(sent[0][0])
        by_id = {UUID(str(envelope["id"])): row for row, envelope in sent}
        taken = [by_id.pop(each.outboxEventId, None) for each in answer.acknowledged]
        refused = [
            self._calls.refused(type, row.id, rejected, row.version)
            for rejected in answer.rejected
            if (row := by_id.pop(rejected.outboxEventId, None)) is not None
        ]
        versions = {each.id: each.version for each in taken if each is not None}
        if versions:
            await self._store.mark_beside(link.met.school_id, link.met.epoch, type, versions)
        if refused:
            await self._store.refuse(link.met.school_id, refused)
        return unanswered(by_id)
