"""The part of yoyo 9 that Shiller uses; the library has no types of its own."""

from typing import Any

def read_migrations(*sources: str) -> Any: ...
