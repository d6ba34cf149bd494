"""A file of cases, ours or another tool's: recognised by what it holds, never by its name."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import cast

from server.domain.imports.fitting import fit_case
from server.domain.imports.found import Found, FoundCase
from server.domain.imports.gas_notes import is_gas_notes, read_gas_notes
from server.domain.imports.infirmary import read_infirmary
from server.domain.imports.infirmary_text import BEGIN, MARK
from server.domain.imports.json_reading import read_json
from server.domain.imports.medical_monitor import is_medical_monitor, read_medical_monitor
from server.domain.imports.own import is_own, read_own
from server.domain.imports.report import Entry, Report, UnreadableFile, plain
from server.domain.imports.text_reading import read_text
from server.domain.imports.vet_sim import ROOT, read_vet_sim
from server.domain.imports.xml_reading import read_xml
from server.domain.outcomes import InvalidFields
from server.domain.template import TemplateContent

# What a file of any of these tools may begin with, behind the mark of its encoding and blanks.
_BEGINNINGS = (b"{", b"[", b"<", b">", b".")
_BEFORE_TEXT = b"\xef\xbb\xbf \t\r\n"
_OF_CHARACTERS = ("not_utf8", "holds_nul")

FILE_LIMIT_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ImportedCases:
    """Nothing of it is stored. Without a template, the report says why."""

    templates: tuple[TemplateContent, ...]
    report: tuple[Entry, ...]


def import_cases(body: bytes) -> Generator[None, None, ImportedCases]:
    """In pieces of well under a millisecond, however hostile the file is."""
    found = yield from _find(body)
    if isinstance(found, UnreadableFile):
        return ImportedCases((), (Entry(found.code, "", found.values),))
    report = Report()
    report.add("recognised", tool=found.tool)
    for entry in found.report.entries:
        report.take(entry)
    templates: list[TemplateContent] = []
    for case in found.cases:
        content = yield from fit_case(case.raw, case.report)
        if isinstance(content, InvalidFields):
            first = content.errors[0]
            title = plain(case.raw.get("title") or "?")
            report.add("case_refused", title=title, at=plain(first.field), reason=plain(first.message))
            continue
        _tell_case(case, content, f"templates.{len(templates)}", report)
        templates.append(content)
        yield
    if not found.cases:
        report.add("no_case")
    return ImportedCases(tuple(templates), report.entries)


def _tell_case(case: FoundCase, content: TemplateContent, where: str, report: Report) -> None:
    report.add("case_taken", where, title=plain(content.title), steps=len(content.steps))
    for entry in case.report.entries:
        report.take(entry.within(where))


def _find(body: bytes) -> Generator[None, None, Found | UnreadableFile]:
    text = yield from read_text(body)
    if isinstance(text, UnreadableFile):
        # A picture is not in need of another encoding.
        is_text = text.code not in _OF_CHARACTERS or body.lstrip(_BEFORE_TEXT)[:1] in _BEGINNINGS
        return text if is_text else UnreadableFile("unknown_format")
    head = text[:4096].lstrip()
    # What stands in front is looked at no further than that.
    if head.startswith((MARK, BEGIN)):
        return (yield from read_infirmary(text.lstrip()))
    if head.startswith("<"):
        root = yield from read_xml(text.lstrip())
        if isinstance(root, UnreadableFile):
            return root
        return (yield from read_vet_sim(root)) if root.name == ROOT else UnreadableFile("unknown_format")
    if head.startswith(("{", "[")):
        return (yield from _find_in_json(text))
    return UnreadableFile("unknown_format")


def _find_in_json(text: str) -> Generator[None, None, Found | UnreadableFile]:
    read = yield from read_json(text)
    if isinstance(read, UnreadableFile):
        return read
    value = read.value
    if not isinstance(value, dict):
        return UnreadableFile("unknown_format")
    whole = cast("dict[str, object]", value)
    if is_own(whole):
        found = read_own(whole)
    elif is_medical_monitor(whole):
        found = yield from read_medical_monitor(whole)
    elif is_gas_notes(whole):
        found = read_gas_notes(whole)
    else:
        return UnreadableFile("unknown_format")
    if isinstance(found, Found):
        for name in read.repeated:
            found.report.add("repeated_name", name=plain(name))
    return found
