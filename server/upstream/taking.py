"""What the central told of accounts and templates, written here: in the one way in which anything is edited.

Devices at the hall hear of it as of every other edit, and what they edited meanwhile is judged on it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid4

import structlog

from server.domain.audit import AuditAction, entry_of_edit
from server.domain.devices import Entity, EntityType, Key
from server.domain.events import Author
from server.domain.judging import Row
from server.domain.outcomes import InvalidFields
from server.domain.people import ROLES, Trainer, normal_email
from server.domain.sync import FieldWrite, written_at_first
from server.domain.template import Template, TemplateContent
from server.domain.upstream import CENTRAL, NO_MARK, Link, Mark, Met, Told, answered, pulled, unnamed
from server.ports.sync import Held, Judgement, RowWrite, SyncCall, Synced
from server.ports.upstream import Taking, UpstreamStore
from server.service.sync.events import TemplateValues
from server.transport.devices.field_reading import read_fields

log = structlog.get_logger("shiller.upstream")

CENTRAL_AUTHOR = Author("system", None, "Central server")
# Of an account whose password counts no more: no hash is empty.
NO_PASSWORD = ""


@dataclass(frozen=True, slots=True)
class CentralRow:
    """A row as the central has it: named by a pull, or by an answer to what was sent at the version `sent`.

    `has_data` False: the answer says that what was sent stands there. `is_missing`: the central has no such row.
    """

    type: EntityType
    id: UUID
    version: int
    is_deleted: bool = False
    payload: Mapping[str, Any] | None = None
    sent: int | None = None
    has_data: bool = True
    is_missing: bool = False
    conflict_id: UUID | None = None

    @property
    def key(self) -> Key:
        return self.type, self.id


@dataclass(frozen=True, slots=True)
class PulledAccount:
    name: str
    email: str
    role: Any
    password_hash: str


Content = TemplateContent | PulledAccount


class TakingHome:
    def __init__(
        self,
        store: UpstreamStore,
        tell: Callable[[Synced], Awaitable[None]],
        now: Callable[[], datetime],
    ) -> None:
        """`tell` tells whoever has to know of what was written."""
        self._store = store
        self._tell = tell
        self._now = now

    async def take(self, link: Link, rows: Sequence[CentralRow]) -> None:
        """The rows, with the link as it stands after them."""
        met, now = link.met, self._now()

        async def judge(held: Held, marks: Mapping[Key, Mark], hashes: Mapping[UUID, str]) -> Taking:
            return _judge(rows, held, marks, hashes, met, now)

        await self._tell(await self._store.take(_call(met.school_id, [row.key for row in rows], now), link, judge))

    async def give_up(self, link: Link, keys: Sequence[tuple[Key, Mark]]) -> None:
        """What a whole pull did not name: a template goes up again, an account is none of this hall any more."""
        met, now = link.met, self._now()

        async def judge(held: Held, marks: Mapping[Key, Mark], hashes: Mapping[UUID, str]) -> Taking:
            writes: list[RowWrite] = []
            new_marks: dict[Key, Mark] = {}
            for (key, mark), version in zip(keys, held.versions, strict=True):
                row = held.rows.get(key)
                if key[0] == "TEMPLATE" or row is None:
                    new_marks[key] = unnamed(mark, met.epoch)
                    continue
                writes.append(_write("TRAINER", row, _deleted(row.entity, now), version, NO_PASSWORD, is_deleted=True))
                new_marks[key] = Mark(version, 0, met.epoch)
            return Taking(Judgement((), writes), new_marks, {})

        await self._tell(await self._store.take(_call(met.school_id, [key for key, _ in keys], now), link, judge))


def _call(school_id: UUID, keys: Sequence[Key], now: datetime) -> SyncCall:
    return SyncCall(
        school_id=school_id,
        client_id=CENTRAL,
        trainer_id=None,
        now=now,
        # No event of a device: as many versions as there are rows.
        event_ids=[uuid4() for _ in keys],
        keys=set(keys),
    )


def _judge(
    rows: Sequence[CentralRow],
    held: Held,
    marks: Mapping[Key, Mark],
    hashes: Mapping[UUID, str],
    met: Met,
    now: datetime,
) -> Taking:
    writes: list[RowWrite] = []
    new_marks: dict[Key, Mark] = {}
    for row, version in zip(rows, held.versions, strict=True):
        there = held.rows.get(row.key)
        content = _content(row)
        told = _told(row, there, marks.get(row.key, NO_MARK), met.epoch, content, hashes.get(row.id))
        new_marks[row.key] = told.mark
        if told.goes_again and there is not None:
            writes.append(_as_it_is(row.type, there, version))
        if not told.is_taken or row.is_missing:
            continue
        write = _written(row, there, content, version, met.school_id, hashes.get(row.id), now)
        if write is not None:
            writes.append(write)
            new_marks[row.key] = replace(told.mark, pushed=version)
    conflicts = {row.key: row.conflict_id for row in rows if row.conflict_id is not None}
    return Taking(Judgement((), writes), new_marks, conflicts)


def _told(
    row: CentralRow,
    there: Row[Entity] | None,
    mark: Mark,
    epoch: str,
    content: Content | None,
    password_hash: str | None,
) -> Told:
    if row.is_missing:
        return Told(unnamed(mark, epoch))
    if content is None and not row.is_deleted and row.has_data:
        # It cannot be read here: it stays as it is, on the version that was known.
        return Told(replace(mark, epoch=epoch))
    if row.sent is not None:
        return answered(there, mark, row.sent, epoch, row.version, has_data=row.has_data)
    is_same = there is not None and _is_same(there, row, content, password_hash)
    if row.type == "TRAINER" and not is_same:
        # Nothing of an account ever goes up: what the central has of it counts.
        return Told(Mark(0, row.version, epoch), is_taken=True)
    return pulled(there, mark, row.version, epoch, is_same=is_same)


def _content(row: CentralRow) -> Content | None:
    """None of a deleted one, and of what this release cannot read."""
    if row.payload is None or row.is_deleted:
        return None
    if row.type == "TRAINER":
        return _account(row.payload)
    fields = read_fields("TEMPLATE", row.payload)
    if isinstance(fields, InvalidFields):
        log.warning("a template of the central server cannot be read", template=str(row.id), errors=fields.errors[:3])
        return None
    assert isinstance(fields.values, TemplateValues)  # noqa: S101 - fields are read by their type
    return fields.values.content


def _account(payload: Mapping[str, Any]) -> PulledAccount | None:
    try:
        account = PulledAccount(
            str(payload["name"]), normal_email(payload["email"]), payload["role"], str(payload["password_hash"])
        )
    except (KeyError, AttributeError):
        account = None
    if account is None or account.role not in ROLES:
        log.warning("an account of the central server cannot be read", trainer=str(payload.get("id")))
        return None
    return account


def _is_same(there: Row[Entity], row: CentralRow, content: Content | None, password_hash: str | None) -> bool:
    if there.is_deleted or row.is_deleted:
        return there.is_deleted == row.is_deleted
    match there.entity, content:
        case Template(), TemplateContent():
            return there.entity.content == content
        case Trainer(), PulledAccount():
            return content == PulledAccount(
                there.entity.name, there.entity.email, there.entity.role, password_hash or ""
            )
        case _:
            return False


def _written(
    row: CentralRow,
    there: Row[Entity] | None,
    content: Content | None,
    version: int,
    school_id: UUID,
    password_hash: str | None,
    now: datetime,
) -> RowWrite | None:
    """None where there is nothing to be written: what was never here is deleted."""
    if row.is_deleted:
        if there is None or there.is_deleted:
            return None
        gone_hash = NO_PASSWORD if row.type == "TRAINER" else None
        return _write(row.type, there, _deleted(there.entity, now), version, gone_hash, is_deleted=True)
    match content:
        case TemplateContent():
            template = cast(Template | None, None if there is None else there.entity)
            entity = _template(template, content, row.id, school_id, now)
            return _write("TEMPLATE", there, entity, version, None, is_deleted=False)
        case PulledAccount():
            trainer = cast(Trainer | None, None if there is None else there.entity)
            account = _trainer(trainer, content, row.id, school_id, now)
            ends_logins = trainer is not None and (
                trainer.role != content.role or (password_hash or "") != content.password_hash
            )
            written = _write("TRAINER", there, account, version, content.password_hash, is_deleted=False)
            return replace(written, ends_logins=ends_logins)
        case None:
            return None


def _template(
    there: Template | None, content: TemplateContent, template_id: UUID, school_id: UUID, now: datetime
) -> Template:
    if there is None:
        return Template(template_id, school_id, content, created_at=now, updated_at=now)
    return replace(there, content=content, updated_at=now, deleted_at=None, version=there.version + 1)


def _trainer(
    there: Trainer | None, account: PulledAccount, trainer_id: UUID, school_id: UUID, now: datetime
) -> Trainer:
    if there is None:
        return Trainer(trainer_id, school_id, account.email, account.name, account.role, now, now)
    return replace(
        there,
        email=account.email,
        name=account.name,
        role=account.role,
        updated_at=now,
        deleted_at=None,
        version=there.version + 1,
    )


def _deleted(entity: Entity, now: datetime) -> Entity:
    match entity:
        case Trainer():
            # An address belongs to one account, so it is given back.
            email = f"{entity.id}@deleted.invalid"
            return replace(entity, email=email, deleted_at=now, updated_at=now, version=entity.version + 1)
        case Template():
            return replace(entity, deleted_at=now, updated_at=now, version=entity.version + 1)
        case _:
            raise AssertionError("no session is told by the central")


def _as_it_is(type: EntityType, there: Row[Entity], version: int) -> RowWrite:
    written = written_at_first(FieldWrite(version))
    return RowWrite(type, there.entity, False, version, there.first_version, written, ())


def _write(
    type: EntityType,
    there: Row[Entity] | None,
    entity: Entity,
    version: int,
    password_hash: str | None,
    *,
    is_deleted: bool,
) -> RowWrite:
    action: AuditAction = "deleted" if is_deleted else "added" if there is None or there.is_deleted else "changed"
    is_alive_anew = there is None or there.is_deleted
    return RowWrite(
        type=type,
        entity=entity,
        is_new=there is None,
        version=version,
        first_version=version if is_alive_anew or there is None else there.first_version,
        written=written_at_first(FieldWrite(version, CENTRAL)),
        entries=(entry_of_edit(uuid4(), action, entity, CENTRAL_AUTHOR),),
        password_hash=password_hash,
        ends_logins=is_deleted and type == "TRAINER",
    )
