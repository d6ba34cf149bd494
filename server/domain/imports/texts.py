"""Texts of any length and with any characters, as far as they can be kept."""

from __future__ import annotations

import unicodedata

from server.domain.imports.report import Report, plain
from server.domain.text import one_line

# Whatever is longer is cut to this before it is looked at.
_LOOKED_AT = 20_000


def fit_text(raw: object, limit: int, where: str, report: Report) -> str:
    """Empty where there is none."""
    if raw is None:
        return ""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        report.add("not_understood", where, name=plain(type(raw).__name__))
        return ""
    return _cut(_storable(str(raw), where, report).strip(), len(str(raw)), limit, where, report)


def fit_line(raw: object, limit: int, where: str, report: Report) -> str:
    text = fit_text(raw, _LOOKED_AT, where, report)
    line = one_line(text)
    return _cut(line, len(line), limit, where, report)


def _storable(text: str, where: str, report: Report) -> str:
    """Without NUL, halves of surrogate pairs, and other control characters than those of lines."""
    looked_at = text[:_LOOKED_AT].replace("\r\n", "\n")
    if looked_at.isprintable():
        return looked_at
    kept = "".join(each for each in looked_at if each in "\n\t" or unicodedata.category(each) not in ("Cc", "Cs"))
    if len(kept) < len(looked_at):
        report.add("characters_removed", where, count=len(looked_at) - len(kept))
    return kept


def _cut(text: str, length: int, limit: int, where: str, report: Report) -> str:
    if len(text) <= limit and length <= max(limit, _LOOKED_AT):
        return text
    report.add("text_shortened", where, length=max(length, len(text)), limit=limit)
    return text[:limit].rstrip()
