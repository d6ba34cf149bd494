"""The transitions of steps, as a client sent them: judged, every wrong field named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from server.domain.outcomes import FieldError
from server.domain.patches import read_number
from server.domain.text import KEY_RULE, is_key, is_storable, line_error, one_line, shown
from server.domain.transitions import (
    AFTER_SECONDS_LIMIT,
    COMPARISONS,
    CONDITIONS_LIMIT,
    COUNT_LIMIT,
    HOLD_SECONDS_LIMIT,
    LABEL_LIMIT,
    MEAN,
    TRANSITIONS_LIMIT,
    After,
    ByHand,
    Condition,
    FlagIs,
    MeasuredName,
    OnAction,
    OnMarker,
    RhythmIs,
    SignIs,
    Transition,
    Trigger,
    When,
)
from server.domain.vitals import FLAG_TEXT_LIMIT, RHYTHMS, SIGNS, SignName

_KINDS = ("after", "when", "marker", "action", "manual")
_BESIDE = {"when": "hold", "marker": "count", "action": "count"}
_MEAN_LIMITS = (0, 300, 0)


def read_transitions(raw: object, where: str, errors: list[FieldError]) -> tuple[Transition, ...]:
    """None means that none were sent."""
    if raw is None:
        return ()
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        errors.append(FieldError(where, "must be a list"))
        return ()
    listed = cast(Sequence[object], raw)
    if len(listed) > TRANSITIONS_LIMIT:
        errors.append(FieldError(where, f"may hold at most {TRANSITIONS_LIMIT} transitions"))
        return ()
    read = [_read_transition(each, f"{where}.{place}", errors) for place, each in enumerate(listed)]
    return tuple(transition for transition in read if transition is not None)


def note_transition_errors(
    steps: Sequence[tuple[str, Sequence[Transition]]], where: str, errors: list[FieldError]
) -> None:
    """What only the whole shows: transitions that lead nowhere, and rounds that would never come to rest."""
    places = {key: place for place, (key, _) in enumerate(steps)}
    for place, (_, transitions) in enumerate(steps):
        for number, transition in enumerate(transitions):
            if transition.to is not None and transition.to not in places:
                message = "is not the key of a step of this case"
                errors.append(FieldError(f"{where}.{place}.transitions.{number}.to", message))
    round_ = _restless_round(dict(steps))
    if round_:
        named = " -> ".join([*round_, round_[0]])
        message = f"leads round by conditions alone, and would not come to rest: {named}"
        errors.append(FieldError(f"{where}.{places[round_[0]]}.transitions", message))


def _restless_round(steps: Mapping[str, Sequence[Transition]]) -> list[str]:
    """A round of steps that is gone by automatic conditions alone; empty if there is none."""
    ways = {
        key: [each.to for each in transitions if each.automatic and isinstance(each.on, When) and each.to in steps]
        for key, transitions in steps.items()
    }
    done: set[str] = set()
    for start in ways:
        path: list[str] = []
        # Each entry is a step and the ways out of it that are not tried yet.
        open_ways = [(start, iter(ways[start]))]
        while open_ways:
            key, left = open_ways[-1]
            if not path or path[-1] != key:
                path.append(key)
            following = next((to for to in left if to not in done), None)
            if following is None:
                done.add(key)
                path.pop()
                open_ways.pop()
            elif following in path:
                return path[path.index(following) :]
            else:
                open_ways.append((following, iter(ways[following])))
    return []


def _read_transition(raw: object, where: str, errors: list[FieldError]) -> Transition | None:
    wrong_before = len(errors)
    fields = _object(raw, where, errors)
    if fields is None:
        return None
    _refuse_unknown(fields, ("to", "label", "automatic", "on"), where, errors)
    to = fields.get("to")
    if "to" not in fields:
        errors.append(FieldError(f"{where}.to", "is required: the key of a step, or null for the end of the case"))
    elif to is not None and not (isinstance(to, str) and is_key(to)):
        errors.append(FieldError(f"{where}.to", KEY_RULE))
    automatic = fields.get("automatic", False)
    if not isinstance(automatic, bool):
        errors.append(FieldError(f"{where}.automatic", "must be true or false"))
    label = _read_label(fields.get("label"), f"{where}.label", errors)
    on = _read_trigger(fields.get("on"), f"{where}.on", errors)
    if automatic is True and isinstance(on, ByHand):
        errors.append(FieldError(f"{where}.automatic", "cannot be true of what is done by hand"))
    if on is None or len(errors) > wrong_before:
        return None
    return Transition(cast("str | None", to), on, automatic is True, label)


def _read_label(raw: object, where: str, errors: list[FieldError]) -> str | None:
    if raw is None:
        return None
    if not isinstance(raw, str):
        errors.append(FieldError(where, "must be a text"))
        return None
    error = line_error(where, raw, LABEL_LIMIT, required=False)
    if error is not None:
        errors.append(error)
    return one_line(raw) or None


def _read_trigger(raw: object, where: str, errors: list[FieldError]) -> Trigger | None:
    fields = _object(raw, where, errors)
    if fields is None:
        return None
    kinds = [kind for kind in _KINDS if kind in fields]
    if len(kinds) != 1:
        errors.append(FieldError(where, f"must have exactly one of {', '.join(_KINDS)}"))
        return None
    kind = kinds[0]
    _refuse_unknown(fields, (kind, _BESIDE.get(kind, kind)), where, errors)
    match kind:
        case "after":
            seconds = _whole(fields["after"], f"{where}.after", 1, AFTER_SECONDS_LIMIT, errors)
            return None if seconds is None else After(seconds)
        case "when":
            conditions = _read_conditions(fields["when"], f"{where}.when", errors)
            hold = _whole(fields.get("hold", 0), f"{where}.hold", 0, HOLD_SECONDS_LIMIT, errors)
            return None if conditions is None or hold is None else When(conditions, hold)
        case "manual":
            if fields["manual"] is not True:
                errors.append(FieldError(f"{where}.manual", "must be true"))
                return None
            return ByHand()
        case _:
            return _read_counted(kind, fields, where, errors)


def _read_counted(kind: str, fields: Mapping[str, object], where: str, errors: list[FieldError]) -> Trigger | None:
    key = fields[kind]
    count = _whole(fields.get("count", 1), f"{where}.count", 1, COUNT_LIMIT, errors)
    if not isinstance(key, str) or not is_key(key):
        errors.append(FieldError(f"{where}.{kind}", KEY_RULE))
        return None
    if count is None:
        return None
    return OnMarker(key, count) if kind == "marker" else OnAction(key, count)


def _read_conditions(raw: object, where: str, errors: list[FieldError]) -> tuple[Condition, ...] | None:
    if not isinstance(raw, list) or not 1 <= len(cast(list[object], raw)) <= CONDITIONS_LIMIT:
        errors.append(FieldError(where, f"must be a list of 1 to {CONDITIONS_LIMIT} conditions"))
        return None
    listed = cast(list[object], raw)
    read = [_read_condition(each, f"{where}.{place}", errors) for place, each in enumerate(listed)]
    conditions = tuple(condition for condition in read if condition is not None)
    return conditions if len(conditions) == len(listed) else None


def _read_condition(raw: object, where: str, errors: list[FieldError]) -> Condition | None:
    fields = _object(raw, where, errors)
    if fields is None:
        return None
    if "sign" in fields:
        _refuse_unknown(fields, ("sign", "op", "value"), where, errors)
        return _read_sign_condition(fields, where, errors)
    if "flag" in fields:
        _refuse_unknown(fields, ("flag", "is"), where, errors)
        return _read_flag_condition(fields, where, errors)
    if "rhythm" in fields:
        _refuse_unknown(fields, ("rhythm",), where, errors)
        rhythm = fields["rhythm"]
        if isinstance(rhythm, str) and rhythm in RHYTHMS:
            return RhythmIs(rhythm)
        errors.append(FieldError(f"{where}.rhythm", f"must be one of {', '.join(RHYTHMS)}"))
        return None
    errors.append(FieldError(where, "must have one of sign, flag, rhythm"))
    return None


def _read_sign_condition(fields: Mapping[str, object], where: str, errors: list[FieldError]) -> SignIs | None:
    name, op = fields["sign"], fields.get("op")
    if op not in COMPARISONS:
        errors.append(FieldError(f"{where}.op", f"must be one of {', '.join(COMPARISONS)}"))
    if not isinstance(name, str) or (name != MEAN and name not in SIGNS):
        errors.append(FieldError(f"{where}.sign", f"must be one of {', '.join(SIGNS)}, {MEAN}"))
        return None
    sign = None if name == MEAN else SIGNS[cast(SignName, name)]
    low, high, decimals = _MEAN_LIMITS if sign is None else (sign.minimum, sign.maximum, sign.decimals)
    value = read_number(fields.get("value"), low, high, decimals)
    if isinstance(value, str):
        errors.append(FieldError(f"{where}.value", value))
        return None
    return SignIs(cast(MeasuredName, name), op, value) if op in COMPARISONS else None


def _read_flag_condition(fields: Mapping[str, object], where: str, errors: list[FieldError]) -> FlagIs | None:
    flag, value = fields["flag"], fields.get("is", True)
    if not isinstance(flag, str) or not is_key(flag):
        errors.append(FieldError(f"{where}.flag", KEY_RULE))
        return None
    if isinstance(value, str) and len(value) <= FLAG_TEXT_LIMIT and is_storable(value):
        return FlagIs(flag, value)
    if isinstance(value, bool):
        return FlagIs(flag, value)
    errors.append(FieldError(f"{where}.is", f"must be true, false or a text of at most {FLAG_TEXT_LIMIT} characters"))
    return None


def _whole(raw: object, where: str, low: int, high: int, errors: list[FieldError]) -> int | None:
    if isinstance(raw, bool) or not isinstance(raw, int) or not low <= raw <= high:
        errors.append(FieldError(where, f"must be a whole number from {low} to {high}"))
        return None
    return raw


def _object(raw: object, where: str, errors: list[FieldError]) -> Mapping[str, object] | None:
    if isinstance(raw, dict):
        return cast(Mapping[str, object], raw)
    errors.append(FieldError(where, "is required" if raw is None else "must be an object"))
    return None


def _refuse_unknown(fields: Mapping[str, object], known: Sequence[str], where: str, errors: list[FieldError]) -> None:
    unknown = next((name for name in fields if name not in known), None)
    if unknown is not None:
        errors.append(FieldError(f"{where}.{shown(unknown)}", "is not a field of this"))
