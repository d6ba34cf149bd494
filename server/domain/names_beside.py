"""What becomes of what people wrote beside a record when the names go out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from server.domain.debrief.moment_edits import MomentEdit
from server.domain.free_texts import WHOLE_SHEET, WrittenBeside, beside_id
from server.domain.renaming import Renaming
from server.domain.scores import ITEM_COMMENT_LIMIT, ScoreSheet
from server.domain.text import NOTE_LIMIT, TITLE_LIMIT, one_line

Texts = Mapping[UUID, str | None]
"""What is to stand in free texts instead, by their ids; None takes the text out."""


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A text stands as it was given under its id; in the others names are replaced."""

    renaming: Renaming
    texts: Texts

    def beside(self, owner: UUID, place: str, text: str, limit: int) -> str:
        """Empty where it is taken out."""
        id_ = beside_id(owner, place, text)
        return (self.texts[id_] or "").strip() if id_ in self.texts else self.renaming.text(text, limit)

    def line(self, owner: UUID, place: str, title: str) -> str:
        """As `beside`, of a title."""
        return one_line(self.beside(owner, place, title, TITLE_LIMIT))

    def sheet(self, sheet: ScoreSheet, now: datetime) -> ScoreSheet:
        """The evaluator is a trainer, and keeps the name; the same object where nothing of it changes."""
        items = {
            key: replace(item, comment=self.beside(sheet.id, key, item.comment, ITEM_COMMENT_LIMIT))
            for key, item in sheet.items.items()
        }
        comment = self.beside(sheet.id, WHOLE_SHEET, sheet.comment, NOTE_LIMIT)
        changed = replace(sheet, items=items, comment=comment)
        return sheet if changed == sheet else replace(changed, updated_at=now, version=sheet.version + 1)

    def words(self, reflection_id: UUID, words: str) -> str:
        return self.beside(reflection_id, "", words, NOTE_LIMIT)

    def title(self, edit: MomentEdit) -> str | None:
        """None: the moment is called as the rule calls it that found it."""
        return self.line(edit.id, "", edit.title or "") or None

    def changes(self, beside: WrittenBeside, now: datetime) -> bool:
        """Whether anything of it becomes another."""
        return (
            any(self.sheet(each, now) is not each for each in beside.sheets)
            or any(self.words(each.id, each.words) != each.words for each in beside.words)
            or any(self.title(each) != each.title for each in beside.moments)
        )
