"""Free texts: everything that somebody wrote about a session in their own words, wherever it stands.

Each has an id, under which it can be taken out when the names go. A note, an action and an annotation have their own;
of the others it is made of where the text stands and of what it says. So whoever writes one anew meanwhile has written
another text, and the id under which a trainee's words are kept, which outlives what is said, is told to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid5

from server.domain.annotations import Annotation
from server.domain.debrief.moment_edits import MomentEdit
from server.domain.events import ActionTaken, Event, NoteAdded
from server.domain.reflections import WORDS_LIMIT, ToldReflection
from server.domain.scores import ITEM_COMMENT_LIMIT, ScoreSheet
from server.domain.session import Seat, Session
from server.domain.text import NOTE_LIMIT, TITLE_LIMIT

FreeTextKind = Literal["title", "public_title", "note", "action", "annotation", "score", "words", "moment"]
# Where a screen at the bedside writes what somebody typed; the rest of an action's details is its own.
ACTION_TEXT = "text"
# The comment on a whole sheet; an item's stands under its key, which is never empty.
WHOLE_SHEET = ""
TITLE: FreeTextKind = "title"
PUBLIC_TITLE: FreeTextKind = "public_title"
ONE_LINE: frozenset[FreeTextKind] = frozenset((TITLE, PUBLIC_TITLE, "moment"))


@dataclass(frozen=True, slots=True)
class FreeText:
    """`at` is None where no moment is kept or told, `by` where nobody is named; `longest`: so long may it be."""

    id: UUID
    kind: FreeTextKind
    text: str
    longest: int
    at: datetime | None
    by: str | None


@dataclass(frozen=True, slots=True)
class WrittenBeside:
    """What people wrote of a session besides its record and its annotations: sheets, own words, titles of moments."""

    sheets: Sequence[ScoreSheet] = ()
    words: Sequence[ToldReflection] = ()
    moments: Sequence[MomentEdit] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """Of a session everything in which somebody is named."""

    session: Session
    seats: Sequence[Seat]
    """Those that were removed, too."""
    events: Sequence[Event]
    annotations: Sequence[Annotation]
    beside: WrittenBeside = WrittenBeside()


def beside_id(owner: UUID, place: str, text: str) -> UUID:
    """Of a text over a session or a moment, in a sheet or in somebody's words; `owner` is the id of that."""
    return uuid5(owner, f"{place}\n{text}")


def free_texts(named: Named) -> Sequence[FreeText]:
    """Those that anybody can still read."""
    written = [
        *_titles(named.session),
        *_in_the_record(named.events),
        *_annotated(named.annotations),
        *_beside(named.beside),
    ]
    return [each for each in written if each.text]


def action_text(action: ActionTaken) -> str:
    text = action.details.get(ACTION_TEXT)
    return text if isinstance(text, str) else ""


def _titles(session: Session) -> Iterator[FreeText]:
    titles: dict[FreeTextKind, str] = {TITLE: session.title, PUBLIC_TITLE: session.public_title}
    for place, title in titles.items():
        yield FreeText(beside_id(session.id, place, title), place, title, TITLE_LIMIT, session.created_at, None)


def _in_the_record(events: Sequence[Event]) -> Iterator[FreeText]:
    for event in events:
        match event.fact:
            case NoteAdded(str(text)):
                yield FreeText(event.id, "note", text, NOTE_LIMIT, event.made_at, event.by.name)
            case ActionTaken() as action:
                yield FreeText(event.id, "action", action_text(action), NOTE_LIMIT, event.made_at, event.by.name)
            case _:
                pass


def _annotated(annotations: Sequence[Annotation]) -> Iterator[FreeText]:
    for each in annotations:
        if each.deleted_at is None:
            yield FreeText(each.id, "annotation", each.text, NOTE_LIMIT, each.at, each.author.name)


def _beside(beside: WrittenBeside) -> Iterator[FreeText]:
    for sheet in beside.sheets:
        at, by = sheet.updated_at, sheet.by.name
        yield FreeText(beside_id(sheet.id, WHOLE_SHEET, sheet.comment), "score", sheet.comment, NOTE_LIMIT, at, by)
        for key, item in sheet.items.items():
            id_ = beside_id(sheet.id, key, item.comment)
            yield FreeText(id_, "score", item.comment, ITEM_COMMENT_LIMIT, item.at or at, by)
    for said in beside.words:
        yield FreeText(beside_id(said.id, "", said.words), "words", said.words, WORDS_LIMIT, None, said.name)
    for edit in beside.moments:
        title = edit.title or ""
        yield FreeText(beside_id(edit.id, "", title), "moment", title, TITLE_LIMIT, edit.updated_at, None)
