"""Who was there when: short absences count as presence, and nobody is there after the end."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from server.domain.attendance import SHORTEST_ABSENCE, Span, joined_spans
from tests.support.making import NOW, later

SECONDS = st.integers(0, 300)
SPANS = st.lists(st.tuples(SECONDS, st.none() | st.integers(0, 200)), max_size=8).map(
    lambda drawn: [Span(later(start), None if length is None else later(start + length)) for start, length in drawn]
)
ENDS = st.none() | SECONDS.map(later)
HORIZON = 600


def _is_there(spans: Sequence[Span], moment: datetime) -> bool:
    return any(span.joined_at <= moment and (span.left_at is None or moment <= span.left_at) for span in spans)


def test_a_short_absence_is_none_and_a_longer_one_is() -> None:
    first = Span(NOW, later(10))
    assert joined_spans([first, Span(later(29.999), later(40))], None) == [Span(NOW, later(40))]
    assert joined_spans([first, Span(later(30), None)], None) == [first, Span(later(30), None)]


def test_a_seat_on_two_screens_is_there_until_it_leaves_both() -> None:
    assert joined_spans([Span(NOW, None), Span(later(100), later(200))], None) == [Span(NOW, None)]
    assert joined_spans([Span(NOW, later(300)), Span(later(100), later(200))], None) == [Span(NOW, later(300))]


def test_the_end_of_the_session_ends_every_span() -> None:
    spans = [Span(NOW, later(10)), Span(later(60), None), Span(later(100), later(120))]
    assert joined_spans(spans, later(90)) == [Span(NOW, later(10)), Span(later(60), later(90))]
    assert joined_spans(spans, later(30)) == [Span(NOW, later(10))]


@given(SPANS)
def test_joined_spans_are_apart_and_in_order(spans: list[Span]) -> None:
    joined = joined_spans(spans, None)
    for one, next_one in pairwise(joined):
        assert one.left_at is not None
        assert next_one.joined_at - one.left_at >= SHORTEST_ABSENCE
    assert all(span.left_at is None or span.joined_at <= span.left_at for span in joined)


@given(SPANS, ENDS)
def test_whoever_was_seen_was_there_and_only_short_absences_are_added(spans: list[Span], end: datetime | None) -> None:
    joined = joined_spans(spans, end)
    for second in range(HORIZON):
        moment = later(second)
        if end is not None and moment > end:
            assert not _is_there(joined, moment)
        elif _is_there(spans, moment):
            assert _is_there(joined, moment)
        elif _is_there(joined, moment):
            # Within an absence: both its sides are seen, less than the shortest absence apart.
            before = max(span.left_at for span in spans if span.left_at is not None and span.left_at < moment)
            after = min(span.joined_at for span in spans if span.joined_at > moment)
            assert after - before < SHORTEST_ABSENCE


@given(SPANS, ENDS, st.randoms(use_true_random=False))
def test_the_order_in_which_spans_were_written_does_not_matter(
    spans: list[Span], end: datetime | None, chance: random.Random
) -> None:
    joined = joined_spans(spans, end)
    shuffled = list(spans)
    chance.shuffle(shuffled)
    assert joined_spans(shuffled, end) == joined
    assert joined_spans(joined, end) == joined
