"""How deep JSON may be nested: what comes in by any door, and what is read back of what was stored.

Everything that walks through JSON, here and in the libraries, recurses, and gives up at a depth of its own. The one
number here is far below those, and far above what anybody needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import cast

from server.domain.outcomes import FieldError

NESTING_LIMIT = 32
"""Of lists and objects within each other; a whole body or message, its own object included."""
RULE = f"is nested too deeply; at most {NESTING_LIMIT - 1} lists and objects within each other are allowed"
CUT = "(cut: nested too deeply)"
"""Stands for what is deeper, where something was stored before there was a limit."""

_CONTAINER = (dict, list)
_TEXT = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
_BETWEEN_BRACKETS = re.compile(r"[^\[\]{}]+")
_INNERMOST = re.compile(r"\[\]|{}")


def nesting(value: object) -> int:
    """How many lists and objects are within each other; 0 for a plain value."""
    depth = 0
    layer: list[object] = [value] if isinstance(value, _CONTAINER) else []
    while layer:
        depth += 1
        layer = [inner for outer in layer for inner in _inside(outer) if isinstance(inner, _CONTAINER)]
    return depth


def nesting_errors(fields: Mapping[object, object]) -> tuple[FieldError, ...]:
    """The fields of a body or a message that make it deeper than is allowed."""
    # Asked of every push, whose only container holds plain values.
    for value in fields.values():
        if isinstance(value, _CONTAINER):
            for inner in _inside(cast(object, value)):
                if isinstance(inner, _CONTAINER):
                    return tuple(FieldError(str(name), RULE) for name in fields if _is_too_deep(fields[name]))
    return ()


def cut_to_depth(text: str) -> str:
    """JSON text, with CUT in place of what is deeper than NESTING_LIMIT."""
    # As many brackets as that are needed at least, and nearly no text has them.
    if text.count("{") + text.count("[") <= NESTING_LIMIT or _is_within_limit(text):
        return text
    kept: list[str] = []
    depth = kept_until = 0
    is_within_text = is_escaped = False
    for place, character in enumerate(text):
        if is_escaped:
            is_escaped = False
        elif is_within_text:
            is_escaped = character == "\\"
            is_within_text = character != '"'
        elif character == '"':
            is_within_text = True
        elif character in "{[":
            depth += 1
            if depth == NESTING_LIMIT + 1:
                kept += [text[kept_until:place], f'"{CUT}"']
        elif character in "}]":
            if depth == NESTING_LIMIT + 1:
                kept_until = place + 1
            depth -= 1
    return "".join((*kept, text[kept_until:]))


def _is_within_limit(text: str) -> bool:
    """By taking the innermost pairs of brackets away, a layer at a time: a tenth of the time of looking at each
    character, and asked of every template that is read.
    """
    brackets = _BETWEEN_BRACKETS.sub("", _TEXT.sub("", text))
    for _ in range(NESTING_LIMIT):
        if not brackets:
            return True
        brackets = _INNERMOST.sub("", brackets)
    return not brackets


def _is_too_deep(field: object) -> bool:
    return nesting(field) >= NESTING_LIMIT


def _inside(container: object) -> Iterable[object]:
    if isinstance(container, dict):
        return cast(dict[object, object], container).values()
    return cast(list[object], container)
