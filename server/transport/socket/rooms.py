"""Names of the library's rooms. The same in both namespaces, which do not mix."""

from __future__ import annotations

import sys
from uuid import UUID


def school_room(school_id: UUID) -> str:
    """Of its trainers."""
    return sys.intern(f"school:{school_id}")


def session_room(session_id: UUID | str) -> str:
    # One text for all, for each connection keeps the names of its rooms.
    return sys.intern(f"session:{session_id}")
