"""What every test may use: databases, and the rule that nothing logs an error unnoticed."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support.folders import passable_folder
from tests.support.logging import logged_errors
from tests.support.postgres import DatabaseServer, DatabaseServerOfTheRun, ReusedDatabase, as_server

# How fast examples come says how busy the machine is, nothing about the code.
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")

_SERVER = pytest.StashKey[DatabaseServerOfTheRun]()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        # A run that is told to stop, as by a CI job's time limit, leaves no server behind.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        config.stash[_SERVER] = DatabaseServerOfTheRun(os.environ.get("TEST_DATABASE_URL") or None)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """In the controller, for each of its workers."""
    server = node.config.stash[_SERVER].get()
    node.workerinput["database_server"] = (server.url, server.template)


def pytest_unconfigure(config: pytest.Config) -> None:
    if _SERVER in config.stash:
        config.stash[_SERVER].stop()


@pytest.fixture(scope="session")
def database_server(pytestconfig: pytest.Config) -> DatabaseServer:
    """The run's PostgreSQL: TEST_DATABASE_URL's, else one of our own; never skipped."""
    if _SERVER in pytestconfig.stash:
        return pytestconfig.stash[_SERVER].get()
    return DatabaseServer(*pytestconfig.workerinput["database_server"])


@pytest.fixture
def database_url(database_server: DatabaseServer) -> Generator[str]:
    """A fresh, migrated database of this test's own."""
    name = database_server.create_database(database_server.template)
    yield database_server.url_of(name)
    database_server.drop_database(name)


@pytest.fixture(scope="session")
def reused_database(database_server: DatabaseServer) -> Generator[ReusedDatabase | None]:
    """None where we may not empty it: on a server that somebody gave us."""
    if as_server(database_server.url) == database_server.url:
        yield None
        return
    database = ReusedDatabase(database_server)
    yield database
    database.drop()


@pytest.fixture
def cleared_database_url(request: pytest.FixtureRequest, reused_database: ReusedDatabase | None) -> Generator[str]:
    """Migrated and without any row of others, for a test that leaves nothing in it but rows."""
    if reused_database is None:
        yield request.getfixturevalue("database_url")
        return
    yield reused_database.url
    reused_database.clear()


@pytest.fixture
def empty_database_url(database_server: DatabaseServer) -> Generator[str]:
    """A fresh database without any table."""
    name = database_server.create_database()
    yield database_server.url_of(name)
    database_server.drop_database(name)


@pytest.fixture
def data_dir() -> Generator[Path]:
    """DATA_DIR of a server with an embedded PostgreSQL; it is not there yet."""
    with passable_folder("data") as folder:
        yield folder / "data"


@pytest.fixture(autouse=True)
def no_errors_logged(request: pytest.FixtureRequest) -> Generator[list[logging.LogRecord]]:
    """A logged error fails the test, unless it takes `expects_errors`."""
    with logged_errors() as errors:
        yield errors
    if errors and "expects_errors" not in request.fixturenames:
        pytest.fail("errors were logged:\n" + "\n".join(f"{each.name}: {each.getMessage()}" for each in errors))


@pytest.fixture
def expects_errors(no_errors_logged: list[logging.LogRecord]) -> list[logging.LogRecord]:
    """The errors that the test makes on purpose, as they are logged."""
    return no_errors_logged
