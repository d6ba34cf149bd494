"""Servers shared by the tests of one process: one on memory, one on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.patience import PATIENCE_SECONDS
from tests.support.postgres import DatabaseServer
from tests.support.scenario import (
    DEMO_EMAIL,
    DEMO_PASSWORD,
    HASHES_AS_IN_LIFE,
    ServerProcess,
    end,
    errors_in,
    run_command,
)
from tests.support.scenario_clients import World

PASSWORD = "scenario-password"
OTHER_SCHOOL_EMAIL = "head@other.example"


@dataclass
class Stage:
    """A running server with accounts on it."""

    server: ServerProcess
    tokens: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, Any] = field(default_factory=dict)

    def set_up_accounts(self, names: Sequence[str] = ("trainer", "colleague", "deputy", "observer")) -> None:
        """The demo school's admin and more, each logged in once; a login takes a quarter of a second."""
        with httpx.Client(base_url=f"{self.server.url}/api/v1", trust_env=False, timeout=PATIENCE_SECONDS) as http:
            self._log_in(http, "admin", DEMO_EMAIL, DEMO_PASSWORD)
            http.headers["Authorization"] = f"Bearer {self.tokens['admin']}"
            for who in names:
                role = "observer" if who == "observer" else "trainer"
                body = {"email": f"{who}@demo.example", "name": who.title(), "password": PASSWORD, "role": role}
                http.post("/trainers", json=body).raise_for_status()
                self._log_in(http, who, body["email"], PASSWORD)

    def set_up_other_school(self) -> None:
        """By the command line, as an operator does it; needs a database."""
        added = run_command(
            "trainer", "add", OTHER_SCHOOL_EMAIL, "--name", "Head", "--school", "Other school",
            "--role", "admin", "--password", PASSWORD,
            folder=self.server.folder, **self.server.variables,
        )  # fmt: skip
        assert added.returncode == 0, added.stderr
        with httpx.Client(base_url=f"{self.server.url}/api/v1", trust_env=False, timeout=PATIENCE_SECONDS) as http:
            self._log_in(http, "outsider", OTHER_SCHOOL_EMAIL, PASSWORD)

    def _log_in(self, http: httpx.Client, who: str, email: str, password: str) -> None:
        answer = http.post("/auth/login", json={"email": email, "password": password}).raise_for_status().json()
        self.tokens[who] = answer["token"]
        self.accounts[who] = answer["trainer"]


@pytest.fixture(scope="session")
def memory_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from _staged(tmp_path_factory.mktemp("memory"), USE_IN_MEMORY="true")


@pytest.fixture(scope="session")
def postgres_stage(tmp_path_factory: pytest.TempPathFactory, database_server: DatabaseServer) -> Iterator[Stage]:
    name = database_server.create_database(database_server.template)
    yield from _staged(
        tmp_path_factory.mktemp("external"), DATABASE_URL=database_server.server_url_of(name), SEED_DEMO="true"
    )


def _staged(folder: Path, **variables: str) -> Iterator[Stage]:
    # Some of its tests are about those who wait for a hash.
    usual = {"LOG_FORMAT": "json", "EXPIRY_SECONDS": "1", "GRPC_PORT": "0", **HASHES_AS_IN_LIFE}
    server = ServerProcess(folder, {**usual, **variables})
    try:
        stage = Stage(server.start())
        stage.set_up_accounts()
        yield stage
    finally:
        end(server)


@pytest.fixture(params=["memory", "postgres"])
def stage(request: pytest.FixtureRequest) -> Stage:
    return request.getfixturevalue(f"{request.param}_stage")


@pytest.fixture
async def world(stage: Stage) -> AsyncIterator[World]:
    """On every storage. The test fails if the server logged an error meanwhile."""
    async for world in _on_stage(stage):
        yield world


@pytest.fixture
async def memory_world(memory_stage: Stage) -> AsyncIterator[World]:
    """For what does not reach the storage."""
    async for world in _on_stage(memory_stage):
        yield world


@pytest.fixture
async def two_schools(postgres_stage: Stage) -> AsyncIterator[World]:
    """With `outsider`, the admin of another school."""
    if "outsider" not in postgres_stage.tokens:
        postgres_stage.set_up_other_school()
    async for world in _on_stage(postgres_stage):
        yield world


async def _on_stage(stage: Stage) -> AsyncIterator[World]:
    logged_before = len(stage.server.log)
    async with AsyncExitStack() as stack:
        yield World(stage.server, stage.tokens, stage.accounts, stack)
    assert stage.server.running.poll() is None, stage.server.log[logged_before:]
    errors = errors_in(stage.server.log[logged_before:])
    assert not errors, errors
