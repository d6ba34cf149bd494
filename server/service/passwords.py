"""bcrypt, off the event loop, and as slow for an unknown account as for a known one."""

from __future__ import annotations

import asyncio
import hmac
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor

import bcrypt

from server.domain.passwords import LONGEST_GIVEN, common_passwords, normal_password
from server.domain.text import is_storable
from server.service.fair_turns import FairTurns, Line

ROUNDS = 12
WORKERS = 2
BCRYPT_READS_BYTES = 72
# Accounts may come by the hundred. Whoever logs in meanwhile finds a worker.
NEW_HASHES_AT_ONCE = 1

# Of what is hashed before bcrypt, so that no list of hashes that leaked elsewhere can be tried here.
_LONG = b"a password of Shiller that is too long for bcrypt"


class PasswordHasher:
    def __init__(self, rounds: int = ROUNDS) -> None:
        self._rounds = rounds
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="bcrypt")
        self._turns = FairTurns(NEW_HASHES_AT_ONCE)
        # Compared with where there is no account. Made now, so that the first unknown e-mail is no slower.
        self._nobodys_hash = self._hash("nobody has this password")
        # Read now, so that whoever chooses the first password does not hold up the event loop with it.
        common_passwords()

    async def hash(self, password: str, whose: str) -> str:
        """`password` must have passed `password_error`. Those of the same name wait for each other."""
        async with self._turns.turn(Line(whose)):
            return await asyncio.get_running_loop().run_in_executor(self._workers, self._hash, password)

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """False, after the same work, where there is no account or the password cannot be one."""
        return await asyncio.get_running_loop().run_in_executor(self._workers, self._matches, password, password_hash)

    def close(self) -> None:
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _hash(self, password: str) -> str:
        return bcrypt.hashpw(_for_bcrypt(normal_password(password)), bcrypt.gensalt(self._rounds)).decode("ascii")

    def _matches(self, password: str, password_hash: str | None) -> bool:
        usable = bool(password) and len(password) <= LONGEST_GIVEN and is_storable(password)
        known = (password_hash or self._nobodys_hash).encode("ascii")
        same = False
        for written in _writings(password) if usable else ("-",):
            same = bcrypt.checkpw(_for_bcrypt(written), known) or same
        return same and usable and password_hash is not None


def _writings(password: str) -> tuple[str, ...]:
    """As it is kept now; and as it came, for it was kept so before."""
    normal = normal_password(password)
    return (normal,) if normal == password else (normal, password)


def _for_bcrypt(password: str) -> bytes:
    """What bcrypt can read as a whole. A password that it can read is left as it is, as it always was."""
    written = password.encode()
    if len(written) <= BCRYPT_READS_BYTES:
        return written
    return b64encode(hmac.digest(_LONG, written, "sha384"))
