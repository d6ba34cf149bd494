"""The wheel's own build makes what is not committed: the screens, and the classes of the gRPC messages.

    python hatch_build.py

makes the latter alone, for a checkout.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
PROTO = "server/transport/rpc/shiller.proto"


class BuildHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable" or self.target_name != "wheel":
            return
        npm = [sys.executable, str(Path(self.root) / "web" / "npm.py")]
        subprocess.run([*npm, "ci"], check=True)
        subprocess.run([*npm, "run", "build"], check=True)
        build_stubs()


def build_stubs() -> None:
    """Beside the .proto. The paths begin at the root, so that what is imported from each other is named from there."""
    outputs = ("--python_out=.", "--mypy_out=quiet:.", "--grpc_python_out=.", "--mypy_grpc_out=quiet:.")
    command = [sys.executable, "-m", "grpc_tools.protoc", "--proto_path=.", *outputs, PROTO]
    # Two of them are programs that came with mypy-protobuf, and that protoc looks for.
    path = os.pathsep.join((sysconfig.get_path("scripts"), os.environ["PATH"]))
    subprocess.run(command, cwd=ROOT, env={**os.environ, "PATH": path}, check=True)


if __name__ == "__main__":
    build_stubs()
