"""The page «When it does not start» has the sentences that the code says, and no others."""

from __future__ import annotations

import ast
import errno
import functools
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.config import VARIABLES
from tests.docs.test_docs import ROOT, read, rows, section

PAGE = section(read(ROOT / "docs" / "deploy.md"), "When it does not start")
# Of a sentence so much stands in the code as it is; the rest are names and numbers that the page makes up.
SHARE = 0.5


def sentences() -> Iterator[str]:
    for cell, *_ in rows(PAGE):
        if cell != "it says" and not cell.startswith("---"):
            yield from re.findall(r"`([^`\n]{8,})`", cell) or [cell]


def texts(file: Path) -> Iterator[list[str]]:
    """Each text of the code, in the pieces between what is filled in."""
    for node in ast.walk(ast.parse(read(file))):
        if isinstance(node, ast.JoinedStr):
            yield [str(part.value) for part in node.values if isinstance(part, ast.Constant)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield [node.value]


@functools.cache
def code() -> list[list[str]]:
    return [
        [os.strerror(errno.EADDRINUSE)],
        *(text for file in (ROOT / "server").rglob("*.py") for text in texts(file)),
    ]


def covered(fragment: str, pieces: list[str]) -> float:
    """The share of a fragment that stands in one text."""
    if any(fragment in piece for piece in pieces):
        return 1.0
    trimmed = {piece.strip() for piece in pieces if len(piece.strip()) >= 4}
    return sum(len(piece) for piece in trimmed if piece in fragment) / len(fragment)


def is_said(sentence: str) -> bool:
    # What a text begins with is filled in: a variable, or the file.
    sentence = re.sub(rf"^({'|'.join(VARIABLES)}|[.]env) ", "", sentence)
    fragments = [part for part in (each.strip() for each in sentence.split("…")) if len(part) >= 8]
    return bool(fragments) and all(max(covered(part, text) for text in code()) >= SHARE for part in fragments)


def test_what_nobody_says_would_be_found() -> None:
    assert len(list(sentences())) > 30
    assert not is_said("The embedded PostgreSQL has lost its way")
    assert not is_said("The database … cannot be found anywhere")


@pytest.mark.parametrize("sentence", list(sentences()))
def test_it_is_said(sentence: str) -> None:
    assert is_said(sentence)
