"""Names of the library's rooms. The same in both namespaces, which do not mix."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

# One text for all, for each connection keeps the names of its rooms.


@lru_cache(maxsize=4096)
def school_room(school_id: UUID) -> str:
    """Of its trainers."""
    return f"school:{school_id}"


@lru_cache(maxsize=4096)
def session_room(session_id: UUID | str) -> str:
    return f"session:{session_id}"
