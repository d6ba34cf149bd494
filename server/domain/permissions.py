"""Who may do what: one table, which the screens get as it stands here. Nothing else grants or refuses."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Literal, Protocol, get_args
from uuid import UUID

from server.domain.outcomes import DeviceRevoked, Forbidden, NotFound
from server.domain.people import Trainer, is_admin

Relation = Literal["owner", "co_trainer", "admin", "trainer", "observer", "trainee"]
"""What somebody is to a session of their own school; to the school itself: admin, trainer or observer."""

Action = Literal[
    "watch",
    "push_vitals",
    "run_case",
    "take_action",
    "add_note",
    "add_marker",
    "annotate",
    "edit_annotations_of_others",
    # A sheet of one's own on what was done in the session.
    "score",
    "edit_session",
    "close_session",
    "remove_trainee",
    "take_controls",
    "open_session",
    "edit_templates",
    "set_homework",
    "withdraw_homework_of_others",
    "manage_trainers",
    "read_audit",
    "see_devices",
    "export_school",
    "manage_halls",
    "lock_record",
    "take_names_out",
    "set_retention",
]

_STEERING: frozenset[Relation] = frozenset({"owner", "co_trainer", "admin"})
_BEDSIDE: frozenset[Relation] = frozenset({*_STEERING, "trainee"})
_TEACHING: frozenset[Relation] = frozenset({*_STEERING, "trainer"})
_LOOKING: frozenset[Relation] = frozenset({*_TEACHING, "observer"})
_ADMINS: frozenset[Relation] = frozenset({"admin"})
_OWNERS: frozenset[Relation] = frozenset({"owner", "admin"})
_TRAINERS: frozenset[Relation] = frozenset({"admin", "trainer"})

PERMISSIONS: Mapping[Action, frozenset[Relation]] = {
    "watch": _LOOKING,
    "push_vitals": _STEERING,
    "run_case": _STEERING,
    "take_action": _BEDSIDE,
    "add_note": _TEACHING,
    "add_marker": _TEACHING,
    "annotate": _LOOKING,
    "edit_annotations_of_others": _ADMINS,
    "score": _LOOKING,
    "edit_session": _STEERING,
    "close_session": _STEERING,
    "remove_trainee": _STEERING,
    "take_controls": _TEACHING,
    "open_session": _TRAINERS,
    "edit_templates": _TRAINERS,
    "set_homework": _TRAINERS,
    "withdraw_homework_of_others": _ADMINS,
    "manage_trainers": _ADMINS,
    "read_audit": _ADMINS,
    "see_devices": _ADMINS,
    "export_school": _ADMINS,
    "manage_halls": _ADMINS,
    "lock_record": _OWNERS,
    "take_names_out": _OWNERS,
    "set_retention": _ADMINS,
}
RELATIONS: tuple[Relation, ...] = get_args(Relation)

NO_SESSION = NotFound("There is no such session.")
TRAINERS_ONLY = Forbidden("Only a trainer does this, with a trainer's token.")
ANOTHERS_DEVICE = Forbidden("The id of this device belongs to a colleague; a device makes a random one of its own.")
HALLS_ONLY = Forbidden("Only a hall server says hello, by the token that an admin made for it.")
NOT_THIS_ROLE = Forbidden("Your role does not allow this; ask an admin of your school.")
_ADMINS_ONLY = Forbidden("Only an admin of the school may do this; ask one of yours.")
_OBSERVER = Forbidden("An observer watches, annotates and scores; ask a trainer of your school to do this.")
_ANOTHERS = Forbidden("This session is steered by another trainer of your school; take the controls first.")
_OF_SOMEBODY_ELSE = Forbidden("Only its author or an admin changes this; add an annotation of your own.")
_ITS_OWNERS = Forbidden("Only whoever opened this session or an admin does this; ask one of them.")
_GIVEN_BY_SOMEBODY_ELSE = Forbidden("Only whoever gave this homework or an admin takes it back; ask one of them.")


class Steered(Protocol):
    """What of a session decides who may do what in it."""

    @property
    def id(self) -> UUID: ...

    @property
    def school_id(self) -> UUID: ...

    @property
    def trainer_id(self) -> UUID: ...

    @property
    def co_trainer_ids(self) -> Collection[UUID]: ...


class Seated(Protocol):
    """A trainee, by the seat."""

    @property
    def session_id(self) -> UUID: ...


def relation_to(session: Steered, actor: Trainer | Seated) -> Relation | None:
    """None for whoever has nothing to do with it: another school's trainer, another session's trainee."""
    if not isinstance(actor, Trainer):
        return "trainee" if actor.session_id == session.id else None
    if actor.school_id != session.school_id:
        return None
    if actor.role != "trainer":
        return actor.role
    if actor.id == session.trainer_id:
        return "owner"
    return "co_trainer" if actor.id in session.co_trainer_ids else "trainer"


def holds_controls(session: Steered, trainer: Trainer) -> bool:
    """Whether the session is theirs to steer, or was given or taken over to them: an admin needs neither."""
    return trainer.id == session.trainer_id or trainer.id in session.co_trainer_ids


class Owned(Protocol):
    """A device, or an edit of one: who it belongs to; None where that was not kept."""

    @property
    def trainer_id(self) -> UUID | None: ...


def owns_device(device: Owned, trainer_id: UUID | None) -> bool:
    return device.trainer_id == trainer_id


def device_revoked(by: str) -> DeviceRevoked:
    return DeviceRevoked(
        f"{by} has shut this device out of your school's data: it may neither send nor get. What waits on it stays "
        "there; ask an admin of your school to let it in again."
    )


def is_let_in(trainer: Trainer, named: Collection[UUID] | None) -> bool:
    """Whether a trainer may log in at a hall: by its token those who are `named`; None: all who are no admins."""
    return trainer.role != "admin" if named is None else trainer.id in named


def sees_addresses(trainer: Trainer) -> bool:
    """Whether a device of theirs is told the e-mail addresses of colleagues."""
    return is_admin(trainer)


def judge_action(actor: Trainer | Seated, action: Action, session: Steered) -> NotFound | Forbidden | None:
    """Whether this actor may do this in this session; None: yes. Existence is not told to another school."""
    relation = relation_to(session, actor)
    return NO_SESSION if relation is None else _judge(relation, action)


def judge_school_action(trainer: Trainer, action: Action) -> Forbidden | None:
    """Whether this trainer may do this in their own school, in no session; None: yes."""
    return _judge(trainer.role, action)


def judge_taking_back(trainer: Trainer, given_by: UUID) -> Forbidden | None:
    """Whether this trainer may take back the homework that the other one of their school gave; None: yes."""
    return judge_school_action(trainer, "set_homework" if trainer.id == given_by else "withdraw_homework_of_others")


def _judge(relation: Relation, action: Action) -> Forbidden | None:
    granted = PERMISSIONS[action]
    return None if relation in granted else _way_out(relation, action, granted)


def _way_out(relation: Relation, action: Action, granted: frozenset[Relation]) -> Forbidden:
    """The refusal, which says whom to ask or what to do first."""
    if relation == "trainee":
        return TRAINERS_ONLY
    if action == "withdraw_homework_of_others":
        return _GIVEN_BY_SOMEBODY_ELSE
    if action == "edit_annotations_of_others":
        return _OF_SOMEBODY_ELSE
    if granted == _ADMINS:
        return _ADMINS_ONLY
    if granted == _OWNERS:
        return _ITS_OWNERS
    if relation == "observer":
        return _OBSERVER
    if relation in PERMISSIONS["take_controls"] and "co_trainer" in granted:
        return _ANOTHERS
    return NOT_THIS_ROLE


KEPT_AT_CENTRAL = Forbidden("Accounts are kept at the school's central server; change them there.")

RETENTION_AT_CENTRAL = Forbidden("What is kept, and for how long, is decided at the school's central server.")


def judge_hall_login(contacted_at: datetime | None, life: timedelta, now: datetime) -> Forbidden | None:
    """Whether passwords of the central may still be trusted here: somebody may have lost theirs there since."""
    if contacted_at is not None and now - contacted_at <= life:
        return None
    return Forbidden(
        "This hall has never reached its central server. Connect it once; then people can log in."
        if contacted_at is None
        else f"This hall has not reached its central server since {contacted_at:%Y-%m-%d}, "
        f"and logins count for {life.days} days without it. Connect it once."
    )
