"""docs/backup.md, followed to the letter in fresh checkouts, with a device that was not told of anything."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.docs.test_device_clients import Example
from tests.support.folders import passable_folder
from tests.support.pages import commands_in, fresh_checkout, run_block
from tests.support.patience import PATIENCE_SECONDS
from tests.support.scenario import (
    DEMO_EMAIL,
    DEMO_PASSWORD,
    START_PATIENCE_SECONDS,
    ServerProcess,
    end_database_left_in,
    errors_in,
    scrubbed_environment,
)

PAGE = "backup.md"


@contextmanager
def _served(block: str, checkout: Path) -> Generator[ServerProcess]:
    """The server that a block of the page starts, on any free port."""
    server = ServerProcess(checkout, {})
    environment = scrubbed_environment({"PORT": "0"})
    del environment["PYTHONPATH"]
    with server.stdout_path.open("wb") as out, server.stderr_path.open("wb") as err:
        words = ["bash", "-c", f"exec {block}"]
        server.process = subprocess.Popen(
            words, cwd=checkout, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err
        )
        try:
            server.wait_for_url()
            yield server
            assert not errors_in(server.log)
        finally:
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(START_PATIENCE_SECONDS)
            end_database_left_in(checkout / ".data")


async def test_the_page_brings_a_school_back_and_its_devices_notice(tmp_path: Path) -> None:
    (make,) = commands_in(PAGE, "Making one")
    drill, serve = commands_in(PAGE, "The drill")
    _, replace = commands_in(PAGE, "When it is needed")
    device = Example("device.py", tmp_path / "device")
    with passable_folder("page") as place:
        first, second = place / "shiller", place / "drill"
        fresh_checkout(first)
        with _served(serve, first) as server:
            kept = await device.titles(server.url, "new", "Example kept")
            assert "1 schools" in run_block(make, first)
            whole = await device.titles(server.url, "new", "Example lost")
            # Beside the one that runs, as the page says.
            fresh_checkout(second)
            listed = run_block(drill, second)
            assert DEMO_EMAIL in listed
        with _served(serve, second) as server:
            assert await Example("device.py", tmp_path / "stranger").titles(server.url) == kept
            login = {"email": DEMO_EMAIL, "password": DEMO_PASSWORD}
            answer = httpx.post(
                f"{server.url}/api/v1/auth/login", json=login, trust_env=False, timeout=PATIENCE_SECONDS
            )
            assert answer.status_code == 200
        assert "the data of before is in" in run_block(replace, first)
        with _served(serve, first) as server:
            assert await Example("device.py", tmp_path / "another").titles(server.url) == kept
            assert await device.titles(server.url) == whole
            assert await Example("device.py", tmp_path / "a third").titles(server.url) == whole
