"""Trainers hear that something of their school changed, whoever changed it."""

from __future__ import annotations

from uuid import UUID

from server.domain.people import TrainerChange
from server.live.school_changes import SchoolChanges
from server.storage.memory import MemoryStorage
from tests.support.houses import furnish
from tests.support.making import BY, NOW


async def test_a_change_is_told_once_and_to_its_school_alone() -> None:
    storage = MemoryStorage()
    house = await furnish(storage)
    other = await furnish(storage, "Another school")
    told: list[tuple[UUID, int]] = []
    here = {house.school.id}
    changes = SchoolChanges(storage.sync, lambda: here, lambda school_id, version: told.append((school_id, version)))
    await changes.look()
    told.clear()
    await storage.accounts.change_trainer(house.school.id, house.trainer.id, TrainerChange(name="Cleo"), None, BY, NOW)
    await storage.accounts.change_trainer(other.school.id, other.trainer.id, TrainerChange(name="Cleo"), None, BY, NOW)
    await changes.look()
    await changes.look()
    newest = (await storage.sync.newest_versions([house.school.id]))[house.school.id]
    assert told == [(house.school.id, newest)]
    await storage.close()


async def test_a_change_between_the_connection_and_the_first_look_is_told() -> None:
    storage = MemoryStorage()
    house = await furnish(storage)
    told: list[int] = []
    changes = SchoolChanges(storage.sync, lambda: {house.school.id}, lambda _, version: told.append(version))
    await storage.accounts.change_trainer(house.school.id, house.trainer.id, TrainerChange(name="Cleo"), None, BY, NOW)
    await changes.look()
    assert told == [(await storage.sync.newest_versions([house.school.id]))[house.school.id]]
    await storage.close()
