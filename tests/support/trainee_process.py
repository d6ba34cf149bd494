"""A trainee's screen as a process of its own, which can be put to sleep and woken as a tablet can."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.support.scenario import scrubbed_environment
from tests.support.scenario_clients import Json, TraineeLine


class TraineeProcess:
    def __init__(self, running: subprocess.Popen[bytes], out: Path) -> None:
        self._running = running
        self._out = out

    @property
    def joined(self) -> list[Json]:
        """Its seat, as often as it has joined."""
        assert self._running.poll() is None, "the trainee's process has ended"
        return [json.loads(line) for line in self._out.read_text(encoding="utf-8").splitlines()]

    def sleep(self) -> None:
        self._running.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._running.send_signal(signal.SIGCONT)


@contextmanager
def trainee_process(url: str, code: str, name: str, out: Path) -> Generator[TraineeProcess]:
    with out.open("wb") as stdout:
        running = subprocess.Popen(
            [sys.executable, "-m", "tests.support.trainee_process", url, code, name],
            env=scrubbed_environment({}),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
        )
    try:
        yield TraineeProcess(running, out)
    finally:
        running.kill()
        running.wait()


async def _look(url: str, code: str, name: str) -> None:
    line = await TraineeLine(url, {"code": code, "name": name}, reconnects=True, is_patient=False).connect()
    told = 0
    while True:
        for joined in line.all("session:joined")[told:]:
            print(json.dumps(joined["seat"]), flush=True)  # noqa: T201
            told += 1
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(_look(*sys.argv[1:]))
