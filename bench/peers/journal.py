"""Shiller's journal, with no server around it: what the server calls for each push once it is read and judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from bench.database import as_server
from bench.peers.alone import Push, rate
from server import clock
from server.domain.events import Author, EventDraft, VitalsPushed
from server.domain.patches import read_patch
from server.domain.people import Trainer
from server.domain.record import Recorded
from server.domain.vitals import VitalsPatch
from server.ports.storage import Storage
from server.storage.postgres import PostgresStorage


async def push_directly(url: str, sessions: Sequence[str], seconds: float) -> float:
    storage = await PostgresStorage.open(as_server(url))
    try:
        first = await storage.sessions.find_session(UUID(sessions[0]))
        assert first is not None  # noqa: S101 - it was just opened
        now = clock.now()
        trainer = Trainer(uuid4(), first.school_id, "bench@bench.invalid", "Bench", "admin", now, now)
        return await rate(pushing(storage, trainer), sessions, seconds)
    finally:
        await storage.close()


def pushing(storage: Storage, trainer: Trainer) -> Push:
    by = Author("trainer", None, "Bench")

    async def push(data: dict[str, Any]) -> None:
        patch = read_patch(data["vitals"], None, data["flags"])
        assert isinstance(patch, VitalsPatch)  # noqa: S101 - `rate` sends nothing that is refused
        draft = EventDraft(UUID(data["id"]), by, VitalsPushed(patch))
        outcome = await storage.sessions.append_event(UUID(data["session_id"]), trainer, draft, clock.now())
        assert isinstance(outcome, Recorded)  # noqa: S101 - else what is counted is no stored push

    return push
