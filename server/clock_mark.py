"""What a server leaves for the one that starts after it on this machine: how far its clock is ahead of what passes.

What passes is counted from the start of the machine, and the mark holds until the machine starts anew: the file names
that start. Only Linux gives it a name; elsewhere nothing is left, and nothing known.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import structlog

from server.clock import SteadyClock

log = structlog.get_logger("shiller.clock")

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_LOOKED_AT_EVERY_SECONDS = 5.0
# A clock that follows another does so by 10 ms in this time.
_WORTH_WRITING_NS = 100_000_000


def boot_id() -> str | None:
    """Of this start of the machine, the same in its containers."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


class ClockMark:
    def __init__(self, folder: Path, boot: str | None = None) -> None:
        """`folder` is DATA_DIR, which is made if it is not there."""
        self._path = folder / "clock.json"
        self._boot = boot or boot_id()
        self._written: int | None = None
        self._is_told = False

    def read(self) -> int | None:
        """Nanoseconds, as `SteadyClock.ahead`; None if nothing is known since the machine started."""
        try:
            mark: Any = json.loads(self._path.read_text(encoding="utf-8"))
            is_of_now = self._boot is not None and mark["machine_start"] == self._boot
            return int(mark["ahead_ns"]) if is_of_now else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, ahead: int) -> None:
        """Write it, if it is another one than was written. Where that fails, a restart goes by the machine's clock."""
        if self._boot is None or (self._written is not None and abs(ahead - self._written) < _WORTH_WRITING_NS):
            return
        beside = self._path.with_suffix(f".{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps({"machine_start": self._boot, "ahead_ns": ahead}), encoding="utf-8")
            beside.replace(self._path)
            self._written = ahead
        except OSError as error:
            if not self._is_told:
                log.warning("what time it is here cannot be kept for a restart", reason=str(error))
            self._is_told = True

    async def follow(self, clock: SteadyClock) -> None:
        """Until cancelled."""
        while True:
            self.keep(clock.ahead)
            await asyncio.sleep(_LOOKED_AT_EVERY_SECONDS)
