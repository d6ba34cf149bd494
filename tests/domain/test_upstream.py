"""A hall and its central: what waits, what is taken, and that between them no edit is lost."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from server.domain.judging import AlreadyThus, Conflicting, Edit, Merged, Row, Taken, judge
from server.domain.permissions import judge_hall_login
from server.domain.sync import FieldWrite, written_after, written_at_first
from server.domain.upstream import (
    CENTRAL,
    NO_MARK,
    Mark,
    SentEdit,
    answered,
    is_older,
    offset_ms,
    outgoing,
    pause_seconds,
    pulled,
    unnamed,
    waits,
)

HALL = UUID(int=1)
ENTITY = UUID(int=2)
FIELDS = ("title", "steps")
NOW = datetime(2026, 11, 28, 14, tzinfo=UTC)
Content = dict[str, int]


@given(st.integers(1, 200), st.floats(0, 1))
def test_pauses_double_to_five_minutes_and_half_of_them_is_chance(failures: int, chance: float) -> None:
    pause = pause_seconds(failures, chance)
    longest = min(300, 2 ** (failures - 1))
    assert longest / 2 <= pause <= longest


@given(st.integers(-10_000_000, 10_000_000), st.integers(0, 60_000))
def test_the_offset_is_measured_in_the_middle_of_the_question(off: int, took: int) -> None:
    middle = NOW + timedelta(milliseconds=took) / 2
    there = middle + timedelta(milliseconds=off)
    assert abs(offset_ms(there, NOW, NOW + timedelta(milliseconds=took)) - off) <= 1


@pytest.mark.parametrize(
    ("release", "than", "expected"),
    [("0.1.0", "0.1.0", False), ("0.1.0", "0.2.0", True), ("0.10.0", "0.9.9", False), ("1", "1.0.1", True)],
)
def test_releases_are_compared_by_their_numbers(release: str, than: str, expected: bool) -> None:
    assert is_older(release, than) is expected


def test_logins_count_for_as_long_as_the_central_was_reached_lately() -> None:
    life = timedelta(days=30)
    assert judge_hall_login(NOW - life, life, NOW) is None
    assert judge_hall_login(NOW - life - timedelta(seconds=1), life, NOW) is not None
    assert judge_hall_login(None, life, NOW) is not None


def test_the_same_state_is_sent_under_the_same_id() -> None:
    row = Row({"title": 1}, False, 7, 7, written_at_first(FieldWrite(7)))
    first, again = (outgoing(HALL, "epoch", "TEMPLATE", ENTITY, row, NO_MARK, FIELDS) for _ in range(2))
    assert first == again
    assert outgoing(HALL, "another", "TEMPLATE", ENTITY, row, NO_MARK, FIELDS).id != first.id
    assert outgoing(HALL, "epoch", "TEMPLATE", ENTITY, replace(row, version=8), NO_MARK, FIELDS).id != first.id


def test_only_fields_that_are_newer_than_what_was_answered_go_up() -> None:
    written = {"*": FieldWrite(3, CENTRAL), "title": FieldWrite(9)}
    row = Row({"title": 1}, False, 9, 3, written)
    sent = outgoing(HALL, "epoch", "TEMPLATE", ENTITY, row, Mark(3, 40, "epoch"), FIELDS)
    assert (sent.operation, sent.local_version, sent.seq, sent.changed) == ("UPDATE", 40, 9, {"title"})


@dataclass
class Central:
    """The school's server: one template, judged by the real rule."""

    version: int = 100
    row: Row[Content] | None = None
    answers: dict[UUID, tuple[str, int, Content | None, bool]] = field(default_factory=dict)
    lost: list[Content] = field(default_factory=list)
    """What was not taken, and lies in a conflict."""

    def edit(self, names: set[str], value: int) -> None:
        self.version += 1
        write = FieldWrite(self.version)
        if self.row is None or self.row.is_deleted:
            self.row = Row(dict.fromkeys(FIELDS, value), False, self.version, self.version, written_at_first(write))
            return
        content = {**self.row.entity, **dict.fromkeys(names, value)}
        written = written_after(self.row.written, names, write)
        self.row = Row(content, False, self.version, self.row.first_version, written)

    def delete(self) -> None:
        if self.row is not None and not self.row.is_deleted:
            self.version += 1
            write = FieldWrite(self.version)
            self.row = replace(self.row, is_deleted=True, version=self.version, written=written_at_first(write))

    def up(self, sent: SentEdit, content: Content) -> tuple[str, int, Content | None, bool]:
        """Acknowledged or conflict, the version, and what is there if it is not what was sent; deleted or not."""
        if sent.id not in self.answers:
            self.answers[sent.id] = self._judge(sent, content)
        return self.answers[sent.id]

    def _judge(self, sent: SentEdit, content: Content) -> tuple[str, int, Content | None, bool]:
        row = self.row
        named = frozenset() if sent.operation == "DELETE" else frozenset(FIELDS)
        edit = Edit(sent.operation, "hall", sent.seq, sent.local_version, named, sent.changed)

        def merge() -> Merged[Content]:
            if sent.operation == "DELETE":
                return Merged(content, is_same=False)
            below = content if row is None else row.entity
            merged = {name: content[name] if name in edit.written else below[name] for name in FIELDS}
            return Merged(merged, row is not None and not row.is_deleted and merged == row.entity)

        verdict = judge(row, edit, FIELDS, self.version, self.version, merge)
        match verdict:
            case Taken(entity):
                self.version += 1
                write = FieldWrite(self.version, "hall", sent.seq)
                is_deleted = sent.operation == "DELETE"
                if row is None or row.is_deleted or is_deleted:
                    first = self.version if row is None or row.is_deleted else row.first_version
                    self.row = Row(entity, is_deleted, self.version, first, written_at_first(write))
                else:
                    written = written_after(row.written, edit.written, write)
                    self.row = Row(entity, False, self.version, row.first_version, written)
                as_sent = is_deleted or entity == content
                return "acknowledged", self.version, None if as_sent else entity, is_deleted
            case AlreadyThus(version):
                is_gone = row is None or row.is_deleted
                as_sent = is_gone or row is None or row.entity == content
                return "acknowledged", version, None if as_sent or row is None else row.entity, is_gone
            case Conflicting():
                self.lost.append({name: content[name] for name in edit.written} if named else {})
                return (
                    "conflict",
                    0 if row is None else row.version,
                    None if row is None else row.entity,
                    row is None or row.is_deleted,
                )
            case _:
                raise AssertionError(verdict)


