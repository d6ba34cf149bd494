"""Our own cases as a file.

{"format": "shiller-case", "version": 1, "templates": [{…}]}: each template has the fields that a client writes. A file
of one case may have it as `template`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from server.domain.imports.found import Found, FoundCase
from server.domain.imports.report import Report, UnreadableFile, plain

OWN_FORMATS = ("shiller-case", "shiller.case")
OWN_VERSION = 1
CASES_LIMIT = 50


def is_own(whole: Mapping[str, object]) -> bool:
    return whole.get("format") in OWN_FORMATS


def read_own(whole: Mapping[str, object]) -> Found | UnreadableFile:
    version = whole.get("version")
    if version != OWN_VERSION or isinstance(version, bool):
        return UnreadableFile("version_unknown", {"version": plain(version), "known": OWN_VERSION})
    templates = [whole["template"]] if "template" in whole else whole.get("templates")
    listed = cast("list[object]", templates) if isinstance(templates, list) else []
    report = Report()
    if len(listed) > CASES_LIMIT:
        report.add("too_many", count=len(listed), kept=CASES_LIMIT)
    cases: list[FoundCase] = []
    for each in listed[:CASES_LIMIT]:
        if isinstance(each, dict):
            cases.append(FoundCase(cast("dict[str, object]", each)))
        else:
            report.add("not_understood", name=plain(each))
    return Found("shiller", cases, report)
