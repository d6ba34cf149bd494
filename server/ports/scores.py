"""Where the sheets of evaluators are kept, beside the record of their session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from server.domain.outcomes import VersionMismatch
from server.domain.scores import ScoreSheet


class ScoreStore(Protocol):
    async def put_sheet(self, sheet: ScoreSheet, expected_version: int | None) -> ScoreSheet | VersionMismatch:
        """`judge_replacement` of the sheet of the same evaluator, atomically."""
        ...

    async def list_sheets(self, session_id: UUID) -> Sequence[ScoreSheet]:
        """In the order in which they were begun."""
        ...
