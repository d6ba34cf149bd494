"""Links to pages as they arrive: typed in capitals, with a slash, a blank or the end of a sentence behind them."""

from __future__ import annotations

import re
import unicodedata

from server.addresses import PAGES
from server.domain.session import CODE_LENGTH

_PLACE = re.compile(r"{(\w+)}")
# What ids and tokens are made of; what else stands around them came with the pasting.
_INSIDE = re.compile(r"[A-Za-z0-9_-](?:.*[A-Za-z0-9_-])?", re.DOTALL)
# Longer than any address of a page with what was pasted around it. Anybody may ask for any path.
_LONGEST_PATH = 300
_LONGEST_CODE = 64


def page_meant(path: str) -> str | None:
    """The address of the page that this unknown one was meant for; None if it was meant for none."""
    if len(path) > _LONGEST_PATH:
        return None
    parts = [found[0] for part in path.split("/") if (found := _INSIDE.search(part))]
    for name, pattern in PAGES.items():
        if found := _filled(pattern, parts):
            return found
        if name == "join" and len(parts) == 1 and pattern.startswith(f"/{parts[0].lower()}/"):
            # Without the code, which the first page asks for.
            return PAGES["home"]
    return None


def code_pasted(text: str) -> str:
    """A session's code, and nothing of what was pasted with it."""
    plain = unicodedata.normalize("NFKC", text[:_LONGEST_CODE]).upper()
    letters = (each for each in plain if each.isascii() and each.isalnum())
    return "".join(letters)[:CODE_LENGTH]


def _filled(pattern: str, parts: list[str]) -> str | None:
    """The pattern with these parts in its places."""
    wanted = pattern.strip("/").split("/")
    if len(wanted) != len(parts):
        return None
    filled: list[str] = []
    for piece, part in zip(wanted, parts, strict=True):
        place = _PLACE.fullmatch(piece)
        if place is None and part.lower() != piece:
            return None
        filled.append(piece if place is None else code_pasted(part) if place[1] == "code" else part)
    return "/" + "/".join(filled) if all(filled) else None
