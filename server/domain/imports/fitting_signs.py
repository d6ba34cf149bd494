"""Vital signs, rhythms and flags of any file, brought into our ranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import cast

from server.domain.case_reading import StepDraft
from server.domain.imports.numbers import fit_number
from server.domain.imports.report import Report, plain
from server.domain.imports.shapes import object_of, tell_unknown
from server.domain.imports.texts import fit_line
from server.domain.text import is_key
from server.domain.vitals import FLAG_TEXT_LIMIT, FLAGS_LIMIT, RHYTHMS, SIGNS, START_VALUES, FlagValue, Number, SignName


def fit_signs(raw: object, where: str, report: Report) -> dict[SignName, Number]:
    fields = object_of(raw, where, report)
    tell_unknown(fields, tuple(SIGNS), where, report)
    fitted: dict[SignName, Number] = {}
    for name, sign in SIGNS.items():
        path = f"{where}.{name}"
        value = fit_number(fields.get(name), sign.minimum, sign.maximum, sign.decimals, path, report)
        if value is not None:
            fitted[name] = value
    return fitted


def fit_rhythm(raw: object, where: str, report: Report) -> str | None:
    if raw is None or raw == "":
        return None
    if isinstance(raw, str) and raw in RHYTHMS:
        return raw
    report.add("unknown_rhythm", where, from_=plain(raw))
    return None


def fit_flags(raw: object, where: str, report: Report) -> dict[str, FlagValue | None]:
    fields = object_of(raw, where, report)
    fitted: dict[str, FlagValue | None] = {}
    if len(fields) > FLAGS_LIMIT:
        report.add("too_many", where, count=len(fields), kept=FLAGS_LIMIT)
    for key, value in islice(fields.items(), FLAGS_LIMIT):
        if not is_key(key) or not (value is None or isinstance(value, bool | str)):
            report.add("not_understood", where, name=plain(key))
            continue
        fitted[key] = fit_line(value, FLAG_TEXT_LIMIT, f"{where}.{key}", report) if isinstance(value, str) else value
    return fitted


def fit_pressures(patches: Sequence[StepDraft], report: Report) -> list[StepDraft]:
    """Played in their order, the start before the steps, no diastolic pressure stands above the systolic one."""
    last: Mapping[SignName, Number] = START_VALUES.signs
    fitted: list[StepDraft] = []
    for place, patch in enumerate(patches):
        signs = cast("Mapping[SignName, Number]", patch.vitals)
        last = {**last, **signs}
        if last["diastolic"] > last["systolic"]:
            where = f"{'' if place == 0 else f'steps.{place - 1}.'}vitals.diastolic"
            # A sign that stays as it was moves too, where the other one falls below it.
            report.add("diastolic_lowered", where, from_=last["diastolic"], to=last["systolic"])
            last = {**last, "diastolic": last["systolic"]}
            signs = {**signs, "diastolic": last["diastolic"]}
        fitted.append(replace(patch, vitals=signs))
    return fitted
