"""Which failures of the database pass by themselves: the table, against every error that the driver knows."""

from __future__ import annotations

import asyncpg
import pytest

from server.ports.results import StorageUnavailable
from server.storage.postgres.refusals import at_the_door, is_outage, outages, passes

_ERRORS = [
    each for each in vars(asyncpg).values() if isinstance(each, type) and issubclass(each, asyncpg.PostgresError)
]
# What depends on what is written, and so would fail again: data, constraints, SQL and rights, limits of a program.
_BUGS = ("0A", "21", "22", "23", "42", "44", "54", "P0", "XX")


@pytest.mark.parametrize("sqlstate", ["08006", "25006", "28000", "28P01", "40001", "40P01", "53100", "53200", "53300"])
def test_these_pass(sqlstate: str) -> None:
    assert passes(sqlstate)


@pytest.mark.parametrize("sqlstate", ["55000", "55006", "55P03", "57014", "57P01", "57P02", "57P03", "57P04", "58030"])
def test_and_these(sqlstate: str) -> None:
    assert passes(sqlstate)


@pytest.mark.parametrize("sqlstate", ["25P02", "25001", "40002", "55P02", "3D000", "42501", "00000", "", "x"])
def test_their_neighbours_do_not(sqlstate: str) -> None:
    assert not passes(sqlstate)


def test_no_bug_passes() -> None:
    states = {str(each.sqlstate) for each in _ERRORS if each.sqlstate is not None}
    assert len(states) > 200
    assert not [state for state in states if state.startswith(_BUGS) and passes(state)]


def test_an_argument_that_cannot_be_written_is_a_bug() -> None:
    class Unwritable(asyncpg.InterfaceError, ValueError):
        """As the driver's own, which is not exported."""

    assert is_outage(asyncpg.InterfaceError("the connection is closed"))
    assert not is_outage(Unwritable("a string was expected"))
    with pytest.raises(Unwritable), outages:
        raise Unwritable("a string was expected")


@pytest.mark.parametrize("error", [asyncpg.InvalidCatalogNameError, asyncpg.InsufficientPrivilegeError])
def test_at_the_door_everything_passes(error: type[asyncpg.PostgresError]) -> None:
    """Nothing of ours can be at fault there."""
    with pytest.raises(error), outages:
        raise error("no")
    with pytest.raises(StorageUnavailable, match="no"), at_the_door:
        raise error("no")
