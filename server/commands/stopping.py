"""Told to stop: a server unwinds, however far it has come; and whatever hangs in that, it ends.

A signal is heard between any two instructions of the main thread. What it raised there could end anywhere: uvloop takes
what is raised while a protocol is told its data for a fault of that connection, and goes on. So nothing is raised
while the loop runs; the task that is the server is cancelled.
"""

from __future__ import annotations

import _thread
import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import structlog

from server.waiting import work_of

log = structlog.get_logger("shiller")

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# Less than `TimeoutStopSec` in docs/deploy.md; more than all that has a bound of its own takes.
STOP_SECONDS = 36.0
# For the line that says what did not end: whoever reads the log may hang, too.
LAST_WORDS_SECONDS = 1.0
# To close the loop, when all else is closed.
CLOSING_SECONDS = 1.0
_TASKS_TOLD = 20


class Stopping:
    """Of one server: from the first time that it is told to stop it has so many seconds."""

    def __init__(self, seconds: float = STOP_SECONDS) -> None:
        self._seconds = seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: asyncio.Task[Any] | None = None
        self._is_over = False
        self._is_closed = False
        self.is_told = False

    def listen(self) -> None:
        for number in SIGNALS:
            signal.signal(number, self.hear)

    @contextmanager
    def serving(self) -> Generator[None]:
        """Around the whole of the server, in its task."""
        self._loop, self._server = asyncio.get_running_loop(), asyncio.current_task()
        try:
            yield
        finally:
            # What is left is to close the loop, which a further signal would only disturb.
            self._is_over = True

    def closed(self) -> None:
        """The loop is, and Python may end. It gives the signals back as it does, and one more would kill it."""
        self._is_closed = True
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def hear(self, number: int, frame: FrameType | None) -> None:
        """A signal's handler, where the web server has none."""
        self.count()
        if self._is_over:
            return
        if self._loop is None or self._server is None:
            raise SystemExit(0)
        self._loop.call_soon_threadsafe(self._server.cancel)

    def count(self) -> None:
        """From now on; called by a signal's handler. When the time is up the process ends."""
        if not self.is_told:
            self.is_told = True
            # No `threading.Thread`: the signal may have come while its locks were held, by this very thread.
            _thread.start_new_thread(self._watch, ())

    def _watch(self) -> None:
        until = time.monotonic() + self._seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, CLOSING_SECONDS))
            if self._is_looking_up_names():
                time.sleep(CLOSING_SECONDS)
                if self._is_looking_up_names():
                    os._exit(0)
        said = threading.Event()
        _thread.start_new_thread(self._say, (said,))
        said.wait(LAST_WORDS_SECONDS)
        os._exit(1)

    def _is_looking_up_names(self) -> bool:
        """All is closed but the loop, and that is closing: uvloop waits then for threads of its own, in which the
        system looks up the name of a host, for half a minute where no name server answers. Nobody wants it any more.
        """
        return self._is_over and self._loop is not None and self._loop.is_closed() and not self._is_closed

    def _say(self, said: threading.Event) -> None:
        try:
            tasks: set[asyncio.Task[Any]] = set() if self._loop is None else asyncio.all_tasks(self._loop)
            log.error(
                "the server did not end in time and is cut",
                seconds=self._seconds,
                threads=[_place(frame) for frame in sys._current_frames().values()],  # pyright: ignore[reportPrivateUsage]
                tasks=sorted(map(work_of, tasks))[:_TASKS_TOLD],
            )
        finally:
            said.set()


def _place(frame: FrameType) -> str:
    return f"{frame.f_code.co_qualname}, {Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
