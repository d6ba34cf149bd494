"""What every edit in a school leaves behind: the row's new place in the log, and who did it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from server.domain.audit import AuditEntry, Subject, SubjectType
from server.domain.devices import CallRecord, Device, EditConflict, LoggedEvent
from server.domain.sync import FieldWrite, LogEntry, version_at, written_after, written_at_first
from server.ports.sync import KnownOutcome


@dataclass
class SchoolLog:
    newest: int = 0
    rows: dict[tuple[SubjectType, UUID], LogEntry] = field(default_factory=dict[tuple[SubjectType, UUID], LogEntry])
    """In the order of their versions: what is edited goes to the end."""
    audit: list[AuditEntry] = field(default_factory=list[AuditEntry])
    devices: dict[str, Device] = field(default_factory=dict[str, Device])
    known: dict[UUID, KnownOutcome] = field(default_factory=dict[UUID, KnownOutcome])
    """The events of devices that were judged."""
    conflicts: dict[UUID, EditConflict] = field(default_factory=dict[UUID, EditConflict])
    calls: dict[UUID, CallRecord] = field(default_factory=dict[UUID, CallRecord])
    events_of_calls: dict[UUID, Sequence[LoggedEvent]] = field(default_factory=dict[UUID, Sequence[LoggedEvent]])
    answers_of_calls: dict[UUID, list[UUID]] = field(default_factory=dict[UUID, list[UUID]])
    """The events of `known` that were judged in each call; the others are repeats."""

    def edited(self, entry: AuditEntry, fields: Collection[str] | None = None) -> None:
        """`fields` are those that were written; None for the whole row."""
        self.stamp(entry.subject, fields, entry.at)
        self.audit.append(entry)

    def stamp(self, subject: Subject, fields: Collection[str] | None, now: datetime) -> None:
        """Without an audit entry: for what nobody did."""
        self.newest = max(self.newest + 1, version_at(now))
        write = FieldWrite(self.newest)
        key = (subject.type, subject.id)
        known = self.rows.pop(key, None)
        if known is None or fields is None:
            written = written_at_first(write)
        else:
            written = written_after(known.written, fields, write)
        first_version = self.newest if known is None else known.first_version
        self.rows[key] = LogEntry(self.newest, first_version, subject.type, subject.id, written)

    def put(self, entry: LogEntry) -> None:
        """The row's new place, at the end."""
        self.rows.pop((entry.type, entry.id), None)
        self.rows[(entry.type, entry.id)] = entry
