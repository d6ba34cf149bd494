"""The part of python-engineio 4.15 that Shiller uses; the library has no types of its own."""

from typing import Any

from engineio import packet as packet

def AsyncServer(*, async_mode: str, logger: Any) -> Any: ...
