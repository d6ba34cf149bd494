"""What shows that a device has been in: nobody else can make it, it ends, and it says nothing of a person."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.service.devices import TOKEN_DAYS, TOKENS_OF_A_DEVICE, Devices
from tests.support.making import NOW, later

DEVICES = Devices(b"k" * 32)
DAY = 86_400
EMAIL = "ada@example.org"


def test_a_device_is_known_by_what_it_was_given_also_to_another_process_with_the_key() -> None:
    session = str(uuid4())
    known = Devices(b"k" * 32).find_joined(DEVICES.joined(session, NOW), later(60))
    assert known is not None
    assert known.subject == session
    assert Devices(b"x" * 32).find_joined(DEVICES.joined(session, NOW), NOW) is None


def test_it_keeps_its_number_from_session_to_session_and_others_have_their_own() -> None:
    first, stranger = DEVICES.joined("one", NOW), DEVICES.joined("one", NOW)
    known = DEVICES.find_joined(first, NOW)
    again = DEVICES.find_joined(DEVICES.joined("two", NOW, known), NOW)
    other = DEVICES.find_joined(stranger, NOW)
    assert known is not None
    assert again is not None
    assert other is not None
    assert (again.id, again.subject) == (known.id, "two")
    assert other.id != known.id


def test_it_ends() -> None:
    token = DEVICES.joined("one", NOW)
    assert DEVICES.find_joined(token, later((TOKEN_DAYS - 1) * DAY)) is not None
    assert DEVICES.find_joined(token, later(TOKEN_DAYS * DAY + 1)) is None
    assert DEVICES.find_joined(DEVICES.joined("one", later(100 * DAY)), NOW) is None, "a clock that was wrong"


@given(st.data())
def test_what_was_changed_in_it_makes_it_worthless(data: st.DataObject) -> None:
    token = DEVICES.joined(str(uuid4()), NOW)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(codec="latin-1").filter(lambda character: character != token[place]))
    assert DEVICES.find_joined(token[:place] + other + token[place + 1 :], NOW) is None
    assert DEVICES.find_logged_in(EMAIL, token, NOW) is None


@given(st.text(max_size=300) | st.text(".~-_09az", max_size=300) | st.none())
def test_whatever_a_client_shows_is_read_or_nothing(kept: str | None) -> None:
    assert DEVICES.find_joined(kept, NOW) is None
    assert DEVICES.find_logged_in(EMAIL, kept, NOW) is None
    assert DEVICES.find_logged_in(EMAIL, DEVICES.logged_in(EMAIL, kept, NOW), NOW) is not None


def test_a_desk_is_known_to_each_who_logs_in_there_and_to_nobody_else() -> None:
    kept: str | None = None
    emails = [f"{number}@example.org" for number in range(TOKENS_OF_A_DEVICE + 1)]
    for email in emails:
        kept = DEVICES.logged_in(email, kept, NOW)
        kept = DEVICES.logged_in(email, kept, NOW)
    known = [email for email in emails if DEVICES.find_logged_in(email, kept, NOW)]
    assert known == emails[1:]
    assert DEVICES.find_logged_in("eve@example.org", kept, NOW) is None
    assert DEVICES.find_joined(kept, NOW) is None


@pytest.mark.parametrize("email", [EMAIL, "\ud800", "x" * 255])
def test_it_names_nobody_and_fits_into_a_cookie(email: str) -> None:
    kept: str | None = None
    for number in range(9):
        kept = DEVICES.logged_in(f"{number}{email}", kept, NOW)
    assert kept is not None
    assert email not in kept
    assert len(kept) < 1000
    assert set(kept) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~")