class Worlds(RuleBasedStateMachine):
    """Edits on both sides, answers that are lost, pulls between, and the central put back to what it was."""

    @initialize()
    def begin(self) -> None:
        self.central = Central()
        self.local: Row[Content] | None = None
        self.local_version = 0
        self.mark = NO_MARK
        self.epoch = "1"
        self.value = 0
        self.made: list[tuple[str, int]] = []
        """What people at the hall wrote, field by field."""
        self.seen_at_central: set[int] = set()

    def _next(self) -> int:
        self.value += 1
        return self.value

    @rule(names=st.sets(st.sampled_from(FIELDS), min_size=1))
    def edit_at_the_hall(self, names: set[str]) -> None:
        value = self._next()
        self.local_version += 1
        write = FieldWrite(self.local_version)
        if self.local is None or self.local.is_deleted:
            content = dict.fromkeys(FIELDS, value)
            self.local = Row(content, False, self.local_version, self.local_version, written_at_first(write))
            self.made.append(("title", value))
            return
        content = {**self.local.entity, **dict.fromkeys(names, value)}
        written = written_after(self.local.written, names, write)
        self.local = Row(content, False, self.local_version, self.local.first_version, written)
        self.made += [(name, value) for name in names]

    @rule()
    def delete_at_the_hall(self) -> None:
        if self.local is not None and not self.local.is_deleted:
            self.local_version += 1
            write = FieldWrite(self.local_version)
            self.local = replace(
                self.local, is_deleted=True, version=self.local_version, written=written_at_first(write)
            )

    @rule(names=st.sets(st.sampled_from(FIELDS), min_size=1))
    def edit_at_the_central(self, names: set[str]) -> None:
        self.central.edit(names, self._next())

    @rule()
    def delete_at_the_central(self) -> None:
        self.central.delete()

    @rule(is_heard=st.booleans(), edits_meanwhile=st.booleans())
    def push(self, is_heard: bool, edits_meanwhile: bool) -> None:
        row = self.local
        if row is None or not waits(row, self.mark):
            return
        sent = outgoing(HALL, self.epoch, "TEMPLATE", ENTITY, row, self.mark, FIELDS)
        kind, version, content, is_deleted = self.central.up(sent, row.entity)
        if edits_meanwhile:
            self.edit_at_the_hall({"steps"})
        if not is_heard:
            return
        if kind == "conflict" and content is None:
            self.mark = unnamed(self.mark, self.epoch)
            return
        told = answered(
            self.local, self.mark, row.version, self.epoch, version, has_data=kind == "conflict" or content is not None
        )
        self.mark = told.mark
        if told.is_taken:
            self._take(content, is_deleted, version)

    def _take(self, content: Content | None, is_deleted: bool, version: int) -> None:
        there = self.local
        if is_deleted and (there is None or there.is_deleted):
            return
        self.local_version += 1
        write = written_at_first(FieldWrite(self.local_version, CENTRAL))
        first = self.local_version if there is None or there.is_deleted else there.first_version
        kept = there.entity if is_deleted and there is not None else dict(content or {})
        self.local = Row(kept, is_deleted, self.local_version, first, write)
        self.mark = replace(self.mark, pushed=self.local_version)

    @rule()
    def pull(self) -> None:
        row = self.central.row
        if row is None or (row.is_deleted and self.mark == NO_MARK and self.local is None):
            return
        here = self.local
        is_same = here is not None and (
            here.is_deleted == row.is_deleted and (row.is_deleted or here.entity == row.entity)
        )
        told = pulled(here, self.mark, row.version, self.epoch, is_same=is_same)
        self.mark = told.mark
        if told.is_taken:
            self._take(row.entity, row.is_deleted, row.version)

    @rule()
    def settle(self) -> None:
        """Pushes that are answered and a pull, until nothing moves: both sides are then the same."""
        for _ in range(4):
            self.push(is_heard=True, edits_meanwhile=False)
            self.pull()
        here, there = self.local, self.central.row
        assert here is None or not waits(here, self.mark)
        if there is None or there.is_deleted:
            assert here is None or here.is_deleted
        else:
            assert here is not None
            assert not here.is_deleted
            assert here.entity == there.entity

    @invariant()
    def what_a_person_wrote_here_is_somewhere(self) -> None:
        if not hasattr(self, "central"):
            return
        here, there = self.local, self.central.row
        if here is None or here.is_deleted or not waits(here, self.mark):
            return
        # What waits is not forgotten: it would be sent, and says what it changes.
        sent = outgoing(HALL, self.epoch, "TEMPLATE", ENTITY, here, self.mark, FIELDS)
        assert sent.changed != frozenset()
        assert there is None or sent.seq > self.mark.pushed


