"""Of a refusal what was named besides and is not there: a template, a colleague, a step, an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast
from uuid import UUID

from server.domain.outcomes import FieldError, InvalidFields
from server.domain.people import Trainer
from server.domain.text import is_key
from server.ports.results import StorageUnavailable
from server.service.services import Services
from server.transport.wire.ids import read_uuid, read_uuids


async def with_named(
    refusal: InvalidFields, raw: object, services: Services, trainer: Trainer, session_id: UUID | None = None
) -> InvalidFields:
    """`refusal`, and what in `raw` names something that the school does not have. `session_id` is of the session in
    whose record it was to be written, where `raw` does not say it. Without the storage it is the refusal alone.
    """
    if not isinstance(raw, dict):
        return refusal
    try:
        also = await _errors(refusal, cast(Mapping[str, object], raw), services, trainer, session_id)
    except StorageUnavailable:
        return refusal
    return InvalidFields((*refusal.errors, *also)) if also else refusal


async def _errors(
    refusal: InvalidFields,
    sent: Mapping[str, object],
    services: Services,
    trainer: Trainer,
    session_id: UUID | None,
) -> Sequence[FieldError]:
    told = {error.field.split(".")[0] for error in refusal.errors}
    also: list[FieldError] = []
    template_id = read_uuid(sent.get("template_id"))
    if template_id is not None and "template_id" not in told:
        also += await services.sessions.template_errors(trainer, template_id)
    ids = read_uuids(sent.get("co_trainer_ids"))
    if ids and "co_trainer_ids" not in told:
        also += await services.sessions.co_trainer_errors(trainer, ids, session_id)
    after_seq = sent.get("after_seq")
    if session_id is not None and type(after_seq) is int and "after_seq" not in told:
        also += await services.forks.after_seq_errors(trainer, session_id, after_seq)
    session_id, step = session_id or read_uuid(sent.get("session_id")), sent.get("step")
    if session_id is not None and isinstance(step, str) and is_key(step) and "step" not in told:
        also += await services.sessions.step_errors(trainer, session_id, step)
    return also
