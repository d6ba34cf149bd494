"""Container images are named by digests, and `make images` names the newest ones of the same tags."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILES = ("Dockerfile", "docker-compose.yml")
NEWEST = f"sha256:{'5' * 64}"


def _images(folder: Path) -> list[str]:
    """All that come from a registry."""
    dockerfile = (folder / "Dockerfile").read_text(encoding="utf-8")
    stages = re.findall(r"^FROM (\S+)(?: AS (\S+))?$", dockerfile, re.MULTILINE)
    copied = re.findall(r"^COPY --from=(\S+)", dockerfile, re.MULTILINE)
    services = yaml.safe_load((folder / "docker-compose.yml").read_text(encoding="utf-8"))["services"].values()
    own = {name for _, name in stages}
    return [
        *(image for image in (*(image for image, _ in stages), *copied) if image not in own),
        *(service["image"] for service in services if "build" not in service),
    ]


def test_every_image_is_named_by_its_digest() -> None:
    images = _images(ROOT)
    assert len(images) == 3
    for image in images:
        assert re.fullmatch(r"\w+:[\w.-]+@sha256:[0-9a-f]{64}", image), image


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def _renew(files: Path, answer: str) -> subprocess.CompletedProcess[str]:
    """With a program in docker's place that gives this answer: no registry can be asked here."""
    docker = files / "docker"
    docker.write_text(f'#!/bin/sh\necho "$*" >> asked\n{answer}\n', encoding="utf-8")
    docker.chmod(0o755)
    return subprocess.run(
        [sys.executable, ROOT / ".ci" / "images.py", *FILES],
        cwd=files,
        env={**os.environ, "PATH": f"{files}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_newest_ones_are_asked_for_by_their_tags_and_nothing_else_changes(files: Path) -> None:
    before = {name: (files / name).read_text(encoding="utf-8") for name in FILES}
    tags = {image.partition("@")[0] for image in _images(files)}
    done = _renew(files, f"echo {NEWEST}")
    assert done.returncode == 0, done.stderr
    asked = (files / "asked").read_text(encoding="utf-8").splitlines()
    assert {line.rpartition(" ")[2] for line in asked} == tags
    assert {image.partition("@") for image in _images(files)} == {(tag, "@", NEWEST) for tag in tags}
    for name, text in before.items():
        renewed = re.sub("sha256:[0-9a-f]{64}", NEWEST, text)
        assert (files / name).read_text(encoding="utf-8") == renewed


@pytest.mark.parametrize("answer", ["echo cannot >&2; exit 1", "echo sha256:short", "true"])
def test_without_an_answer_nothing_is_written(files: Path, answer: str) -> None:
    before = {name: (files / name).read_bytes() for name in FILES}
    assert _renew(files, answer).returncode != 0
    assert {name: (files / name).read_bytes() for name in FILES} == before
