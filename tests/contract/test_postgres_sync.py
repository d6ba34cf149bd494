"""What an `up` costs on PostgreSQL: so many statements, however many events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import uuid4

import pytest

from server.domain.devices import Acknowledged, Conflicted
from tests.support.devices import Json, an_event, send
from tests.support.houses import furnish, open_postgres
from tests.support.proxy import postgres_proxy
from tests.support.services import services_on


def created(count: int) -> list[Json]:
    return [an_event(payload={"title": f"A {number}", "steps": []}) for number in range(count)]


def updated(known: Sequence[Json]) -> list[Json]:
    return [an_event(operation="UPDATE", entityId=each["entityId"], localVersion=2**43, payload={"title": "B"})
            for each in known]  # fmt: skip


def deleted(known: Sequence[Json]) -> list[Json]:
    return [an_event(operation="DELETE", entityId=each["entityId"]) for each in known]


def opened(known: Sequence[Json]) -> list[Json]:
    return [an_event("SESSION", payload={"title": "x"}) for _ in known]


def enrolled(known: Sequence[Json]) -> list[Json]:
    return [an_event("TRAINER", payload={"email": f"{uuid4()}@example.org", "name": "x", "role": "trainer",
                                         "password": "a long password"}) for _ in known]  # fmt: skip


def renamed(known: Sequence[Json]) -> list[Json]:
    """Every other is in conflict: it was made on a version that was never given."""
    return [an_event(operation="UPDATE", entityId=each["entityId"], localVersion=(2**40, 2**50)[place % 2],
                     payload={"title": f"C {place}"}) for place, each in enumerate(known)]  # fmt: skip


KINDS: list[tuple[str, int, Callable[[Sequence[Json]], list[Json]]]] = [
    ("new templates", 500, lambda known: created(len(known))),
    ("changed templates", 500, updated),
    ("conflicts", 500, renamed),
    ("a repeat", 500, list),
    ("deleted templates", 500, deleted),
    ("new sessions", 100, opened),
    ("new trainers", 10, enrolled),
]


@pytest.mark.parametrize(("name", "most", "kind"), KINDS, ids=[name for name, _, _ in KINDS])
async def test_as_many_statements_for_one_event_as_for_many(
    database_url: str, name: str, most: int, kind: Callable[[Sequence[Json]], list[Json]]
) -> None:
    async with postgres_proxy(database_url) as proxy, open_postgres(proxy.url) as storage:
        house = await furnish(storage)
        with services_on(storage) as services:

            async def cost(count: int) -> int:
                # Of an even and an odd one, so that what one of two does happens in both.
                known = created(count)
                await send(services.sync, house.admin, *known)
                before = proxy.round_trips
                sent = await send(services.sync, house.admin, *kind(known))
                assert all(isinstance(each, Acknowledged | Conflicted) for each in sent.outcomes), sent.outcomes[:2]
                return proxy.round_trips - before

            await cost(2)
            few, many = await cost(2), await cost(most)
            assert many == few, name
            assert many <= 17
            if name not in ("conflicts", "new trainers"):
                assert await cost(1) <= few
