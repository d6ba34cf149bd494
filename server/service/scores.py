"""The sheets of a session: each evaluator's own, put whole, while it runs and after its end; read by the school."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from server.domain.case import Case
from server.domain.outcomes import Forbidden, InvalidFields, NotFound, VersionMismatch
from server.domain.people import Trainer
from server.domain.scores import ScoreDraft, Scores, ScoreSheet, SheetResult, judge_sheet, result_of, scores_of
from server.domain.session import Session
from server.ports.scores import ScoreStore
from server.service.cases import Cases
from server.service.sessions import Sessions


class ScoreSheets:
    def __init__(self, store: ScoreStore, sessions: Sessions, cases: Cases) -> None:
        self._store = store
        self._sessions = sessions
        self._cases = cases

    async def put(
        self, trainer: Trainer, session_id: UUID, draft: ScoreDraft, expected_version: int | None, now: datetime
    ) -> tuple[ScoreSheet, SheetResult] | NotFound | Forbidden | InvalidFields | VersionMismatch:
        session = await self._sessions.find(trainer, session_id)
        if not isinstance(session, Session):
            return session
        case = await self._case_of(session)
        sheet = judge_sheet(session, case, trainer, draft, now)
        if not isinstance(sheet, ScoreSheet):
            return sheet
        stored = await self._store.put_sheet(sheet, expected_version)
        return (stored, result_of(case, stored)) if isinstance(stored, ScoreSheet) else stored

    async def list(self, trainer: Trainer, session_id: UUID) -> Scores | NotFound | Forbidden:
        session = await self._sessions.find(trainer, session_id)
        return await self.of(session) if isinstance(session, Session) else session

    async def of(self, session: Session) -> Scores:
        """For a debrief whose reader was judged already."""
        return scores_of(await self._case_of(session), await self._store.list_sheets(session.id))

    async def _case_of(self, session: Session) -> Case | None:
        return None if session.template_id is None else await self._cases.find(session.id)
