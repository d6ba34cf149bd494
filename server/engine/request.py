"""What the engine asks of an HTTP request on its path, a poll's or that for a WebSocket."""

from __future__ import annotations

from urllib.parse import parse_qs

from server.engine.settings import Environ, Scope


def _query_of(text: str) -> dict[str, str]:
    try:
        asked = parse_qs(text, keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return {}  # more than anybody asks, so nothing
    return {name: values[0] for name, values in asked.items()}


class EngineRequest:
    """What is asked of a request here."""

    def __init__(self, scope: Scope, environ: Environ) -> None:
        self.environ = environ
        self.is_websocket = scope["type"] == "websocket"
        self.method: str = "GET" if self.is_websocket else scope["method"]
        # As the app names it: it may take a whole network for one client.
        self.address: str = environ["REMOTE_ADDR"]
        self._headers: list[tuple[bytes, bytes]] = scope["headers"]
        self.query = _query_of(scope["query_string"].decode("latin-1"))

    @property
    def origin(self) -> str | None:
        return self.header("origin") or None

    def header(self, name: str) -> str | None:
        wanted = name.encode()
        return next((value.decode("latin-1") for key, value in self._headers if key == wanted), None)
