"""What the services have and take, as messages of shiller.proto and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from server.domain.devices import Entity, ServerData
from server.domain.outcomes import FieldError
from server.domain.people import Trainer
from server.domain.permissions import sees_addresses
from server.service.sync.judging import Show
from server.transport.devices.columns import columns_of
from server.transport.rpc import shiller_pb2 as pb
from server.transport.wire.answers import trainer_answer

TEMPLATE_COLUMNS = (
    "title", "public_title", "description", "duration_minutes", "vitals", "rhythm", "flags", "steps", "limits",
    "checklist", "targets", "language", "pass_percent",
)  # fmt: skip
_MEANINGLESS = "has no meaning here: leave it out"


def show_accounts_to(trainer: Trainer) -> Show:
    """As REST shows them; of colleagues only admins are told the address."""
    hidden = () if sees_addresses(trainer) else ("email",)

    def show(entity: Entity) -> Mapping[str, object]:
        assert isinstance(entity, Trainer)  # noqa: S101 - nothing else was asked for
        return {name: value for name, value in trainer_answer(entity).items() if name not in hidden}

    return show


def user_message(shown: Mapping[str, object]) -> pb.User:
    row = cast(Mapping[str, Any], columns_of(shown))
    return pb.User(
        id=row["id"],
        name=row["name"],
        role=row["role"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        deleted_at=row["deleted_at"],
        sync_version=row["version"],
        email=row.get("email", ""),
    )


def template_message(shown: Mapping[str, object]) -> pb.Template:
    row = cast(Mapping[str, Any], columns_of(shown))
    return pb.Template(
        id=row["id"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        deleted_at=row["deleted_at"],
        version=row["version"],
        **{name: row[name] for name in TEMPLATE_COLUMNS},
    )


def template_update(data: ServerData) -> pb.TemplateUpdate:
    return pb.TemplateUpdate(template=template_message(data.payload), server_version=data.version)


def meaningless_errors(user: pb.User) -> list[FieldError]:
    """Fields that other servers of this service have, and that nobody here would keep."""
    sent = {"percentage": user.HasField("percentage"), "is_template_user": user.is_template_user}
    return [FieldError(name, _MEANINGLESS) for name, is_sent in sent.items() if is_sent]


def account_payload(user: pb.User) -> dict[str, object]:
    """The parts of an account that were sent, as REST takes them."""
    parts = {"name": user.name, "email": user.email, "role": user.role, "password": user.password}
    return {name: value for name, value in parts.items() if value}


def sent_columns(template: pb.Template) -> dict[str, object]:
    return {name: getattr(template, name) for name in TEMPLATE_COLUMNS if template.HasField(cast(Any, name))}
