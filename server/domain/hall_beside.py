"""What people make of a hall's session afterwards, as its home tells it: score sheets, the trainees' own words, and
edits of moments.

Each of them has one place: an evaluator's sheet, a seat's words, a moment. So two of them cannot stand beside each
other, as annotations do: what was edited here stays, and the hall, which keeps its own, is told so. As with
annotations, nothing goes down, and no clocks of two machines are compared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

from server.domain.debrief.moment_edits import MomentEdit
from server.domain.hall_annotations import NothingNew
from server.domain.hall_records import ID_TAKEN
from server.domain.judging import Rejected
from server.domain.outcomes import FieldError
from server.domain.reflections import Reflection
from server.domain.scores import ScoreSheet
from server.domain.session import Session

Beside = ScoreSheet | Reflection | MomentEdit
BesideType = Literal["SCORE_SHEET", "REFLECTION", "MOMENT"]
BESIDE_TYPES: tuple[BesideType, ...] = get_args(BesideType)

TAKEN_OVER = Rejected(
    "not_home",
    (
        FieldError(
            "payload.session_id", "was taken over by the central server; what is written in the hall stays there"
        ),
    ),
)
EDITED_HERE = Rejected(
    "superseded",
    (FieldError("payload", "was edited at the central server too; that one stays, and this one in the hall"),),
)
NO_SEAT = Rejected("invalid_fields", (FieldError("payload.seat_id", "is no seat of this session; send that first"),))


@dataclass(frozen=True, slots=True)
class KnownBeside:
    """What stands here; `hall_version` is the version that a hall told last of it, None if it was made here."""

    row: Beside
    hall_version: int | None

    @property
    def is_as_told(self) -> bool:
        return self.row.version == self.hall_version


def beside_type(row: Beside) -> BesideType:
    match row:
        case ScoreSheet():
            return "SCORE_SHEET"
        case Reflection():
            return "REFLECTION"
        case MomentEdit():
            return "MOMENT"


def refuse_taken_over(session: Session | None) -> Rejected | None:
    """Why its hall writes nothing of this beside it any more. Annotations may still come: each is one of its own."""
    is_at_home = session is not None and session.hall is not None and session.hall.is_home
    return None if is_at_home else TAKEN_OVER


def judge_hall_beside(known: KnownBeside | None, sent: Beside) -> Beside | NothingNew | Rejected:
    """What is to stand where `known` stands; `sent` has the version that it has at the hall.

    However often and in whichever order a hall's versions are told, the newest is what stays.
    """
    if known is None:
        return sent
    here = known.row
    if here.session_id != sent.session_id or _seat_of(here) != _seat_of(sent):
        return ID_TAKEN
    told = replace(sent, id=here.id) if isinstance(sent, Reflection) else sent
    if here == told:
        return NothingNew() if known.hall_version == told.version else told
    if known.is_as_told:
        return told if _is_newer(here, sent) else NothingNew()
    is_old_news = known.hall_version is not None and told.version <= known.hall_version
    return NothingNew() if is_old_news or _said_by(here) == _said_by(told) else EDITED_HERE


def _is_newer(here: Beside, sent: Beside) -> bool:
    """A hall whose disk was put back counts its versions anew: by the same clock, and words under another id."""
    return sent.version > here.version or _is_rewritten(here, sent)


def _is_rewritten(here: Beside, sent: Beside) -> bool:
    match here, sent:
        case (ScoreSheet(), ScoreSheet()) | (MomentEdit(), MomentEdit()):
            return sent.updated_at > here.updated_at
        case _:
            return sent.version == here.version or sent.id != here.id


def _seat_of(row: Beside) -> bytes | None:
    """What tells whose words they are; of the others the id does."""
    return row.author_hash if isinstance(row, Reflection) else None


def _said_by(row: Beside) -> tuple[object, ...]:
    match row:
        case ScoreSheet():
            return row.items, row.comment
        case Reflection():
            return row.words, row.scores, row.seat_id
        case MomentEdit():
            return row.is_hidden, row.title
