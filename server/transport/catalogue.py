"""What the screens know without asking: signs, rhythms, flags, limits, permissions, bounds, refusals, pages.

`shiller document` prints it, and `make types` writes it to web/src/generated. A number that a screen needs to keep
a person from typing what the server would refuse stands in the domain, is named here, and nowhere else.
"""

from __future__ import annotations

from typing import Any, get_args

from server.addresses import PAGES
from server.domain.annotations import AnnotationKind
from server.domain.case import AT_SECONDS_LIMIT, CHECKLIST_LIMIT, CHECKLIST_TEXT_LIMIT, STEPS_LIMIT
from server.domain.cuff import CYCLE_MINUTES, FAILING, MEASURING, STAT
from server.domain.events import AuthorRole, CloseReason, EventKind
from server.domain.imports.dispatch import FILE_LIMIT_BYTES
from server.domain.limits import ADULT_LIMITS, limits_as_json
from server.domain.nibp import LOWEST_MEASURABLE_SYSTOLIC
from server.domain.passwords import PASSWORD_MAX_CHARACTERS, PASSWORD_MIN_CHARACTERS
from server.domain.people import EMAIL_LIMIT, ROLES
from server.domain.permissions import PERMISSIONS, RELATIONS
from server.domain.retention import NAMES_MONTHS_LIMIT, RECORDS_MONTHS_LIMIT
from server.domain.scores import PASS_PERCENT
from server.domain.session import CODE_ALPHABET, CODE_LENGTH, LONGEST_LIFE
from server.domain.shares import USUAL_DAYS
from server.domain.text import (
    DESCRIPTION_LIMIT,
    DETAILS_LIMIT_BYTES,
    DISPLAY_NAME_LIMIT,
    NAME_LIMIT,
    NOTE_LIMIT,
    TITLE_LIMIT,
)
from server.domain.transitions import (
    AFTER_SECONDS_LIMIT,
    CONDITIONS_LIMIT,
    COUNT_LIMIT,
    HOLD_SECONDS_LIMIT,
    LABEL_LIMIT,
    TRANSITIONS_LIMIT,
)
from server.domain.vitals import FLAG_TEXT_LIMIT, FLAGS_LIMIT, KNOWN_FLAGS, RAMP_SECONDS_LIMIT, RHYTHMS, SIGNS
from server.transport.http.paging import LARGEST_LIMIT
from server.transport.refusals import CODES, PASSING
from server.transport.socket.trainer import EVENTS_TO_CATCH_UP

Document = dict[str, Any]


def catalogue_document() -> Document:
    return {
        "signs": {
            sign.name: {
                "name": sign.name,
                "unit": sign.unit,
                "min": sign.minimum,
                "max": sign.maximum,
                "start": sign.start,
                "decimals": sign.decimals,
            }
            for sign in SIGNS.values()
        },
        "rhythms": list(RHYTHMS),
        "known_flags": list(KNOWN_FLAGS),
        "adult_limits": limits_as_json(ADULT_LIMITS),
        "roles": list(ROLES),
        "author_roles": list(get_args(AuthorRole)),
        "event_kinds": list(get_args(EventKind)),
        "close_reasons": list(get_args(CloseReason)),
        "annotation_kinds": list(get_args(AnnotationKind)),
        "permissions": {
            action: [relation for relation in RELATIONS if relation in granted]
            for action, granted in PERMISSIONS.items()
        },
        "pages": dict(PAGES),
        "cuff": {
            "cycle_minutes": list(CYCLE_MINUTES),
            "measuring_seconds": MEASURING.seconds,
            "failing_seconds": FAILING.seconds,
            "stat_seconds": STAT.seconds,
            "lowest_systolic": LOWEST_MEASURABLE_SYSTOLIC,
        },
        "code": {"alphabet": CODE_ALPHABET, "length": CODE_LENGTH},
        "share": {"usual_days": USUAL_DAYS},
        "bounds": _bounds(),
        "refusals": {code: {"passes": code in PASSING} for code in CODES},
    }


def _bounds() -> dict[str, int]:
    """The most of each, unless its name says the least."""
    return {
        "title_characters": TITLE_LIMIT,
        "name_characters": NAME_LIMIT,
        "display_name_characters": DISPLAY_NAME_LIMIT,
        "note_characters": NOTE_LIMIT,
        "description_characters": DESCRIPTION_LIMIT,
        "checklist_text_characters": CHECKLIST_TEXT_LIMIT,
        "email_characters": EMAIL_LIMIT,
        "password_least_characters": PASSWORD_MIN_CHARACTERS,
        "password_characters": PASSWORD_MAX_CHARACTERS,
        "details_bytes": DETAILS_LIMIT_BYTES,
        "flags": FLAGS_LIMIT,
        "flag_text_characters": FLAG_TEXT_LIMIT,
        "ramp_seconds": RAMP_SECONDS_LIMIT,
        "import_bytes": FILE_LIMIT_BYTES,
        "steps": STEPS_LIMIT,
        "step_at_seconds": AT_SECONDS_LIMIT,
        "transitions": TRANSITIONS_LIMIT,
        "conditions": CONDITIONS_LIMIT,
        "transition_count": COUNT_LIMIT,
        "transition_after_seconds": AFTER_SECONDS_LIMIT,
        "hold_seconds": HOLD_SECONDS_LIMIT,
        "label_characters": LABEL_LIMIT,
        "checklist_items": CHECKLIST_LIMIT,
        "pass_percent": PASS_PERCENT,
        "session_seconds": int(LONGEST_LIFE.total_seconds()),
        "names_months": NAMES_MONTHS_LIMIT,
        "records_months": RECORDS_MONTHS_LIMIT,
        "page_items": LARGEST_LIMIT,
        "watch_events": EVENTS_TO_CATCH_UP,
    }
