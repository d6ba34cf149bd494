"""Names go out of an ended session, for good: the one exception to «what happened stays as it was written».

Trainees become «Trainee 1», «Trainee 2» …, in the order in which they joined; whoever came twice under one name has one
number. Nothing else of the record moves: its places, its moments, what was done and what the monitors showed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from server.domain.annotations import Annotation
from server.domain.events import ActionTaken, Author, Event, NoteAdded
from server.domain.free_texts import (
    ACTION_TEXT,
    ONE_LINE,
    PUBLIC_TITLE,
    TITLE,
    FreeText,
    Named,
    action_text,
    free_texts,
)
from server.domain.names_beside import Rewriting, Texts
from server.domain.outcomes import Conflict, FieldError, Forbidden, InvalidFields, NotFound, NotHome
from server.domain.people import Trainer
from server.domain.permissions import judge_action
from server.domain.renaming import TRAINEE, Renaming, renaming_of
from server.domain.session import Seat, Session
from server.domain.text import NOTE_LIMIT, line_error, read_details, text_error

FIRST_TRAINEE = f"{TRAINEE} 1"
# What stands in an annotation whose text was taken out; the annotation is deleted, and its row stays.
TAKEN_OUT = "…"

STILL_OPEN = Conflict("Names go out of a session that has ended; end it first.")
LOCKED = Conflict("This session is locked, and stays as it is; take the lock away first.")


@dataclass(frozen=True, slots=True)
class NamesOut:
    """The session as it is without names; of the rest what is another than it was. What people wrote beside the record
    is rewritten as it stands when it is stored.
    """

    rewriting: Rewriting
    session: Session
    seats: Sequence[Seat]
    events: Sequence[Event]
    annotations: Sequence[Annotation]
    changes_beside: bool
    """Whether anything else becomes another: what is beside the record, or a title of the session."""

    @property
    def is_nothing_new(self) -> bool:
        """Of a session whose names are out already."""
        return not (self.seats or self.events or self.annotations or self.changes_beside)


def refuse_names_out(session: Session, trainer: Trainer) -> NotFound | Forbidden | NotHome | Conflict | None:
    if refusal := judge_action(trainer, "take_names_out", session) or session.elsewhere():
        return refusal
    if session.lock is not None:
        return LOCKED
    return STILL_OPEN if session.closed_at is None else None


def names_out(named: Named, texts: Texts, now: datetime) -> NamesOut | InvalidFields:
    """Free texts are replaced as given; in the others names are found and replaced, as far as they can be."""
    if errors := _text_errors(named, texts):
        return InvalidFields(tuple(errors))
    renaming = renaming_of(named.session, [*named.seats, *_unseated(named)])
    seats = [replace(seat, name=renaming.by_seat[seat.id]) for seat in named.seats]
    events = [_without_names(event, renaming, texts) for event in named.events]
    annotations = [_unnamed(each, renaming, texts, now) for each in named.annotations]
    session, rewriting = named.session, Rewriting(renaming, texts)
    unnamed = replace(
        session,
        title=rewriting.line(session.id, TITLE, session.title),
        public_title=rewriting.line(session.id, PUBLIC_TITLE, session.public_title),
        trainee_name=None,
        names_out_at=session.names_out_at or now,
        updated_at=session.not_before(now),
        version=session.version + 1,
    )
    return NamesOut(
        rewriting,
        unnamed,
        [new for new, old in zip(seats, named.seats, strict=True) if new != old],
        [new for new, old in zip(events, named.events, strict=True) if new is not old],
        [new for new, old in zip(annotations, named.annotations, strict=True) if new is not old],
        (unnamed.title, unnamed.public_title) != (session.title, session.public_title)
        or rewriting.changes(named.beside, now),
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
    known = {each.id: each for each in free_texts(named)}
    # What has no text, or none any more, may be named as well.
    bare = {event.id for event in named.events if isinstance(event.fact, NoteAdded)}
    bare |= {annotation.id for annotation in named.annotations}
    actions = {event.id: event.fact.details for event in named.events if isinstance(event.fact, ActionTaken)}
    errors: list[FieldError] = []
    for text_id, text in texts.items():
        field, written = f"texts.{text_id}", known.get(text_id)
        if written is None and text_id not in bare:
            errors.append(FieldError(field, "is no text of this session, or was written anew meanwhile"))
        elif error := _text_error(field, text, written, actions.get(text_id)):
            errors.append(error)
    return errors


def _text_error(
    field: str, text: str | None, written: FreeText | None, details: Mapping[str, object] | None
) -> FieldError | None:
    """Of what is to stand for `written`; `details`: those of the action in which it stands, where it is one's."""
    if text is not None:
        judge = line_error if written is not None and written.kind in ONE_LINE else text_error
        if error := judge(field, text, NOTE_LIMIT if written is None else written.longest):
            return error
    fits = None if details is None else read_details(_rewritten(details, text), field)
    return fits if isinstance(fits, FieldError) else None


def _without_names(event: Event, renaming: Renaming, texts: Texts) -> Event:
    """The same object where nothing of it changes."""
    by, fact = renaming.author(event.by), event.fact
    match fact:
        case NoteAdded():
            fact = _note(event.id, fact, renaming, texts)
        case ActionTaken() as action:
            fact = _action(event.id, action, renaming, texts)
        case _:
            pass
    return event if by == event.by and fact == event.fact else replace(event, by=by, fact=fact)


def _note(event_id: UUID, note: NoteAdded, renaming: Renaming, texts: Texts) -> NoteAdded:
    if event_id not in texts:
        return note if note.text is None else replace(note, text=renaming.text(note.text))
    text = texts[event_id]
    return replace(note, text=None if text is None else text.strip(), is_redacted=text is None)


def _action(event_id: UUID, action: ActionTaken, renaming: Renaming, texts: Texts) -> ActionTaken:
    details = renaming.details(action.details)
    if event_id in texts and action_text(action):
        details = _rewritten(details, texts[event_id])
    return replace(action, details=details)


def _rewritten(details: Mapping[str, object], text: str | None) -> Mapping[str, object]:
    """Of an action; as a note says that its text was taken out, so does it."""
    others = {name: value for name, value in details.items() if name != ACTION_TEXT}
    return {**others, "redacted": True} if text is None else {**others, ACTION_TEXT: text.strip()}


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
