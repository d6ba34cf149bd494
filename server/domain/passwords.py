"""Which passwords may be chosen, and the one way in which each is written.

The most used ones come from the frequency list of zxcvbn, which is read as a file (docs/decisions/0038).
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import cast

from server.domain.text import is_storable

PASSWORD_MIN_CHARACTERS = 8
# Room for 64 characters of any script: one that a person sees is often several code points.
PASSWORD_MAX_CHARACTERS = 500
# Before it is normalised, which takes the square of its marks: a letter with three of them may become one character.
LONGEST_GIVEN = 4 * PASSWORD_MAX_CHARACTERS


def normal_password(password: str) -> str:
    """One way to write what looks the same: «é» is one character on some keyboards and two on others."""
    return unicodedata.normalize("NFC", password)


def password_error(password: str) -> str | None:
    """Why nobody may choose it; None: they may."""
    if not is_storable(password):
        return "holds a character that cannot be used in a password"
    if len(password) > LONGEST_GIVEN:
        return f"must have at most {PASSWORD_MAX_CHARACTERS} characters"
    length = len(normal_password(password))
    if length < PASSWORD_MIN_CHARACTERS:
        return f"must have at least {PASSWORD_MIN_CHARACTERS} characters"
    if length > PASSWORD_MAX_CHARACTERS:
        return f"must have at most {PASSWORD_MAX_CHARACTERS} characters"
    if is_common(password):
        return "is one of the passwords that everybody tries first; choose another"
    return None


def is_common(password: str) -> bool:
    """However it is written: in capitals, with full-width letters, between blanks."""
    return unicodedata.normalize("NFKC", password).strip().casefold() in common_passwords()


@cache
def common_passwords() -> frozenset[str]:
    """Those that are long enough; read once, which takes some hundredths of a second."""
    # The file alone: the package around it makes tables of 90,000 names and words, which nobody here asks for.
    package = find_spec("zxcvbn")
    assert package is not None  # noqa: S101 - a dependency
    assert package.submodule_search_locations is not None  # noqa: S101 - a package
    file = Path(package.submodule_search_locations[0], "frequency_lists.py")
    spec = spec_from_file_location("frequency_lists", file)
    assert spec is not None  # noqa: S101 - it is there
    assert spec.loader is not None  # noqa: S101 - it is a file of Python
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    lists = cast(dict[str, list[str]], module.FREQUENCY_LISTS)
    return frozenset(each for each in lists["passwords"] if len(each) >= PASSWORD_MIN_CHARACTERS)
