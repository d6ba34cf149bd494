"""Names of the library's rooms. The same in both namespaces, which do not mix."""

from __future__ import annotations

from uuid import UUID


def session_room(session_id: UUID | str) -> str:
    return f"session:{session_id}"
