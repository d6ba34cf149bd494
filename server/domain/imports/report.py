"""What became of a file that was brought in: what was taken, changed and left out, each by its code and its values.

Screens say it in their reader's language by `code` and `values`; `message` is the same in English, for programs and
logs. Nothing is ever recognised by its message.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

Level = Literal["info", "warning", "error"]
Kind = Literal["file", "taken", "changed", "left_out"]
Code = Literal[
    # Why nothing of a file could be read.
    "empty_file",
    "compressed",
    "not_utf8",
    "utf_16",
    "holds_nul",
    "unknown_format",
    "json_broken",
    "json_deep",
    "json_large",
    "xml_broken",
    "xml_entities",
    "xml_deep",
    "xml_large",
    "ii_version",
    "ii_not_base64",
    "ii_not_decrypted",
    "ii_large",
    "version_unknown",
    "no_case",
    # Of the file as a whole, or of one case in it.
    "wrong_hash",
    "repeated_name",
    "case_refused",
    "more",
    # Taken.
    "recognised",
    "case_taken",
    "limits_taken",
    "unit_converted",
    # Changed.
    "clamped",
    "rounded",
    "diastolic_lowered",
    "rhythm_replaced",
    "ramps_merged",
    "range_replaced",
    "text_shortened",
    "characters_removed",
    "title_made",
    "key_made",
    "made_suggestion",
    "event_became_marker",
    # Left out.
    "not_used",
    "not_a_number",
    "unknown_rhythm",
    "not_understood",
    "leads_nowhere",
    "too_many",
]
CODES: tuple[Code, ...] = get_args(Code)
Value = str | int | float | tuple[str, ...]

ENTRIES_LIMIT = 300
"""A file of nonsense shall not be answered with a report that is longer than itself."""
SHOWN_CHARACTERS = 60
NAMES_TOLD = 40


class _Told(NamedTuple):
    kind: Kind
    level: Level
    message: str


_TOLD: Mapping[Code, _Told] = {
    "empty_file": _Told("file", "error", "The file is empty. Save it again where it was made, and bring that in."),
    "compressed": _Told("file", "error", "The file is compressed. Unpack it, and bring in what is inside."),
    "not_utf8": _Told(
        "file", "error", "The file is not in UTF-8 (line {line}). Open it in a text editor and save it as UTF-8."
    ),
    "utf_16": _Told("file", "error", "The file is in UTF-16. Open it in a text editor and save it as UTF-8."),
    "holds_nul": _Told(
        "file", "error", "The file holds NUL characters (line {line}): it is no text, or damaged. Save it again."
    ),
    "unknown_format": _Told(
        "file",
        "error",
        "This is no case that can be brought in. Known are Infirmary Integrated (.ii), Medical Monitor, Gas Notes, "
        "OpenVetSim (XML) and Shiller's own export.",
    ),
    "json_broken": _Told("file", "error", "The JSON cannot be read (line {line}). Save it again where it was made."),
    "json_deep": _Told("file", "error", "The JSON is nested more than {limit} deep (line {line}), which no case is."),
    "json_large": _Told("file", "error", "The JSON holds more than a case can. Bring in a part of it."),
    "xml_broken": _Told("file", "error", "The XML cannot be read (line {line}). Save it again where it was made."),
    "xml_entities": _Told(
        "file", "error", "The XML defines entities of its own (line {line}), which are not read. Save it without them."
    ),
    "xml_deep": _Told("file", "error", "The XML is nested more than {limit} deep (line {line}), which no case is."),
    "xml_large": _Told("file", "error", "The XML holds more than a case can. Bring in a part of it."),
    "ii_version": _Told(
        "file",
        "error",
        "This version of Infirmary Integrated's files is not known ({version}). Save it with release 2.",
    ),
    "ii_not_base64": _Told(
        "file", "error", "The content of the .ii file is damaged: it is no Base64. Save it again where it was made."
    ),
    "ii_not_decrypted": _Told(
        "file", "error", "The content of the .ii file is damaged or cut short. Save it again where it was made."
    ),
    "ii_large": _Told("file", "error", "The .ii file holds more than a case can. Bring in a part of it."),
    "version_unknown": _Told(
        "file",
        "error",
        "The file is of version {version}; this server reads version {known}. Update the server, or export it again.",
    ),
    "no_case": _Told("file", "error", "There is no case in the file."),
    "wrong_hash": _Told(
        "file",
        "warning",
        "The check sum does not match: the file was changed or damaged after it was saved. Look closely.",
    ),
    "repeated_name": _Told("file", "warning", "“{name}” stands more than once in one place; the last was taken."),
    "case_refused": _Told("file", "error", "“{title}” cannot be brought in: {at} {reason}."),
    "more": _Told("file", "warning", "{count} more lines of this report are not shown."),
    "recognised": _Told("taken", "info", "Recognised as {tool}."),
    "case_taken": _Told("taken", "info", "“{title}”, steps: {steps}."),
    "limits_taken": _Told("taken", "info", "Alarm limits: {names}."),
    "unit_converted": _Told("taken", "info", "Converted from {from} to {to}."),
    "clamped": _Told("changed", "warning", "{from} is out of range and became {to} ({low} to {high})."),
    "rounded": _Told("changed", "warning", "{from} became {to}."),
    "diastolic_lowered": _Told("changed", "warning", "Diastolic {from} was above systolic and became {to}."),
    "rhythm_replaced": _Told("changed", "warning", "The rhythm “{from}” became {to}, the nearest that is known."),
    "ramps_merged": _Told("changed", "warning", "Its values moved over {from} s; all of them move over {to} s."),
    "range_replaced": _Told("changed", "warning", "The range {from} became its middle, {to}."),
    "text_shortened": _Told("changed", "warning", "The text had {length} characters; the first {limit} were kept."),
    "characters_removed": _Told("changed", "warning", "Characters that cannot be kept were removed: {count}."),
    "title_made": _Told("changed", "warning", "There was no title; it became “{to}”."),
    "key_made": _Told("changed", "warning", "The key “{from}” became {to}."),
    "made_suggestion": _Told(
        "changed", "warning", "It led round without end by itself; it became a suggestion that the trainer takes."
    ),
    "event_became_marker": _Told("changed", "warning", "The event “{from}” became the marker {to}."),
    "not_used": _Told("left_out", "warning", "Not used: {names}."),
    "not_a_number": _Told("left_out", "warning", "“{from}” is no number that can be used, and was left out."),
    "unknown_rhythm": _Told("left_out", "warning", "The rhythm “{from}” is not known, and was left out."),
    "not_understood": _Told("left_out", "warning", "“{name}” could not be understood, and was left out."),
    "leads_nowhere": _Told("left_out", "warning", "A way led to “{to}”, which is not there, and was left out."),
    "too_many": _Told("left_out", "warning", "Of {count}, the first {kept} were kept."),
}

TOOL_NAMES: Mapping[str, str] = {
    "infirmary_integrated": "Infirmary Integrated",
    "medical_monitor": "Medical Monitor",
    "gas_notes": "Gas Notes",
    "openvetsim": "OpenVetSim",
    "shiller": "Shiller's own export",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a report; `field` is the dotted path in the answer (`templates.0.steps.2.vitals.spo2`) or empty."""

    code: Code
    field: str = ""
    values: Mapping[str, Value] = dataclasses.field(default_factory=dict[str, Value])

    @property
    def level(self) -> Level:
        return _TOLD[self.code].level

    @property
    def kind(self) -> Kind:
        return _TOLD[self.code].kind

    @property
    def message(self) -> str:
        return _TOLD[self.code].message.format_map({name: _said(value) for name, value in self.values.items()})

    def within(self, where: str) -> Entry:
        return dataclasses.replace(self, field=f"{where}.{self.field}" if self.field else where)

    def as_json(self) -> dict[str, object]:
        values = {name: list(value) if isinstance(value, tuple) else value for name, value in self.values.items()}
        return {
            "level": self.level,
            "kind": self.kind,
            "code": self.code,
            "field": self.field,
            "message": self.message,
            "values": values,
        }


