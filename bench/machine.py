"""On what it was measured, without saying whose machine it is."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

from bench.servers import node_command


def described(postgres_version: str) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    node = subprocess.run([node_command(), "--version"], capture_output=True, text=True, check=True).stdout.strip()
    libraries = ", ".join(f"{name} {version(name)}" for name in ("python-socketio", "uvicorn", "picows"))
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, Linux {platform.release().partition('-')[0]}; "
        f"Python {platform.python_version()}, {libraries}; Node {node}; PostgreSQL {postgres_version}"
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
