"""The commands of a page of the documentation, to be run as they are written there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from tests.support.scenario import PROJECT, scrubbed_environment

# A machine that does several things at once.
_PATIENCE_SECONDS = 180


def commands_in(page: str, section: str) -> Sequence[str]:
    """Its blocks of shell commands, in order."""
    text = (PROJECT / "docs" / page).read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found is not None, f"docs/{page} has no section {section!r}"
    return re.findall(r"^```sh\n(.*?)^```", found[1], re.DOTALL | re.MULTILINE)


def run_block(block: str, folder: Path, **variables: str) -> str:
    """What it prints; each line of it has to go well."""
    environment = scrubbed_environment(variables)
    if (folder / "server").is_dir():
        # A checkout of its own runs its own code.
        del environment["PYTHONPATH"]
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def fresh_checkout(folder: Path) -> None:
    """What git has of this one, as it is now; `make setup` finds everything in place, and needs no network."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=PROJECT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (PROJECT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, folder / name)
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, words in (("python", '"$@"'), ("shiller", '-m server "$@"')):
        (programs / name).write_text(f"#!/bin/sh\nexec {quote(sys.executable)} {words}\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    (folder / ".venv" / ".ready").touch()
