"""The wheel's own build makes the screens, so that an installed package has its pages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ScreensBuildHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable" or self.target_name != "wheel":
            return
        npm = [sys.executable, str(Path(self.root) / "web" / "npm.py")]
        subprocess.run([*npm, "ci"], check=True)
        subprocess.run([*npm, "run", "build"], check=True)
