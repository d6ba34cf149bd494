"""A storage: the stores of one process on the same data."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from server.ports.annotations import AnnotationStore
from server.ports.assignments import AssignmentStore
from server.ports.attendance import AttendanceStore
from server.ports.audit import AuditStore
from server.ports.comparison import ComparisonStore
from server.ports.halls import HallStore
from server.ports.invitations import InvitationStore
from server.ports.keeping import KeepingStore
from server.ports.keys import KeyStore
from server.ports.moments import MomentStore
from server.ports.moving import MovingStore
from server.ports.people import AccountStore
from server.ports.reflections import ReflectionStore
from server.ports.scores import ScoreStore
from server.ports.sessions import SessionStore
from server.ports.shares import ShareStore
from server.ports.sync import SyncStore
from server.ports.templates import TemplateStore
from server.ports.upstream import UpstreamStore


class Storage(Protocol):
    @property
    def accounts(self) -> AccountStore: ...

    @property
    def sessions(self) -> SessionStore: ...

    @property
    def templates(self) -> TemplateStore: ...

    @property
    def assignments(self) -> AssignmentStore: ...

    @property
    def annotations(self) -> AnnotationStore: ...

    @property
    def moments(self) -> MomentStore: ...

    @property
    def scores(self) -> ScoreStore: ...

    @property
    def reflections(self) -> ReflectionStore: ...

    @property
    def shares(self) -> ShareStore: ...

    @property
    def attendance(self) -> AttendanceStore: ...

    @property
    def comparison(self) -> ComparisonStore: ...

    @property
    def audit(self) -> AuditStore: ...

    @property
    def sync(self) -> SyncStore: ...

    @property
    def halls(self) -> HallStore: ...

    @property
    def invitations(self) -> InvitationStore: ...

    @property
    def keeping(self) -> KeepingStore: ...

    @property
    def keys(self) -> KeyStore: ...

    @property
    def moving(self) -> MovingStore: ...

    @property
    def upstream(self) -> UpstreamStore | None:
        """None where nothing is kept."""
        ...

    @property
    def waiting_events(self) -> int:
        """How many events wait to be stored at this moment."""
        ...

    def hear(self, session_id: UUID, seq: int | None, pushed: str) -> None:
        """What another process has told of a session: the text of `vitals:pushed`, with the seq of what is stored.
        It is gone by while the storage is late or away, and nothing is written on its word.
        """
        ...

    async def ping(self) -> None:
        """Returns if the storage answers, and takes what is to be stored; else raises StorageUnavailable."""
        ...

    async def close(self) -> None:
        """Let running work end, then let go of everything. No method may be called afterwards."""
        ...
