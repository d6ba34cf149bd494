"""What is used of the libraries beyond what they promise stands in one file, and is looked for at the start."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import server
from server.engine import libraries
from server.engine.libraries import NAMES, PINS, LibraryMismatch, Pin, check_libraries
from tests.support.patience import START_PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
LIST = ROOT / "server" / "engine" / "libraries.py"
LIBRARIES = ("socketio", "engineio", "uvicorn")
# These mean something of ours, too, or of other libraries.
_AMBIGUOUS = {
    "close", "connected", "closed", "decode", "disconnect", "emit", "json", "logger", "receive", "send", "server",
    "sid", "shutdown", "startup", "started", "environ", "connections", "tasks", "queue", "reason", "rooms",
    "is_connected",
}  # fmt: skip


def _files() -> Iterator[tuple[Path, ast.Module]]:
    """Of the server; a storage has nothing of these libraries, and a list of its own."""
    for path in sorted((ROOT / "server").rglob("*.py")):
        # What is made of the .proto is generated.
        if path != LIST and "_pb2" not in path.name:
            module = ast.parse(path.read_text(encoding="utf-8"))
            if path.is_relative_to(ROOT / "server" / "storage"):
                assert not _imported(module) & set(LIBRARIES), path
            else:
                yield path, module


def _imported(module: ast.Module) -> set[str]:
    names = {alias.name for node in ast.walk(module) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(module) if isinstance(node, ast.ImportFrom)}
    return {name.split(".")[0] for name in names}


# Begin with an underscore, and are in Python's documentation all the same.
_DOCUMENTED = {"os._exit", "sys._current_frames"}


def _is_own(owner: ast.expr) -> bool:
    """`self`, `cls`, or what `super()` gives."""
    if isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name):
        return owner.func.id == "super"
    return isinstance(owner, ast.Name) and owner.id in ("self", "cls")


def test_no_other_file_uses_a_private_attribute_of_anything_else() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} .{node.attr}"
        for path, module in _files()
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        and not _is_own(node.value)
        and ast.unparse(node) not in _DOCUMENTED
    ]
    assert found == []


def test_no_other_file_uses_an_undocumented_name_of_a_server_or_a_connection() -> None:
    """By its attribute; what a class of ours overrides it may call, by `self` and `super()`."""
    owned = {part: names for part, names in NAMES["python-socketio"].items() if part in ("server", "client manager")}
    named = {name for names in owned.values() for name in names} - _AMBIGUOUS
    allowed = {"basic_close_room"}  # of FanOut, called by what tells through it
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} .{node.attr}"
        for path, module in _files()
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and node.attr in named - allowed and not _is_own(node.value)
    ]
    assert found == []


def test_no_class_of_ours_overrides_what_is_private_in_a_library() -> None:
    found: list[str] = []
    for about in pkgutil.walk_packages(server.__path__, "server."):
        if about.name == "server.__main__":
            continue
        module = importlib.import_module(about.name)
        for owner in vars(module).values():
            if isinstance(owner, type) and owner.__module__ == about.name:
                theirs = [base for base in owner.__mro__ if base.__module__.split(".")[0] in LIBRARIES]
                found += [
                    f"{owner.__qualname__}.{name} of {base.__qualname__}"
                    for name in vars(owner)
                    for base in theirs
                    if name.startswith("_") and not name.startswith("__") and name in vars(base)
                ]
    assert found == []


def test_the_pins_are_those_of_the_package() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert {str(pin) for pin in PINS} <= set(wanted)


def test_the_libraries_that_are_installed_are_known() -> None:
    check_libraries()


@pytest.mark.parametrize("pin", PINS, ids=lambda pin: pin.library)
def test_another_version_is_refused_with_what_to_install(pin: Pin) -> None:
    def installed(library: str) -> str:
        return f"{pin.below[0]}.{pin.below[1]}.0" if library == pin.library else version(library)

    with pytest.raises(LibraryMismatch) as refusal:
        check_libraries(installed)
    words = str(refusal.value)
    assert words.startswith(f"{pin.library} {pin.below[0]}.{pin.below[1]}.0 ")
    assert words.endswith(f"Install {pin}")
    assert "\n" not in words


def test_a_library_that_is_no_package_is_refused() -> None:
    def installed(library: str) -> str:
        raise PackageNotFoundError(library)

    with pytest.raises(LibraryMismatch, match="is not installed as a package"):
        check_libraries(installed)


@pytest.mark.parametrize(
    ("library", "part", "name"),
    [(library, part, name) for library, parts in NAMES.items() for part, names in parts.items() for name in names],
)
def test_a_name_that_is_gone_is_refused_by_name(library: str, part: str, name: str) -> None:
    def without() -> Iterator[Any]:
        for of_library, parts in NAMES.items():
            for of_part, names in parts.items():
                is_it = (of_library, of_part) == (library, part)
                yield SimpleNamespace(**{each: None for each in names if not (is_it and each == name)})

    with pytest.raises(LibraryMismatch) as refusal:
        check_libraries(look=without)
    assert str(refusal.value).startswith(f"{library} has no {name} in its {part}.")


def test_a_server_on_other_libraries_does_not_start_and_says_so_in_one_line(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from socketio.base_manager import BaseManager\n"
        "del BaseManager.get_participants\n"
        "from server.cli import main\n"
        "sys.argv = ['shiller', 'serve']\n"
        "main()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "USE_IN_MEMORY": "true", "PORT": "0"},
        capture_output=True,
        text=True,
        timeout=START_PATIENCE_SECONDS,
        check=False,
    )
    assert ended.returncode == 1
    (line,) = ended.stderr.strip().splitlines()
    assert "python-socketio has no get_participants in its client manager. Install python-socketio>=" in line
    assert ended.stdout == ""


def test_the_names_are_looked_for_in_the_order_in_which_they_stand() -> None:
    assert [pin.library for pin in PINS] == list(NAMES)
    assert len(list(libraries.owners_of_names())) == sum(map(len, NAMES.values()))
