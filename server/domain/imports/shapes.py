"""Objects and lists as a file may have them, or something else in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from server.domain.imports.report import Report, plain, plain_names


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


def tell_unknown(fields: Mapping[str, object], known: Sequence[str], where: str, report: Report) -> None:
    unknown = [name for name in fields if name not in known]
    if unknown:
        report.add("not_used", where, names=plain_names(unknown))
