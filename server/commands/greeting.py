"""What whoever has started a server reads in its terminal: where to go, and the code that leads there."""

from __future__ import annotations

import io
import sys

import segno

from server.addresses import PAGES, Addresses, addresses_of
from server.config import Config, is_loopback
from server.service.seeds import DemoLogin, DemoState

# The light parts are the drawn ones.
_WHITE_ON_BLACK = "\x1b[38;5;231;48;5;16m"
_AS_BEFORE = "\x1b[0m"


def first_admin_line(url: str, token: str) -> str:
    return f"  first admin {url}{PAGES['first'].format(token=token)}   (opens once, until there is an account)"


def demo_words(login: DemoLogin, state: DemoState) -> str:
    """The password is everybody's to read only as long as it opens something."""
    match state:
        case "open":
            return f"{login.email} / {login.password}"
        case "changed":
            return f"{login.email}, whose password was changed"
        case "gone":
            return f"none: {login.email} was deleted or renamed"


def hall_lines(config: Config, port: int) -> list[str]:
    """Of a hall: which addresses tablets can use, and a QR code of the likeliest."""
    addresses = addresses_of(config, port)
    reachable = _reachable(addresses)
    if not reachable:
        return [
            "  tablets     cannot reach this machine: "
            + ("set HOST=0.0.0.0" if is_loopback(config.host) else "it is in no network"),
        ]
    lines = [f"  tablets     {reachable[0]}", *(f"              or {url}" for url in reachable[1:])]
    if config.tls_cert_path is None:
        lines.append("              without HTTPS: screens may go dark, and nothing can be installed (docs/hall.md)")
    return [*lines, "", qr_code(reachable[0] + "/", coloured=sys.stdout.isatty())]


def _reachable(addresses: Addresses) -> list[str]:
    first = [] if addresses.public_url is None else [addresses.public_url]
    return list(dict.fromkeys([*first, *addresses.network_urls]))


def qr_code(text: str, *, coloured: bool) -> str:
    """In half blocks; `coloured`: dark on light, whatever the terminal's own colours are."""
    out = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(out, border=2, compact=True)
    lines = out.getvalue().rstrip("\n").split("\n")
    return "\n".join(f"{_WHITE_ON_BLACK}{line}{_AS_BEFORE}" if coloured else line for line in lines)