@dataclass(frozen=True, slots=True)
class UnreadableFile:
    """Nothing can be taken of the file, and why."""

    code: Code
    values: Mapping[str, Value] = dataclasses.field(default_factory=dict[str, Value])


class Report:
    """Collects; each entry once, and no more than ENTRIES_LIMIT."""

    def __init__(self) -> None:
        self._entries: dict[tuple[Code, str, str], Entry] = {}
        self._left = 0

    def add(self, code: Code, where: str = "", **values: Value) -> None:
        entry = Entry(code, where, {name.rstrip("_"): value for name, value in values.items()})
        self.take(entry)

    def take(self, entry: Entry) -> None:
        key = (entry.code, entry.field, repr(entry.values))
        if key in self._entries:
            return
        if len(self._entries) >= ENTRIES_LIMIT:
            self._left += 1
            return
        self._entries[key] = entry

    @property
    def entries(self) -> tuple[Entry, ...]:
        told = tuple(self._entries.values())
        return (*told, Entry("more", "", {"count": self._left})) if self._left else told


def plain(text: object) -> str:
    """Something of a file as it may stand in a report: short, on one line, and storable."""
    # To write out a large object only to cut it would take long.
    whole = text if isinstance(text, str) else "…" if isinstance(text, dict | list | tuple) else str(text)
    line = " ".join(whole[: SHOWN_CHARACTERS * 4].split())
    kept = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in line)
    return kept if len(kept) <= SHOWN_CHARACTERS else kept[: SHOWN_CHARACTERS - 1] + "…"


def plain_names(names: Iterable[str]) -> tuple[str, ...]:
    """A few of them; of more, how many more as a last one."""
    unique = list(dict.fromkeys(names))
    if len(unique) <= NAMES_TOLD:
        return tuple(plain(name) for name in unique)
    return (*(plain(name) for name in unique[: NAMES_TOLD - 1]), f"+{len(unique) - NAMES_TOLD + 1}")


def _said(value: Value) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, str):
        return TOOL_NAMES.get(value, value)
    return f"{value:g}" if isinstance(value, float) else str(value)
