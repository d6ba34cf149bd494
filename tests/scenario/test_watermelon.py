"""Phones with WatermelonDB as it comes from npm, on both of its adapters: tests/phones/course.mjs."""

from __future__ import annotations

import asyncio
import os
import re

import pytest

from tests.support.programs import node
from tests.support.scenario import PATIENCE_SECONDS, PROJECT
from tests.support.scenario_clients import World

FOLDER = PROJECT / "tests" / "phones"
LIBRARY = FOLDER / "node_modules" / "@nozbe" / "watermelondb"
SQLITE = FOLDER / "node_modules" / "better-sqlite3" / "build" / "Release" / "better_sqlite3.node"
COURSES = re.findall(r"^  async (\w+)\(\) {$", (FOLDER / "course.mjs").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("course", COURSES)
@pytest.mark.parametrize("adapter", ["sqlite", "loki"])
async def test_watermelon(world: World, adapter: str, course: str) -> None:
    assert LIBRARY.is_dir(), "«make test» installs it: npm ci in tests/phones"
    if adapter == "sqlite" and not SQLITE.is_file():
        pytest.skip("better-sqlite3 has no build for this machine, and could not be compiled")
    environment = {
        "PATH": os.environ["PATH"],
        "SERVER_URL": world.url,
        "TRAINER": world.tokens["trainer"],
        "COLLEAGUE": world.tokens["colleague"],
    }
    playing = await asyncio.create_subprocess_exec(
        node(), "course.mjs", adapter, course,
        cwd=FOLDER, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(playing.communicate(), PATIENCE_SECONDS)
    assert playing.returncode == 0, said.decode()
