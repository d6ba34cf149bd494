"""What comes over gRPC and is no message of its method: refused like anything else, with a code and no traceback."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from server.transport.rpc import shiller_pb2 as pb

_OURS = f"/{pb.DESCRIPTOR.package}."


class ReadsAnything(grpc.aio.ServerInterceptor):
    """A method of ours is called with None for bytes that cannot be read; the library would end it with UNKNOWN."""

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        handler = await continuation(handler_call_details)
        if handler is None or handler.unary_unary is None or handler.request_deserializer is None:
            return handler
        if not handler_call_details.method.startswith(_OURS):
            return handler
        return grpc.unary_unary_rpc_method_handler(
            handler.unary_unary, _reading(handler.request_deserializer), handler.response_serializer
        )


def _reading(read: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    def read_or_none(data: bytes) -> Any:
        try:
            return read(data)
        except DecodeError:
            return None

    return read_or_none
