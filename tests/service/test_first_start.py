"""What a server that is new tells in its terminal: the same link from every process, until there is an account."""

from __future__ import annotations

import re

from server.app import running_app
from server.commands.serve import _seed
from server.config import read_config
from server.storage.memory import MemoryStorage
from tests.support.houses import furnish
from tests.support.running import CHEAP_ROUNDS

_LINK = re.compile(r"  first admin (http://127\.0\.0\.1:8123/first/[\w-]{43})  ")


async def _link(storage: MemoryStorage, **variables: str) -> str | None:
    """Of a process that has just started."""
    config = read_config({"USE_IN_MEMORY": "true", "PORT": "8123", **variables})
    async with running_app(config, storage, 8123, password_rounds=CHEAP_ROUNDS) as app:
        found = [line for line in await _seed(config, app, 8123, False) if line.startswith("  first admin")]
    links = [told[1] for told in map(_LINK.match, found) if told is not None]
    assert len(links) == len(found)
    return links[0] if links else None


async def test_a_start_without_the_demo_tells_the_link_until_there_is_an_account() -> None:
    storage = MemoryStorage()
    first = await _link(storage, SEED_DEMO="false")
    assert first is not None
    assert await _link(storage, SEED_DEMO="false") == first
    assert await _link(MemoryStorage(), SEED_DEMO="false") != first
    await furnish(storage)
    assert await _link(storage, SEED_DEMO="false") is None


async def test_a_start_with_the_demo_tells_none() -> None:
    assert await _link(MemoryStorage()) is None