TestWorlds = Worlds.TestCase
TestWorlds.settings = settings(max_examples=300, stateful_step_count=25, deadline=None)


def _row(version: int, client: str | None, value: int = 1) -> Row[Content]:
    return Row({"title": value}, False, version, 1, written_at_first(FieldWrite(version, client)))


def test_a_central_that_was_put_back_gets_again_what_it_lost() -> None:
    mark = Mark(5, 40, "before")
    told = pulled(_row(5, None), mark, 30, "after", is_same=False)
    assert told.mark == Mark(0, 30, "after")
    assert (told.is_taken, told.goes_again) == (False, True)
    assert unnamed(mark, "after") == Mark(0, 0, "after")


def test_what_a_put_back_central_changed_since_becomes_a_conflict_for_a_person() -> None:
    mark = Mark(5, 40, "before")
    assert pulled(_row(5, None), mark, 50, "after", is_same=False).mark == Mark(0, 40, "after")
    assert pulled(_row(5, CENTRAL), mark, 50, "after", is_same=False).is_taken


def test_a_row_with_an_edit_that_waits_is_left_for_its_push() -> None:
    mark = Mark(5, 40, "epoch")
    told = pulled(_row(6, None), mark, 50, "epoch", is_same=False)
    assert (told.mark, told.is_taken) == (mark, False)


def test_an_answer_does_not_write_over_what_was_edited_meanwhile() -> None:
    mark = Mark(5, 40, "epoch")
    told = answered(_row(7, None), mark, 6, "epoch", 50, has_data=True)
    assert (told.mark, told.is_taken) == (Mark(6, 40, "epoch"), False)
