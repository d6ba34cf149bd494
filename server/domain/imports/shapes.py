"""Objects and lists as a file may have them, or something else in their place."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from itertools import islice
from typing import cast

from server.domain.imports.report import Report, plain, plain_names

LOOKED_AT = 1000
"""Of names or parts that stand side by side; no case has more, and a hostile file may have a hundred thousand."""


def object_of(raw: object, where: str, report: Report) -> Mapping[str, object]:
    """Empty where there is none."""
    if isinstance(raw, dict):
        return cast("dict[str, object]", raw)
    if raw is not None:
        report.add("not_understood", where, name=plain(raw))
    return {}


def list_of(raw: object, limit: int, where: str, report: Report) -> Sequence[object]:
    if raw is None:
        return ()
    if not isinstance(raw, list | tuple):
        report.add("not_understood", where, name=plain(raw))
        return ()
    listed = cast("Sequence[object]", raw)
    if len(listed) > limit:
        report.add("too_many", where, count=len(listed), kept=limit)
    return listed[:limit]


def tell_unknown(fields: Mapping[str, object], known: Container[str], where: str, report: Report) -> None:
    unknown = unknown_names(fields, known)
    if unknown:
        report.add("not_used", where, names=plain_names(unknown))


def unknown_names(fields: Mapping[str, object], known: Container[str]) -> list[str]:
    """As many as anybody can be told of, and some more."""
    return [name for name in islice(fields, LOOKED_AT) if name not in known]
