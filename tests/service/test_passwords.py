"""How passwords are kept: whole, whatever script they are in, and as those that were kept before go on opening."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import bcrypt
import pytest

from server.service.passwords import PasswordHasher
from tests.support.running import CHEAP_ROUNDS

LONGEST = 64


@pytest.fixture(scope="module")
def passwords() -> Iterator[PasswordHasher]:
    hasher = PasswordHasher(CHEAP_ROUNDS)
    yield hasher
    hasher.close()


def _kept_before(password: str) -> str:
    """As it was until a password was hashed before bcrypt, and written in one way."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(CHEAP_ROUNDS)).decode()


@pytest.mark.parametrize("character", ["x", "é", "ж", "密", "ก็", "👩‍⚕️", "👨‍👩‍👧‍👦"])
async def test_64_characters_of_any_script_count_to_the_last(passwords: PasswordHasher, character: str) -> None:
    password = character * LONGEST
    kept = await passwords.hash(password, "school")
    assert await passwords.matches(password, kept)
    for other in (character * (LONGEST - 1) + "!", character * (LONGEST - 1), password + "x"):
        assert not await passwords.matches(other, kept)


@pytest.mark.parametrize("password", ["some-password", "x" * 72, "Zoë's bicycle", "12345678", "short"])
async def test_what_was_kept_before_goes_on_opening(passwords: PasswordHasher, password: str) -> None:
    assert await passwords.matches(password, _kept_before(password))
    assert not await passwords.matches(password + "x", _kept_before(password))


async def test_what_looks_the_same_is_the_same(passwords: PasswordHasher) -> None:
    composed = "Crème brûlée à l'école"
    decomposed = unicodedata.normalize("NFD", composed)
    kept = await passwords.hash(decomposed, "school")
    assert await passwords.matches(composed, kept)
    assert await passwords.matches(decomposed, kept)
    assert await passwords.matches(decomposed, _kept_before(decomposed)), "as some keyboard wrote it at that time"


@pytest.mark.parametrize("given", ["", "\ud800" * 8, "a\x00bcdefgh", "x" * 100_000])
async def test_what_cannot_be_a_password_opens_nothing(passwords: PasswordHasher, given: str) -> None:
    assert not await passwords.matches(given, None)
    assert not await passwords.matches(given, _kept_before("-"))
