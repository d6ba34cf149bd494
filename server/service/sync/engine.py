"""What devices that work offline do: send what was done on them, and get what changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from server.domain.devices import Beginning, Device, EntityType, EventOutcome
from server.domain.judging import Rejected
from server.domain.outcomes import Forbidden, RateLimited, ResyncRequired
from server.domain.people import Trainer, normal_email
from server.domain.session import Session
from server.ports.broadcast import Publisher
from server.ports.slices import Turn
from server.ports.sync import (
    Answered,
    Held,
    Judgement,
    KnownOutcome,
    Pull,
    SyncCall,
    Synced,
    SyncStore,
)
from server.service.cases import Cases
from server.service.passwords import PasswordHasher
from server.service.sync.calls import pull_record, up_record
from server.service.sync.epochs import epoch_of, refusal_of, refusal_of_client
from server.service.sync.events import (
    DeviceEdit,
    DeviceEvent,
    DeviceFact,
    SchoolNames,
    SessionValues,
    TrainerValues,
    UnreadableEvent,
)
from server.service.sync.facts import Facts
from server.service.sync.hashing_ahead import HashingAhead, password_of, with_hash
from server.service.sync.judging import Judging, Show, answer_again, answered, judge_all, logged
from server.service.sync.new_hashes import NewHashes
from server.service.sync.pages import Changes, came_to, deleted_before, page_of_changes
from server.service.sync.under_way import CallsUnderWay

EVENTS_LIMIT = 500
ENTITIES_LIMIT = 1000
ENTITIES_DEFAULT = 200


@dataclass(frozen=True, slots=True)
class UpOutcome:
    """What an `up` is answered with: one outcome for each event, in their order.

    `answered_of` is by the ids of events the entity that the first answer named, whatever a repeat names.
    """

    outcomes: Sequence[EventOutcome]
    epoch: str
    answered_of: Mapping[UUID, str] = field(default_factory=dict[UUID, str])


class Sync:
    def __init__(
        self,
        store: SyncStore,
        publisher: Publisher,
        passwords: PasswordHasher,
        facts: Facts,
        cases: Cases,
        default_life: timedelta,
        look_again: Callable[[], None],
        *,
        is_hall: bool = False,
    ) -> None:
        """`look_again` makes the jobs look at once what expires next, and whose login has ended. At a hall no device
        edits an account.
        """
        self._store = store
        self._publisher = publisher
        self._hashing = HashingAhead(store, NewHashes(passwords))
        self._facts = facts
        self._cases = cases
        self._default_life = default_life
        self._look_again = look_again
        self._is_hall = is_hall
        self.under_way = CallsUnderWay()

    async def epoch(self, trainer: Trainer) -> str:
        return epoch_of(await self._store.identity(), trainer)

    async def up(
        self,
        trainer: Trainer,
        client_id: str,
        epoch: str | None,
        events: Sequence[DeviceEvent],
        show: Show,
        now: datetime,
        *,
        after: int = 0,
        forgets_rejections: bool = False,
    ) -> UpOutcome | Forbidden | ResyncRequired | RateLimited:
        """Judge the events in order, each alone; every one has its outcome, and a repeat has the same.

        Facts of a record come after the edits of the same call, which may open their session. `after` is the cursor of
        whoever sends them. `forgets_rejections`: an event that was rejected is judged anew when it comes again, for one
        who cannot give it another id.
        """
        hashes = await self._hash_ahead(trainer, epoch, events)
        if not isinstance(hashes, Mapping):
            return hashes
        async with self.under_way.one(trainer.school_id, waits=bool(hashes)) as refusal:
            if refusal is not None:
                return refusal
            present = await self.epoch(trainer)
            if (epoch is not None and epoch != present) or await self.was_never_given(trainer.school_id, after):
                return ResyncRequired()
            call_id = uuid4()
            edits = [event for event in events if not isinstance(event, DeviceFact)]
            facts = [event for event in events if isinstance(event, DeviceFact)]
            fact_ids = [fact.id for fact in facts]
            taken = await self._take(
                trainer, client_id, edits, show, now, call_id, fact_ids, hashes, forgets_rejections=forgets_rejections
            )
            self._hashing.forget(trainer, edits)
            if isinstance(taken, Forbidden):
                return taken
            outcomes = dict(zip((edit.id for edit in edits), taken.judgement.outcomes, strict=True))
            known = taken.judgement.known
            outcomes |= {each: answer_again(known[each], client_id, trainer) for each in fact_ids if each in known}
            if fact_ids:
                outcomes |= await self._record(trainer, client_id, call_id, events, outcomes, now)
            return UpOutcome(
                [outcomes[event.id] for event in events], present, _answered_of([*edits, *facts], known, client_id)
            )

    async def was_never_given(self, school_id: UUID, cursor: int) -> bool:
        """Whether a cursor is above all that there is: of a server whose disk was put back as it was.

        It is asked before the call writes, which would bring what there is above the cursor, and nobody could tell any
        more that something is missing.
        """
        if cursor == 0:
            return False
        newest = await self._store.newest_versions([school_id])
        return cursor > max(newest.get(school_id, 0), 1)

    async def _hash_ahead(
        self, trainer: Trainer, epoch: str | None, events: Sequence[DeviceEvent]
    ) -> dict[UUID, str] | ResyncRequired | RateLimited:
        """What takes a quarter of a second for each new account is done before the call takes anybody's place."""
        if self._is_hall or all(password_of(event) is None for event in events):
            return {}
        async with self.under_way.hashing(trainer.school_id) as refusal:
            if refusal is not None:
                return refusal
            if epoch is not None and epoch != await self.epoch(trainer):
                return ResyncRequired()
            return await self._hashing.of_new(trainer, events)

    async def _take(
        self,
        trainer: Trainer,
        client_id: str,
        edits: Sequence[DeviceEvent],
        show: Show,
        now: datetime,
        call_id: UUID,
        fact_ids: Sequence[UUID],
        hashes: dict[UUID, str],
        *,
        forgets_rejections: bool,
    ) -> Synced | Forbidden:
        """The edits, judged and written, and everybody told who has to know."""
        if self._is_hall:
            edits = [_without_accounts(edit) for edit in edits]

        async def judge(held: Held, turn: Turn) -> Judgement:
            # An answer that was there a moment ago may have been forgotten since.
            await self._hashing.add_missing(trainer, edits, held.known, hashes)
            judging = Judging.of(trainer, client_id, self._default_life, held, show, now)
            judgement = await judge_all(judging, [with_hash(edit, hashes) for edit in edits], turn)
            kept = [
                each for each in judgement.answered if not (forgets_rejections and isinstance(each.outcome, Rejected))
            ]
            return replace(
                judgement,
                answered=kept,
                call=up_record(call_id, trainer, client_id, judgement.outcomes, now),
                logged=logged(edits, judgement.outcomes),
                known=held.known,
            )

        call = replace(sync_call(trainer, client_id, edits, now), fact_ids=fact_ids)
        try:
            synced = await self._store.take(call, judge)
            if not isinstance(synced, Synced):
                return refusal_of_client(synced)
            await self.tell(synced)
            return synced
        except BaseException:
            # Its answer was lost, or nobody waits for it any more: it may be written all the same, and whose login
            # ended with it, or which session expires next, is looked for.
            self._look_again()
            raise

    async def hashed(self, trainer: Trainer, event: DeviceEdit) -> DeviceEdit:
        """With the hash of its password, if it has one."""
        hashes: dict[UUID, str] = {}
        await self._hashing.add_missing(trainer, [event], (), hashes)
        self._hashing.forget(trainer, [event])
        return with_hash(event, hashes)

    async def _record(
        self,
        trainer: Trainer,
        client_id: str,
        call_id: UUID,
        events: Sequence[DeviceEvent],
        outcomes: dict[UUID, EventOutcome],
        now: datetime,
    ) -> dict[UUID, EventOutcome]:
        # An id that was answered, in this call too, has its answer.
        new_ones = {
            each.id: each for each in reversed(events) if isinstance(each, DeviceFact) and each.id not in outcomes
        }
        facts = list(reversed(new_ones.values()))
        recorded = await self._facts.record(trainer, facts, now)
        all_outcomes = [(outcomes | recorded)[event.id] for event in events]
        new: list[Answered] = [
            answered(fact.id, "SESSION_EVENT", str(fact.entity_id), recorded[fact.id]) for fact in facts
        ]
        record = up_record(call_id, trainer, client_id, all_outcomes, now)
        await self._store.add_call(record, new, logged(events, all_outcomes))
        return recorded

    async def tell(self, synced: Synced) -> None:
        """Whoever has to know of what was written."""
        if synced.ended_logins:
            await self._publisher.tokens_revoked(synced.ended_logins)
        if synced.sessions:
            self._look_again()
        for write in synced.judgement.writes:
            if isinstance(write.entity, Session) and write.is_new:
                if write.case is not None:
                    self._cases.keep(write.entity.id, write.case)
            elif isinstance(write.entity, Session):
                await self._publisher.session_updated(write.entity)

    async def down(
        self,
        trainer: Trainer,
        client_id: str,
        epoch: str | None,
        after: int,
        types: Collection[EntityType],
        limit: int,
        show: Show,
        now: datetime,
    ) -> Changes | Forbidden | ResyncRequired | RateLimited:
        """What changed since the cursor `after`, or everything that is there if it is 0."""
        async with self.under_way.one(trainer.school_id) as refusal:
            if refusal is not None:
                return refusal
            known = await self._store.find_device(trainer.school_id, client_id)
            if known is not None and (refused := refusal_of(known, trainer)):
                return refused
            began = None if known is None else known.beginnings.get(after)
            beginning = after if began is None else began.cursor
            pull = Pull(trainer.school_id, types, after, limit, deleted_before(after, began))
            changes = await self.pull(trainer, epoch, pull, beginning, show)
            if isinstance(changes, ResyncRequired):
                return changes
            began = began or Beginning(after, changes.newest)
            device = came_to(known or Device(trainer.school_id, client_id, trainer.id, now), changes, began, now)
            call = pull_record(trainer, client_id, len(changes.rows), now) if changes.rows else None
            refused = await self._store.see_device(device, call)
            return changes if refused is None else refusal_of_client(refused)

    async def pull(
        self, trainer: Trainer, epoch: str | None, pull: Pull, beginning: int, show: Show
    ) -> Changes | ResyncRequired:
        pulled = await self._store.pull(pull)
        present = epoch_of(pulled.identity, trainer)
        if pull.after > pulled.newest or (epoch is not None and epoch != present):
            return ResyncRequired()
        return await page_of_changes(pulled, pull.after, beginning, show, present)


