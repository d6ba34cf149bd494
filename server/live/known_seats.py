"""The seats of one session as this process knows them."""

from __future__ import annotations

from collections.abc import Collection, MutableMapping, Sequence
from dataclasses import replace
from uuid import UUID

from server.domain.session import Seat


class KnownSeats:
    def __init__(
        self, most: int, of_tokens: MutableMapping[bytes, KnownSeats] | None = None, *, is_whole: bool = False
    ) -> None:
        """`most`: how many are kept. `is_whole`: the session has no other seats.

        `of_tokens`: where the seats of other sessions are found, too, by the hashes of their tokens.
        """
        self._most = most
        self._of_tokens: MutableMapping[bytes, KnownSeats] = {} if of_tokens is None else of_tokens
        self._seats: dict[UUID, Seat] = {}
        self._by_token: dict[bytes, UUID] = {}
        self._tokens: dict[UUID, bytes] = {}
        self._is_whole = is_whole

    def find(self, token_hash: bytes) -> Seat | None:
        seat_id = self._by_token.get(token_hash)
        return None if seat_id is None else self._seats.get(seat_id)

    def present(self) -> Sequence[Seat] | None:
        """In the order of joining, without the removed; None if there may be others."""
        if not self._is_whole:
            return None
        seats = (seat for seat in self._seats.values() if seat.removed_at is None)
        return sorted(seats, key=lambda seat: (seat.joined_at, seat.id))

    def all_known(self) -> Sequence[Seat]:
        """The removed too; there may be others."""
        return list(self._seats.values())

    def known(self) -> frozenset[UUID]:
        return frozenset(self._seats)

    def took(self, seat: Seat, token_hash: bytes | None = None) -> None:
        """As it was written or read just now; what was taken away meanwhile stays so."""
        self._put(seat)
        if token_hash is not None:
            self._by_token[token_hash] = seat.id
            self._tokens[seat.id] = token_hash
            self._of_tokens[token_hash] = self
        if len(self._seats) > self._most:
            self._is_whole = False
            self._forget(next(iter(self._seats)))

    def listed(self, seats: Sequence[Seat], known_before: Collection[UUID]) -> None:
        """As the storage has them. Who was known before it was asked, and is not among them, was removed."""
        if len(seats) > self._most:
            self._is_whole = False
            return
        listed = {seat.id for seat in seats}
        came_since = {seat_id for seat_id in self._seats if seat_id not in known_before}
        removed = {seat_id for seat_id, seat in self._seats.items() if seat.removed_at is not None}
        for seat in seats:
            self._put(seat)
        self._is_whole = True
        self._keep(listed | came_since | removed)

    def cannot_be_written(self, seat_id: UUID) -> None:
        """As it was taken here: nobody knows how it is, but the storage."""
        self._is_whole = False
        if seat_id in self._seats:
            self._forget(seat_id)

    def _put(self, seat: Seat) -> None:
        """A seat is taken away once and for all. A renaming or a reading that began before it ends after it, and says
        that the seat is there.
        """
        known = self._seats.get(seat.id)
        if known is not None and known.removed_at is not None and seat.removed_at is None:
            seat = replace(seat, removed_at=known.removed_at)
        self._seats[seat.id] = seat

    def _keep(self, seat_ids: Collection[UUID]) -> None:
        for seat_id in [each for each in self._seats if each not in seat_ids]:
            self._forget(seat_id)

    def _forget(self, seat_id: UUID) -> None:
        del self._seats[seat_id]
        if (token_hash := self._tokens.pop(seat_id, None)) is not None:
            del self._by_token[token_hash]
            self._of_tokens.pop(token_hash, None)
