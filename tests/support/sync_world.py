"""Worlds of devices that work offline, drawn from a seed: what they did, judged afterwards by a ledger of its own.

Devices keep to docs/devices.md and to nothing else; the way between them and the server loses, doubles, delays and
reorders. Whoever uses HTTP edits between them. Nothing here asks the code under test what is right.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID, uuid5

from server.domain.outcomes import RateLimited
from server.domain.people import Trainer
from server.domain.template import TemplateDraft
from server.json_text import write_json
from server.ports.storage import Storage
from server.service.services import Services
from server.service.sync.engine import UpOutcome
from server.service.sync.pages import Changes
from server.transport.devices.answers import changes_answer, sent_answer, show_to
from server.transport.devices.reading import read_device_event, read_envelope
from tests.support.making import NOW

Json = dict[str, Any]
FIELDS = ("title", "description", "duration_minutes", "public_title")
AS_NEW: Json = {"title": None, "description": "", "duration_minutes": None, "public_title": ""}
SPACE = UUID("6a9a8a52-3a52-4f0e-8f4b-0f5c0c6f7f11")
MOST_TRIES = 400


@dataclass(frozen=True)
class Known:
    """A row as somebody has it."""

    version: int
    is_deleted: bool
    fields: Json


@dataclass(frozen=True)
class Write:
    """What the server said that it has written, or found to be there."""

    entity_id: str
    version: int
    operation: str
    values: Json
    asked: frozenset[str]
    local_version: int
    client: str | None = None
    seq: int | None = None
    call: int = 0


@dataclass
class Ledger:
    """What the servers of one school have answered, whoever heard it."""

    writes: dict[str, list[Write]] = field(default_factory=dict[str, list[Write]])
    answers: dict[str, Json] = field(default_factory=dict[str, Json])
    calls: Counter[tuple[object, ...]] = field(default_factory=Counter[tuple[object, ...]])
    bases: list[tuple[str, str, Known]] = field(default_factory=list[tuple[str, str, Known]])

    def check(self) -> dict[str, Known]:
        """The rows that the writes make, in the order of their versions; each knew what it wrote over."""
        versions = Counter[int]()
        states: dict[tuple[str, int], Known] = {}
        newest: dict[str, Known] = {}
        for entity_id, writes in self.writes.items():
            made = self._replayed(entity_id, writes)
            states |= {(entity_id, state.version): state for state in made}
            newest |= {entity_id: made[-1]} if made else {}
            versions.update(state.version for state in made)
        assert set(versions.values()) <= {1}, "a version was given twice"
        for name, entity_id, base in self.bases:
            state = states[entity_id, base.version]
            assert (replace(state, fields={}) if state.is_deleted else state) == base, (name, entity_id, state, base)
        return newest

    def _replayed(self, entity_id: str, writes: Sequence[Write]) -> list[Known]:
        made: list[Known] = []
        last: dict[str, Write] = {}
        for version in sorted({write.version for write in writes}):
            told = [write for write in writes if write.version == version]
            if version == 0:
                assert {write.operation for write in told} == {"DELETE"}, (entity_id, told)
                continue
            row = made[-1] if made else None
            # One of them wrote this version, and the others found that it was so already; HTTP tells only of writes.
            told.sort(key=lambda each: each.client is not None)
            wrote = next((each for each in told if self._may_have_written(row, last, each, told)), None)
            assert wrote is not None, (entity_id, row, last, told)
            made.append(_after(row, wrote))
            is_whole = wrote.operation == "DELETE" or row is None or row.is_deleted
            last |= dict.fromkeys(FIELDS if is_whole else wrote.values, wrote)
        return made

    def _may_have_written(
        self, row: Known | None, last: Mapping[str, Write], write: Write, told: Sequence[Write]
    ) -> bool:
        """Whether its writer knew what it wrote over, and the others found there what they wanted."""
        after = _after(row, write)
        return _knew(row, last, write) and all(
            after.is_deleted == (each.operation == "DELETE")
            and (after.is_deleted or each.values.items() <= after.fields.items())
            for each in told
        )


def _knew(row: Known | None, last: Mapping[str, Write], write: Write) -> bool:
    if row is None:
        return write.operation == "CREATE"
    if write.client is None:
        return True
    if (row.is_deleted and write.operation != "CREATE") or write.local_version >= write.version:
        return False
    befores = [last[name] for name in write.asked]
    own = [each for each in befores if each.client == write.client and None not in (each.seq, write.seq)]
    if any(each.seq >= write.seq for each in own):  # type: ignore[operator]
        return False
    unknown = [each for each in befores if each not in own and each.version > write.local_version]
    return all((each.client, each.call) == (write.client, write.call) for each in unknown)


def _after(row: Known | None, write: Write) -> Known:
    fields = AS_NEW if row is None else row.fields
    if write.operation == "DELETE":
        return Known(write.version, True, fields)
    return Known(write.version, False, {**fields, **write.values})


def _tracked(payload: Mapping[str, Any]) -> Json:
    return {name: payload[name] for name in FIELDS if name in payload}


def _tidied(values: Json) -> Json:
    texts = {name: " ".join(value.split()) for name, value in values.items() if isinstance(value, str)}
    return {**values, **texts}


@dataclass
class School:
    name: str
    trainer: Trainer
    trainers: Sequence[Trainer]
    ledger: Ledger = field(default_factory=Ledger)
    ids: list[str] = field(default_factory=list[str])


@dataclass
class Device:
    """Keeps to the contract: a base, edits that wait, a cursor."""

    name: str
    school: School
    trainer: Trainer
    has_seq: bool
    is_partial: bool
    base: dict[str, Known] = field(default_factory=dict[str, Known])
    waiting: list[Json] = field(default_factory=list[Json])
    late: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    conflicts: list[Json] = field(default_factory=list[Json])
    cursor: int = 0
    named: set[str] = field(default_factory=set[str])
    is_initial: bool = True
    epoch: str | None = None
    seq: int = 0
    pulls: int = 0

    def shown(self, entity_id: str) -> Json | None:
        known = self.base.get(entity_id)
        shown = None if known is None or known.is_deleted else known.fields
        for event in self.waiting:
            if event["entityId"] != entity_id:
                continue
            if event["operation"] == "DELETE":
                shown = None
            elif event["operation"] == "CREATE" or shown is not None:
                values = _tracked(event["payload"])
                names = event.get("changedFields")
                shown = {**(shown or AS_NEW), **{n: v for n, v in values.items() if names is None or n in names}}
        return shown

    def take(self, entity_id: str, base: Known) -> None:
        known = self.base.get(entity_id)
        if known is None or known.version < base.version:
            self.base[entity_id] = base
            self.school.ledger.bases.append((self.name, entity_id, base))

    def hear_sent(self, events: Sequence[Json], answer: Json) -> None:
        """Each event is in one list; an answer may come late, or twice."""
        sent = {event["id"]: event for event in events}
        for told in answer["acknowledged"]:
            event = sent[told["outboxEventId"]]
            self._hear_acknowledged(event, told["serverVersion"], told.get("serverData"))
        for told in answer["conflicts"]:
            event = sent[told["outboxEventId"]]
            if event in self.waiting:
                self.conflicts.append({**told, "event": event})
            self._put(event["entityId"], told["serverData"])
        for told in [*answer["acknowledged"], *answer["conflicts"], *answer["rejected"]]:
            self.waiting = [event for event in self.waiting if event["id"] != told["outboxEventId"]]

    def _hear_acknowledged(self, event: Json, version: int, data: Json | None) -> None:
        entity_id, base = event["entityId"], self.base.get(event["entityId"])
        if data is not None:
            self._put(entity_id, data)
        elif base is None and version <= self.cursor:
            return
        elif event["operation"] == "DELETE":
            if base is not None and version > base.version:
                self.take(entity_id, Known(version, True, {}))
        elif event["operation"] == "CREATE" and set(FIELDS) <= set(event["payload"]):
            self.take(entity_id, Known(version, False, _tracked(event["payload"])))
        elif base is not None and base.version == event["localVersion"]:
            names = event.get("changedFields") or event["payload"]
            values = {name: value for name, value in _tracked(event["payload"]).items() if name in names}
            self.take(entity_id, Known(version, False, {**base.fields, **values}))

    def _put(self, entity_id: str, data: Json | None) -> None:
        known = self.base.get(entity_id)
        if data is None or (known is None and data["version"] <= self.cursor and not self.is_initial):
            return
        self.take(
            entity_id, Known(data["version"], data["deleted"], {} if data["deleted"] else _tracked(data["payload"]))
        )

    def hear_changes(self, asked: int, pull: int, page: Json) -> None:
        """A page that was overtaken is of no use."""
        if (asked, pull) != (self.cursor, self.pulls):
            return
        assert page["syncTimestamp"] >= asked
        self.pulls += 1
        for change in page["changes"]:
            entity_id, is_deleted = change["entityId"], change["operation"] == "DELETE"
            assert change["serverVersion"] > asked
            assert entity_id in self.school.ids, "a row of another school"
            self.named.add(entity_id)
            # A device that inserts and updates would lose an UPDATE of what it lacks. What an answer has told it is
            # gone since is newer than a page that was made before.
            known = self.base.get(entity_id)
            is_lacking = known is None or (known.is_deleted and known.version < change["serverVersion"])
            assert change["operation"] != "UPDATE" or not is_lacking, (change, known)
            if not is_deleted:
                self.take(entity_id, Known(change["serverVersion"], False, _tracked(change["payload"])))
            elif entity_id in self.base:
                self.take(entity_id, Known(change["serverVersion"], True, {}))
        self.cursor, self.epoch = page["syncTimestamp"], page["serverEpoch"]
        if self.is_initial and not page["hasMore"]:
            gone = [each for each in self.base if each not in self.named and self.base[each].version <= self.cursor]
            for entity_id in gone:
                del self.base[entity_id]
            self.is_initial = False

    def begin_again(self) -> None:
        self.cursor, self.is_initial, self.epoch = 0, True, None
        self.named.clear()
        self.pulls += 1


class World:
    def __init__(
        self,
        seed: int,
        stores: Sequence[tuple[Services, Storage]],
        schools: Sequence[School],
        rest_version: Callable[[UUID, str, datetime], Awaitable[int]],
    ) -> None:
        """`rest_version` tells which version a write over HTTP got, by its moment."""
        self.random = Random(seed)
        self.stores = stores
        self.schools = schools
        self.rest_version = rest_version
        self.rest_writes: list[tuple[School, str, str, Json, datetime]] = []
        self.serial = self.calls = 0
        self.devices = [
            Device(f"{school.name} {number}", school, self.random.choice(school.trainers), self.random.random() < 0.6,
                   self.random.random() < 0.6)
            for school in schools for number in range(self.random.randint(2, 3))
        ]  # fmt: skip

    def number(self) -> int:
        self.serial += 1
        return self.serial

    def now(self) -> datetime:
        """The servers' clocks are wrong by years now and then; no two moments are the same."""
        years = self.random.choice([0, 0, 0, 0, -3, 5])
        return NOW + timedelta(days=365 * years, microseconds=self.number() * 1000)

    async def live(self, rounds: int) -> None:
        for _ in range(rounds):
            doing: list[Awaitable[None]] = []
            for device in self.devices:
                if self.random.random() < 0.7:
                    self.edit(device)
                if self.random.random() < 0.5:
                    doing.append(self.random.choice([self.up, self.up, self.down, self.down, self.resolve])(device))
                if device.late and self.random.random() < 0.3:
                    device.late.pop(self.random.randrange(len(device.late)))()
            for school in self.schools:
                if self.random.random() < 0.4:
                    doing.append(self.edit_over_http(school))
            await asyncio.gather(*doing)
            for device in self.devices:
                if self.random.random() < 0.03:
                    device.begin_again()

    def values(self, device: Device) -> Json:
        mark = f"{device.school.name}-{self.number()}"
        draws: Json = {
            "title": self.random.choice([mark, mark, f"  {mark} x "]),
            "description": mark,
            "duration_minutes": self.random.choice([None, 5, 10, 15]),
            "public_title": self.random.choice(["", mark]),
        }
        return {name: draws[name] for name in self.random.sample(FIELDS, self.random.randint(1, 3))}

    def edit(self, device: Device) -> None:
        school = device.school
        mine = self.random.choice(school.ids) if school.ids and self.random.random() < 0.85 else None
        shown = None if mine is None else device.shown(mine)
        event: Json = {"id": str(UUID(int=self.random.getrandbits(128), version=4)), "entityType": "TEMPLATE"}
        # A device's own clock says nothing, and is wrong.
        event["createdAt"] = f"{self.random.choice([1970, 2026, 2079])}-01-01T00:00:00.000Z"
        if mine is None:
            mine = str(UUID(int=self.random.getrandbits(128), version=4))
            school.ids.append(mine)
        if shown is None:
            payload = {**AS_NEW, "title": f"{school.name}-{self.number()}", **self.values(device)}
            event |= {"operation": "CREATE", "payload": payload}
            if self.random.random() < 0.3:
                event["payload"] = {"title": payload["title"]}
        elif self.random.random() < 0.1:
            event |= {"operation": "DELETE", "payload": None}
        else:
            changed = self.values(device)
            # What is revived without a title gets it back from the server.
            had = {name: value for name, value in shown.items() if (name, value) != ("title", None)}
            event |= {"operation": "UPDATE", "payload": {**had, **changed}}
            if device.is_partial:
                event["changedFields"] = sorted(changed)
            if self.random.random() < 0.3:
                event["payload"] = changed
        base = device.base.get(mine)
        event |= {"entityId": mine, "localVersion": 0 if base is None else base.version}
        if self.random.random() < 0.02:
            event["localVersion"] = int(NOW.timestamp() * 1000) + 10**12
        if device.has_seq:
            device.seq += 1
            event["seq"] = device.seq
        if event["payload"]:
            event["payload"]["updated_at"] = event["createdAt"]
        device.waiting.append(event)

    async def edit_over_http(self, school: School) -> None:
        services, _ = self.random.choice(self.stores)
        now = self.now()
        choice = self.random.random()
        mark = f"{school.name}-http-{self.number()}"
        if choice < 0.3 or not school.ids:
            entity_id = UUID(int=self.random.getrandbits(128), version=4)
            school.ids.append(str(entity_id))
            await services.templates.add(school.trainer, entity_id, TemplateDraft(title=mark), now)
            self._wrote(school, entity_id, "CREATE", {**AS_NEW, "title": mark}, now)
            return
        entity_id = UUID(self.random.choice(school.ids))
        if choice < 0.45:
            outcome = await services.templates.delete(school.trainer, entity_id, None, now)
            if getattr(outcome, "deleted_at", None) == now:
                self._wrote(school, entity_id, "DELETE", {}, now)
            return
        name = self.random.choice(("title", "description"))
        outcome = await services.templates.change(
            school.trainer, entity_id, lambda draft: replace(draft, **{name: mark}), None, now
        )
        if getattr(outcome, "updated_at", None) == now:
            self._wrote(school, entity_id, "UPDATE", {name: mark}, now)

    def _wrote(self, school: School, entity_id: UUID, operation: str, values: Json, now: datetime) -> None:
        self.rest_writes.append((school, str(entity_id), operation, values, now))

    async def up(self, device: Device) -> None:
        # Of two calls under way the later may be there first.
        start = self.random.choice([0, 0, 0, 1, 2])
        events = json.loads(json.dumps(device.waiting[start : start + self.random.choice([1, 3, 8, 50])]))
        others = self._ids_of_others(device)
        if others and self.random.random() < 0.05:
            events.insert(0, self._foreign(device, self.random.choice(others)))
        if self.random.random() < 0.1:
            self.random.shuffle(events)
        # The answer of one call, or of two of the same, may be lost or heard late.
        sendings = self.random.choice([1, 1, 1, 1, 2])
        answers = await asyncio.gather(*(self.send(device, events) for _ in range(sendings)))
        for answer in reversed(answers):
            match self.random.choice(["fine", "fine", "fine", "unheard", "late"]):
                case "fine" if answer is not None:
                    device.hear_sent(events, answer)
                case "late" if answer is not None:
                    device.late.append(partial(device.hear_sent, events, answer))
                case _:
                    pass

    def _ids_of_others(self, device: Device) -> list[str]:
        return [
            write.entity_id
            for school in self.schools
            for writes in school.ledger.writes.values()
            for write in writes[:1]
            if school is not device.school and write.version
        ]

    def _foreign(self, device: Device, entity_id: str) -> Json:
        return {
            "id": str(UUID(int=self.random.getrandbits(128), version=4)),
            "entityType": "TEMPLATE",
            "entityId": entity_id,
            "operation": self.random.choice(["CREATE", "UPDATE", "DELETE"]),
            "payload": {"title": f"{device.school.name} was here"},
            "localVersion": int(NOW.timestamp() * 1000),
        }

    async def _hear(self, device: Device, events: Sequence[Json]) -> None:
        answer = await self.send(device, events)
        if answer is not None:
            device.hear_sent(events, answer)

    async def send(self, device: Device, events: Sequence[Json]) -> Json | None:
        """As the transport does it; None when the server has too much to do."""
        services, _ = self.random.choice(self.stores)
        self.calls += 1
        call = self.calls
        envelopes = [read_envelope(place, event) for place, event in enumerate(events)]
        now = self.now()
        read = [read_device_event(each, device.name, device.trainer, now) for each in envelopes]  # type: ignore[arg-type]
        outcome = await services.sync.up(device.trainer, device.name, None, read, show_to(device.trainer), now)
        if isinstance(outcome, RateLimited):
            return None
        assert isinstance(outcome, UpOutcome), outcome
        sent = [(each.id, str(each.raw["id"]), each.entity_id) for each in envelopes]  # type: ignore[union-attr]
        answer = json.loads(write_json(await sent_answer(sent, outcome.outcomes, device.school.trainer.school_id)))
        lists = [answer[kind] for kind in ("acknowledged", "conflicts", "rejected")]
        ledger = device.school.ledger
        ledger.calls[(device.name, "UP", len(events), *map(len, lists))] += 1
        assert sum(map(len, lists)) == len(events)
        self._enter(device, {event["id"]: event for event in events}, answer, call)
        return answer

    def _enter(self, device: Device, sent: Mapping[str, Json], answer: Json, call: int) -> None:
        ledger = device.school.ledger
        for kind in ("acknowledged", "conflicts", "rejected"):
            for told in answer[kind]:
                event = sent[told["outboxEventId"]]
                known = ledger.answers.setdefault(event["id"], {"kind": kind, **told})
                assert known == {"kind": kind, **told}, "a repeat was answered otherwise"
                assert told.get("reason") in (
                    None, "superseded", "id_taken", "unknown_version", "changed_since", "missing", "deleted"
                ), told  # fmt: skip
        for told in answer["acknowledged"]:
            event = sent[told["outboxEventId"]]
            if event["entityId"] not in device.school.ids:
                assert (event["operation"], told["serverVersion"]) == ("DELETE", 0), "of another school"
                continue
            values = _tidied(_tracked(event["payload"] or {}))
            names = frozenset(event["changedFields"] if event["operation"] == "UPDATE" and "changedFields" in event
                              else FIELDS)  # fmt: skip
            values = {name: value for name, value in values.items() if name in names}
            ledger.writes.setdefault(event["entityId"], []).append(
                Write(event["entityId"], told["serverVersion"], event["operation"], values, names,
                      event["localVersion"], device.name, event.get("seq"), call)
            )  # fmt: skip

    async def down(self, device: Device) -> None:
        asked, pull = device.cursor, device.pulls
        page = await self.pull(device, self.random.choice([1, 2, 3, 200]))
        if page is None:
            return
        match self.random.choice(["fine", "fine", "fine", "unheard", "late"]):
            case "unheard":
                pass
            case "late":
                device.late.append(partial(device.hear_changes, asked, pull, page))
            case _:
                device.hear_changes(asked, pull, page)

    async def pull(self, device: Device, limit: int) -> Json | None:
        services, _ = self.random.choice(self.stores)
        trainer = device.trainer
        outcome = await services.sync.down(
            trainer, device.name, device.epoch, device.cursor, ("TEMPLATE",), limit, show_to(trainer), self.now()
        )
        if isinstance(outcome, RateLimited):
            return None
        assert isinstance(outcome, Changes), outcome
        page = json.loads(write_json(changes_answer(outcome, NOW)))
        if page["changes"]:
            device.school.ledger.calls[(device.name, "DOWN", len(page["changes"]), len(page["changes"]), 0, 0)] += 1
        return page

    async def resolve(self, device: Device) -> None:
        """By an edit on the version that was shown, as any edit."""
        if not device.conflicts:
            return
        conflict = device.conflicts.pop(self.random.randrange(len(device.conflicts)))
        event, data = conflict["event"], conflict["serverData"]
        if data is None or event["operation"] == "DELETE" or self.random.random() < 0.3:
            return
        again = {**event, "id": str(uuid5(SPACE, event["id"])), "localVersion": data["version"]}
        again["operation"] = "CREATE" if data["deleted"] else "UPDATE"
        if data["deleted"]:
            again.pop("changedFields", None)
        if device.has_seq:
            device.seq += 1
            again["seq"] = device.seq
        device.waiting.append(again)

    async def settle(self) -> None:
        """Every line is whole again: all is sent, and all is got."""
        for device in self.devices:
            device.late.clear()
            for _ in range(MOST_TRIES):
                if not device.waiting:
                    break
                await self._hear(device, json.loads(json.dumps(device.waiting[:50])))
            assert not device.waiting
        for device in self.devices:
            for _ in range(MOST_TRIES):
                asked, pull = device.cursor, device.pulls
                page = await self.pull(device, 7)
                assert page is not None
                device.hear_changes(asked, pull, page)
                if not page["hasMore"]:
                    break
            else:
                raise AssertionError("a pull without an end")

    async def check(self) -> None:
        for school, entity_id, operation, values, now in self.rest_writes:
            version = await self.rest_version(school.trainer.school_id, entity_id, now)
            school.ledger.writes.setdefault(entity_id, []).append(
                Write(entity_id, version, operation, values, frozenset(values), version)
            )
        for school in self.schools:
            expected = school.ledger.check()
            stored = await self._stored(school)
            assert stored == expected, _differing(stored, expected)
            alive = {each: known for each, known in expected.items() if not known.is_deleted}
            for device in self.devices:
                if device.school is school:
                    has = {each: known for each, known in device.base.items() if not known.is_deleted}
                    assert has == alive, (device.name, _differing(has, alive))
            assert await self._calls(school) == school.ledger.calls

    async def _stored(self, school: School) -> dict[str, Known]:
        _, storage = self.stores[0]
        stored: dict[str, Known] = {}
        entries = await storage.sync.log_after(school.trainer.school_id, 0, 100_000)
        assert [entry.version for entry in entries] == sorted({entry.version for entry in entries})
        for entry in entries:
            if entry.type == "template":
                template = await storage.templates.find_template(school.trainer.school_id, entry.id)
                assert template is not None
                fields = _tracked({"public_title": "", "duration_minutes": None, **template.content.as_json()})
                stored[str(entry.id)] = Known(entry.version, template.deleted_at is not None, fields)
        return stored

    async def _calls(self, school: School) -> Counter[tuple[object, ...]]:
        _, storage = self.stores[0]
        calls = (await storage.sync.list_calls(school.trainer.school_id, 100_000, None)).items
        return Counter(
            (call.client_id, call.direction, call.events, call.acknowledged, call.conflicts, call.rejected)
            for call in calls
        )


def _differing(one: Mapping[str, Known], other: Mapping[str, Known]) -> object:
    return {each: (one.get(each), other.get(each)) for each in {*one, *other} if one.get(each) != other.get(each)}
