"""The clients of the README, as they are written there, against a real server and what some networks make of it."""

from __future__ import annotations

import asyncio
import re
import runpy
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.scenario.conftest import Stage
from tests.support.filtering import Filtering, filter_before
from tests.support.patience import PATIENCE_SECONDS
from tests.support.scenario import PROJECT, errors_in, scrubbed_environment, serving
from tests.support.scenario_clients import Person, World, new_id

FILES = ("join.py", "join.mjs")
# Above the eight seconds after which the clients give a try up, and their pauses.


@pytest.fixture
async def trainer(tmp_path: Path) -> AsyncIterator[Person]:
    """Of a server in a process of its own."""
    with serving(tmp_path / "server", USE_IN_MEMORY="true") as server:
        stage = Stage(server)
        stage.set_up_accounts(())
        async with AsyncExitStack() as stack:
            yield await World(server, stage.tokens, stage.accounts, stack).person("admin")
        assert not errors_in(server.log)


@pytest.fixture(params=FILES)
def program(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """The words that run the client."""
    name: str = request.param
    found = re.search(rf"^```\w+\n((?://|#) {re.escape(name)}: .*?)^```", _readme(), re.DOTALL | re.MULTILINE)
    assert found is not None, f"the README has no {name}"
    path = tmp_path / name
    path.write_text(found[1], encoding="utf-8")
    if name.endswith(".py"):
        return [sys.executable, str(path)]
    (tmp_path / "node_modules").symlink_to(PROJECT / "web" / "node_modules")
    npm: dict[str, Any] = runpy.run_path(str(PROJECT / "web" / "npm.py"))
    return [str(npm["find_node"]() / "node"), str(path)]


def _readme() -> str:
    return (PROJECT / "README.md").read_text(encoding="utf-8")


@dataclass
class Running:
    """A client, and what it has printed."""

    process: asyncio.subprocess.Process
    said: list[str] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        assert self.process.stdout is not None
        # Node writes what is nested over several lines.
        async for line in self.process.stdout:
            self.said.append(line.decode())
            self.news.set()

    async def says(self, what: str | Callable[[str], bool]) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not (what(self.text) if callable(what) else what in self.text):
                    self.news.clear()
                    await self.news.wait()
        except TimeoutError:
            raise AssertionError(f"it said: {self.text}") from None

    @property
    def text(self) -> str:
        return "".join(self.said)


@asynccontextmanager
async def running(program: list[str], url: str, code: str) -> AsyncGenerator[Running]:
    process = await asyncio.create_subprocess_exec(
        *program,
        url,
        code,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=scrubbed_environment({}),
    )
    client = Running(process)
    listening = asyncio.create_task(client.listen())
    try:
        yield client
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await listening


@pytest.mark.parametrize("filtering", ["none", "swallowed", "unanswered"])
async def test_it_joins_and_hears_whatever_becomes_of_a_websocket(
    trainer: Person, program: list[str], filtering: Filtering
) -> None:
    session = await trainer.open_session(public_title="Sepsis")
    async with (
        filter_before(trainer.url, filtering) as between,
        running(program, between.url, session["code"]) as client,
    ):
        await client.says("joined Sepsis")
        push = {"id": new_id(), "kind": "vitals", "vitals": {"heart_rate": 143}}
        await trainer.post(f"/sessions/{session['id']}/events", push, 201)
        await client.says("143")
        assert between.websockets > 0
        await trainer.post(f"/sessions/{session['id']}/close")
        await client.says("the session is over: closed")


async def test_it_keeps_its_seat_through_a_lost_connection(trainer: Person, program: list[str]) -> None:
    session = await trainer.open_session(public_title="Sepsis")
    async with filter_before(trainer.url, "none") as between, running(program, between.url, session["code"]) as client:
        await client.says("joined Sepsis")
        await between.cut()
        await client.says(lambda text: text.count("joined Sepsis") >= 2)
        sessions = (await trainer.get("/sessions"))["items"]
        assert [each["trainee_count"] for each in sessions if each["id"] == session["id"]] == [1]


async def test_it_ends_when_the_code_leads_nowhere(trainer: Person, program: list[str]) -> None:
    async with running(program, trainer.url, "AAAAAA") as client:
        await client.says("refused: not_found")
        assert await asyncio.wait_for(client.process.wait(), PATIENCE_SECONDS) == 0
