"""The devices of docs/devices.md, as they are written there, against a real server: they meet, and lose nothing."""

from __future__ import annotations

import asyncio
import os
import re
import runpy
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.scenario.conftest import Stage
from tests.support.pages import commands_in, run_block
from tests.support.patience import PATIENCE_SECONDS
from tests.support.postgres import DatabaseServer
from tests.support.programs import postgres_program
from tests.support.scenario import DEMO_EMAIL, DEMO_PASSWORD, PROJECT, errors_in, scrubbed_environment, serving
from tests.support.scenario_clients import Person, World

FILES = ("device.py", "device.mjs")


def _program(name: str, folder: Path) -> list[str]:
    """The words that run the example in a folder of its own."""
    text = (PROJECT / "docs" / "devices.md").read_text(encoding="utf-8")
    found = re.search(rf"^```\w+\n((?://|#) {re.escape(name)}: .*?)^```", text, re.DOTALL | re.MULTILINE)
    assert found is not None, f"docs/devices.md has no {name}"
    folder.mkdir()
    (folder / name).write_text(found[1], encoding="utf-8")
    if name.endswith(".py"):
        return [sys.executable, name]
    npm: dict[str, Any] = runpy.run_path(str(PROJECT / "web" / "npm.py"))
    return [str(npm["find_node"]() / "node"), name]


class Example:
    def __init__(self, name: str, folder: Path) -> None:
        self._words = _program(name, folder)
        self._folder = folder

    async def run(self, url: str, *words: str, expects: int = 0) -> list[str]:
        """What it says, line by line."""
        process = await asyncio.create_subprocess_exec(
            *self._words, url, DEMO_EMAIL, DEMO_PASSWORD, *words,
            cwd=self._folder, env=scrubbed_environment({}), stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
        assert process.returncode == expects, said.decode()
        return said.decode().splitlines()

    async def titles(self, url: str, *words: str) -> dict[str, str]:
        """By id, without the seeds' own."""
        lines = [line.partition(" ") for line in await self.run(url, *words)]
        return {title: entity_id for entity_id, _, title in lines if title.startswith("Example")}


@pytest.fixture
async def admin(tmp_path: Path) -> AsyncIterator[Person]:
    with serving(tmp_path / "server", USE_IN_MEMORY="true") as server:
        stage = Stage(server)
        stage.set_up_accounts(())
        async with AsyncExitStack() as stack:
            yield await World(server, stage.tokens, stage.accounts, stack).person("admin")
        assert not errors_in(server.log)


@pytest.mark.parametrize("name", FILES)
async def test_it_sends_gets_and_is_told_of_conflicts(admin: Person, name: str, tmp_path: Path) -> None:
    one, other = [Example(name, tmp_path / each) for each in ("one", "other")]
    made = await one.titles(admin.url, "new", "Example A")
    entity_id = made["Example A"]
    assert await other.titles(admin.url) == made
    assert await other.titles(admin.url, "rename", entity_id, "Example B") == {"Example B": entity_id}
    # Nobody is there: what was done waits.
    await one.run("http://127.0.0.1:9", "rename", entity_id, "Example C", expects=1)
    said = await one.run(admin.url)
    (conflict,) = [line for line in said if line.startswith("conflict: changed_since")]
    path = f"{admin.url}/api/sync/conflicts/{conflict.split()[-1]}/resolve"
    (open_one,) = (await admin.call("GET", f"{admin.url}/api/sync/conflicts")).json()["items"]
    body = {"keep": "local", "serverVersion": open_one["serverData"]["version"]}
    await admin.call("POST", path, 200, json=body)
    for device in (one, other):
        assert await device.titles(admin.url) == {"Example C": entity_id}
    assert await one.titles(admin.url, "delete", entity_id) == {}
    assert await other.titles(admin.url) == {}


@pytest.mark.parametrize("name", FILES)
async def test_what_a_restored_server_lost_comes_back_from_the_device(
    name: str, tmp_path: Path, database_server: DatabaseServer
) -> None:
    """By the commands that docs/backup.md has for one's own PostgreSQL, and nothing else."""
    first = database_server.create_database(database_server.template)
    second = database_server.create_database()
    device = Example(name, tmp_path / "device")
    *_, lines = commands_in("backup.md", "With your own PostgreSQL")
    back_up, restore = lines.splitlines()
    try:
        url, restored_url = database_server.url_of(first), database_server.url_of(second)
        with serving(tmp_path / "server", DATABASE_URL=url, SEED_DEMO="true") as server:
            kept = (await device.titles(server.url, "new", "Example kept"))["Example kept"]
            gone = (await device.titles(server.url, "new", "Example gone"))["Example gone"]
            _run(back_up, tmp_path, DATABASE_URL=url)
            lost = (await device.titles(server.url, "new", "Example lost"))["Example lost"]
            await device.titles(server.url, "rename", kept, "Example renamed")
            before = await device.titles(server.url, "delete", gone)
            assert before == {"Example renamed": kept, "Example lost": lost}
        _run(restore, tmp_path, RESTORED_URL=restored_url)
        with serving(tmp_path / "restored", DATABASE_URL=restored_url, SEED_DEMO="true") as server:
            stranger = Example(name, tmp_path / "stranger")
            assert await stranger.titles(server.url) == {"Example kept": kept, "Example gone": gone}
            # Without a word from anybody, and with something new under way.
            await device.run("http://127.0.0.1:9", "new", "Example new", expects=1)
            after = await device.titles(server.url)
            assert {title: entity_id for title, entity_id in after.items() if title != "Example new"} == before
            assert len(after) == 3
            assert await stranger.titles(server.url) == after
            assert not errors_in(server.log)
    finally:
        database_server.drop_database(first)
        database_server.drop_database(second)


def _run(command: str, folder: Path, **variables: str) -> None:
    programs = Path(postgres_program("pg_dump")).parent
    run_block(command, folder, PATH=f"{programs}:{os.environ['PATH']}", **variables)
