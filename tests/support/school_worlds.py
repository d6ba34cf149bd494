"""Schools in which all sorts of things have happened, for tests in which they move."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

from server.domain.annotations import Annotation
from server.domain.audit import AuditEntry, Subject, author_of
from server.domain.case import ChecklistItem, Step, Target
from server.domain.debrief.moment_edits import MomentChange, MomentEdit
from server.domain.debrief.moments import MOMENT_KINDS
from server.domain.devices import Device, DeviceRevocation, EditConflict, ServerData
from server.domain.events import (
    ActionTaken,
    AutomationSwitched,
    CasePaused,
    CaseResumed,
    CaseStarted,
    Event,
    EventDraft,
    Fact,
    NoteAdded,
    VitalsPushed,
)
from server.domain.people import School, Trainer, TrainerChange
from server.domain.record import Recorded, record
from server.domain.reflections import ReflectionChange, first_reflection
from server.domain.scores import ScoreDraft, ScoreSheet, judge_sheet
from server.domain.session import ForkedFrom, Seat, Session, SessionChange
from server.domain.template import Template
from server.domain.timestamps import write_timestamp
from server.domain.vitals import VitalsPatch
from server.ports.results import Added
from server.ports.storage import Storage
from server.storage.memory import MemoryStorage
from tests.support.making import (
    BY,
    NOW,
    a_content,
    a_push,
    a_school,
    a_seat,
    a_session,
    a_span,
    a_template,
    a_trainer,
    an_annotation,
    author,
)

# bcrypt of «demo-shiller», of the least cost.
HASH = "$2b$04$" + "N9qo8uLOickgx2ZMRZoMye" + "IjZAgcfl7p92ldGxad68LJZdL17lhWy"[:31]
NAMES = ("Ada", "Grâce", "Zoë 🚑", "O'Neill", 'Quote "Q"')


@dataclass
class SchoolWorld:
    storage: Storage
    random: Random
    school: School = field(default_factory=a_school)
    now: datetime = NOW
    trainers: list[Trainer] = field(default_factory=list[Trainer])
    templates: list[Template] = field(default_factory=list[Template])
    sessions: list[UUID] = field(default_factory=list[UUID])
    seats: list[Seat] = field(default_factory=list[Seat])

    @property
    def admin(self) -> Trainer:
        return self.trainers[0]

    async def open(self) -> None:
        self.school = await self.storage.accounts.add_school(a_school(self.random.choice(NAMES)))
        await self.add_trainer("admin")

    async def live(self, steps: int) -> None:
        doings: Sequence[Callable[[], Awaitable[object]]] = (
            self.add_trainer, self.change_trainer, self.delete_trainer, self.add_template, self.change_template,
            self.delete_template, self.open_session, self.open_session, self.change_session, self.take_controls,
            self.sit_down, self.stand_up, self.annotate, self.unannotate, self.edit_moment, self.score, self.reflect,
            self.end_session, self.see_device, *[self.record] * 12,
        )  # fmt: skip
        for _ in range(steps):
            self.now += timedelta(milliseconds=self.random.choice((0, 1, 700, 31_000, 400_000)))
            await self.random.choice(doings)()

    async def add_trainer(self, role: Any = None) -> None:
        chosen = role or self.random.choice(("admin", "trainer", "observer"))
        trainer = a_trainer(
            self.school, chosen, name=self.random.choice(NAMES), created_at=self.now, updated_at=self.now
        )
        assert await self.storage.accounts.add_trainer(trainer, HASH, BY) == Added(trainer)
        self.trainers.append(trainer)

    async def change_trainer(self) -> None:
        trainer = self.random.choice(self.trainers)
        change = TrainerChange(name=self.random.choice(NAMES))
        await self.storage.accounts.change_trainer(self.school.id, trainer.id, change, None, BY, self.now)

    async def delete_trainer(self) -> None:
        if len(self.trainers) > 3:
            await self.storage.accounts.delete_trainer(self.school.id, self.trainers[-1].id, None, BY, self.now)

    async def add_template(self) -> None:
        template = a_template(self.school, content=self._content(), created_at=self.now, updated_at=self.now)
        assert await self.storage.templates.add_template(template, BY) == Added(template)
        self.templates.append(template)

    async def change_template(self) -> None:
        if self.templates:
            template_id = self.random.choice(self.templates).id
            await self.storage.templates.change_template(
                self.school.id, template_id, self._content(), None, BY, self.now
            )

    async def delete_template(self) -> None:
        if self.templates:
            template_id = self.random.choice(self.templates).id
            await self.storage.templates.delete_template(self.school.id, template_id, None, BY, self.now)

    def _content(self) -> Any:
        step = Step("worse", "Worse", VitalsPatch({"heart_rate": 130, "temperature": 39.5}, ramp_seconds=2.5), 60, "n")
        rhythm = Step("arrest", "Arrest", VitalsPatch(rhythm="asystole", flags={"pulseless": True, "cpr": None}))
        return a_content(
            self.random.choice(("Sepsis", "Choc septique", "Anaphylaxis")),
            start=VitalsPatch({"systolic": 90, "diastolic": 50}, flags={"haemorrhage": True}),
            steps=(step, rhythm)[: self.random.randrange(3)],
            checklist=(ChecklistItem("item_1", "Called for help", True, "help", 60, "start"),),
            targets=(Target("adrenaline", 180, "arrest"),),
            language=self.random.choice((None, "fr")),
            duration_minutes=self.random.choice((None, 30)),
        )

    async def open_session(self) -> None:
        trainer = self.random.choice(self.trainers)
        template = self.random.choice([None, *self.templates])
        session = a_session(
            trainer,
            template_id=None if template is None else template.id,
            created_at=self.now,
            updated_at=self.now,
            expires_at=self.now + timedelta(hours=self.random.choice((1, 300))),
            public_title=self.random.choice(("", "A case")),
            forked_from=self.random.choice((None, ForkedFrom(uuid4(), 3), ForkedFrom(uuid4(), 4, moves_trainees=True))),
        )
        first: Event | None = None
        if self.random.random() < 0.7:
            draft = replace(a_push(trainer, VitalsPatch({"spo2": 91})), by=author_of(trainer))
            recorded = record(session, draft, self.now)
            assert isinstance(recorded, Recorded)
            session, first = recorded.session, recorded.event
        case = None if template is None else template.case()
        assert await self.storage.sessions.add_session(session, first, BY, case) == Added(session)
        self.sessions.append(session.id)

    async def _session(self) -> Session | None:
        if not self.sessions:
            return None
        return await self.storage.sessions.find_session(self.random.choice(self.sessions))

    async def record(self) -> None:
        if session := await self._session():
            actor = self._actor(session)
            draft = EventDraft(uuid4(), author(actor), self._fact(), self.random.choice((None, self.now, NOW)))
            if isinstance(actor, Seat):
                draft = replace(draft, fact=ActionTaken("nibp_start", {}))
            await self.storage.sessions.append_event(session.id, actor, draft, self.now)

    def _actor(self, session: Session) -> Trainer | Seat:
        seats = [seat for seat in self.seats if seat.session_id == session.id]
        return self.random.choice([self.admin, *seats])

    def _fact(self) -> Fact:
        signs = {"heart_rate": self.random.randrange(300), "temperature": self.random.randrange(250, 430) / 10}
        flags = {self.random.choice(("cpr", "pulseless", "zz", "a")): self.random.choice((True, False, "x", None))}
        return self.random.choice(
            (
                VitalsPushed(VitalsPatch(signs, ramp_seconds=self.random.choice((0, 60, 2.5, 0.001)))),
                VitalsPushed(VitalsPatch({"systolic": 90, "diastolic": 60}, rhythm="stemi", flags=flags)),
                VitalsPushed(VitalsPatch(flags=flags), "worse"),
                NoteAdded("Une note,\n«é» 🚑", None),
                NoteAdded(None, "adrenaline"),
                ActionTaken("marker", {"b": [1, 2.5, {"z": None, "a": 1e300}], "aa": -0.0, "n": 10**30}),
                ActionTaken("nibp_cycle", {"minutes": 2.5}),
                ActionTaken("nibp_stat", {}),
                CaseStarted(),
                CasePaused(),
                CaseResumed(),
                AutomationSwitched(False),
            )
        )

    async def change_session(self) -> None:
        if session := await self._session():
            limits = {"spo2": {"low": self.random.choice((80, 85)), "high": None}}
            change = SessionChange(title=self.random.choice(NAMES), shows_conditions=True, limits=limits)
            await self.storage.sessions.change_session(session.id, self.admin, change, None, self.now)

    async def take_controls(self) -> None:
        if session := await self._session():
            trainer = self.random.choice(self.trainers)
            await self.storage.sessions.take_controls(session.id, trainer, uuid4(), self.now)

    async def sit_down(self) -> None:
        if session := await self._session():
            seat = a_seat(session, self.random.choice(NAMES), self.now)
            await self.storage.sessions.add_seat(seat, secrets.token_bytes(32))
            left = self.random.choice((None, self.now + timedelta(seconds=30)))
            await self.storage.attendance.put_spans([a_span(seat, self.now, left)], self.now)
            self.seats.append(seat)

    async def stand_up(self) -> None:
        if self.seats:
            seat = self.random.choice(self.seats)
            await self.storage.sessions.remove_seat(seat.session_id, seat.id, self.now)

    async def annotate(self) -> None:
        if session := await self._session():
            made = an_annotation(session, self.random.choice(self.trainers), "Early", at=self.now)
            made = replace(made, created_at=self.now, updated_at=self.now)
            await self.storage.annotations.add_annotation(made)
            if self.random.random() < 0.3:
                await self.storage.annotations.delete_annotation(session, made.id, self.admin, None, self.now)

    async def unannotate(self) -> None:
        if session := await self._session():
            page = await self.storage.annotations.list_annotations(session.id, 1, None)
            for each in page.items:
                assert isinstance(each, Annotation)
                await self.storage.annotations.delete_annotation(session, each.id, self.admin, None, self.now)

    async def edit_moment(self) -> None:
        if session := await self._session():
            kind = self.random.choice(MOMENT_KINDS)
            fresh = MomentEdit(session.id, self.school.id, self.random.randrange(3), kind, False, None, self.now)
            title = self.random.choice((None, "Seen", ""))
            change = MomentChange(self.random.choice((None, True)), title)
            await self.storage.moments.change_moment(fresh, change, self.now)

    async def score(self) -> None:
        if session := await self._session():
            case = await self.storage.sessions.find_case(session.id)
            keys = [] if case is None else [item.key for item in case.checklist]
            at = self.random.choice((None, write_timestamp(self.now)))
            items = {key: {"score": self.random.choice((0, 1, 2, "na")), "at": at, "comment": "Seen"} for key in keys}
            by = self.random.choice(self.trainers)
            sheet = judge_sheet(session, case, by, ScoreDraft(items, self.random.choice(("", "Calm 🚑"))), self.now)
            if isinstance(sheet, ScoreSheet):
                await self.storage.scores.put_sheet(sheet, None)

    async def reflect(self) -> None:
        if self.seats:
            seat = self.random.choice(self.seats)
            session = await self.storage.sessions.find_session(seat.session_id)
            assert session is not None
            case = await self.storage.sessions.find_case(session.id)
            keys = [] if case is None else [item.key for item in case.checklist]
            scores: dict[str, object] = {key: self.random.choice((0, 1, 2, "na")) for key in keys}
            change = ReflectionChange(self.random.choice(("", "I was slow")), scores, self.random.choice((True, False)))
            first = first_reflection(session, seat, str(seat.id), uuid4())
            await self.storage.reflections.change_reflection(first, seat, case, change)

    async def end_session(self) -> None:
        if self.random.random() < 0.5:
            await self.storage.sessions.expire_due(self.now, 2)
        elif session := await self._session():
            await self.storage.sessions.end_session(session.id, self.admin, uuid4(), self.now)
            entry = AuditEntry(uuid4(), self.school.id, self.now, author_of(self.admin), "exported",
                               Subject("session", session.id), {"format": "csv"})  # fmt: skip
            await self.storage.audit.add_entry(entry)

    async def see_device(self) -> None:
        trainer = self.random.choice(self.trainers)
        device = Device(self.school.id, f"tablet/{trainer.id}", trainer.id, self.now)
        await self.storage.sync.see_device(device, None)
        if self.random.random() < 0.3:
            revocation = DeviceRevocation(self.now, author_of(self.admin))
            await self.storage.sync.revoke_device(self.school.id, device.client_id, revocation, revocation.by, self.now)


def a_conflict(world: SchoolWorld) -> EditConflict:
    return EditConflict(
        id=uuid4(),
        school_id=world.school.id,
        client_id="tablet",
        trainer_id=world.admin.id,
        event_id=uuid4(),
        entity_type="TEMPLATE",
        entity_id=uuid4(),
        reason="changed_since",
        local_payload={"title": "Sepsis", "description": "é"},
        data=ServerData(7, False, {"title": "Septic shock"}, NOW, author_of(world.admin)),
        created_at=NOW,
        local_fields=frozenset({"title", "description"}),
    )


async def a_world(seed: int, steps: int = 60, storage: Storage | None = None) -> SchoolWorld:
    world = SchoolWorld(storage or MemoryStorage(), Random(seed))
    await world.open()
    await world.live(steps)
    return world
