"""The annotations of a hall's sessions, sent once the sessions are there."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from server.domain.annotations import Annotation
from server.domain.upstream import Link, LinkProblem
from server.ports.upstream import UpstreamStore
from server.upstream.answers import UpAnswer
from server.upstream.calls import Stopped, UpCalls, unanswered
from server.upstream.client import NewEpoch, TooMuch
from server.upstream.envelopes import Envelope, annotation_envelope


class AnnotationSending:
    def __init__(self, store: UpstreamStore, calls: UpCalls) -> None:
        self._store = store
        self._calls = calls

    async def send(self, link: Link) -> Stopped | None:
        school_id = link.met.school_id
        while waiting := await self._store.waiting_annotations(school_id, self._calls.now(), self._calls.limit):
            sent = self._calls.fitting([(each, annotation_envelope(link, each)) for each in waiting])
            outcome = await self._calls.up(link, [envelope for _, envelope in sent])
            match outcome:
                case UpAnswer():
                    stopped = await self._hear(link, sent, outcome)
                case TooMuch():
                    stopped = self._calls.send_fewer(len(sent))
                case LinkProblem() | NewEpoch():
                    stopped = outcome
            if stopped is not None:
                return stopped
        return None

    async def _hear(
        self, link: Link, sent: Sequence[tuple[Annotation, Envelope]], answer: UpAnswer
    ) -> LinkProblem | None:
        by_id = {UUID(str(envelope["id"])): annotation for annotation, envelope in sent}
        taken = [by_id.pop(each.outboxEventId, None) for each in answer.acknowledged]
        refused = [
            self._calls.refused("ANNOTATION", annotation.id, rejected, annotation.version)
            for rejected in answer.rejected
            if (annotation := by_id.pop(rejected.outboxEventId, None)) is not None
        ]
        versions = {each.id: each.version for each in taken if each is not None}
        if versions:
            await self._store.mark_annotations(link.met.school_id, link.met.epoch, versions)
        if refused:
            await self._store.refuse(link.met.school_id, refused)
        return unanswered(by_id)
