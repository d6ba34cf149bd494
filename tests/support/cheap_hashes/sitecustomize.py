"""Python runs this at the start of every server and command of the tests: their passwords are hashed in a millisecond.

A real hash takes a quarter of a second of a processor, and a server makes two at its start and one at each login. Tests
of how long a login takes ask for hashes as in life (`tests.support.scenario.HASHES_AS_IN_LIFE`).
"""

from __future__ import annotations

import bcrypt

_CHEAPEST = 4
_gensalt = bcrypt.gensalt


def _cheap_salt(rounds: int = _CHEAPEST, prefix: bytes = b"2b") -> bytes:
    return _gensalt(min(rounds, _CHEAPEST), prefix)


bcrypt.gensalt = _cheap_salt
