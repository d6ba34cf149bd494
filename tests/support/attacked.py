"""A class on a server that is attacked meanwhile."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bench.attack import Attack, attacking
from tests.support.scenario_clients import Json, Line, TraineeLine, World


@dataclass
class AttackedClass:
    """A trainer who pushes, and trainees who are told."""

    world: World
    session: Json
    trainer: Line
    trainees: list[TraineeLine] = field(default_factory=list)

    @classmethod
    async def begin(cls, world: World) -> AttackedClass:
        session = await (await world.person("trainer")).open_session()
        attacked = cls(world, session, await world.trainer_line("trainer"))
        attacked.trainees = [await world.join(session, name) for name in ("Ann", "Ben")]
        return attacked

    async def push(self, count: int) -> None:
        """One after the other: each is acknowledged, and has reached everybody."""
        for number in range(count):
            event = await self.trainer.push(self.session, vitals={"heart_rate": 60 + number % 100})
            for trainee in self.trainees:
                await trainee.expect_seq(event["seq"])

    async def attacked_by(self, stack: AsyncExitStack, name: str, count: int = 100) -> Attack:
        to = urlsplit(self.world.url)
        attack = attacking(name, to.hostname or "", to.port or 0, self.session["code"], count)
        return await stack.enter_async_context(attack)
