"""What is asked of a value beside its shape: the domain's rules, for refusals that name all wrong fields at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from server.domain.case_reading import read_checklist, read_targets
from server.domain.devices import client_id_error
from server.domain.limits import read_limits
from server.domain.outcomes import FieldError, InvalidFields
from server.domain.passwords import password_error
from server.domain.patches import read_patch
from server.domain.people import account_errors
from server.domain.scores import read_any_items, read_any_scores
from server.domain.text import KEY_RULE, is_key, line_error, one_line, read_details, text_error
from server.domain.timestamps import not_soon_error, read_timestamp
from server.domain.transition_reading import read_transitions

Judge = Callable[[str, object, "datetime | None"], Iterable[FieldError]]


@dataclass(frozen=True, slots=True)
class Rule:
    """Stands in the type of a field. `judge` takes its dotted path, what was sent, and now where that is known.

    What has another shape than it expects it lets be: that is told already.
    """

    judge: Judge


def line(limit: int, *, required: bool = True) -> Rule:
    return _of_text(lambda path, text: line_error(path, text, limit, required=required))


def text(limit: int, *, required: bool = True) -> Rule:
    return _of_text(lambda path, said: text_error(path, said, limit, required=required))


def line_unless_empty(limit: int) -> Rule:
    """Nothing at all is as if it had not been sent."""
    return _of_text(lambda path, text: line_error(path, text, limit) if one_line(text) else None)


def client_id() -> Rule:
    return _of_text(client_id_error)


def number(low: float, high: float, message: str) -> Rule:
    def judge(path: str, raw: object, now: datetime | None) -> Iterable[FieldError]:
        if isinstance(raw, bool) or not isinstance(raw, int | float) or low <= raw <= high:
            return ()
        return (FieldError(path, message),)

    return Rule(judge)


def pattern(expression: str, message: str) -> Rule:
    return _of_text(lambda path, text: None if re.fullmatch(expression, text) else FieldError(path, message))


def soon(longest: timedelta) -> Rule:
    """A moment that is to come, and not later than this from now."""

    def judge(path: str, raw: object, now: datetime | None) -> Iterable[FieldError]:
        try:
            moment = read_timestamp(cast(str, raw))
        except (TypeError, ValueError, OverflowError):
            return ()
        error = None if now is None else not_soon_error(path, moment, now, longest)
        return () if error is None else (error,)

    return Rule(judge)


def _of_text(judge: Callable[[str, str], FieldError | None]) -> Rule:
    def judge_text(path: str, raw: object, now: datetime | None) -> Iterable[FieldError]:
        error = judge(path, raw) if isinstance(raw, str) else None
        return () if error is None else (error,)

    return Rule(judge_text)


def _judge_password(path: str, raw: str) -> FieldError | None:
    message = password_error(raw)
    return None if message is None else FieldError(path, message)


def _patch_part(name: str) -> Rule:
    def judge(path: str, raw: object, now: datetime | None) -> Iterable[FieldError]:
        patch = read_patch(**{name: raw}, prefix=path.removesuffix(name))
        return patch.errors if isinstance(patch, InvalidFields) else ()

    return Rule(judge)


def _judge_details(path: str, raw: object, now: datetime | None) -> Iterable[FieldError]:
    read = read_details(raw, path)
    return (read,) if isinstance(read, FieldError) else ()


def _judge_limits(raw: Mapping[str, object], errors: list[FieldError]) -> None:
    sides = {name: cast(Mapping[str, object], each) for name, each in raw.items() if isinstance(each, dict)}
    read_limits(sides, errors)


def _whole(name: str, read: Callable[[object, list[FieldError]], None]) -> Rule:
    """`read` names the field `name`, wherever it stands."""

    def judge(path: str, raw: object, now: datetime | None) -> Iterable[FieldError]:
        errors: list[FieldError] = []
        read(raw, errors)
        return [FieldError(path + error.field.removeprefix(name), error.message) for error in errors]

    return Rule(judge)


def _of_list(
    read: Callable[[Sequence[object], list[FieldError]], object],
) -> Callable[[object, list[FieldError]], None]:
    def judge(raw: object, errors: list[FieldError]) -> None:
        if isinstance(raw, list):
            read(cast(list[object], raw), errors)

    return judge


def _of_object(
    read: Callable[[Mapping[str, object], list[FieldError]], object],
) -> Callable[[object, list[FieldError]], None]:
    def judge(raw: object, errors: list[FieldError]) -> None:
        if isinstance(raw, dict):
            read(cast(Mapping[str, object], raw), errors)

    return judge


def _judge_transitions(path: str, raw: object, now: datetime | None) -> Iterable[FieldError]:
    errors: list[FieldError] = []
    if isinstance(raw, list):
        read_transitions(cast(object, raw), path, errors)
    return errors


key = _of_text(lambda path, name: None if is_key(name) else FieldError(path, KEY_RULE))
key_or_none = _of_text(lambda path, name: None if name == "" or is_key(name) else FieldError(path, KEY_RULE))
email = _of_text(lambda path, address: next(iter(account_errors(email=address)), None))
password = _of_text(_judge_password)
signs, rhythm, flags, ramp_seconds = (_patch_part(name) for name in ("vitals", "rhythm", "flags", "ramp_seconds"))
details = Rule(_judge_details)
limits = _whole("limits", _of_object(_judge_limits))
checklist = _whole("checklist", _of_list(read_checklist))
targets = _whole("targets", _of_list(read_targets))
items = _whole("items", _of_object(read_any_items))
own_scores = _whole("scores", _of_object(read_any_scores))
transitions = Rule(_judge_transitions)
