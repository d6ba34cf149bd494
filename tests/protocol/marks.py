"""Where python-engineio, under python-socketio, does otherwise than the documents say; it matters to nobody but it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

import pytest

BY_LIBRARY = os.environ.get("PROTOCOL_LIBRARY") == "1"
T = TypeVar("T")


def library_differs(how: str) -> Callable[[T], T]:
    """`how`: what python-engineio does; not all cases of a test need to fail by it."""
    return pytest.mark.xfail(BY_LIBRARY, reason=f"python-engineio {how}", strict=False)
