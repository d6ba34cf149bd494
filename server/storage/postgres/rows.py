"""Rows of the tables, read into the domain's own types."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from server.domain.annotations import Annotation
from server.domain.case import Case, stored_checklist, stored_steps, stored_targets
from server.domain.events import Author, Event, Written, read_fact, write_fact
from server.domain.limits import LIMITS_KEPT, LimitsSince, limits_as_json, limits_from_json
from server.domain.people import Retention, School, Trainer
from server.domain.session import ForkedFrom, HomeHall, Seat, Session, SessionLock
from server.domain.sync import FieldWrites, written_from_json
from server.domain.template import Template, TemplateContent
from server.domain.timestamps import read_timestamp, to_milliseconds, write_timestamp
from server.domain.vitals import LastValues, Number, SignName, VitalsPatch
from server.ports.results import Cursor, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeVar

    import asyncpg

    T = TypeVar("T")

EVENT_COLUMNS = (
    "id, session_id, seq, kind, created_at, systolic, diastolic, heart_rate, spo2, respiratory_rate, etco2, "
    "temperature, rhythm, flags, ramp_seconds, text, details, by_role, by_id, by_name, made_at, step, marker"
)
# No more than `session_from` reads: everybody who joins reads two. The driver knows text[], but for uuid[] it would
# read the catalogue, once on each connection, which takes as long as twenty joins.
SESSION_COLUMNS = (
    "sessions.id, code, title, trainee_name, trainer_id, school_id, template_id, created_at, updated_at, expires_at, "
    "closed_at, close_reason, last_values, limits, sessions.last_seq, sessions.version, public_title, "
    "co_trainer_ids::text[], shows_conditions, forked_from, hall, lock, names_out_at"
)
# Of the sessions that are read, a column more.
LIMITS_SINCE = f"""
(SELECT jsonb_agg(jsonb_build_object('at', at, 'limits', limits) ORDER BY at)
 FROM (SELECT at, limits FROM session_limits WHERE session_id = sessions.id ORDER BY at DESC LIMIT {LIMITS_KEPT})
    AS newest) AS limits_since
"""  # noqa: S608 - a constant
INSERT_EVENT = f"""
INSERT INTO session_events ({EVENT_COLUMNS})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
    $23)
