"""What a hall server sends when it is in contact, and what it is told (docs/api.md, Hall servers)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from server.domain.devices import (
    Acknowledged,
    Beginning,
    Device,
    Entity,
    EntityType,
    EventOutcome,
    LoggedEvent,
    ServerData,
)
from server.domain.hall_beside import beside_type
from server.domain.hall_records import (
    PartRefused,
    PartTaken,
    RecordPart,
    outcomes_of,
    refuse_together,
)
from server.domain.halls import Hall, HallContact
from server.domain.judging import Rejected
from server.domain.outcomes import Forbidden, RateLimited, ResyncRequired
from server.domain.people import School, Trainer
from server.domain.permissions import ANOTHERS_DEVICE, device_revoked
from server.domain.reflections import Reflection
from server.domain.session import Session
from server.ports.broadcast import Publisher
from server.ports.halls import CopyKept, HallStore
from server.ports.people import AccountStore
from server.ports.slices import Slices, Turn
from server.ports.sync import Held, Judgement, Pull, Pulled, PulledRow, Synced, SyncStore
from server.service.cases import Cases
from server.service.sync.calls import pull_record, up_record
from server.service.sync.engine import Sync, UpOutcome, sync_call
from server.service.sync.epochs import refusal_of_client, scoped_epoch
from server.service.sync.events import (
    DeviceEdit,
    HallEvent,
    SentAnnotation,
    SentBeside,
    SentCopy,
    SentFact,
    UnreadableEvent,
    UnreadableFact,
)
from server.service.sync.judging import Judging, Show, answered, judge_all, logged
from server.service.sync.pages import Changes, came_to, deleted_before, page_of_changes

HALL_TYPES: tuple[EntityType, ...] = ("TRAINER", "TEMPLATE")


@dataclass(frozen=True, slots=True)
class Hello:
    """`sessions` are those of the asked ones that are here, `last_events` the ids of their newest events."""

    epoch: str
    school: School
    sessions: Mapping[UUID, Session]
    last_events: Mapping[UUID, UUID]


class HallCalls:
    def __init__(
        self,
        store: SyncStore,
        halls: HallStore,
        accounts: AccountStore,
        sync: Sync,
        publisher: Publisher,
        cases: Cases,
        default_life: timedelta,
    ) -> None:
        self._store = store
        self._halls = halls
        self._accounts = accounts
        self._sync = sync
        self._publisher = publisher
        self._cases = cases
        self._default_life = default_life

    async def hello(
        self, hall: Hall, contact: HallContact, session_ids: Collection[UUID], now: datetime
    ) -> Hello | Forbidden:
        if refusal := await self._see_client(hall, contact.client_id, now):
            return refusal
        await self._halls.see_hall(hall, contact, now)
        school = await self._accounts.find_school(hall.school_id)
        assert school is not None  # noqa: S101 - a hall belongs to one
        found = await self._halls.find_sessions(hall.school_id, session_ids)
        return Hello(await self._epoch(hall), school, found, await self._halls.last_event_ids(hall.school_id, found))

    async def up(
        self,
        hall: Hall,
        client_id: str,
        epoch: str | None,
        events: Sequence[HallEvent],
        show: Show,
        now: datetime,
        *,
        after: int = 0,
    ) -> UpOutcome | Forbidden | ResyncRequired | RateLimited:
        """Templates, then sessions, the events of each session together, and what is written beside them."""
        async with self._sync.under_way.one(hall.school_id) as refusal:
            if refusal is not None:
                return refusal
            present = await self._epoch(hall)
            if (epoch is not None and epoch != present) or await self._sync.was_never_given(hall.school_id, after):
                return ResyncRequired()
            if refused := await self._see_client(hall, client_id, now):
                return refused
            new = list({event.id: event for event in reversed(events)}.values())[::-1]
            call_id = uuid4()
            edited = await self._edit(hall, client_id, call_id, new, show, now)
            if isinstance(edited, Forbidden):
                return edited
            outcomes = dict(edited)
            outcomes |= await self._copy(hall, [each for each in new if isinstance(each, SentCopy)], show, now)
            facts = [each for each in new if isinstance(each, SentFact | UnreadableFact)]
            outcomes |= await self._record(hall, facts, now)
            outcomes |= await self._annotate(hall, [each for each in new if isinstance(each, SentAnnotation)])
            outcomes |= await self._put_beside(hall, [each for each in new if isinstance(each, SentBeside)])
            record = up_record(call_id, stand_in(hall), client_id, [outcomes[event.id] for event in events], now)
            told = [_logged(event, outcomes[event.id]) for event in new if _is_told(event, outcomes[event.id])]
            await self._store.add_call(record, (), told)
            return UpOutcome([outcomes[event.id] for event in events], present)

    async def _edit(
        self, hall: Hall, client_id: str, call_id: UUID, events: Sequence[HallEvent], show: Show, now: datetime
    ) -> Mapping[UUID, EventOutcome] | Forbidden:
        """Templates, judged as from any device."""
        edits = [each for each in events if isinstance(each, DeviceEdit | UnreadableEvent)]
        if not edits:
            return {}
        actor = stand_in(hall)

        async def judge(held: Held, turn: Turn) -> Judgement:
            judging = Judging.of(actor, client_id, self._default_life, held, show, now, hall.author)
            judgement = await judge_all(judging, edits, turn)
            record = up_record(call_id, actor, client_id, judgement.outcomes, now)
            return replace(judgement, call=record, logged=logged(edits, judgement.outcomes))

        call = replace(sync_call(actor, client_id, edits, now), trainer_id=None, hall_id=hall.id)
        synced = await self._store.take(call, judge)
        if not isinstance(synced, Synced):
            return refusal_of_client(synced)
        await self._sync.tell(synced)
        return dict(zip((edit.id for edit in edits), synced.judgement.outcomes, strict=True))

    async def _copy(self, hall: Hall, sent: Sequence[SentCopy], show: Show, now: datetime) -> dict[UUID, EventOutcome]:
        """Sessions as they are at the hall. Of one that was sent twice the last state counts."""
        last = {each.copy.session.id: each for each in sent}
        if not last:
            return {}
        kept = await self._halls.put_sessions(hall, [each.copy for each in last.values()], now)
        by_session = dict(zip(last, kept, strict=True))
        for each, outcome in zip(last.values(), kept, strict=True):
            if isinstance(outcome, CopyKept) and outcome.is_changed:
                if each.copy.case is not None:
                    self._cases.keep(outcome.session.id, each.copy.case)
                await self._publisher.session_updated(outcome.session)
        return {each.id: _copied(each, by_session[each.copy.session.id], show) for each in sent}

    async def _record(
        self, hall: Hall, facts: Sequence[SentFact | UnreadableFact], now: datetime
    ) -> dict[UUID, EventOutcome]:
        """Session by session; a refusal stops the one that it is about."""
        outcomes: dict[UUID, EventOutcome] = {}
        by_session: dict[UUID, list[SentFact | UnreadableFact]] = {}
        for fact in facts:
            by_session.setdefault(fact.session_id, []).append(fact)
        for session_id, those in by_session.items():
            judged = await self._record_one(hall, session_id, those, now)
            outcomes |= dict(zip((fact.id for fact in those), judged, strict=True))
        return outcomes

    async def _record_one(
        self, hall: Hall, session_id: UUID, facts: Sequence[SentFact | UnreadableFact], now: datetime
    ) -> Sequence[EventOutcome]:
        readable = [fact for fact in facts if isinstance(fact, SentFact)]
        if len(readable) < len(facts):
            place = next(place for place, fact in enumerate(facts) if isinstance(fact, UnreadableFact))
            unreadable = facts[place]
            assert isinstance(unreadable, UnreadableFact)  # noqa: S101 - that is how it was found
            return refuse_together(len(facts), PartRefused(place, unreadable.rejected))
        part = RecordPart(session_id, [fact.event for fact in readable], readable[-1].folded)
        judged = await self._halls.add_part(hall, part, now)
        if isinstance(judged, PartTaken):
            await self._tell(judged)
        return outcomes_of(part, judged)

    async def _annotate(self, hall: Hall, sent: Sequence[SentAnnotation]) -> dict[UUID, EventOutcome]:
        if not sent:
            return {}
        put = await self._halls.put_annotations(hall, [each.annotation for each in sent])
        return {
            each.id: Acknowledged(each.annotation.version) if refusal is None else refusal
            for each, refusal in zip(sent, put, strict=True)
        }

    async def _put_beside(self, hall: Hall, sent: Sequence[SentBeside]) -> dict[UUID, EventOutcome]:
        if not sent:
            return {}
        put = await self._halls.put_beside(hall, [each.row for each in sent])
        return {
            each.id: Acknowledged(each.row.version) if refusal is None else refusal
            for each, refusal in zip(sent, put, strict=True)
        }

    async def _tell(self, taken: PartTaken) -> None:
        """Whoever watches here, as if it had happened here."""
        slices = Slices()
        for recorded in taken.recorded:
            await self._publisher.event_recorded(recorded)
            await slices.breathe()
        if taken.recorded and taken.session.closed_at is not None:
            await self._publisher.session_ended(taken.session)

    async def down(
        self,
        hall: Hall,
        client_id: str,
        epoch: str | None,
        after: int,
        types: Collection[EntityType],
        limit: int,
        show: Show,
        now: datetime,
    ) -> Changes | Forbidden | ResyncRequired | RateLimited:
        """As a device's; of trainers only those that the hall lets in, with what they log in by."""
        async with self._sync.under_way.one(hall.school_id) as refusal:
            if refusal is not None:
                return refusal
            known = await self._store.find_device(hall.school_id, client_id)
            if known is not None and (refused := _refusal_of(known, hall)):
                return refused
            began = None if known is None else known.beginnings.get(after)
            beginning = after if began is None else began.cursor
            pulled = await self._pull(hall, Pull(hall.school_id, types, after, limit, deleted_before(after, began)))
            present = scoped_epoch(pulled.identity, hall.school_id, _scope(hall))
            if after > pulled.newest or (epoch is not None and epoch != present):
                return ResyncRequired()
            trainers = [each.row.entity.id for each in pulled.rows if isinstance(each.row.entity, Trainer)]
            hashes = await self._halls.password_hashes(hall.school_id, trainers)
            changes = await page_of_changes(pulled, after, beginning, _shows_hashes(show, hashes), present)
            began = began or Beginning(after, changes.newest)
            device = known or Device(hall.school_id, client_id, None, now, hall_id=hall.id)
            call = pull_record(stand_in(hall), client_id, len(changes.rows), now) if changes.rows else None
            unseen = await self._store.see_device(came_to(device, changes, began, now), call)
            return changes if unseen is None else refusal_of_client(unseen)

    async def _pull(self, hall: Hall, pull: Pull) -> Pulled:
        """Without those that the hall lets in no more, unless it may have them: then as deleted. Never an empty page
        that is not the last.
        """
        while True:
            pulled = await self._store.pull(pull)
            told = [each for row in pulled.rows if (each := _told(hall, row, is_first=pull.after == 0)) is not None]
            if told or not pulled.has_more:
                return replace(pulled, rows=told)
            pull = replace(pull, after=pulled.rows[-1].row.version)

    async def _epoch(self, hall: Hall) -> str:
        return scoped_epoch(await self._store.identity(), hall.school_id, _scope(hall))

    async def _see_client(self, hall: Hall, client_id: str, now: datetime) -> Forbidden | None:
        """The first call of a client binds its id to the hall."""
        known = await self._store.find_device(hall.school_id, client_id)
        if known is not None:
            return _refusal_of(known, hall)
        device = Device(hall.school_id, client_id, None, now, hall_id=hall.id)
        unseen = await self._store.see_device(device, None)
        return None if unseen is None else refusal_of_client(unseen)


