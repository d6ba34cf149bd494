"""Where the seats of a session are kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.domain.outcomes import SessionFull
from server.domain.session import Seat


class SeatStore(Protocol):
    async def add_seat(self, seat: Seat, token_hash: bytes) -> Seat:
        """The seat as it is stored, under the name that it has; one that is there already stays as it is.

        Late or away, in a session that this process knows: it is written when the storage is back. Until then it is
        found and listed by this process. Raises `StorageUnavailable` if too many wait.
        """
        ...

    async def take_seat(self, seat: Seat, token_hash: bytes, most: int) -> Seat | SessionFull:
        """As `add_seat`, and its name is what is wished for: it gets one that nobody else in the session has
        (`domain/seat_names`), however many join at once and by whichever process; unless `most` seats are taken.

        Late or away: told apart from those that this process knows, and counted with them.
        """
        ...

    async def find_seat(self, token_hash: bytes) -> Seat | None:
        """Of whichever session; removed ones too. Late or away: if this process knows it."""
        ...

    async def rename_seat(self, seat: Seat, name: str, *, is_told_apart: bool = False) -> Seat:
        """As `add_seat`, also while the storage is late or away."""
        ...

    async def remove_seat(self, session_id: UUID, seat_id: UUID, now: datetime) -> Seat | None:
        """The removed seat; removing twice answers the same. None if the session has no such seat."""
        ...

    async def removed_among(self, seat_ids: Collection[UUID]) -> frozenset[UUID]:
        """Which of these are there no longer: taken away, or told while the storage was late and never written, for
        they could not be. What has yet to be written is there.
        """
        ...

    async def list_seats(self, session_id: UUID) -> Sequence[Seat]:
        """In the order of joining, without the removed. Late or away: if this process knows all of them."""
        ...