"""  # noqa: S608 - only the constant list of columns is filled in


def school_from(row: asyncpg.Record) -> School:
    retention = Retention(row["names_months"], row["records_months"], optional_moment(row["retention_begins_at"]))
    return School(plain_uuid(row["id"]), row["name"], plain_moment(row["created_at"]), retention)


def trainer_from(row: asyncpg.Record) -> Trainer:
    return Trainer(
        id=plain_uuid(row["id"]),
        school_id=plain_uuid(row["school_id"]),
        email=row["email"],
        name=row["name"],
        role=row["role"],
        created_at=plain_moment(row["created_at"]),
        updated_at=plain_moment(row["updated_at"]),
        deleted_at=optional_moment(row["deleted_at"]),
        version=row["version"],
    )


def template_from(row: asyncpg.Record, content: TemplateContent | None = None) -> Template:
    """`content`, where it was not read with the row."""
    return Template(
        id=plain_uuid(row["id"]),
        school_id=plain_uuid(row["school_id"]),
        content=TemplateContent.from_json(row["content"]) if content is None else content,
        created_at=plain_moment(row["created_at"]),
        updated_at=plain_moment(row["updated_at"]),
        deleted_at=optional_moment(row["deleted_at"]),
        version=row["version"],
    )


def session_from(row: asyncpg.Record) -> Session:
    """Of SESSION_COLUMNS."""
    return Session(
        id=plain_uuid(row["id"]),
        code=row["code"],
        title=row["title"],
        trainee_name=row["trainee_name"],
        trainer_id=plain_uuid(row["trainer_id"]),
        school_id=plain_uuid(row["school_id"]),
        template_id=None if row["template_id"] is None else plain_uuid(row["template_id"]),
        created_at=plain_moment(row["created_at"]),
        updated_at=plain_moment(row["updated_at"]),
        expires_at=plain_moment(row["expires_at"]),
        closed_at=optional_moment(row["closed_at"]),
        close_reason=row["close_reason"],
        last_values=LastValues.from_json(row["last_values"]),
        limits=limits_from_json(row["limits"]),
        last_seq=row["last_seq"],
        version=row["version"],
        public_title=row["public_title"],
        co_trainer_ids=tuple(UUID(each) for each in row["co_trainer_ids"]),
        shows_conditions=row["shows_conditions"],
        forked_from=_forked_from(row["forked_from"]),
        hall=_hall_from(row["hall"]),
        lock=_lock_from(row["lock"]),
        names_out_at=optional_moment(row["names_out_at"]),
    )


def limits_since_from(row: asyncpg.Record) -> tuple[LimitsSince, ...]:
    """Of LIMITS_SINCE."""
    told = row["limits_since"] or ()
    return tuple(LimitsSince(read_timestamp(each["at"]), limits_from_json(each["limits"])) for each in told)


def limits_values(session_id: UUID, since: LimitsSince) -> Mapping[str, object]:
    return {"session_id": session_id, "at": since.at, "limits": limits_as_json(since.limits)}


def lock_values(lock: SessionLock | None) -> Mapping[str, object] | None:
    if lock is None:
        return None
    by_id = None if lock.by.id is None else str(lock.by.id)
    return {"reason": lock.reason, "by_id": by_id, "by_name": lock.by.name, "at": write_timestamp(lock.at)}


def _lock_from(raw: Mapping[str, Any] | None) -> SessionLock | None:
    if raw is None:
        return None
    by_id = None if raw["by_id"] is None else UUID(raw["by_id"])
    return SessionLock(raw["reason"], author_from(by_id, raw["by_name"]), read_timestamp(raw["at"]))


def hall_values(hall: HomeHall | None) -> Mapping[str, object] | None:
    if hall is None:
        return None
    return {
        "id": str(hall.id),
        "name": hall.name,
        "clock_offset_ms": hall.clock_offset_ms,
        "heard_at": write_timestamp(hall.heard_at),
        "is_home": hall.is_home,
    }


def _hall_from(raw: Mapping[str, Any] | None) -> HomeHall | None:
    if raw is None:
        return None
    heard_at = read_timestamp(raw["heard_at"])
    return HomeHall(UUID(raw["id"]), raw["name"], raw["clock_offset_ms"], heard_at, raw["is_home"])


def forked_from_values(forked: ForkedFrom | None) -> Mapping[str, object] | None:
    if forked is None:
        return None
    moves = {"moves_trainees": True} if forked.moves_trainees else {}
    return {"session_id": str(forked.session_id), "seq": forked.seq, **moves}


def _forked_from(raw: Mapping[str, Any] | None) -> ForkedFrom | None:
    return None if raw is None else ForkedFrom(UUID(raw["session_id"]), raw["seq"], "moves_trainees" in raw)


def case_from(row: asyncpg.Record | Mapping[str, Any]) -> Case:
    return Case(
        template_id=plain_uuid(row["template_id"]),
        template_version=row["template_version"],
        description=row["description"],
        steps=stored_steps(row["steps"]),
        checklist=stored_checklist(row["checklist"]),
        targets=stored_targets(row["targets"]),
        pass_percent=row["pass_percent"],
    )


def case_values(session_id: UUID, case: Case) -> tuple[object, ...]:
    return (
        session_id,
        case.template_id,
        case.template_version,
        case.description,
        [step.as_json() for step in case.steps],
        [item.as_json() for item in case.checklist],
        [target.as_json() for target in case.targets],
        case.pass_percent,
    )


def seat_from(row: asyncpg.Record) -> Seat:
    return Seat(
        id=plain_uuid(row["id"]),
        session_id=plain_uuid(row["session_id"]),
        name=row["name"],
        joined_at=plain_moment(row["joined_at"]),
        removed_at=optional_moment(row["removed_at"]),
    )


def annotation_from(row: asyncpg.Record) -> Annotation:
    return Annotation(
        id=plain_uuid(row["id"]),
        session_id=plain_uuid(row["session_id"]),
        school_id=plain_uuid(row["school_id"]),
        at=plain_moment(row["at"]),
        kind=row["kind"],
        text=row["text"],
        marker=row["marker"],
        author=Author("trainer", plain_uuid(row["author_id"]), row["author_name"]),
        created_at=plain_moment(row["created_at"]),
        updated_at=plain_moment(row["updated_at"]),
        version=row["version"],
        deleted_at=optional_moment(row["deleted_at"]),
    )


def event_from(row: asyncpg.Record) -> Event:
    """Of a row that begins with EVENT_COLUMNS."""
    # A long record is thousands of them: by place, for to look each up by its name takes as long as the rest.
    (
        id_, session_id, seq, kind, created_at, systolic, diastolic, heart_rate, spo2, respiratory_rate, etco2,
        temperature, rhythm, flags, ramp_seconds, text, details, by_role, by_id, by_name, made_at, step, marker, *_,
    ) = row  # fmt: skip
    patch = None
    if kind == "vitals":
        signs: dict[SignName, Any] = {
            "heart_rate": heart_rate, "systolic": systolic, "diastolic": diastolic, "spo2": spo2,
            "respiratory_rate": respiratory_rate, "etco2": etco2, "temperature": temperature,
        }  # fmt: skip
        named: dict[SignName, Number] = {name: _number(value) for name, value in signs.items() if value is not None}
        patch = VitalsPatch(named, rhythm, flags or {}, _seconds(ramp_seconds or 0))
    moment = plain_moment(created_at)
    return Event(
        plain_uuid(id_),
        plain_uuid(session_id),
        seq,
        moment,
        moment if made_at is None else plain_moment(made_at),
        Author(by_role, None if by_id is None else plain_uuid(by_id), by_name),
        read_fact(Written(kind, patch, text, details, step, marker)),
    )


def event_values(event: Event) -> tuple[object, ...]:
    """The values of EVENT_COLUMNS, in that order. What was stored as it was made has no moment of its own for that."""
    kind, patch, text, details, step, marker = write_fact(event.fact)
    signs: Mapping[SignName, Number] = patch.signs if patch is not None else {}
    return (
        event.id,
        event.session_id,
        event.seq,
        kind,
        event.created_at,
        signs.get("systolic"),
        signs.get("diastolic"),
        signs.get("heart_rate"),
        signs.get("spo2"),
        signs.get("respiratory_rate"),
        signs.get("etco2"),
        signs.get("temperature"),
        patch.rhythm if patch is not None else None,
        dict(patch.flags) if patch is not None and patch.flags else None,
        float(patch.ramp_seconds) if patch is not None else None,
        text,
        details,
        event.by.role,
        event.by.id,
        event.by.name,
        None if event.made_at == event.created_at else event.made_at,
        step,
        marker,
    )


def written_from(row: asyncpg.Record) -> FieldWrites:
    return written_from_json(row["written"])


def author_from(by_id: UUID | None, name: str) -> Author:
    """Whoever has an account is a trainer."""
    return Author("system" if by_id is None else "trainer", None if by_id is None else plain_uuid(by_id), name)


def page_of(rows: Sequence[asyncpg.Record], limit: int, read: Callable[[asyncpg.Record], T]) -> Page[T]:
    """A page out of up to `limit + 1` rows; the one row too many says that there is a next page."""
    kept = rows[:limit]
    more = len(rows) > limit
    return Page(
        [read(row) for row in kept],
        Cursor(plain_moment(kept[-1]["created_at"]), plain_uuid(kept[-1]["id"])) if more else None,
    )


def _seconds(value: float) -> Number:
    return int(value) if value == int(value) else value


def _number(value: Any) -> Number:
    """Integers come as they are; the temperature comes as a Decimal."""
    return value if isinstance(value, int) else float(value)


def plain_uuid(value: UUID) -> UUID:
    """The driver's own subclass of UUID made plain, so that it compares and prints as every other."""
    return UUID(int=value.int)


def plain_moment(value: datetime) -> datetime:
    return to_milliseconds(value)


def optional_moment(value: datetime | None) -> datetime | None:
    return None if value is None else to_milliseconds(value)
