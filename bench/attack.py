"""An attack that goes on in a process of its own while a server is looked at."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

_PROJECT = Path(__file__).resolve().parents[1]
_BEGIN_PATIENCE_SECONDS = 60.0


@dataclass
class Attack:
    """`told`, at the end: `messages` that were sent, and how often it was cut or refused, in `seconds`."""

    process: asyncio.subprocess.Process
    told: dict[str, int] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    async def is_gone(self, patience: float) -> bool:
        """Until the server has ended all of its connections."""
        try:
            async with asyncio.timeout(patience):
                return await self._line() == "gone"
        except TimeoutError:
            return False

    async def begins(self) -> None:
        async with asyncio.timeout(_BEGIN_PATIENCE_SECONDS):
            if (line := await self._line()) != "ready":
                raise RuntimeError(f"the attacker says {line!r}")

    async def end(self) -> None:
        self.seconds = time.monotonic() - self.began
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        assert self.process.stdout is not None  # noqa: S101 - it was asked for
        lines = (await self.process.stdout.read()).decode().split("\n")
        await self.process.wait()
        self.told = next((json.loads(line) for line in lines if line.startswith("{")), {})

    async def _line(self) -> str:
        assert self.process.stdout is not None  # noqa: S101 - it was asked for
        return (await self.process.stdout.readline()).decode().strip()


@asynccontextmanager
async def attacking(name: str, host: str, port: int, code: str, count: int = 100) -> AsyncGenerator[Attack]:
    """It has begun; at the end it is over."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.attackers", name, "--host", host, "--port", str(port)),
        *("--code", code, "--count", str(count)),
        cwd=_PROJECT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    attack = Attack(process)
    try:
        await attack.begins()
        yield attack
    finally:
        await attack.end()
