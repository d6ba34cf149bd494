"""What the benches of the screens share: a server in memory, a Chromium, and a monitor that has joined."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from playwright.async_api import Browser, Page, async_playwright

from tests.support.chromium import launch

PROJECT = Path(__file__).resolve().parents[1]
DEMO = {"email": "demo@shiller.local", "password": "demo-shiller"}
START_SECONDS = 60


@dataclass
class Bedside:
    """A training session, seen from the trainer."""

    trainer: httpx.AsyncClient
    session: dict[str, Any]

    async def push(self, **patch: Any) -> None:
        """`vitals`, `rhythm`, `flags`, `ramp_seconds`: as the API has them."""
        body = {"id": str(uuid4()), "kind": "vitals", **patch}
        answer = await self.trainer.post(f"/sessions/{self.session['id']}/events", json=body)
        answer.raise_for_status()

    async def join(self, page: Page) -> None:
        """By the link, as a trainee does; back when the monitor shows its numbers."""
        await page.goto(f"{self.trainer.base_url.copy_with(path='/')}j/{self.session['code']}")
        name = page.get_by_role("textbox").last
        await name.fill("Bench")
        await name.press("Enter")
        await page.locator(".mon-tile-ecg .mon-digits").wait_for()


@asynccontextmanager
async def serving() -> AsyncIterator[str]:
    """The URL of a server of its own process, in memory, with the demo school."""
    with tempfile.TemporaryDirectory(prefix="shiller-bench-") as folder:
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
        server = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "server", "serve"),
            cwd=folder,
            env={**kept, "PYTHONPATH": str(PROJECT), "USE_IN_MEMORY": "true", "PORT": "0"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(START_SECONDS):
                url = await _url(server)
            yield url
        finally:
            if server.returncode is None:
                server.terminate()
            await server.wait()


async def _url(server: asyncio.subprocess.Process) -> str:
    while line := await server.stdout.readline():  # type: ignore[union-attr]
        if found := re.search(rb"runs at (http://\S+)", line):
            return found[1].decode()
    raise RuntimeError("the server did not start; are the pages built? (make screens)")


@asynccontextmanager
async def trainer_at(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", trust_env=False, timeout=30) as client:
        login = (await client.post("/auth/login", json=DEMO)).raise_for_status()
        client.headers["Authorization"] = f"Bearer {login.json()['token']}"
        yield client


async def open_bedside(trainer: httpx.AsyncClient, title: str) -> Bedside:
    answer = await trainer.post("/sessions", json={"title": title})
    return Bedside(trainer, answer.raise_for_status().json())


@asynccontextmanager
async def chromium(*flags: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await launch(playwright, *flags)
        try:
            yield browser
        finally:
            await browser.close()
