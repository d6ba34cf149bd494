"""Texts of any length and with any characters, as far as they can be kept."""

from __future__ import annotations

import unicodedata

from server.domain.imports.report import Report, plain
from server.domain.text import one_line

_LONGEST_LINE = 20_000


def fit_text(raw: object, limit: int, where: str, report: Report) -> str:
    """Empty where there is none."""
    if raw is None:
        return ""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        report.add("not_understood", where, name=plain(raw))
        return ""
    whole = str(raw)
    # What is beyond will not be kept, and to look at all of it takes its time.
    text = _storable(whole[: 2 * limit + 100], where, report).strip()
    if len(text) <= limit and len(whole) <= 2 * limit + 100:
        return text
    report.add("text_shortened", where, length=len(whole), limit=limit)
    return text[:limit].rstrip()


def fit_line(raw: object, limit: int, where: str, report: Report) -> str:
    # Blanks within a line are of no account, so its length is that of what is left without them.
    text = one_line(raw[:_LONGEST_LINE]) if isinstance(raw, str) else raw
    return one_line(fit_text(text, limit, where, report))


def _storable(text: str, where: str, report: Report) -> str:
    """Without NUL, halves of surrogate pairs, and other control characters than those of lines."""
    text = text.replace("\r\n", "\n")
    if text.isprintable():
        return text
    kept = "".join(each for each in text if each in "\n\t" or unicodedata.category(each) not in ("Cc", "Cs"))
    if len(kept) < len(text):
        report.add("characters_removed", where, count=len(text) - len(kept))
    return kept
