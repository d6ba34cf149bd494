"""Waiting for the rest of the machine to be quiet, where it is shared."""

from __future__ import annotations

import time

from bench.scenarios.scenario import Figures
from bench.usage import machine_cpu_seconds

# Of one core.
QUIET_PERCENT = 25.0
_LOOK_SECONDS = 0.5


def wait_for_quiet(until: float) -> None:
    """Until nobody uses much of the processor, or `until` (of time.monotonic)."""
    while time.monotonic() < until:
        before, began = machine_cpu_seconds(), time.monotonic()
        # The time over which the others' use of the processor is counted.
        time.sleep(_LOOK_SECONDS)
        if (machine_cpu_seconds() - before) / (time.monotonic() - began) * 100 < QUIET_PERCENT:
            return


def was_disturbed(sample: Figures) -> bool:
    return sample.get("others_percent", 0.0) > QUIET_PERCENT
