"""How a record is written as CSV: for every program, or as a French spreadsheet reads it; never as a formula."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from server.domain.timestamps import write_timestamp
from server.domain.vitals import SIGN_NAMES, SIGNS, SignName

_ORDER = ("seq", "created_at", "made_at", "kind", "step", "marker", "by_role", "by_name")
_BEHIND = ("rhythm", "flags", "ramp_seconds", "text", "details")
# What the plain file never had, at the end of every other.
ELAPSED = "elapsed_seconds"
NEWS2 = ("news2", "news2_missing", "news2_known", "news2_known_missing")

_FRENCH: Mapping[str, str] = {
    "seq": "n°",
    "created_at": "enregistré à",
    "made_at": "fait à",
    "kind": "type",
    "step": "étape",
    "marker": "marqueur",
    "by_role": "rôle",
    "by_name": "nom",
    "rhythm": "rythme",
    "flags": "état et capteurs",
    "ramp_seconds": "durée de la rampe (s)",
    "text": "texte",
    "details": "détails",
    "elapsed_seconds": "temps écoulé (s)",
    "news2": "NEWS2 (au moins)",
    "news2_missing": "NEWS2\u00a0: non renseigné",
    "news2_known": "NEWS2 connu de l’équipe (au moins)",
    "news2_known_missing": "NEWS2 connu de l’équipe\u00a0: manquant",
}
_FRENCH_SIGNS: Mapping[SignName, str] = {
    "heart_rate": "fréquence cardiaque",
    "systolic": "pression systolique",
    "diastolic": "pression diastolique",
    "spo2": "SpO2",
    "respiratory_rate": "fréquence respiratoire",
    "etco2": "EtCO2",
    "temperature": "température",
}

# A spreadsheet takes a cell that begins with one of the first for a formula, and some of them those that look so, too:
# full-width and small ones, raised and lowered ones, the minus of typesetters.
_SIGNS_OF_FORMULAS = (
    "=+\\-@\u207a\u207c\u208a\u208c\u2212\u2a75\u2a76\ufb29\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
)
# A cell ends at one of these, read with whichever separator; what looks like one may be taken for it.
_ENDS_OF_CELLS = ",;|\t\n\v\f\r\x1c-\x1e\x85\u037e\u2028\u2029\ufe10\ufe14\ufe50\ufe54\uff0c\uff1b\uff5c"
# Blanks before a formula are let go by some, quotation marks by all.
_FORMULA = re.compile(f"[\t\r\n]|\\s*[{_SIGNS_OF_FORMULAS}]")
_BETWEEN = f'{_ENDS_OF_CELLS}\\s"'
# Each run of what may stand between two cells is looked at once, however long it is.
_BEFORE_SIGN = re.compile(f"(?<![{_BETWEEN}])[{_BETWEEN}]++(?=[{_SIGNS_OF_FORMULAS}])")
_END_OF_CELL = re.compile(f"[{_ENDS_OF_CELLS}]")
_JSON_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')


@dataclass(frozen=True, slots=True)
class RfcDialect:
    """RFC 4180: commas, points, UTC."""

    start = ""
    delimiter = ","

    def head(self, more: Sequence[str] = ()) -> Sequence[str]:
        units = {"created_at": " (UTC)", "made_at": " (UTC)", "ramp_seconds": " (s)", ELAPSED: " (s)"}
        signs = (f"{name} ({SIGNS[name].unit})" for name in SIGN_NAMES)
        behind = [name + units.get(name, "") for name in (*_BEHIND, *more)]
        return [name + units.get(name, "") for name in _ORDER] + [*signs] + behind

    def moment(self, at: datetime) -> str:
        return write_timestamp(at)

    def number(self, value: float | None) -> object:
        return value


@dataclass(frozen=True, slots=True)
class FrenchDialect:
    """As a spreadsheet that speaks French reads it without being asked: semicolons, decimal commas, local times."""

    zone: ZoneInfo
    # By this mark a spreadsheet knows UTF-8.
    start = "\ufeff"
    delimiter = ";"

    def head(self, more: Sequence[str] = ()) -> Sequence[str]:
        zone = f" ({self.zone.key})"
        times = {"created_at": zone, "made_at": zone}
        signs = (f"{_FRENCH_SIGNS[name]} ({SIGNS[name].unit})" for name in SIGN_NAMES)
        return [_FRENCH[n] + times.get(n, "") for n in _ORDER] + [*signs] + [_FRENCH[n] for n in (*_BEHIND, *more)]

    def moment(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%d/%m/%Y %H:%M:%S}"

    def number(self, value: float | None) -> object:
        return _Harmless(str(value).replace(".", ",")) if isinstance(value, float) else value


Dialect = RfcDialect | FrenchDialect


class _Harmless(str):
    """What no spreadsheet runs."""

    __slots__ = ()


def csv_text(value: str | None) -> str | None:
    """What somebody wrote, so that no spreadsheet runs it, whichever separator that goes by."""
    if not value:
        return value
    harmless = _BEFORE_SIGN.sub(_mark, value)
    return _Harmless("'" + harmless if _FORMULA.match(value) else harmless)


def _mark(between: re.Match[str]) -> str:
    return between[0] + "'" if _END_OF_CELL.search(between[0]) else between[0]


def csv_json(value: object) -> str | None:
    """The same for what stands in JSON, which says the same afterwards."""
    if value is None:
        return None
    return _Harmless(_JSON_TEXT.sub(_escape_formulas, json.dumps(value, ensure_ascii=False)))


def csv_row(cells: Sequence[object], dialect: Dialect) -> str:
    """Every text among the cells is harmless afterwards: no writer of a row has to think of it."""
    buffer = io.StringIO()
    harmless = (csv_text(cell) if isinstance(cell, str) and not isinstance(cell, _Harmless) else cell for cell in cells)
    csv.writer(buffer, delimiter=dialect.delimiter).writerow(harmless)
    return buffer.getvalue()


def _escape_formulas(text: re.Match[str]) -> str:
    return _INNER_JSON_FORMULA.sub(lambda found: f"{found[1]}\\u{ord(found[2]):04x}", text[0])


# In JSON a quotation mark and a line break stand behind a backslash, and a break is none for a spreadsheet. What begins
# a text of a list begins a cell for whoever splits at commas and lets blanks go.
_INNER_JSON_FORMULA = re.compile(f'((?:^"|[{_ENDS_OF_CELLS}])(?:\\\\"|\\s)*)([{_SIGNS_OF_FORMULAS}])')