def _refusal_of(device: Device, hall: Hall) -> Forbidden | None:
    """Why this hall's calls by this client are not taken."""
    if device.owner_id != hall.id:
        return ANOTHERS_DEVICE
    return None if device.revoked is None else device_revoked(device.revoked.by.name)


def _scope(hall: Hall) -> str:
    trainers = hall.trainer_ids if hall.trainer_ids == "all" else ",".join(sorted(map(str, hall.trainer_ids)))
    return f"hall {hall.id} {trainers}"


def stand_in(hall: Hall) -> Trainer:
    """A hall edits templates as a trainer may, and nothing else by that."""
    moment = hall.created_at
    return Trainer(hall.id, hall.school_id, "", hall.name, "trainer", moment, moment)


def _told(hall: Hall, pulled: PulledRow, *, is_first: bool) -> PulledRow | None:
    entity = pulled.row.entity
    if not isinstance(entity, Trainer) or hall.lets_in(entity):
        return pulled
    # Whoever became an admin was let in before, maybe, and is no longer.
    may_have_been = hall.trainer_ids == "all" and not is_first
    return replace(pulled, row=replace(pulled.row, is_deleted=True)) if may_have_been else None


def _shows_hashes(show: Show, hashes: Mapping[UUID, str]) -> Show:
    def show_hash(entity: Entity) -> Mapping[str, object]:
        if not isinstance(entity, Trainer):
            return show(entity)
        return {**show(entity), "password_hash": hashes.get(entity.id)}

    return show_hash


