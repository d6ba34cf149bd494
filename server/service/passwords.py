"""bcrypt, off the event loop, and as slow for an unknown account as for a known one."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import bcrypt

from server.domain.people import PASSWORD_MAX_BYTES
from server.domain.text import is_storable

ROUNDS = 12
WORKERS = 2


class PasswordHasher:
    def __init__(self, rounds: int = ROUNDS) -> None:
        self._rounds = rounds
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="bcrypt")
        # Compared with where there is no account. Made now, so that the first unknown e-mail is no slower.
        self._nobodys_hash = self._hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """`password` must have passed `password_error`."""
        return await asyncio.get_running_loop().run_in_executor(self._workers, self._hash, password)

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """False, after the same work, where there is no account or the password cannot be one."""
        return await asyncio.get_running_loop().run_in_executor(self._workers, self._matches, password, password_hash)

    def close(self) -> None:
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _hash(self, password: str) -> str:
        return bcrypt.hashpw(password.encode(), bcrypt.gensalt(self._rounds)).decode("ascii")

    def _matches(self, password: str, password_hash: str | None) -> bool:
        given = password.encode() if is_storable(password) else b""
        usable = 0 < len(given) <= PASSWORD_MAX_BYTES
        same = bcrypt.checkpw(given if usable else b"-", (password_hash or self._nobodys_hash).encode("ascii"))
        return same and usable and password_hash is not None
