"""The passwords of new accounts in a call, hashed before it is judged: each takes a quarter of a second."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from server.domain.people import Trainer
from server.domain.permissions import judge_school_action
from server.ports.sync import SyncStore
from server.service.sync.events import DeviceEdit, DeviceEvent, TrainerValues
from server.service.sync.new_hashes import NewHashes

Event = TypeVar("Event", bound=DeviceEvent)


class HashingAhead:
    def __init__(self, store: SyncStore, kept: NewHashes) -> None:
        self._store = store
        self.kept = kept

    async def of_new(self, trainer: Trainer, edits: Sequence[DeviceEvent]) -> dict[UUID, str]:
        """By the id of the edit. Hashing takes long, so a repeat, which has its answer, does not pay for it again."""
        hashes: dict[UUID, str] = {}
        asked = [edit.id for edit in edits if password_of(edit) is not None]
        if asked:
            answered_before = await self._store.find_answered(trainer.school_id, asked)
            await self.add_missing(trainer, edits, answered_before, hashes)
        return hashes

    async def add_missing(
        self, trainer: Trainer, edits: Sequence[DeviceEvent], known: Collection[UUID], hashes: dict[UUID, str]
    ) -> None:
        """A password is never kept as it is; only of those who may, the others are refused without it."""
        for edit in edits:
            password = password_of(edit)
            if password is None or edit.id in known or edit.id in hashes:
                continue
            if judge_school_action(trainer, "manage_trainers") is None:
                hashes[edit.id] = await self.kept.of(trainer.school_id, edit.id, password)

    def forget(self, trainer: Trainer, edits: Sequence[DeviceEvent]) -> None:
        passwords = ((edit.id, password_of(edit)) for edit in edits)
        self.kept.forget(trainer.school_id, [(id_, each) for id_, each in passwords if each is not None])


def password_of(event: DeviceEvent) -> str | None:
    values = event.values if isinstance(event, DeviceEdit) else None
    return values.edit.password if isinstance(values, TrainerValues) else None


def with_hash(event: Event, hashes: Mapping[UUID, str]) -> Event:
    if not isinstance(event, DeviceEdit) or not isinstance(event.values, TrainerValues) or event.id not in hashes:
        return event
    return replace(event, values=replace(event.values, password_hash=hashes[event.id]))
