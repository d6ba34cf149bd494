"""/upstream: how a hall server stands with its central one."""

from __future__ import annotations

from server import __version__
from server.domain.outcomes import NotFound, Refusal
from server.domain.timestamps import write_optional_timestamp, write_timestamp
from server.ports.upstream import RefusedRow
from server.service.upstream import HallStatus
from server.transport.http.endpoint import Answer, Call, Endpoint
from server.transport.wire.shapes import RefusedRowAnswer, UpstreamAnswer

_NO_HALL = NotFound("This server is no hall: it sends nothing to another one.")


async def _status(call: Call) -> Answer | Refusal:
    hall = call.services.hall
    if hall is None:
        # Every dashboard asks; that there is nothing to tell is no error.
        return Answer(204, None)
    return Answer(200, upstream_answer(await hall.status(call.now)))


async def _now(call: Call) -> Answer | Refusal:
    hall = call.services.hall
    if hall is None:
        return _NO_HALL
    hall.wake()
    return Answer(202, upstream_answer(await hall.status(call.now)))


def upstream_answer(status: HallStatus) -> UpstreamAnswer:
    link, waiting, school = status.link, status.waiting, status.school
    hall_id = None if link is None else link.hall_id
    problem = None if link is None else link.problem
    return {
        "url": status.url,
        "school": None if school is None else {"id": str(school.id), "name": school.name},
        "hall": None if link is None or hall_id is None else {"id": str(hall_id), "name": link.hall_name or ""},
        "release": __version__,
        "central_release": None if link is None else link.release,
        "contacted_at": None if link is None else write_optional_timestamp(link.contacted_at),
        "completed_at": None if link is None else write_optional_timestamp(link.completed_at),
        "next_try_at": None if link is None else write_optional_timestamp(link.next_try_at),
        "waiting": {
            "templates": waiting.templates,
            "sessions": waiting.sessions,
            "events": waiting.events,
            "annotations": waiting.annotations,
            "since": write_optional_timestamp(waiting.since),
        },
        "refused": [_refused_answer(each) for each in status.refused],
        "conflicts": status.conflicts,
        "clock_offset_ms": None if link is None else link.offset_ms,
        "problem": None if problem is None else {"kind": problem.kind, "detail": problem.detail},
        "is_well": status.is_well,
    }


def _refused_answer(refused: RefusedRow) -> RefusedRowAnswer:
    return {
        "type": refused.type,
        "id": str(refused.entity_id),
        "reason": refused.reason,
        "errors": [{"field": field, "message": message} for field, message in refused.errors],
        "at": write_timestamp(refused.at),
    }


ENDPOINTS = (
    Endpoint(
        "GET", "/upstream", "How this hall stands with its central server", _status,
        {200: UpstreamAnswer, 204: None},
    ),
    Endpoint(
        "POST", "/upstream/now", "Send and get what is new now", _now, {202: UpstreamAnswer}, ("not_found",),
    ),
)  # fmt: skip
