"""What a client sent as vitals, judged: every field that is wrong is named by its dotted path."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import islice
from typing import cast

from server.domain.outcomes import ERRORS_TOLD, FieldError, InvalidFields
from server.domain.text import is_key, is_storable, shown
from server.domain.vitals import (
    FLAG_TEXT_LIMIT,
    FLAGS_LIMIT,
    RAMP_SECONDS_LIMIT,
    RHYTHMS,
    SIGNS,
    FlagValue,
    Number,
    SignName,
    VitalsPatch,
)


def read_patch(
    vitals: object = None,
    rhythm: object = None,
    flags: object = None,
    ramp_seconds: object = None,
    *,
    prefix: str = "",
) -> VitalsPatch | InvalidFields:
    """Judge what a client sent as a push; every field that is wrong is named. None means «not sent»."""
    errors: list[FieldError] = []
    patch = VitalsPatch(
        signs=_read_signs(vitals, f"{prefix}vitals", errors) if vitals is not None else {},
        rhythm=_read_rhythm(rhythm, f"{prefix}rhythm", errors) if rhythm is not None else None,
        flags=_read_flags(flags, f"{prefix}flags", errors) if flags is not None else {},
        ramp_seconds=_read_ramp_seconds(ramp_seconds, f"{prefix}ramp_seconds", errors)
        if ramp_seconds is not None
        else 0,
    )
    return InvalidFields(tuple(errors)) if errors else patch


def read_stored_patch(raw: Mapping[str, object]) -> VitalsPatch:
    """A patch out of our own storage, where it was validated on its way in."""
    return VitalsPatch(
        signs=cast(Mapping[SignName, Number], raw.get("vitals") or {}),
        rhythm=cast(str | None, raw.get("rhythm")),
        flags=cast(Mapping[str, FlagValue | None], raw.get("flags") or {}),
        ramp_seconds=cast(Number, raw.get("ramp_seconds") or 0),
    )


def read_number(raw: object, low: Number, high: Number, decimals: int) -> Number | str:
    """The number, or the sentence that says what is wrong with it."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return "must be a number"
    # Not asked of an integer: JSON's have no bound, and one of 400 digits is no double.
    if isinstance(raw, float) and not math.isfinite(raw):
        return "must be a finite number"
    if not low <= raw <= high:
        return f"must be from {low} to {high}"
    scaled = raw * 10**decimals
    if abs(scaled - round(scaled)) > 1e-6:
        return "must be a whole number" if decimals == 0 else f"must have at most {decimals} decimal"
    return round(raw) if decimals == 0 else round(float(raw), decimals)


def _read_signs(raw: object, path: str, errors: list[FieldError]) -> dict[SignName, Number]:
    if not isinstance(raw, dict):
        errors.append(FieldError(path, "must be an object of vital sign names and values"))
        return {}
    signs: dict[SignName, Number] = {}
    # Of more than there are signs, some of the first are unknown.
    for name, value in islice(cast(dict[str, object], raw).items(), ERRORS_TOLD):
        sign = SIGNS.get(cast(SignName, name))
        if sign is None:
            errors.append(FieldError(f"{path}.{shown(name)}", f"is not a vital sign; known: {', '.join(SIGNS)}"))
            continue
        number = read_number(value, sign.minimum, sign.maximum, sign.decimals)
        if isinstance(number, str):
            errors.append(FieldError(f"{path}.{name}", f"{number} ({sign.unit})"))
        else:
            signs[sign.name] = number
    return signs


def _read_rhythm(raw: object, path: str, errors: list[FieldError]) -> str | None:
    if not isinstance(raw, str) or raw not in RHYTHMS:
        errors.append(FieldError(path, f"is not a known rhythm; known: {', '.join(RHYTHMS)}"))
        return None
    return raw


def _read_flags(raw: object, path: str, errors: list[FieldError]) -> dict[str, FlagValue | None]:
    if not isinstance(raw, dict):
        errors.append(FieldError(path, "must be an object of flag names and values"))
        return {}
    flags = cast(dict[str, object], raw)
    if len(flags) > FLAGS_LIMIT:
        errors.append(FieldError(path, f"has {len(flags)} entries; at most {FLAGS_LIMIT} are allowed"))
        return {}
    read: dict[str, FlagValue | None] = {}
    for key, value in flags.items():
        where = f"{path}.{shown(key)}"
        if not is_key(key):
            errors.append(FieldError(where, "must be named by a-z, 0-9 and _, begin with a letter, at most 32"))
        elif value is None or isinstance(value, bool):
            read[key] = value
        elif isinstance(value, str):
            if len(value) > FLAG_TEXT_LIMIT or not is_storable(value):
                errors.append(FieldError(where, f"must be a plain text of at most {FLAG_TEXT_LIMIT} characters"))
            else:
                read[key] = value
        else:
            errors.append(FieldError(where, "must be true, false, a short text, or null to remove it"))
    return read


def _read_ramp_seconds(raw: object, path: str, errors: list[FieldError]) -> Number:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        errors.append(FieldError(path, "must be a number of seconds"))
        return 0
    if not 0 <= raw <= RAMP_SECONDS_LIMIT:
        errors.append(FieldError(path, f"must be from 0 to {RAMP_SECONDS_LIMIT} seconds"))
        return 0
    return int(raw) if raw == int(raw) else round(raw, 3)
