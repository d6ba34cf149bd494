"""Backups of the embedded PostgreSQL and what comes back of them, whole or not at all, however a command ends."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

import psycopg
import pytest

from server.storage.backups.contents import read_contents
from server.storage.backups.tools import BackupRefused, tools_for
from server.storage.embedded import EmbeddedPostgres, newest_programs
from server.storage.embedded.cluster import stop_what_runs_in
from server.storage.migrations import known_migrations, migrate_down
from tests.support.folders import passable_folder
from tests.support.programs import postgres_program
from tests.support.rows import contents, fill
from tests.support.scenario import DEMO_EMAIL, PATIENCE_SECONDS, run_command, scrubbed_environment, serving

LATER = "later@demo.example"


@dataclass(frozen=True)
class Place:
    data_dir: Path
    file: Path
    """A backup, of before LATER was added to the data."""

    def run(self, *words: str, expects: int = 0) -> str:
        """What it printed; what it said, if it is to fail."""
        ran = run_command(*words, folder=self.file.parent, DATA_DIR=str(self.data_dir))
        assert ran.returncode == expects, ran.stdout + ran.stderr
        return ran.stderr if expects else ran.stdout

    def people(self) -> set[str]:
        return set(re.findall(r"\S+@\S+", self.run("trainer", "list")))

    def beside(self) -> set[str]:
        """What lies beside the data; the locks and the server's clock, which stay for good, apart."""
        return {each.name for each in self.data_dir.iterdir()} - {
            ".postgres.turn",
            ".postgres.users",
            ".postgres.server",
            "clock.json",
        }


@pytest.fixture(scope="module")
def made() -> Generator[Place]:
    with passable_folder("saved") as folder:
        place = Place(folder / "data", folder / "shiller.backup")
        EmbeddedPostgres.start(place.data_dir / "postgres").stop()
        place.run("seed")
        place.run("backup", str(place.file))
        place.run("trainer", "add", LATER, "--name", "Later", "--school", "Demo school", "--password", "a-password")
        yield place


@pytest.fixture
def place(made: Place, data_dir: Path, tmp_path: Path) -> Generator[Place]:
    subprocess.run(["cp", "-a", made.data_dir, data_dir], check=True)
    subprocess.run(["cp", "-a", made.file, tmp_path], check=True)
    yield Place(data_dir, tmp_path / made.file.name)
    for folder in data_dir.iterdir():
        if folder.is_dir():
            stop_what_runs_in(folder)


def test_a_backup_is_made_beside_a_server_and_a_restore_is_refused_there(place: Place, tmp_path: Path) -> None:
    new = tmp_path / "new.backup"
    draft = tmp_path / ".new.backup.new"
    draft.write_text("what a killed one has left", encoding="utf-8")
    with serving(tmp_path / "server", DATA_DIR=str(place.data_dir)):
        told: dict[str, Any] = json.loads(place.run("backup", str(new), "--json"))
        assert told["rows"]["trainers"] == 2
        assert told["bytes"] == new.stat().st_size
        assert stat.S_IMODE(new.stat().st_mode) == 0o600
        assert not draft.exists()
        assert "in use" in place.run("restore", "--yes", str(place.file), expects=1)
    assert place.people() == {DEMO_EMAIL, LATER}
    assert place.beside() == {"postgres"}


def test_what_comes_back_is_what_was_backed_up_and_the_rest_is_kept(place: Place) -> None:
    told: dict[str, Any] = json.loads(place.run("restore", "--yes", "--json", str(place.file)))
    assert place.people() == {DEMO_EMAIL}
    kept = Path(told["kept"])
    assert place.beside() == {"postgres", kept.name}
    # It is a database still: put back, it is what it was.
    (place.data_dir / "postgres").rename(place.data_dir / "restored")
    kept.rename(place.data_dir / "postgres")
    assert place.people() == {DEMO_EMAIL, LATER}


