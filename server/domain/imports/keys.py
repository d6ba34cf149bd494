"""Keys of steps, items and markers, made of what other tools call them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from server.domain.case import made_keys
from server.domain.imports.report import Report, plain
from server.domain.text import is_key

_LONGEST = 32
_WORDS = re.compile(r"[a-z0-9]+")


def made_key(text: str, stem: str) -> str | None:
    """`Bolus (2nd)` is `bolus_2nd`, `11` with the stem `event` is `event_11`; None: it has none of these letters."""
    folded = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode("ascii").lower()
    key = "_".join(_WORDS.findall(folded))
    if not key:
        return None
    return (key if key[0].isalpha() else f"{stem}_{key}")[:_LONGEST].rstrip("_")


def fit_key(raw: object, stem: str, where: str, report: Report) -> str | None:
    """None: there was none, or nothing of which a key can be made."""
    if raw is None or raw == "":
        return None
    if isinstance(raw, str) and is_key(raw):
        return raw
    key = made_key(str(raw), stem) if isinstance(raw, str | int) else None
    if key is None:
        report.add("not_understood", where, name=plain(raw))
    else:
        report.add("key_made", where, from_=plain(raw), to=key)
    return key


def keys_of(titles: Sequence[str], stem: str) -> list[str]:
    """One for each of the titles, no two the same."""
    return made_keys(without_repeats([made_key(title, stem) for title in titles]), stem)


def without_repeats(keys: Sequence[str | None]) -> list[str | None]:
    """None in place of each key that stood before."""
    seen: set[str] = set()
    unique: list[str | None] = []
    for key in keys:
        unique.append(None if key in seen else key)
        if key is not None:
            seen.add(key)
    return unique
