"""What stands in which folder of the server, as far as a file by itself can say."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SQL = re.compile(r"\b(SELECT\b.+|INSERT INTO|UPDATE \w+.*\bSET|DELETE FROM|SHOW \w+)\b", re.DOTALL)


def _files(folder: str) -> list[Path]:
    return sorted((ROOT / "server" / folder).rglob("*.py"))


def _texts(path: Path) -> str:
    module = ast.parse(path.read_text(encoding="utf-8"))
    return "\n".join(
        node.value for node in ast.walk(module) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _imports(path: Path) -> set[str]:
    module = ast.parse(path.read_text(encoding="utf-8"))
    named = {alias.name for node in ast.walk(module) if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module or "" for node in ast.walk(module) if isinstance(node, ast.ImportFrom)}
    return {name.split(".")[0] for name in named}


@pytest.mark.parametrize("path", _files("storage/postgres"), ids=lambda path: path.name)
def test_a_file_of_the_postgres_storage_has_sql_or_columns_or_speaks_to_the_driver(path: Path) -> None:
    """What needs none of them has nothing to do with PostgreSQL, and stands elsewhere."""
    assert SQL.search(_texts(path)) or "asyncpg" in _imports(path) or _names_columns(path)


def _names_columns(path: Path) -> bool:
    """Of its tables: by the lists that the statements are made of, which no other storage has."""
    return any(name.endswith("_COLUMNS") for name in _names_imported(path))


def _names_imported(path: Path) -> set[str]:
    module = ast.parse(path.read_text(encoding="utf-8"))
    return {alias.name for node in ast.walk(module) if isinstance(node, ast.ImportFrom) for alias in node.names}


@pytest.mark.parametrize("path", _files("live"), ids=lambda path: path.name)
def test_a_file_of_the_live_state_knows_neither_sql_nor_sockets(path: Path) -> None:
    assert not SQL.search(_texts(path))
    assert not _imports(path) & {"asyncpg", "socketio", "engineio", "uvicorn", "redis", "orjson", "pydantic"}
