"""The ways from step to step of any file: those that lead somewhere, on something that our cases know."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import cast

from server.domain.case_reading import StepDraft
from server.domain.imports.fitting_signs import fit_rhythm
from server.domain.imports.keys import fit_key
from server.domain.imports.numbers import fit_number
from server.domain.imports.report import Report, plain
from server.domain.imports.shapes import list_of, object_of, tell_unknown
from server.domain.imports.texts import fit_line
from server.domain.text import is_key
from server.domain.transitions import (
    AFTER_SECONDS_LIMIT,
    COMPARISONS,
    CONDITIONS_LIMIT,
    COUNT_LIMIT,
    HOLD_SECONDS_LIMIT,
    LABEL_LIMIT,
    MEAN,
    TRANSITIONS_LIMIT,
)
from server.domain.vitals import FLAG_TEXT_LIMIT, SIGNS, SignName

_FIELDS = ("to", "label", "automatic", "on")
Way = dict[str, object]


def fit_ways(raw: object, keys: Mapping[object, str], where: str, report: Report) -> list[Way]:
    """`keys`: of each step, by what the file calls it."""
    fitted: list[Way] = []
    for place, each in enumerate(list_of(raw, TRANSITIONS_LIMIT, where, report)):
        path = f"{where}.{place}"
        way = object_of(each, path, report)
        tell_unknown(way, _FIELDS, path, report)
        to = way.get("to")
        if to is not None and (not isinstance(to, str | int) or to not in keys):
            report.add("leads_nowhere", path, to=plain(str(to).removeprefix("? ")))
            continue
        on = _fit_trigger(way.get("on"), f"{path}.on", report)
        if on is None or "to" not in way:
            report.add("not_understood", path, name=plain(way.get("label") or way.get("on") or to or ""))
            continue
        label = fit_line(way.get("label"), LABEL_LIMIT, f"{path}.label", report)
        is_automatic = way.get("automatic") is True and "manual" not in on
        fitted.append(
            {"to": None if to is None else keys[to], "label": label or None, "automatic": is_automatic, "on": on}
        )
    return fitted


def calm_rounds(steps: Sequence[StepDraft], report: Report) -> Generator[None]:
    """What leads round by conditions alone would never come to rest: the way back becomes a suggestion."""
    places = {step.key: place for place, step in enumerate(steps)}
    ways = [
        (place, number, places[cast(str, way["to"])], way)
        for place, step in enumerate(steps)
        for number, way in enumerate(cast("Sequence[Way]", step.transitions))
        if way["automatic"] and "when" in cast("Way", way["on"]) and way["to"] in places
    ]
    # Bit n of a number: step n can be reached from there.
    reached = [0] * len(steps)
    for place, _, to, _ in ways:
        reached[place] |= 1 << to
    for through in range(len(steps)):
        reached = [bits | reached[through] if bits >> through & 1 else bits for bits in reached]
        yield
    for place, number, to, way in ways:
        if to <= place and (to == place or reached[to] >> place & 1):
            way["automatic"] = False
            report.add("made_suggestion", f"steps.{place}.transitions.{number}")


def _fit_trigger(raw: object, where: str, report: Report) -> Way | None:
    on = object_of(raw, where, report)
    kinds = [kind for kind in ("after", "when", "marker", "action", "manual") if kind in on]
    if len(kinds) != 1:
        return None
    kind = kinds[0]
    match kind:
        case "after":
            seconds = fit_number(on["after"], 1, AFTER_SECONDS_LIMIT, 0, f"{where}.after", report)
            return None if seconds is None else {"after": seconds}
        case "when":
            conditions = _fit_conditions(on["when"], f"{where}.when", report)
            hold = fit_number(on.get("hold"), 0, HOLD_SECONDS_LIMIT, 0, f"{where}.hold", report)
            return None if conditions is None else {"when": conditions, "hold": hold or 0}
        case "marker" | "action":
            key = fit_key(on[kind], kind, f"{where}.{kind}", report)
            count = fit_number(on.get("count"), 1, COUNT_LIMIT, 0, f"{where}.count", report)
            return None if key is None else {kind: key, "count": count or 1}
        case _:
            return {"manual": True} if on["manual"] is True else None


def _fit_conditions(raw: object, where: str, report: Report) -> list[Way] | None:
    """None if one of them is not understood: without it the others would mean something else."""
    listed = list_of(raw, CONDITIONS_LIMIT + 1, where, report)
    fitted = [_fit_condition(each, f"{where}.{place}", report) for place, each in enumerate(listed)]
    whole = [each for each in fitted if each is not None]
    return whole if len(whole) == len(fitted) and 1 <= len(whole) <= CONDITIONS_LIMIT else None


def _fit_condition(raw: object, where: str, report: Report) -> Way | None:
    condition = object_of(raw, where, report)
    if "rhythm" in condition:
        rhythm = fit_rhythm(condition["rhythm"], f"{where}.rhythm", report)
        return None if rhythm is None else {"rhythm": rhythm}
    if "flag" in condition:
        flag, value = condition["flag"], condition.get("is", True)
        if not isinstance(flag, str) or not is_key(flag) or not isinstance(value, bool | str):
            return None
        is_ = fit_line(value, FLAG_TEXT_LIMIT, f"{where}.is", report) if isinstance(value, str) else value
        return {"flag": flag, "is": is_}
    name, op = condition.get("sign"), condition.get("op")
    if op not in COMPARISONS or not isinstance(name, str) or (name != MEAN and name not in SIGNS):
        return None
    sign = SIGNS[cast(SignName, "systolic" if name == MEAN else name)]
    value = fit_number(condition.get("value"), sign.minimum, sign.maximum, sign.decimals, f"{where}.value", report)
    return None if value is None else {"sign": name, "op": op, "value": value}
