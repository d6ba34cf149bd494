"""What trainees are called: seen by everybody, and each told apart from the others."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.people import account_errors
from server.domain.seat_names import SeatNames, is_called_so
from server.domain.session import Seat, title_errors
from server.domain.text import DISPLAY_NAME_LIMIT, is_seen, likeness, line_error, one_line
from tests.support.making import NOW

SESSION = UUID(int=1)
_TYPED = st.text(
    st.sampled_from(
        [*"anN ", "é", "ا", "\u200b", "\u200d", "\u200c", "\u202e", "\u2066", "\u3164", "\ufe0f", "👩", "\u0301"]
    ),
    max_size=8,
)


def _seat(name: str, *, is_removed: bool = False) -> Seat:
    return Seat(uuid4(), SESSION, name, NOW, NOW if is_removed else None)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u202ennA\u202c", "nnA"),
        ("A\u200bn\u2060n\ufeff", "Ann"),
        ("A\u200dnn", "Ann"),
        ("Soft\u00adhyphen", "Softhyphen"),
        ("\u2067\u05d3\u05e0\u05d4\u2069", "\u05d3\u05e0\u05d4"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("Ann \U0001f469\u200d\u2695\ufe0f", "Ann \U0001f469\u200d\u2695\ufe0f"),
        (" Ann \u3164 Lee ", "Ann Lee"),
        ("\u200b \u202e\u2800\u3164", ""),
    ],
    ids=ascii,
)
def test_a_line_is_what_is_seen_of_it(typed: str, kept: str) -> None:
    assert one_line(typed) == kept


@given(st.text() | _TYPED)
def test_a_line_that_is_kept_stays_as_it_is(typed: str) -> None:
    assert one_line(one_line(typed)) == one_line(typed)
    assert is_seen(one_line(typed)) == is_seen(typed)


@pytest.mark.parametrize(
    "typed", ["\u200b", "\u202e\u2069", "\u3164", "\u2800 \u00ad", "\u0301", "\ue000", " "], ids=ascii
)
def test_a_title_of_which_nothing_is_seen_is_empty(typed: str) -> None:
    assert line_error("title", typed, 200) is not None
    assert [error.field for error in title_errors(title=typed, public_title="", trainee_name="")] == ["title"]
    assert [error.field for error in account_errors(name=typed)] == ["name"]


def test_what_is_stored_since_before_stays_readable() -> None:
    assert line_error("name", "\u200b", 60, is_stored=True) is None
    assert account_errors(email="a\u200bb@example.org", name="\u3164", is_stored=True) == []


@pytest.mark.parametrize(
    "email", ["a\u200bnn@example.org", "\u202eann@example.org", "ann@example\u00ad.org"], ids=ascii
)
def test_an_address_has_nothing_that_nobody_sees(email: str) -> None:
    assert [error.field for error in account_errors(email=email)] == ["email"]


@pytest.mark.parametrize(
    "alike", ["Ann", "ann", "ANN", "An n", "Ａｎｎ", "A\u200bnn", "An\u200dn", "\u202eAnn"], ids=ascii
)
def test_names_that_look_alike_are_told_apart_by_a_number(alike: str) -> None:
    called = SeatNames([_seat("Ann")]).call(_seat(one_line(alike)))
    assert called.name == f"{one_line(alike)} 2"


@given(st.lists(_TYPED | st.just("x" * DISPLAY_NAME_LIMIT) | st.just("Trainee 3") | st.just("Ann 2"), max_size=30))
def test_nobody_is_called_as_somebody_else_and_everybody_is_seen(typed: list[str]) -> None:
    names = SeatNames([])
    called = [names.call(_seat(one_line(name)[:DISPLAY_NAME_LIMIT])).name for name in typed]
    assert len({likeness(name) for name in called}) == len(typed)
    assert all(is_seen(name) and len(name) <= DISPLAY_NAME_LIMIT for name in called)


def test_a_number_is_given_once_also_after_somebody_was_removed() -> None:
    seats = [_seat("Trainee 1"), _seat("Trainee 2", is_removed=True), _seat("Trainee 4")]
    names = SeatNames(seats)
    assert [names.call(_seat("")).name for _ in range(3)] == ["Trainee 5", "Trainee 6", "Trainee 7"]
    # Whoever gave a name of their own has it again after their seat was taken away.
    assert names.call(_seat("Trainee 2")).name == "Trainee 2"


def test_somebody_who_comes_back_keeps_the_number_and_a_new_name_is_told_apart() -> None:
    ann, second = _seat("Ann"), _seat("Ann 2")
    assert is_called_so(second, "Ann")
    assert is_called_so(second, "Ann 2")
    assert not is_called_so(second, "An")
    long = SeatNames([_seat("x" * DISPLAY_NAME_LIMIT)]).call(_seat("x" * DISPLAY_NAME_LIMIT))
    assert is_called_so(long, "x" * DISPLAY_NAME_LIMIT)
    names = SeatNames([ann, second])
    assert names.call(replace(second, name="Grace")).name == "Grace"
    assert names.call(replace(ann, name="GRACE")).name == "GRACE 2"
    assert names.call(replace(ann, name="ann 2")).name == "ann 2"
