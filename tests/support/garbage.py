"""What no client sends, from a process of its own: what it costs to send shall not slow the others down.

`python -m tests.support.garbage URL CODE`: everything at once, and then gone.
"""

from __future__ import annotations

import asyncio
import json
import random
import struct
import sys
from collections.abc import Awaitable, Callable

from tests.support.bare_socket import BINARY, CLOSE, PING, TEXT, BareSocket, bare_sockets, frame
from tests.support.memory import MIB
from tests.support.scenario_clients import Json

# Of each kind, at once.
SOCKETS = 2
_CHANCE = random.Random(20261121)

Attack = Callable[[BareSocket, Json], Awaitable[object]]


async def _random_bytes_instead_of_http(bare: BareSocket, session: Json) -> None:
    await bare.connect()
    await bare.send(_CHANCE.randbytes(256 * 1024))


async def _half_a_request(bare: BareSocket, session: Json) -> None:
    await bare.connect()
    await bare.send(b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nX-Half: ")


async def _random_bytes_instead_of_frames(bare: BareSocket, session: Json) -> None:
    await bare.join(session, "Noise")
    await bare.send(_CHANCE.randbytes(256 * 1024))


async def _random_text(bare: BareSocket, session: Json) -> None:
    await bare.join(session, "Babble")
    for _ in range(300):
        await bare.send_frame(_CHANCE.randbytes(_CHANCE.randrange(200)).decode("latin-1"))


async def _a_frame_that_says_it_is_huge(bare: BareSocket, session: Json) -> None:
    await bare.join(session, "Huge")
    await bare.send(frame("4" * MIB, length=2**62))


async def _frames_of_megabytes(bare: BareSocket, session: Json) -> None:
    """Each is below what is let through, and above what a message may have."""
    await bare.join(session, "Heavy")
    for number in range(8):
        await bare.send_frame(f'42/trainee,{number}["action:take",{{"id":"{"x" * 3 * MIB}"}}]')


async def _a_message_without_an_end(bare: BareSocket, session: Json) -> None:
    await bare.join(session, "Endless")
    await bare.send(frame("42/trainee,", first=TEXT))
    for _ in range(16):
        await bare.send(frame("x" * MIB, first=0))


async def _half_a_frame(bare: BareSocket, session: Json) -> None:
    await bare.join(session, "Half")
    await bare.send(frame('42/trainee,1["clock:read",{}]')[:-5])


async def _half_a_frame_and_gone(bare: BareSocket, session: Json) -> None:
    await _half_a_frame(bare, session)
    bare.vanish()


def _against_the_rules(broken: bytes) -> Attack:
    async def send(bare: BareSocket, session: Json) -> None:
        await bare.join(session, "Unruly")
        await bare.send(broken)

    return send


async def _wrong_packets(bare: BareSocket, session: Json) -> None:
    await bare.join(session, "Wrong")
    for packet in ("", "9", "0{}", "2probe", "5", "6", "7x", "40/trainee,{}", "41/trainer,", "44/trainee,{}", "4é"):
        for _ in range(50):
            await bare.send_frame(packet)


async def _attachments(bare: BareSocket, session: Json) -> None:
    """Announced and never sent, sent and never announced."""
    await bare.join(session, "Binary")
    for number in range(100):
        await bare.send_frame(f'459-/trainee,{number}["action:take",{{"_placeholder":true,"num":0}}]')
        await bare.send(frame(bytes(10_000), first=0x80 | BINARY))


async def _a_close_and_then_more(bare: BareSocket, session: Json) -> None:
    await bare.join(session, "Leaving")
    await bare.send_frame("1")
    for number in range(50):
        await bare.send_frame(f'42/trainee,{number}["clock:read",{{}}]')


async def _questions_without_reading_the_answers(bare: BareSocket, session: Json) -> None:
    """The refusal of a message says what is wrong with it, at length; it goes on asking, and keeps its heartbeat."""
    await bare.join(session, "Asks")
    wrong = json.dumps({f"{'x' * 50}{number}": number for number in range(900)})
    for number in range(2000):
        await bare.send_frame(f'42/trainee,{number}["action:take",{wrong}]')
        if number % 100 == 0:
            await bare.send_frame("3")


ATTACKS: list[Attack] = [
    _random_bytes_instead_of_http,
    _half_a_request,
    _random_bytes_instead_of_frames,
    _random_text,
    _a_frame_that_says_it_is_huge,
    _frames_of_megabytes,
    _a_message_without_an_end,
    _half_a_frame,
    _half_a_frame_and_gone,
    _against_the_rules(frame("2", is_masked=False)),
    _against_the_rules(frame("2", first=0x80 | 0x70 | TEXT)),
    _against_the_rules(frame("2", first=0x80 | 5)),
    _against_the_rules(frame("x" * 500, first=0x80 | PING)),
    _against_the_rules(frame(b"\xff\xfe\xfd", first=0x80 | TEXT)),
    _against_the_rules(frame(struct.pack("!H", 5), first=0x80 | CLOSE)),
    _wrong_packets,
    _attachments,
    _a_close_and_then_more,
    _questions_without_reading_the_answers,
]


async def attack_with_all(url: str, session: Json) -> None:
    async with bare_sockets() as sockets:
        await asyncio.gather(*(_attack(url, sockets, attack, session) for attack in ATTACKS * SOCKETS))


async def _attack(url: str, sockets: list[BareSocket], attack: Attack, session: Json) -> None:
    bare = BareSocket(url, reads_little=True)
    sockets.append(bare)
    try:
        await attack(bare, session)
    except (ConnectionError, EOFError, TimeoutError):
        # It was cut, or is not read any further: both are ways to bear it.
        return


if __name__ == "__main__":
    asyncio.run(attack_with_all(sys.argv[1], {"code": sys.argv[2]}))
