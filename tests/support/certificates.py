"""A certificate for 127.0.0.1, made as docs/deploy.md says."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.programs import openssl


@dataclass(frozen=True)
class Certificate:
    path: Path
    key_path: Path


def make_certificate(folder: Path) -> Certificate:
    made = Certificate(folder / "fullchain.pem", folder / "privkey.pem")
    subprocess.run(
        [
            openssl(), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-keyout", str(made.key_path), "-out", str(made.path),
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return made
