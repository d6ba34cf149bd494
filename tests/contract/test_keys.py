"""Keys that all processes share."""

from __future__ import annotations

import asyncio

from server.ports.storage import Storage


async def test_whoever_comes_first_makes_the_key_for_all(storage: Storage, second_storage: Storage) -> None:
    fresh = [bytes([number]) * 32 for number in range(8)]
    kept = await asyncio.gather(
        *((storage, second_storage)[number % 2].keys.keep("devices", key) for number, key in enumerate(fresh))
    )
    assert len(set(kept)) == 1
    assert kept[0] in fresh
    assert await second_storage.keys.keep("devices", b"later") == kept[0]
    assert await storage.keys.keep("another", b"other") == b"other"
