"""What a person may type. PostgreSQL stores neither NUL nor half a surrogate pair, so neither comes in."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import cast

from server.domain.nesting import NESTING_LIMIT, RULE, nesting
from server.domain.outcomes import FieldError

TITLE_LIMIT = 200
NAME_LIMIT = 100
DISPLAY_NAME_LIMIT = 60
NOTE_LIMIT = 2000
DESCRIPTION_LIMIT = 2000
DETAILS_LIMIT_BYTES = 4096

# As JSON writes it; behind another backslash it is text that merely looks like one.
_WRITTEN_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_HOLDS_NUL = "holds a NUL character, which cannot be stored"
_KEY = re.compile(r"[a-z][a-z0-9_]{0,31}")

# What nobody sees, and what turns the reading round (Unicode's Default_Ignorable_Code_Point, and the blanks among
# letters and symbols): as a class of a regular expression.
_UNSEEN = (
    "\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
)
# These shape what stands before them, in Persian and Hindi, and in symbols that are made of several.
_SHAPING = "\u034f\u180b-\u180d\u180f\u200c\u200d\ufe00-\ufe0f\U000e0000-\U000e0fff"
_TO_TAKE_OUT = re.compile(f"([^\x00-\x7f\\s{_UNSEEN}{_SHAPING}][{_SHAPING}]+)|[{_UNSEEN}{_SHAPING}]")
_ANY_UNSEEN = re.compile(f"[{_UNSEEN}{_SHAPING}]")
_NOT_SEEN = frozenset(("Cc", "Cf", "Co", "Cs", "Mc", "Me", "Mn", "Zl", "Zp", "Zs"))
_LONGEST_STEM = 60
KEY_RULE = "must be named by a-z, 0-9 and _, begin with a letter, at most 32"


def is_key(value: str) -> bool:
    """Whether `value` may name a flag, an action, a step or a marker: `[a-z][a-z0-9_]{0,31}`."""
    return _KEY.fullmatch(value) is not None


def is_storable(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\x00" not in value


def shown(name: str) -> str:
    """A client's own key as it may stand in an error: short, and printable everywhere."""
    return name[:40].encode("ascii", "backslashreplace").decode("ascii")


def file_stem(title: str) -> str:
    """A title as every file system takes it, "" if nothing is left: `Été, 2nd` is ete-2nd."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii").lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:_LONGEST_STEM].strip("-")


def one_line(value: str) -> str:
    """A name or a title as it is kept: what is seen of it, no space around it, a single one wherever there was some."""
    seen = value if value.isascii() else _TO_TAKE_OUT.sub(lambda found: found[1] or "", value)
    return " ".join(seen.split())


def is_seen(value: str) -> bool:
    """Whether anybody sees something of it, and not only marks that belong to letters which are not there."""
    return any(
        unicodedata.category(character) not in _NOT_SEEN and not _ANY_UNSEEN.match(character) for character in value
    )


def holds_unseen(value: str) -> bool:
    return not value.isascii() and _ANY_UNSEEN.search(value) is not None


@lru_cache(maxsize=4096)
def likeness(name: str) -> str:
    """The same for names that look the same, or nearly: without regard to case, spaces, widths and what is not seen."""
    if name.isascii():
        return "".join(name.split()).casefold()
    plain = unicodedata.normalize("NFKC", _ANY_UNSEEN.sub("", name))
    return unicodedata.normalize("NFKC", "".join(plain.split()).casefold())


def line_error(
    field: str, value: str, limit: int, *, required: bool = True, is_stored: bool = False
) -> FieldError | None:
    """As `text_error`, for what is kept as one line: other control characters have no place in it either."""
    line = one_line(value)
    # Nearly all that is written is printable, and that is asked at once of a whole line.
    if not line.isprintable() and any(unicodedata.category(character) == "Cc" for character in line):
        return FieldError(field, "holds a control character")
    return text_error(field, value, limit, required=required, is_stored=is_stored)


def text_error(
    field: str, value: str, limit: int, *, required: bool = True, is_stored: bool = False
) -> FieldError | None:
    """The reason why `value` cannot stand in `field`, or None.

    `is_stored`: it stands in a Shiller already, maybe since before somebody had to see something of it.
    """
    if not is_storable(value):
        return FieldError(field, "holds a character that cannot be stored (NUL or half a surrogate pair)")
    if len(value) > limit:
        return FieldError(field, f"is {len(value)} characters long; at most {limit} are allowed")
    if required and not (value.strip() if is_stored else is_seen(value)):
        return FieldError(field, "must not be empty")
    return None


def read_details(raw: object, field: str = "details") -> Mapping[str, object] | FieldError:
    """An object of free JSON, at most 4096 bytes when written out without blanks."""
    if not isinstance(raw, dict):
        return FieldError(field, "must be an object")
    written = _write_storable(cast(object, raw), field)
    if isinstance(written, FieldError):
        return written
    size = len(written.encode("utf-8"))
    if size > DETAILS_LIMIT_BYTES:
        return FieldError(field, f"is {size} bytes of JSON; at most {DETAILS_LIMIT_BYTES} are allowed")
    if _WRITTEN_NUL.search(written):
        return FieldError(field, _HOLDS_NUL)
    return cast(Mapping[str, object], raw)


def storable_error(field: str, raw: object) -> FieldError | None:
    """The reason why this JSON, of any size, cannot be kept, or None."""
    written = _write_storable(raw, field)
    if isinstance(written, FieldError):
        return written
    return FieldError(field, _HOLDS_NUL) if _WRITTEN_NUL.search(written) else None


def _write_storable(raw: object, field: str) -> str | FieldError:
    if nesting(raw) >= NESTING_LIMIT:
        return FieldError(field, RULE)
    try:
        written = json.dumps(raw, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        written.encode("utf-8")
    except (ValueError, TypeError):
        return FieldError(field, "must be plain JSON: finite numbers, whole characters")
    return written
