"""Keys that all processes of a server share, and that outlive each of them."""

from __future__ import annotations

from typing import Protocol


class KeyStore(Protocol):
    async def keep(self, name: str, fresh: bytes) -> bytes:
        """The key of that name; from now on it is `fresh` if there was none."""
        ...
