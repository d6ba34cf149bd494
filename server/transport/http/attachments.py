"""What is downloaded, and kept by nobody on the way. Of its head alone nothing is read, and no audit told."""

from __future__ import annotations

from starlette.responses import Response

from server.transport.http.endpoint import Call


def attachment_headers(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}


def asks_for_head(call: Call) -> bool:
    return call.request.method == "HEAD"


def head_of(name: str, media_type: str) -> Response:
    """Without a length: that is known once it is written."""
    response = Response(media_type=media_type, headers=attachment_headers(name))
    del response.headers["content-length"]
    return response
