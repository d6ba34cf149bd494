"""Score sheets in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from server.domain.outcomes import VersionMismatch
from server.domain.scores import ScoreSheet, judge_replacement
from server.storage.memory.tables import Tables


class MemoryScores:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def put_sheet(self, sheet: ScoreSheet, expected_version: int | None) -> ScoreSheet | VersionMismatch:
        await asyncio.sleep(0)
        place = (sheet.session_id, sheet.by.id)
        outcome = judge_replacement(self._tables.score_sheets.get(place), sheet, expected_version)
        if isinstance(outcome, ScoreSheet):
            self._tables.score_sheets[place] = outcome
        return outcome

    async def list_sheets(self, session_id: UUID) -> Sequence[ScoreSheet]:
        await asyncio.sleep(0)
        sheets = [sheet for sheet in self._tables.score_sheets.values() if sheet.session_id == session_id]
        return sorted(sheets, key=lambda sheet: (sheet.created_at, str(sheet.by.id)))