def test_it_comes_back_where_there_was_nothing(place: Place) -> None:
    elsewhere = Place(place.data_dir / "new" / "data", place.file)
    assert "no database" in elsewhere.run("backup", str(place.file.with_name("none")), expects=1)
    assert not elsewhere.data_dir.exists(), "a backup makes no database"
    assert "kept" not in elsewhere.run("restore", str(place.file))
    assert elsewhere.people() == {DEMO_EMAIL}
    stop_what_runs_in(elsewhere.data_dir / "postgres")


@pytest.mark.parametrize(("said", "people"), [("", {DEMO_EMAIL, LATER}), ("n\n", {DEMO_EMAIL, LATER})])
def test_it_asks_first(place: Place, said: str, people: set[str]) -> None:
    asked = _restoring(place)
    _, words = asked.communicate(said.encode(), PATIENCE_SECONDS)
    assert asked.returncode == 1
    assert b"Replace the data" in words
    assert place.beside() == {"postgres"}
    assert place.people() == people


def test_a_yes_is_taken(place: Place) -> None:
    asked = _restoring(place)
    asked.communicate(b"y\n", PATIENCE_SECONDS)
    assert asked.returncode == 0
    assert place.people() == {DEMO_EMAIL}


def test_a_file_that_is_cut_or_spoilt_is_refused_and_nothing_is_replaced(place: Place) -> None:
    whole = place.file.read_bytes()
    tools = newest_programs()
    assert read_contents(place.file, tools).rows["trainers"] == 1
    third = len(whole) // 3
    spoilt = [whole[:length] for length in (0, 10, third, 2 * third)]
    # Among the definitions, where PostgreSQL itself does not see it, and in the data.
    spoilt += [whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :] for at in (0, 1000, 5000, len(whole) - 200)]
    spoilt.append(b"-- a script of SQL\n")
    for content in spoilt:
        place.file.write_bytes(content)
        with pytest.raises(BackupRefused, match="no whole backup"):
            read_contents(place.file, tools)
    assert "no whole backup" in place.run("restore", "--yes", str(place.file), expects=1)
    assert place.beside() == {"postgres"}


def test_an_older_backup_is_brought_up_to_date_and_a_newer_one_refused(place: Place) -> None:
    embedded = EmbeddedPostgres.start(place.data_dir / "postgres")
    try:
        migrate_down(embedded.url)
        _dump(embedded.url, place.file)
        with psycopg.connect(embedded.url) as connection:
            connection.execute("INSERT INTO _yoyo_migration (migration_hash, migration_id) VALUES ('x', '9999_future')")
        newer = place.file.with_name("newer.backup")
        _dump(embedded.url, newer)
    finally:
        embedded.stop()
    refused = place.run("restore", "--yes", str(newer), expects=1)
    assert "newer Shiller" in refused
    assert "9999_future" in refused
    told = json.loads(place.run("restore", "--yes", "--json", str(place.file)))
    assert told["migrated"] == [known_migrations()[-1]]
    assert place.people() == {DEMO_EMAIL, LATER}


def test_every_table_comes_back_as_it_was(place: Place) -> None:
    place.run("migrate", "down", "--all", "--yes")
    before = _in_database(place, fill_first=True)
    place.run("backup", str(place.file))
    place.run("restore", "--yes", str(place.file))
    assert _in_database(place) == before


@pytest.mark.parametrize("step", ["comparing", "putting it in place"])
def test_a_restore_that_is_killed_leaves_the_old_or_the_new(place: Place, step: str) -> None:
    assert _signalled_at(place, step, signal.SIGKILL) == -signal.SIGKILL
    assert place.people() in ({DEMO_EMAIL}, {DEMO_EMAIL, LATER})
    place.run("restore", "--yes", str(place.file))
    assert place.people() == {DEMO_EMAIL}
    assert not {name for name in place.beside() if name.startswith(".")}


