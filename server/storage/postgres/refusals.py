"""«Not now», told from a bug: which failures of the database pass by themselves, by the class of their SQLSTATE.

What passes is an outage: events wait, and are stored in order when it is over. What does not is a bug of ours, which
would fail for ever. The classes are those of PostgreSQL's documentation, appendix A.
"""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg

from server.ports.results import StorageUnavailable

# By class, what of it passes: everything, or these. What is not named does not.
EVERYTHING = frozenset[str]()
PASSING: Mapping[str, frozenset[str]] = {
    "08": EVERYTHING,  # the connection is lost
    "25": frozenset({"25006", "25P03", "25P04"}),  # read-only (a standby, a failover); it waited or took too long
    "28": EVERYTHING,  # the login is refused, also inside of a pooler's connection
    "40": frozenset({"40000", "40001", "40003", "40P01"}),  # rolled back for the sake of another; not for a constraint
    "53": EVERYTHING,  # the disk or the memory is full, or there are too many connections
    "55": frozenset({"55000", "55006", "55P03"}),  # not ready for that, in use, or locked by somebody else
    "57": EVERYTHING,  # somebody intervened: cancelled, shutting down, starting up, the database dropped
    "58": EVERYTHING,  # the system under it fails
}

# What the server no longer runs as the driver has it, for a table was changed meanwhile. The driver forgets it then, so
# that the next try asks anew.
_CHANGED = (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError)
# What the driver itself says of a line that is cut; the last, between two steps of one query: «cannot switch to state
# 12; another operation is in progress».
_CUT = (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError)


def passes(sqlstate: str) -> bool:
    which = PASSING.get(sqlstate[:2])
    return which is not None and (which is EVERYTHING or sqlstate in which)


def is_outage(error: BaseException) -> bool:
    if isinstance(error, _CHANGED):
        return True
    if isinstance(error, asyncpg.PostgresError):
        return passes(str(error.sqlstate))
    # An argument that the driver cannot write down is both an InterfaceError and a ValueError.
    return isinstance(error, _CUT) and not isinstance(error, ValueError)


class _Outages:
    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if error is not None and is_outage(error):
            raise _unavailable(error) from error


class _Door:
    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, (asyncpg.PostgresError, *_CUT)):
            raise _unavailable(error) from error


# Within it, a lost or refusing server is StorageUnavailable; every other error is left as it is.
outages = _Outages()

# The same while connecting, where nothing of ours can be at fault: whatever the server says is «not now», also that
# there is no such database (it is being restored) or that we may not use it.
at_the_door = _Door()


def _unavailable(error: BaseException) -> StorageUnavailable:
    return StorageUnavailable(f"{type(error).__name__}: {error}")
