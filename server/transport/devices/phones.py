"""What changed, in one answer as phones read it: written as it is read, in small pieces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

from server.domain.devices import Entity
from server.domain.events import Event
from server.domain.people import Trainer
from server.json_text import write_json
from server.ports.slices import Slices
from server.ports.sync import ToldTemplate
from server.service.sync.judging import Show
from server.service.sync.phones import TABLES, PhonePull, Table
from server.transport.devices.columns import event_row, row_of, template_row
from server.transport.streaming import PIECE_BYTES, HoldingResponse


class PulledResponse(HoldingResponse):
    """`ended` is awaited when all of it was read; the pull is ended however it ends."""

    def __init__(self, pull: PhonePull, show: Show, ended: Callable[[], Awaitable[None]]) -> None:
        super().__init__(_pieces(pull, show, ended), pull.end, "application/json")


def phone_client(trainer: Trainer) -> str:
    """Phones send no id of their own; in the log each trainer's are one device."""
    return f"watermelon/{trainer.id}"


async def _pieces(pull: PhonePull, show: Show, ended: Callable[[], Awaitable[None]]) -> AsyncGenerator[bytes]:
    piece = bytearray()
    async for text in _texts(pull, show):
        piece += text.encode()
        if len(piece) >= PIECE_BYTES:
            yield bytes(piece)
            piece.clear()
            await asyncio.sleep(0)
    await ended()
    yield bytes(piece)


async def _texts(pull: PhonePull, show: Show) -> AsyncGenerator[str]:
    yield f'{{"timestamp":{pull.timestamp},"serverEpoch":{write_json(pull.epoch)},"changes":{{'
    for place, table in enumerate(TABLES):
        yield f'{"," if place else ""}"{table}":{{"created":[],"updated":['
        async for text in _table(pull, table, show):
            yield text
        yield "}"
    yield "}}"


async def _table(pull: PhonePull, table: Table, show: Show) -> AsyncGenerator[str]:
    slices = Slices()
    deleted: list[str] = []
    separator = ""
    async for part in pull.parts(table):
        deleted += [str(each) for each in part.deleted]
        for each in part.present:
            yield separator + write_json(_row(each, show))
            separator = ","
            await slices.breathe()
    yield f'],"deleted":{write_json(deleted)}'


def _row(told: Entity | ToldTemplate | Event, show: Show) -> dict[str, object]:
    match told:
        case ToldTemplate():
            return template_row(told)
        case Event():
            return event_row(told)
        case _:
            return row_of(told, show)
