"""What of a refusal programs are told over gRPC: a status, words for people, and a `Refusal` for themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import grpc

from server.domain.outcomes import FieldError
from server.transport.refusals import Refused
from server.transport.rpc import shiller_pb2 as pb

# The suffix says that it is no text.
REFUSAL_KEY = "shiller-refusal-bin"

STATUSES: Mapping[str, grpc.StatusCode] = {
    "invalid_body": grpc.StatusCode.INVALID_ARGUMENT,
    "unauthenticated": grpc.StatusCode.UNAUTHENTICATED,
    "forbidden": grpc.StatusCode.PERMISSION_DENIED,
    "device_revoked": grpc.StatusCode.PERMISSION_DENIED,
    "hall_revoked": grpc.StatusCode.UNAUTHENTICATED,
    "not_found": grpc.StatusCode.NOT_FOUND,
    "method_not_allowed": grpc.StatusCode.UNIMPLEMENTED,
    "conflict": grpc.StatusCode.FAILED_PRECONDITION,
    "resync_required": grpc.StatusCode.FAILED_PRECONDITION,
    "not_home": grpc.StatusCode.FAILED_PRECONDITION,
    "session_closed": grpc.StatusCode.FAILED_PRECONDITION,
    "session_expired": grpc.StatusCode.FAILED_PRECONDITION,
    "removed": grpc.StatusCode.FAILED_PRECONDITION,
    "full": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "version_mismatch": grpc.StatusCode.ABORTED,
    "too_large": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "unsupported_media_type": grpc.StatusCode.INVALID_ARGUMENT,
    "invalid_fields": grpc.StatusCode.INVALID_ARGUMENT,
    "rate_limited": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "internal_error": grpc.StatusCode.INTERNAL,
    "storage_unavailable": grpc.StatusCode.UNAVAILABLE,
}

# Clients take some 8 KiB of metadata, and refuse an answer that has more.
ERRORS_IN_METADATA = 10
_LONGEST_TEXT = 200
_LONGEST_DETAIL = 600


def detail_of(refusal: Refused) -> str:
    """Many programs show nothing else, so the fields stand in it."""
    named = "; ".join(f"{error.field}: {error.message}" for error in refusal.errors or ())
    return (named or refusal.detail)[:_LONGEST_DETAIL]


def trailing_metadata(refusal: Refused) -> tuple[tuple[str, bytes], ...]:
    told = pb.Refusal(
        code=refusal.code,
        errors=field_errors((refusal.errors or ())[:ERRORS_IN_METADATA]),
        retry_after_seconds=refusal.retry_after_seconds or 0,
    )
    return ((REFUSAL_KEY, told.SerializeToString()),)


def field_errors(errors: Sequence[FieldError]) -> list[pb.FieldError]:
    return [pb.FieldError(field=error.field[:_LONGEST_TEXT], message=error.message[:_LONGEST_TEXT]) for error in errors]
