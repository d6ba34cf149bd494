"""Which trainers watch a session: told to all who do, while they are several; never to one who watches alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID, uuid4

from server.bus.alone import AloneBus
from server.live.audience import Audience
from server.live.trainer_lists import TRAINERS_TOLD_AFTER_SECONDS, TrainerLists, Watching

SESSION = uuid4()
ANA, BEN = uuid4(), uuid4()


class Told:
    def __init__(self) -> None:
        self.lists: list[set[UUID]] = []

    def tell_trainers(self, session_id: UUID, trainer_ids: Sequence[UUID]) -> None:
        assert session_id == SESSION
        self.lists.append(set(trainer_ids))


class Ward:
    def __init__(self) -> None:
        self.audience, self.told = Audience(), Told()
        self.watching = Watching(self.audience)
        self.lists = TrainerLists(self.watching, cast(Any, self.told), AloneBus())
        for connection, trainer in (("ana", ANA), ("ana, tablet", ANA), ("ben", BEN)):
            self.audience.let_in_trainer(connection, b"token", uuid4(), trainer)

    def come(self, connection: str) -> None:
        self.audience.watch(connection, SESSION)
        self.lists.changed_here(SESSION)

    def go(self, connection: str) -> None:
        self.audience.unwatch(connection, SESSION)
        self.lists.changed_here(SESSION)

    async def told_since(self, count: int) -> list[set[UUID]]:
        """After the time in which it would be told."""
        await asyncio.sleep(2 * TRAINERS_TOLD_AFTER_SECONDS)
        return self.told.lists[count:]


async def test_who_watches_alone_hears_nothing_and_two_hear_of_each_other() -> None:
    ward = Ward()
    ward.come("ana")
    ward.come("ana, tablet")
    assert await ward.told_since(0) == []
    ward.come("ben")
    assert await ward.told_since(0) == [{ANA, BEN}]
    ward.go("ana")
    ward.come("ana")
    # Whoever comes back has missed what was told meanwhile.
    assert await ward.told_since(1) == [{ANA, BEN}]
    ward.go("ben")
    assert await ward.told_since(2) == [{ANA}]


async def test_those_of_another_process_count_until_it_says_otherwise() -> None:
    ward = Ward()
    ward.come("ana")
    ward.watching.elsewhere.heard_of("other", {SESSION: [BEN]}, now=0)
    ward.lists.changed(SESSION)
    assert await ward.told_since(0) == [{ANA, BEN}]
    assert list(ward.watching.elsewhere.forget("other")) == [SESSION]
    ward.lists.changed(SESSION)
    assert await ward.told_since(1) == [{ANA}]
    ward.lists.close()
