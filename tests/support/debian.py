"""Programs that tests need and Debian has: found, or installed now where we may; never skipped."""

from __future__ import annotations

import os
import shutil
import subprocess


def installed(command: str, package: str) -> str:
    """The path of the program."""
    found = _find(command)
    if found is None and os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        # Another worker of the run may be installing as well.
        apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
        for words in (["update"], ["install", "-y", "--no-install-recommends", package]):
            subprocess.run([*apt, *words], check=False, env=environment, capture_output=True)
        found = _find(command)
    assert found is not None, f"this test needs {command}: install {package}"
    return found


def _find(command: str) -> str | None:
    # Where Debian keeps what is for administrators, and where a user's PATH does not lead.
    return shutil.which(command) or shutil.which(command, path="/usr/sbin:/usr/local/sbin:/sbin")
