"""The folder in which a command is run picks no database by the way: what is not there is looked for, and not made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from server.cli import main
from server.config import VARIABLES

COMMANDS: Sequence[Sequence[str]] = [
    ("trainer", "add", "chief@example.org", "--name", "Chief", "--school", "School"),
    ("trainer", "list"),
    ("trainer", "passwd", "chief@example.org"),
    ("seed",),
    ("migrate", "up"),
    ("migrate", "status"),
    ("migrate", "down", "--yes"),
    ("session", "list"),
    ("session", "close", "K7MPQ2"),
    ("session", "export", "K7MPQ2"),
    ("expire",),
    ("hall", "list"),
    ("hall", "add", "Hall", "--all"),
    ("hall", "revoke", "Hall"),
    ("sync", "restored"),
    ("backup", "whole.backup"),
]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (*VARIABLES, "PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_it_says_where_it_looked(command: Sequence[str], tmp_path: Path) -> None:
    ran = CliRunner().invoke(main, list(command))
    assert ran.exit_code == 1, ran.output
    assert f"There is no database in {tmp_path / '.data'}" in ran.output
    assert "DATA_DIR" in ran.output
    assert not list(tmp_path.iterdir())


def test_the_doctor_makes_none_either(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(data_dir.parent)
    monkeypatch.setenv("PORT", "0")
    ran = CliRunner().invoke(main, ["doctor"])
    assert f"the first start makes one in {data_dir.parent / '.data'}" in ran.output
    assert not list(data_dir.parent.iterdir())


def test_a_database_that_cannot_be_reached_is_a_sentence_that_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:top@secret#word@127.0.0.1:9/shiller")
    for command in (("trainer", "list"), ("migrate", "up"), ("backup", "x"), ("restore", __file__)):
        ran = CliRunner().invoke(main, list(command))
        assert isinstance(ran.exception, SystemExit), ran.exception
        assert "127.0.0.1:9/shiller" in ran.output
        assert "secret" not in ran.output
        assert "word" not in ran.output
