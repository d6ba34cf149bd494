"""`shiller …` as a process of its own that need not load the program first.

Python takes more than a second of a processor to load the server, and the suite starts some 250 of them. So each
process of the suite keeps one that has the program loaded (`python -m tests.support.loaded_program`) and forks it: what
comes out is a process like any other, with its own folder, environment and files; it is killed, paused and measured as
itself. What the C library and Python read as they start (how memory is given back, where modules are looked for) is
that of the loaded one, so there is one for each such environment. What loads another library needs a real start.
"""

from __future__ import annotations

import functools
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_MESSAGE_BYTES = 256 * 1024

# Variables that are read as Python starts, and never again.
_OF_THE_PARENT = ("PYTHON", "MALLOC_")

# Threads that ask for the same new one at once get the same one.
_ONE_AT_A_TIME = threading.Lock()


class Forked:
    """The part of `subprocess.Popen` that the suite uses."""

    def __init__(self, pid: int, parent: _Parent, args: list[str]) -> None:
        self.pid, self.args, self.returncode = pid, args, None
        self._parent = parent
        self._ends = os.pidfd_open(pid)
        self.returncode: int | None

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._ends], [], [], 0)[0]:
            self._reap()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._ends], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            self._reap()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        # Until it is reaped its pid is nobody else's.
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _reap(self) -> None:
        self.returncode = self._parent.ask({"reap": self.pid})["code"]
        os.close(self._ends)


def fork(
    arguments: list[str], *, cwd: Path, env: Mapping[str, str], stdin: int, stdout: int, stderr: int
) -> Forked | None:
    """`shiller *arguments`, from the parent of this process; none where only a real start will do."""
    if not sys.platform.startswith("linux") or _needs_a_start(env):
        return None
    with _ONE_AT_A_TIME:
        parent = _parent(tuple(sorted((name, value) for name, value in env.items() if name.startswith(_OF_THE_PARENT))))
    answer = parent.ask({"arguments": arguments, "cwd": str(cwd), "env": dict(env)}, (stdin, stdout, stderr))
    return Forked(answer["pid"], parent, ["shiller", *arguments])


def _needs_a_start(env: Mapping[str, str]) -> bool:
    ours = _environment()
    return any(env.get(name) != ours.get(name) for name in {*env, *ours} if name.startswith(("LD_", "LC_", "LANG")))


@functools.cache
def _environment() -> Mapping[str, str]:
    from tests.support.scenario import scrubbed_environment

    return scrubbed_environment({})


@functools.cache
def _parent(read_as_it_starts: tuple[tuple[str, str], ...]) -> _Parent:
    kept = {name: value for name, value in _environment().items() if not name.startswith(_OF_THE_PARENT)}
    return _Parent({**kept, **dict(read_as_it_starts)})


class _Parent:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            # It ends by itself when this process, and with it the other end of the line, is gone.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.loaded_program", str(theirs.fileno())],
                cwd=Path(__file__).parents[2],
                env=environment,
                pass_fds=(theirs.fileno(),),
            )
        # Answers carry no name: of two threads that ask at once, each would take the other's.
        self._turn = threading.Lock()

    def ask(self, message: dict[str, Any], files: tuple[int, ...] = ()) -> dict[str, Any]:
        with self._turn:
            socket.send_fds(self._line, [json.dumps(message).encode()], files)
            answer = self._line.recv(_MESSAGE_BYTES)
        assert answer, "the loaded program has ended"
        return json.loads(answer)


def _serve_forks(line: socket.socket) -> None:
    from server.cli import main

    # Else the first collection of each child copies every page that it looks at.
    gc.freeze()
    while True:
        text, files, _, _ = socket.recv_fds(line, _MESSAGE_BYTES, 3)
        if not text:
            return
        asked = json.loads(text)
        if "reap" in asked:
            _, status = os.waitpid(asked["reap"], 0)
            line.send(json.dumps({"code": os.waitstatus_to_exitcode(status)}).encode())
            continue
        if (pid := os.fork()) == 0:
            line.close()
            _become(asked, files)
            main(asked["arguments"], prog_name="shiller")
        for each in files:
            os.close(each)
        line.send(json.dumps({"pid": pid}).encode())


def _become(asked: dict[str, Any], files: list[int]) -> None:
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    time.tzset()
    sys.argv = ["shiller", *asked["arguments"]]
    sys.path[0] = asked["cwd"]


if __name__ == "__main__":
    _serve_forks(socket.socket(fileno=int(sys.argv[1])))
