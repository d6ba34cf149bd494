"""The clock. Read by transports and jobs alone; everything below them is told the time."""

from __future__ import annotations

from datetime import UTC, datetime

from server.domain.timestamps import to_milliseconds


def now() -> datetime:
    """The present moment in UTC, in whole milliseconds: what the wire carries and the storage keeps."""
    return to_milliseconds(datetime.now(UTC))