def _copied(sent: SentCopy, kept: CopyKept | Rejected, show: Show) -> EventOutcome:
    if isinstance(kept, Rejected):
        return kept
    session, wished = kept.session, sent.copy.session
    is_as_sent = (session.code, session.template_id) == (wished.code, wished.template_id)
    return Acknowledged(kept.version, None if is_as_sent else ServerData(kept.version, False, show(session)))


def _is_told(event: HallEvent, outcome: EventOutcome) -> bool:
    """In the log of calls: not what was taken into a record, which is much, and stands there. Nor own words: when they
    came tells whose they are.
    """
    return not (isinstance(event, SentFact) and isinstance(outcome, Acknowledged)) and not (
        isinstance(event, SentBeside) and isinstance(event.row, Reflection)
    )


def _logged(event: HallEvent, outcome: EventOutcome) -> LoggedEvent:
    match event:
        case SentCopy(event_id, copy):
            return answered(event_id, "SESSION", str(copy.session.id), outcome).event
        case SentAnnotation(event_id, annotation):
            return answered(event_id, "ANNOTATION", str(annotation.id), outcome).event
        case SentBeside(event_id, row):
            return answered(event_id, beside_type(row), str(row.id), outcome).event
        case SentFact(event_id, fact):
            return answered(event_id, "SESSION_EVENT", str(fact.id), outcome).event
        case UnreadableFact(event_id, _, entity_id):
            return answered(event_id, "SESSION_EVENT", entity_id, outcome).event
        case DeviceEdit() | UnreadableEvent():
            return answered(event.id, event.type, str(event.entity_id), outcome).event
