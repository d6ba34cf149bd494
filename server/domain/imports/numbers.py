"""Numbers as other tools write them: with either decimal mark, as text, or as nonsense."""

from __future__ import annotations

import math
import re

from server.domain.imports.report import Report, plain
from server.domain.vitals import Number

_WRITTEN = re.compile(r"[+-]?[0-9]{1,30}([.,][0-9]{1,30})?([eE][+-]?[0-9]{1,5})?")
_LONGEST_WRITTEN = 100


def read_quantity(raw: object) -> float | None:
    """Finite; None: it is no number."""
    if isinstance(raw, str):
        written = raw.strip() if len(raw) <= _LONGEST_WRITTEN else ""
        if not _WRITTEN.fullmatch(written):
            return None
        raw = float(written.replace(",", "."))
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    return float(raw) if math.isfinite(raw) else None


def convert(raw: object, factor: float, decimals: int, offset: float = 0.0) -> object:
    """In another unit; what is no number stays what it is, for whoever tells of it."""
    value = read_quantity(raw)
    return raw if value is None else round(value * factor + offset, decimals)


def fit_number(raw: object, low: Number, high: Number, decimals: int, where: str, report: Report) -> Number | None:
    """None: there was none, or nothing that could be used."""
    if raw is None or raw == "":
        return None
    value = read_quantity(raw)
    if value is None:
        report.add("not_a_number", where, from_=plain(raw))
        return None
    kept = min(max(value, low), high)
    if kept != value:
        report.add("clamped", where, from_=_short(value), to=_short(kept), low=low, high=high)
    # Halves go up, as everywhere.
    fitted: Number = math.floor(kept * 10**decimals + 0.5) / 10**decimals
    if kept == value and abs(fitted - kept) > 1e-9:
        report.add("rounded", where, from_=_short(value), to=fitted)
    return fitted if decimals == 1 or fitted != int(fitted) else int(fitted)


def _short(value: float) -> Number | str:
    if value == int(value) and abs(value) < 1e15:
        return int(value)
    return value if abs(value) < 1e15 else f"{value:.3g}"
