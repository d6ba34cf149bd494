"""Names of the library's rooms. The same in both namespaces, which do not mix."""

from __future__ import annotations

from uuid import UUID


def school_room(school_id: UUID) -> str:
    """Of its trainers."""
    return f"school:{school_id}"


def session_room(session_id: UUID | str) -> str:
    return f"session:{session_id}"
