"""The central server, as its admin and its operator see it."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from contextlib import closing
from typing import Any, LiteralString

import httpx
import psycopg

from bench.servers import RunningServer


def as_admin(central: RunningServer) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {central.token}"}
    url = f"http://127.0.0.1:{central.address.port}/api/v1"
    return httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=60)


async def add_hall(admin: httpx.AsyncClient, name: str) -> dict[str, Any]:
    answer = await admin.post("/halls", json={"name": name, "trainers": "all"})
    added: dict[str, Any] = answer.raise_for_status().json()
    return added


def end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(30)


def count(url: str, sql: LiteralString) -> int:
    with closing(psycopg.connect(url)) as connection:
        row = connection.execute(sql).fetchone()
    assert row is not None  # noqa: S101 - a count always has a row
    return int(row[0])


async def until(is_so: Any) -> None:
    while True:
        if await asyncio.to_thread(is_so):
            return
        # Another process is asked: it has no way to tell this one.
        await asyncio.sleep(0.1)