def test_a_power_cut_between_two_names_is_made_good_by_the_next_start(place: Place) -> None:
    (place.data_dir / "postgres").rename(place.data_dir / ".postgres.restored")
    assert place.people() == {DEMO_EMAIL, LATER}
    assert place.beside() == {"postgres"}


def test_a_restore_that_is_told_to_end_clears_up(place: Place) -> None:
    assert _signalled_at(place, "restoring", signal.SIGTERM) == 1
    assert place.beside() == {"postgres"}
    assert place.people() == {DEMO_EMAIL, LATER}


def test_a_backup_without_room_leaves_the_file_of_before(place: Place, tmp_path: Path) -> None:
    before = place.file.read_bytes()
    with serving(tmp_path / "server", DATA_DIR=str(place.data_dir)):
        # 8 blocks of the shell's 1024 bytes.
        words = ["bash", "-c", f"ulimit -f 8; exec {quote(sys.executable)} -m server backup {quote(str(place.file))}"]
        ran = subprocess.run(words, env=_environment(place), capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "was not written" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert place.file.read_bytes() == before
    assert {each.name for each in tmp_path.iterdir()} == {place.file.name, "server"}


def test_a_database_of_ones_own_is_backed_up_and_restored_into_an_empty_one(
    database_url: str, empty_database_url: str, tmp_path: Path
) -> None:
    fill(database_url)
    file = tmp_path / "shiller.backup"

    def run(*words: str, url: str) -> subprocess.CompletedProcess[str]:
        return run_command(*words, folder=tmp_path, DATABASE_URL=url)

    done = run("backup", str(file), url=database_url)
    assert done.returncode == 0, done.stderr
    nothing = run("backup", str(tmp_path / "none"), url=empty_database_url)
    assert nothing.returncode == 1
    assert "holds no database of Shiller" in nothing.stderr
    refused = run("restore", "--yes", str(file), url=database_url)
    assert refused.returncode == 1
    assert "not empty" in refused.stderr
    restored = run("restore", str(file), url=empty_database_url)
    assert restored.returncode == 0, restored.stderr
    assert contents(empty_database_url) == contents(database_url)
    assert [each.name for each in tmp_path.iterdir()] == [file.name]


def test_programs_of_another_version_are_not_used() -> None:
    with pytest.raises(BackupRefused, match=r"of PostgreSQL 9, as the server is; found: .*\d.*postgresql-client-9"):
        tools_for(9)
    assert os.access(tools_for(18) / "pg_restore", os.X_OK)


def test_memory_has_nothing_to_back_up(tmp_path: Path) -> None:
    for words in (("backup", "file"), ("restore", "--yes", "file")):
        ran = run_command(*words, folder=tmp_path, USE_IN_MEMORY="true")
        assert ran.returncode == 1
        assert "USE_IN_MEMORY" in ran.stderr or "There is no file" in ran.stderr
    assert list(tmp_path.iterdir()) == []


def _restoring(place: Place, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "server", "restore", *words, str(place.file)],
        env=_environment(place),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _signalled_at(place: Place, step: str, number: int) -> int:
    """How a restore ended that got a signal when it said that it is at a step."""
    with _restoring(place, "--yes") as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.decode().strip() == step:
                process.send_signal(number)
        return process.wait(PATIENCE_SECONDS)


def _environment(place: Place) -> dict[str, str]:
    return scrubbed_environment({"DATA_DIR": str(place.data_dir)})


def _dump(url: str, file: Path) -> None:
    words = [postgres_program("pg_dump"), "--format=custom", f"--file={file}", url]
    subprocess.run(words, check=True, capture_output=True)


def _in_database(place: Place, *, fill_first: bool = False) -> dict[str, list[dict[str, Any]]]:
    if fill_first:
        place.run("migrate", "up")
    embedded = EmbeddedPostgres.start(place.data_dir / "postgres")
    try:
        if fill_first:
            fill(embedded.url)
        return contents(embedded.url)
    finally:
        embedded.stop()
