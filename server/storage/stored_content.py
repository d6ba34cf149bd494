"""A template's content as it lies in the database, read no earlier than somebody looks into it."""

from __future__ import annotations

from collections.abc import Iterable, KeysView
from dataclasses import fields
from typing import Any, cast

import orjson

from server.domain.case import ChecklistItem, Step
from server.domain.template import TEMPLATE_FIELDS, TemplateContent
from server.domain.vitals import VitalsPatch

_STEP_FIELDS = Step("", "", VitalsPatch()).as_json().keys()
_ITEM_FIELDS = ChecklistItem("", "").as_json().keys()
_SIDES = dict.fromkeys(("low", "high")).keys()


class StoredContent(TemplateContent):
    """Equal to the content that it is. Whoever only tells it on, as to devices that copy all of a school's, pays for no
    part of it.
    """

    __slots__ = ("_text",)

    @classmethod
    def of(cls, text: str) -> StoredContent:
        content = cls.__new__(cls)
        object.__setattr__(content, "_text", text)
        return content

    def __getattr__(self, name: str) -> Any:
        """Asked for what has no value yet. One that was made of another, by `replace`, has all but its text."""
        if name == "_text":
            return None
        if name not in _FIELDS or self._text is None:
            raise AttributeError(name)
        content = TemplateContent.from_json(orjson.loads(self._text))
        for each in _FIELDS:
            object.__setattr__(self, each, getattr(content, each))
        return getattr(content, name)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TemplateContent):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in _FIELDS)

    __hash__ = TemplateContent.__hash__

    def as_json(self) -> dict[str, object]:
        return super().as_json() if self._text is None else told_content(self._text)


_FIELDS = tuple(field.name for field in fields(TemplateContent))


def told_content(text: str) -> dict[str, object]:
    """As it was stored, if that is how it would be written today: only then is to read it no work.

    Every value in it was judged by the domain, so none is deeper, and no number is longer, than the library reads.
    """
    content: dict[str, Any] = orjson.loads(text)
    return content if _is_of_today(content) else TemplateContent.from_json(content).as_json()


def _is_of_today(content: dict[str, Any]) -> bool:
    """By the names of the whole, and of the first of each list: a list is written whole, by one program."""
    return (
        content.keys() == TEMPLATE_FIELDS
        and _begins_with(_STEP_FIELDS, content["steps"])
        and _begins_with(_ITEM_FIELDS, content["checklist"])
        and _begins_with(_SIDES, content["limits"].values())
    )


def _begins_with(names: KeysView[str], parts: Iterable[Any]) -> bool:
    """Or has none. An item of a checklist was a plain text once."""
    first = next(iter(parts), None)
    return first is None or (isinstance(first, dict) and cast(dict[str, Any], first).keys() == names)
