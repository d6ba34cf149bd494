"""Names go out of an ended session, for good: the one exception to «what happened stays as it was written».

Trainees become «Trainee 1», «Trainee 2» …, in the order in which they joined; whoever came twice under one name has one
number. Nothing else of the record moves: its places, its moments, what was done and what the monitors showed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast
from uuid import UUID

from server.domain.annotations import Annotation
from server.domain.events import ActionTaken, Author, Event, NoteAdded
from server.domain.outcomes import Conflict, FieldError, Forbidden, InvalidFields, NotFound, NotHome
from server.domain.people import Trainer
from server.domain.permissions import judge_action
from server.domain.scores import ITEM_COMMENT_LIMIT, ScoreSheet
from server.domain.session import Seat, Session
from server.domain.text import NOTE_LIMIT, TITLE_LIMIT, one_line, read_details, text_error

TRAINEE = "Trainee"
FIRST_TRAINEE = f"{TRAINEE} 1"
# What stands in an annotation whose text was taken out; the annotation is deleted, and its row stays.
TAKEN_OUT = "…"
# A shorter one is a letter or a number, which stands in many texts and names nobody.
SHORTEST_NAME = 2
SHORTEST_PART = 3

STILL_OPEN = Conflict("Names go out of a session that has ended; end it first.")
LOCKED = Conflict("This session is locked, and stays as it is; take the lock away first.")

Texts = Mapping[UUID, str | None]
"""What is to stand in notes and annotations instead, by their ids; None takes the text out."""


@dataclass(frozen=True, slots=True)
class Renaming:
    """What each seat is called from now on, and how names are found in a text."""

    by_seat: Mapping[UUID, str]
    found: re.Pattern[str]
    instead: Mapping[str, str]
    """By the name in lower case."""

    def author(self, by: Author) -> Author:
        name = None if by.id is None else self.by_seat.get(by.id)
        return by if name is None else replace(by, name=name)

    def text(self, text: str, limit: int = NOTE_LIMIT) -> str:
        """Names replaced wherever they stand as a word; cut where it has grown over what may stand there."""
        return self.found.sub(lambda match: self.instead.get(_key(match.group()), TRAINEE), text)[:limit]

    def details(self, details: Mapping[str, object]) -> Mapping[str, object]:
        """Nothing is left of those that have grown over what may stand there."""
        replaced = cast(dict[str, object], self.json(dict(details)))
        return {} if isinstance(read_details(replaced), FieldError) else replaced

    def json(self, value: object) -> object:
        match value:
            case str():
                return self.text(value)
            case list():
                return [self.json(each) for each in cast(list[object], value)]
            case dict():
                return {name: self.json(each) for name, each in cast(dict[str, object], value).items()}
            case _:
                return value


def unnamed_sheet(sheet: ScoreSheet, renaming: Renaming, now: datetime) -> ScoreSheet:
    """The evaluator is a trainer, and keeps the name; the same object where nothing of it changes."""
    items = {
        key: replace(item, comment=renaming.text(item.comment, ITEM_COMMENT_LIMIT)) for key, item in sheet.items.items()
    }
    changed = replace(sheet, items=items, comment=renaming.text(sheet.comment))
    return sheet if changed == sheet else replace(changed, updated_at=now, version=sheet.version + 1)


@dataclass(frozen=True, slots=True)
class Named:
    """Of a session everything in which somebody is named."""

    session: Session
    seats: Sequence[Seat]
    """Those that were removed, too."""
    events: Sequence[Event]
    annotations: Sequence[Annotation]


@dataclass(frozen=True, slots=True)
class NamesOut:
    """The session as it is without names; of the rest what is another than it was. `renaming` is for what people wrote
    besides: comments on score sheets, titles of moments.
    """

    renaming: Renaming
    session: Session
    seats: Sequence[Seat]
    events: Sequence[Event]
    annotations: Sequence[Annotation]


def refuse_names_out(session: Session, trainer: Trainer) -> NotFound | Forbidden | NotHome | Conflict | None:
    if refusal := judge_action(trainer, "take_names_out", session) or session.elsewhere():
        return refusal
    if session.lock is not None:
        return LOCKED
    return STILL_OPEN if session.closed_at is None else None


def renaming_of(session: Session, seats: Sequence[Seat]) -> Renaming:
    numbers: dict[str, str] = {}
    by_seat: dict[UUID, str] = {}
    for seat in sorted(seats, key=lambda each: (each.joined_at, each.id)):
        by_seat[seat.id] = numbers.setdefault(_key(seat.name), f"{TRAINEE} {len(numbers) + 1}")
    instead = dict(numbers)
    names = [seat.name for seat in seats]
    if session.trainee_name is not None:
        names.append(session.trainee_name)
        instead.setdefault(_key(session.trainee_name), TRAINEE)
    patterns = [_pattern(name, any_case=len(name) > SHORTEST_NAME) for name in names if len(name) >= SHORTEST_NAME]
    # «Trainee» is a part of no name.
    for part, whose in ({} if session.names_out_at is not None else _parts(seats, numbers)).items():
        if part.lower() not in instead:
            instead[part.lower()] = whose
            patterns.append(_pattern(part, any_case=False))
    patterns = list(dict.fromkeys(patterns))
    # The longest first: «Ada King» before «Ada».
    patterns.sort(key=len, reverse=True)
    return Renaming(by_seat, re.compile(rf"(?<!\w)(?:{'|'.join(patterns) or '(?!)'})(?!\w)"), instead)


def names_out(named: Named, texts: Texts, now: datetime) -> NamesOut | InvalidFields:
    """Free texts are replaced as given; in the others names are found and replaced, as far as they can be."""
    if errors := _text_errors(named, texts):
        return InvalidFields(tuple(errors))
    renaming = renaming_of(named.session, [*named.seats, *_unseated(named)])
    seats = [replace(seat, name=renaming.by_seat[seat.id]) for seat in named.seats]
    events = [_without_names(event, renaming, texts) for event in named.events]
    annotations = [_unnamed(each, renaming, texts, now) for each in named.annotations]
    session = named.session
    unnamed = replace(
        session,
        title=renaming.text(session.title, TITLE_LIMIT),
        public_title=renaming.text(session.public_title, TITLE_LIMIT),
        trainee_name=None,
        names_out_at=session.names_out_at or now,
        updated_at=session.not_before(now),
        version=session.version + 1,
    )
    return NamesOut(
        renaming,
        unnamed,
        [new for new, old in zip(seats, named.seats, strict=True) if new != old],
        [new for new, old in zip(events, named.events, strict=True) if new is not old],
        [new for new, old in zip(annotations, named.annotations, strict=True) if new is not old],
    )


def _unseated(named: Named) -> list[Seat]:
    """Trainees who did something, and whose seat is not here yet: a hall tells of seats a moment after the record."""
    known = {seat.id for seat in named.seats}
    found: dict[UUID, Seat] = {}
    for event in named.events:
        match event.by:
            case Author("trainee", UUID() as seat_id, name) if seat_id not in known:
                found.setdefault(seat_id, Seat(seat_id, named.session.id, name, event.created_at))
            case _:
                pass
    return list(found.values())


def _text_errors(named: Named, texts: Texts) -> list[FieldError]:
    known = {event.id for event in named.events if isinstance(event.fact, NoteAdded)}
    known |= {annotation.id for annotation in named.annotations}
    errors: list[FieldError] = []
    for event_id, text in texts.items():
        field = f"texts.{event_id}"
        if event_id not in known:
            errors.append(FieldError(field, "is no note and no annotation of this session"))
        elif text is not None and (error := text_error(field, text, NOTE_LIMIT)):
            errors.append(error)
    return errors


def _without_names(event: Event, renaming: Renaming, texts: Texts) -> Event:
    """The same object where nothing of it changes."""
    by, fact = renaming.author(event.by), event.fact
    match fact:
        case NoteAdded():
            fact = _note(event.id, fact, renaming, texts)
        case ActionTaken(action, details):
            fact = ActionTaken(action, renaming.details(details))
        case _:
            pass
    return event if by == event.by and fact == event.fact else replace(event, by=by, fact=fact)


def _note(event_id: UUID, note: NoteAdded, renaming: Renaming, texts: Texts) -> NoteAdded:
    if event_id not in texts:
        return note if note.text is None else replace(note, text=renaming.text(note.text))
    text = texts[event_id]
    return replace(note, text=None if text is None else text.strip(), is_redacted=text is None)


def _unnamed(annotation: Annotation, renaming: Renaming, texts: Texts, now: datetime) -> Annotation:
    """The same object where nothing of it changes; deleted ones keep their words, too."""
    text = texts.get(annotation.id, renaming.text(annotation.text))
    if text is None:
        gone_at = annotation.deleted_at or now
        changed = replace(annotation, text=TAKEN_OUT, deleted_at=gone_at)
    else:
        changed = replace(annotation, text=text.strip())
    if changed == annotation:
        return annotation
    return replace(changed, updated_at=now, version=annotation.version + 1)


def _parts(seats: Sequence[Seat], numbers: Mapping[str, str]) -> dict[str, str]:
    """First names, family names: the words of a name that begin with a capital; whose they are, if they are one's."""
    parts: dict[str, str] = {}
    for seat in seats:
        for word in one_line(seat.name).split():
            if len(word) >= SHORTEST_PART and word[0].isupper():
                whose = numbers[_key(seat.name)]
                parts[word] = whose if parts.get(word, whose) == whose else TRAINEE
    return parts


def _pattern(name: str, *, any_case: bool) -> str:
    words = r"\s+".join(map(re.escape, name.split()))
    return f"(?i:{words})" if any_case else words


def _key(name: str) -> str:
    return one_line(name).lower()
