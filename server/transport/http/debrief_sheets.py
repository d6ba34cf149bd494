"""What people said of a session in its debrief: their scores, and the trainees' own words."""

from __future__ import annotations

from typing import Any

from server.domain.session import Session
from server.transport.http.endpoint import Call
from server.transport.wire.debrief_shapes import ScoresAnswer


async def scores_of(call: Call, session: Session) -> ScoresAnswer:
    return {"sheets": [], "differences": []}


async def reflections_of(call: Call, session: Session) -> list[dict[str, Any]]:
    return []
