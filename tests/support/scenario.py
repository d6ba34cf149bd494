"""The server as a process of its own, and the commands beside it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar
from urllib.parse import urlsplit

from tests.support.loaded_program import Forked, fork
from tests.support.patience import PATIENCE_SECONDS, START_PATIENCE_SECONDS
from tests.support.ports import free_port

PROJECT = Path(__file__).resolve().parents[2]
DEMO_EMAIL = "demo@shiller.local"
DEMO_PASSWORD = "demo-shiller"
# What a child needs of ours; DATABASE_URL, PG… and every variable of the server's own stay behind.
_KEPT_VARIABLES = ("PATH", "HOME", "TMPDIR", "SYSTEMROOT", "XDG_RUNTIME_DIR")

T = TypeVar("T")


HASHES_AS_IN_LIFE = {"PYTHONPATH": str(PROJECT)}
"""Variables of a server whose logins take as long as they do for its users."""
_CHEAP_HASHES = PROJECT / "tests" / "support" / "cheap_hashes"


def scrubbed_environment(variables: dict[str, str]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    # Whatever the machine speaks: the demo's cases follow it.
    return {**kept, "LC_ALL": "C.UTF-8", "PYTHONPATH": f"{_CHEAP_HASHES}{os.pathsep}{PROJECT}", **variables}


def wait_until(look: Callable[[], T | None], what: str, patience: float = PATIENCE_SECONDS) -> T:
    """What `look` finds, looked for until it finds something true."""
    deadline = time.monotonic() + patience
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited {patience:g} s for {what}"
        time.sleep(0.02)
    return found


def run_command(*arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """`shiller …`, to its end."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = _begin([*arguments], folder, scrubbed_environment(variables), out, err)
        try:
            code = process.wait(START_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        said = [_from_the_start(file) for file in (out, err)]
    return subprocess.CompletedProcess(["shiller", *arguments], code, *said)


def _from_the_start(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def _begin(
    arguments: list[str], folder: Path, env: dict[str, str], out: IO[bytes], err: IO[bytes]
) -> subprocess.Popen[bytes] | Forked:
    with Path(os.devnull).open("rb") as nothing:
        files = {"stdin": nothing.fileno(), "stdout": out.fileno(), "stderr": err.fileno()}
        # The loaded program is the project's: a folder with a package of its own runs that one.
        has_its_own = (folder / "server").exists()
        forked = None if has_its_own else fork(arguments, cwd=folder, env=env, **files)
        return forked or subprocess.Popen(
            [sys.executable, "-m", "server", *arguments], cwd=folder, env=env, stdin=nothing, stdout=out, stderr=err
        )


@dataclass
class ServerProcess:
    """`shiller serve` in a folder of its own; `variables` are its environment."""

    folder: Path
    variables: dict[str, str]
    process: subprocess.Popen[bytes] | Forked | None = None
    url: str = ""
    _open: list[IO[bytes]] = field(default_factory=list)

    def launch(self) -> ServerProcess:
        """Start the process without waiting for it to listen."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.stdout_path.write_bytes(b"")
        out, err = self.stdout_path.open("ab"), self.stderr_path.open("ab")
        self._open = [out, err]
        environment = scrubbed_environment({"PORT": str(free_port()), **self.variables})
        self.process = _begin(["serve"], self.folder, environment, out, err)
        return self

    def start(self) -> ServerProcess:
        self.launch()
        self.wait_for_url()
        return self

    def wait_for_url(self) -> None:
        def look() -> str | None:
            assert self.running.poll() is None, f"exit code {self.running.returncode}: {self.log}"
            found = re.search(r"runs at (http://\S+)", self.stdout)
            return found[1] if found else None

        self.url = wait_until(look, "the server's URL", START_PATIENCE_SECONDS)

    def restart_on_same_port(self) -> None:
        self.variables["PORT"] = str(self.port)
        self.start()

    def kill(self) -> None:
        """kill -9 of the server's process, and of nothing else."""
        os.kill(self.running.pid, signal.SIGKILL)
        self.wait_for_exit()

    def ask_to_stop(self) -> None:
        self.running.send_signal(signal.SIGTERM)

    def wait_for_exit(self) -> int:
        code = self.running.wait(PATIENCE_SECONDS)
        for file in self._open:
            file.close()
        return code

    def stop(self) -> int:
        if self.running.poll() is None:
            self.ask_to_stop()
        return self.wait_for_exit()

    @property
    def running(self) -> subprocess.Popen[bytes] | Forked:
        assert self.process is not None, "not started"
        return self.process

    @property
    def port(self) -> int:
        port = urlsplit(self.url).port
        assert port is not None
        return port

    @property
    def stdout_path(self) -> Path:
        return self.folder / "stdout.txt"

    @property
    def stderr_path(self) -> Path:
        return self.folder / "stderr.txt"

    @property
    def stdout(self) -> str:
        return self.stdout_path.read_text(encoding="utf-8")

    @property
    def log(self) -> str:
        return self.stderr_path.read_text(encoding="utf-8")


def errors_in(log: str) -> list[str]:
    """Lines at error level and tracebacks, in either log format."""
    return [line for line in log.splitlines() if _is_error(line)]


def _is_error(line: str) -> bool:
    if line.startswith("{"):
        try:
            logged: Any = json.loads(line)
        except ValueError:
            return True
        return logged.get("level") in ("error", "critical") or "exception" in logged
    # What a warning gives as its reason may be an error's name.
    if level := re.search(r"\[(debug|info|warning|error|critical) *\]", line):
        return level[1] in ("error", "critical")
    return bool(re.search(r"Traceback|^(ERROR|CRITICAL)|\w+Error: |Warning: ", line))


@contextmanager
def serving(folder: Path, **variables: str) -> Iterator[ServerProcess]:
    """A server for one test; ended at the end, however it went."""
    server = ServerProcess(folder, variables)
    try:
        yield server.start()
    finally:
        end(server)


def end(server: ServerProcess) -> None:
    if server.process is None:
        return
    if server.running.poll() is None:
        try:
            server.stop()
        except subprocess.TimeoutExpired:
            server.kill()
    server.wait_for_exit()


def end_database_left_in(data_dir: Path) -> None:
    """Stop the embedded PostgreSQL of a server that was killed, if it is still there."""
    pid_file = data_dir / "postgres" / "postmaster.pid"
    # It may be stopping at this moment.
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        os.kill(int(pid_file.read_text(encoding="ascii").split()[0]), signal.SIGINT)
        wait_until(lambda: not pid_file.exists(), "PostgreSQL to stop")