def _answered_of(judged: Sequence[DeviceEvent], known: Mapping[UUID, KnownOutcome], client_id: str) -> dict[UUID, str]:
    """Of `judged`, in that order, the first of each id; of those that this client was answered, what it was told."""
    first = {event.id: str(event.entity_id) for event in reversed(judged)}
    return first | {event_id: each.entity_id for event_id, each in known.items() if each.client_id == client_id}


def _without_accounts(event: DeviceEvent) -> DeviceEvent:
    if not isinstance(event, DeviceEdit) or event.type != "TRAINER":
        return event
    return UnreadableEvent(event.id, event.type, str(event.entity_id), Rejected("forbidden"))


def sync_call(
    trainer: Trainer, client_id: str, events: Sequence[DeviceEvent], now: datetime, named: Sequence[SchoolNames] = ()
) -> SyncCall:
    """`named` is what those name that could not be read and are no events."""
    named = [*named, *(event.named for event in events if isinstance(event, UnreadableEvent))]
    edits = [event for event in events if isinstance(event, DeviceEdit)]
    emails = [each.values.edit.email for each in edits if isinstance(each.values, TrainerValues)]
    sessions = [each.values for each in edits if isinstance(each.values, SessionValues)]
    templates = [*(each.opening.template_id for each in sessions), *(each.template_id for each in named)]
    colleagues = [*(each.change.co_trainer_ids or () for each in sessions), *(each.co_trainer_ids for each in named)]
    return SyncCall(
        school_id=trainer.school_id,
        client_id=client_id,
        trainer_id=trainer.id,
        now=now,
        event_ids=[event.id for event in events],
        keys={*(event.key for event in edits), *(each.entity for each in named if each.entity is not None)},
        emails={normal_email(email) for email in emails if email is not None},
        trainer_ids={each for ids in colleagues for each in ids},
        template_ids={template_id for template_id in templates if template_id is not None},
    )
