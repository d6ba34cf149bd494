"""What a hall prints: the QR code in the terminal leads where the first of its addresses does."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
import segno

from server.commands.greeting import hall_lines, qr_code
from server.config import read_config

# Each printed character is two dots, one above the other; what is drawn is what is light.
_LIGHT = {"█": (True, True), "▀": (True, False), "▄": (False, True), " ": (False, False)}
_BORDER = 2
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
HALL = {"SYNC_UPSTREAM_URL": "https://training.example.org", "SYNC_UPSTREAM_TOKEN": f"shh_{'a' * 43}"}


def dark_dots(printed: str) -> Sequence[Sequence[bool]]:
    """What a camera sees, without the border."""
    rows: list[list[bool]] = []
    for line in printed.split("\n"):
        pairs = [_LIGHT[character] for character in _COLOURS.sub("", line)]
        rows += [[not above for above, _ in pairs], [not below for _, below in pairs]]
    size = len(rows[0])
    return [row[_BORDER : size - _BORDER] for row in rows[_BORDER : size - _BORDER]]


def dots_of(text: str) -> Sequence[Sequence[bool]]:
    return [[bool(dot) for dot in row] for row in segno.make(text, error="m", micro=False).matrix]


@pytest.mark.parametrize("coloured", [True, False])
@pytest.mark.parametrize("address", ["http://192.168.8.10:8000/", "https://hall.example.org/", "http://[fd00::1]:80/"])
def test_the_code_in_the_terminal_leads_to_the_address(address: str, coloured: bool) -> None:
    printed = qr_code(address, coloured=coloured)
    assert dark_dots(printed) == dots_of(address)
    assert dark_dots(printed) != dots_of(address.replace("h", "x", 1))


def test_a_hall_prints_the_code_of_the_address_that_stands_above_it() -> None:
    config = read_config({**HALL, "HOST": "0.0.0.0", "PUBLIC_URL": "http://192.168.8.10:8000"})  # noqa: S104
    lines = hall_lines(config, 8000)
    assert lines[0].split() == ["tablets", "http://192.168.8.10:8000"]
    assert dark_dots(lines[-1]) == dots_of("http://192.168.8.10:8000/")


def test_a_hall_that_nobody_reaches_prints_no_code() -> None:
    [line] = hall_lines(read_config({**HALL, "HOST": "127.0.0.1"}), 8000)
    assert "set HOST=0.0.0.0" in line
