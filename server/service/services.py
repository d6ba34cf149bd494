"""All services of one app, as the transports get them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from server.live.attendance import Attendance
from server.ports.storage import Storage
from server.service.accounts import Accounts
from server.service.annotations import Annotations
from server.service.assignments import Assignments
from server.service.case_control import CaseControl
from server.service.cases import Cases
from server.service.comparisons import Comparisons
from server.service.debrief import Debriefs
from server.service.first_admin import FirstAdmin
from server.service.forks import Forks
from server.service.halls import Halls
from server.service.invitations import Invitations
from server.service.notes import Notes
from server.service.reflections import Reflections
from server.service.revocation import Revocation
from server.service.school.audit import Audit
from server.service.school.export import SchoolExport
from server.service.school.keeping import Keeping
from server.service.school.told_months import ToldMonths
from server.service.scores import ScoreSheets
from server.service.seats import Seats
from server.service.sessions import Sessions
from server.service.shares import Shares
from server.service.sync.calls import DeviceCalls
from server.service.sync.conflicts import Conflicts
from server.service.sync.engine import Sync
from server.service.sync.halls import HallCalls
from server.service.sync.phones import Phones
from server.service.templates import Templates
from server.service.upstream import HallLink


@dataclass(frozen=True, slots=True)
class Services:
    accounts: Accounts
    invitations: Invitations
    first_admin: FirstAdmin
    sessions: Sessions
    forks: Forks
    cases: Cases
    case_control: CaseControl
    seats: Seats
    templates: Templates
    assignments: Assignments
    annotations: Annotations
    notes: Notes
    attendance: Attendance
    comparisons: Comparisons
    debrief: Debriefs
    score_sheets: ScoreSheets
    reflections: Reflections
    shares: Shares
    revocation: Revocation
    audit: Audit
    school_export: SchoolExport
    keeping: Keeping
    told_months: ToldMonths
    sync: Sync
    phones: Phones
    conflicts: Conflicts
    device_calls: DeviceCalls
    hall: HallLink | None
    """None at a server that is no hall."""
    halls: Halls
    hall_calls: HallCalls
    storage: Storage
    clock: Callable[[], datetime]
