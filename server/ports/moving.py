"""Where everything of a school is read to be moved."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol
from uuid import UUID

from server.domain.moving import Part


class MovingStore(Protocol):
    def read_school(self, school_id: UUID) -> AsyncGenerator[Part]:
        """Everything of the school as of one moment, whatever is written meanwhile, in an order that every storage
        keeps: without the `ExportBegun`, the `Head` last. Nothing if there is no such school.

        What is not the school's own stays behind: logins, the answers and the log of devices' calls, keys, and the
        entries of the audit that tell of moving itself.
        """
        ...
