"""What trainees say themselves, right after the end of their session: in words, and by the checklist.

Whoever wishes says it without a name; then none is kept with it, and nobody is told whose it is, no admin either. The
seat it came from can still be shown it, and change it: it is found by a hash of the seat's secret that nothing else
is kept under.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from server.domain.case import Case
from server.domain.outcomes import Conflict, FieldError, InvalidFields, SessionOver
from server.domain.scores import Score, read_bare_scores
from server.domain.session import Seat, Session
from server.domain.text import NOTE_LIMIT, text_error

REFLECTION_LIFE = timedelta(hours=24)
WORDS_LIMIT = NOTE_LIMIT

STILL_RUNNING = Conflict("The session is still running; your own words have their place after its end.")


@dataclass(frozen=True, slots=True)
class Reflection:
    """`seat_id` is None where it came without a name."""

    id: UUID
    session_id: UUID
    school_id: UUID
    author_hash: bytes
    seat_id: UUID | None
    words: str
    scores: Mapping[str, Score]
    version: int = 0
    """Counts what was said anew; when that was is kept nowhere."""

    @property
    def is_anonymous(self) -> bool:
        return self.seat_id is None

    @property
    def is_empty(self) -> bool:
        """Nothing was said, or it was taken back."""
        return not self.words and not self.scores


@dataclass(frozen=True, slots=True)
class ToldReflection:
    """As trainers read it: under the name that the seat has now, or under none. Its id is told to nobody."""

    id: UUID
    seat_id: UUID | None
    name: str | None
    words: str
    scores: Mapping[str, Score]


@dataclass(frozen=True, slots=True)
class ReflectionChange:
    """What is None stays as it is."""

    words: str | None = None
    scores: Mapping[str, object] | None = None
    is_anonymous: bool | None = None


def author_hash(seat_token: str) -> bytes:
    """Not that by which the seat is found: from the storage alone nobody can tell whose words are whose."""
    return sha256(b"reflection of " + seat_token.encode("utf-8", "surrogatepass")).digest()


def judge_door(session: Session, now: datetime) -> Conflict | SessionOver | None:
    """Whether trainees may write now: from the end of the session on, for a day."""
    ended_at = session.ended_at(now)
    if ended_at is None:
        return STILL_RUNNING
    return session.over(now) if ended_at + REFLECTION_LIFE <= now else None


def first_reflection(session: Session, seat: Seat, seat_token: str, reflection_id: UUID) -> Reflection:
    return Reflection(reflection_id, session.id, session.school_id, author_hash(seat_token), seat.id, "", {})


def judge_reflection(
    reflection: Reflection, seat: Seat, case: Case | None, change: ReflectionChange
) -> Reflection | InvalidFields:
    """What `reflection`, maybe the empty first one, becomes."""
    errors: list[FieldError] = []
    words = reflection.words if change.words is None else change.words
    if error := text_error("words", words, WORDS_LIMIT, required=False):
        errors.append(error)
    scores = reflection.scores
    if change.scores is not None:
        scores = read_bare_scores(change.scores, () if case is None else case.checklist, "scores", errors)
    if errors:
        return InvalidFields(tuple(errors))
    is_anonymous = reflection.is_anonymous if change.is_anonymous is None else change.is_anonymous
    said = replace(reflection, words=words.strip(), scores=scores, seat_id=None if is_anonymous else seat.id)
    return said if said == reflection else replace(said, version=reflection.version + 1)
