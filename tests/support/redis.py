"""A Redis of a test's own, to be killed and started again."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support import programs
from tests.support.ports import free_port
from tests.support.scenario import PATIENCE_SECONDS, wait_until


@dataclass
class RedisServer:
    folder: Path
    port: int
    options: tuple[str, ...] = ()
    running: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> RedisServer:
        """Also again, on the same port; nothing is kept."""
        command = [programs.redis_server(), "--port", str(self.port), "--bind", "127.0.0.1"]
        self.running = subprocess.Popen(
            [*command, "--save", "", "--appendonly", "no", *self.options],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        wait_until(self._answers, "Redis to answer")
        return self

    def kill(self) -> None:
        assert self.running is not None
        self.running.kill()
        self.running.wait(PATIENCE_SECONDS)
        self.running = None

    def pause(self) -> None:
        """It hangs: connections stand, and nothing is answered."""
        assert self.running is not None
        self.running.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self.running is not None
        self.running.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(b"PING\r\n")
                # Or that it wants a password first.
                return line.recv(16).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False


@contextmanager
def redis_server(folder: Path, *options: str, started: bool = True) -> Iterator[RedisServer]:
    server = RedisServer(folder, free_port(), options)
    try:
        yield server.start() if started else server
    finally:
        if server.running is not None:
            server.kill()
