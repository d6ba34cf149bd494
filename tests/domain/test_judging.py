"""The rule by which devices' edits are taken, question by question in its order, and what it keeps whatever is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.judging import (
    AlreadyThus,
    Conflicting,
    Edit,
    Merged,
    Operation,
    Rejected,
    Row,
    Taken,
    Verdict,
    judge,
    version_made_on,
)
from server.domain.outcomes import FieldError, InvalidFields
from server.domain.sync import REST, FieldWrite, FieldWrites, written_after, written_at_first

FIELDS = frozenset(("title", "steps", "vitals"))
NEWEST = 100
INVALID = InvalidFields((FieldError("steps", "cannot be"),))


def a_row(written: FieldWrites, *, is_deleted: bool = False) -> Row[str]:
    version = max(write.version for write in written.values())
    return Row("there", is_deleted, version, 1, written)


def an_edit(
    operation: Operation = "UPDATE",
    *,
    client: str = "tablet",
    seq: int | None = None,
    version: int = 0,
    named: frozenset[str] = FIELDS,
    changed: frozenset[str] | None = None,
) -> Edit:
    return Edit(operation, client, seq, version, named, changed)


def differs() -> Merged[str]:
    return Merged("merged", is_same=False)


def is_same() -> Merged[str]:
    return Merged("there", is_same=True)


def is_invalid() -> InvalidFields:
    return INVALID


def not_asked() -> NoReturn:
    raise AssertionError("nobody had to merge")


def judged(
    row: Row[str] | None,
    edit: Edit,
    merge: Callable[[], Merged[str] | InvalidFields] = differs,
    *,
    since: int = NEWEST,
) -> Verdict[str]:
    return judge(row, edit, FIELDS, NEWEST, since, merge)


BY_COLLEAGUE = a_row({REST: FieldWrite(50, "phone", 3)})
OWN = a_row({REST: FieldWrite(50, "tablet", 7)})
BY_HTTP = a_row({REST: FieldWrite(50)})
TITLE = frozenset(("title",))


def test_what_is_new_is_taken() -> None:
    assert judged(None, an_edit("CREATE")) == Taken("merged")
    assert judged(None, an_edit("CREATE", version=NEWEST + 5)) == Taken("merged")
    assert judged(None, an_edit("CREATE"), is_invalid) == Rejected("invalid_fields", INVALID.errors)


# 3: superseded


@pytest.mark.parametrize("seq", [7, 6, 0])
def test_what_the_client_has_overtaken_itself_is_superseded_before_anything_else(seq: int) -> None:
    for row in (OWN, a_row({REST: FieldWrite(50, "tablet", 7)}, is_deleted=True)):
        for operation in ("CREATE", "UPDATE", "DELETE"):
            for version in (0, 50, NEWEST + 1):
                edit = an_edit(operation, seq=seq, version=version)
                assert judged(row, edit, not_asked) == Rejected("superseded")


def test_what_is_not_overtaken_is_not_superseded() -> None:
    assert judged(OWN, an_edit(seq=8)) == Taken("merged")
    assert judged(OWN, an_edit(seq=7, client="phone", version=50)) == Taken("merged")
    assert judged(OWN, an_edit(version=50)) == Taken("merged")
    row = a_row({REST: FieldWrite(40, "tablet", 3), "title": FieldWrite(50, "tablet", 7)})
    assert judged(row, an_edit(seq=5, changed=frozenset(("steps",)))) == Taken("merged")
    assert judged(row, an_edit(seq=5, changed=TITLE)) == Rejected("superseded")
    # A whole edit asks of every field, also of those that its payload lacks.
    assert judged(row, an_edit(seq=5, named=frozenset(("steps",)))) == Rejected("superseded")


# 4: what is gone is gone


def test_a_deletion_of_what_is_gone_is_acknowledged_whatever_else_it_says() -> None:
    gone = a_row({REST: FieldWrite(50, "phone", 3)}, is_deleted=True)
    for version in (0, 50, NEWEST + 1):
        assert judged(None, an_edit("DELETE", version=version), not_asked) == AlreadyThus(0)
        assert judged(gone, an_edit("DELETE", version=version), not_asked) == AlreadyThus(50)


# 5: it is so already


def test_what_is_there_already_is_acknowledged_with_the_version_that_it_has() -> None:
    for version in (0, 50, NEWEST + 1):
        assert judged(BY_COLLEAGUE, an_edit(version=version), is_same) == AlreadyThus(50)
        assert judged(BY_COLLEAGUE, an_edit("CREATE", version=version), is_same) == AlreadyThus(50)


# 6: a version that nobody has given


def test_a_version_above_all_is_a_conflict_before_who_wrote_is_asked() -> None:
    for row in (BY_COLLEAGUE, OWN, BY_HTTP):
        for operation in ("CREATE", "UPDATE", "DELETE"):
            assert judged(row, an_edit(operation, version=NEWEST + 1)) == Conflicting("unknown_version")
    assert judged(None, an_edit(version=NEWEST + 1)) == Conflicting("unknown_version")
    gone = a_row({REST: FieldWrite(50)}, is_deleted=True)
    assert judged(gone, an_edit(version=NEWEST + 1)) == Conflicting("unknown_version")
    assert judged(BY_HTTP, an_edit(version=NEWEST)) == Taken("merged")


# 7: changed since


def test_what_somebody_else_wrote_above_the_version_is_a_conflict() -> None:
    for row in (BY_COLLEAGUE, BY_HTTP):
        for operation in ("CREATE", "UPDATE", "DELETE"):
            assert judged(row, an_edit(operation, version=49)) == Conflicting("changed_since")
            assert judged(row, an_edit(operation, version=50)) == Taken("merged")
            assert judged(row, an_edit(operation, version=49, seq=99)) == Conflicting("changed_since")
    assert judged(BY_HTTP, an_edit(version=49), is_invalid) == Conflicting("changed_since")
    gone = a_row({REST: FieldWrite(50)}, is_deleted=True)
    assert judged(gone, an_edit(version=49)) == Conflicting("changed_since")


def test_who_wrote_is_asked_field_by_field() -> None:
    row = a_row({REST: FieldWrite(10), "title": FieldWrite(50, "phone", 3)})
    assert judged(row, an_edit(version=20, changed=frozenset(("steps", "vitals")))) == Taken("merged")
    assert judged(row, an_edit(version=20, changed=TITLE)) == Conflicting("changed_since")
    assert judged(row, an_edit(version=20)) == Conflicting("changed_since")
    # changedFields says something of an UPDATE only.
    assert judged(row, an_edit("CREATE", version=20, changed=frozenset(("steps",)))) == Conflicting("changed_since")


def test_earlier_edits_of_the_client_itself_are_known_by_seq_or_in_one_call() -> None:
    assert judged(OWN, an_edit(seq=8, version=0)) == Taken("merged")
    assert judged(OWN, an_edit(version=0)) == Conflicting("changed_since")
    assert judged(OWN, an_edit(version=0), since=49) == Taken("merged")
    without_seq = a_row({REST: FieldWrite(50, "tablet")})
    assert judged(without_seq, an_edit(seq=8, version=0)) == Conflicting("changed_since")
    assert judged(without_seq, an_edit(version=0), since=49) == Taken("merged")
    assert judged(without_seq, an_edit(version=0, client="phone"), since=49) == Conflicting("changed_since")


# 8: there is nothing to change


def test_a_change_of_what_is_not_there_is_a_conflict() -> None:
    assert judged(None, an_edit(), not_asked) == Conflicting("missing")
    gone = a_row({REST: FieldWrite(50)}, is_deleted=True)
    assert judged(gone, an_edit(version=50), not_asked) == Conflicting("deleted")
    assert judged(gone, an_edit("CREATE", version=50)) == Taken("merged")


# 9: what cannot be together


def test_what_cannot_be_together_is_a_conflict_and_nobodys_fault() -> None:
    assert judged(BY_HTTP, an_edit(version=50), is_invalid) == Conflicting("merge_invalid")
    assert judged(BY_HTTP, an_edit("CREATE", version=50), is_invalid) == Conflicting("merge_invalid")


# 10: written


def test_the_fields_that_are_written() -> None:
    named = frozenset(("title", "steps"))
    assert an_edit(named=named).written == named
    assert an_edit("CREATE", named=named, changed=TITLE).written == named
    assert an_edit(named=named, changed=TITLE).written == TITLE
    assert an_edit(named=named, changed=frozenset()).written == frozenset()


clients = st.sampled_from(["tablet", "phone", None])
seqs = st.none() | st.integers(0, 9)
writes = st.builds(FieldWrite, st.integers(1, NEWEST), clients, seqs)
rows = st.none() | st.builds(
    a_row,
    st.fixed_dictionaries({REST: writes}, optional={name: writes for name in sorted(FIELDS)}),
    is_deleted=st.booleans(),
)
subsets = st.frozensets(st.sampled_from(sorted(FIELDS)))
edits = st.builds(
    Edit,
    st.sampled_from(["CREATE", "UPDATE", "DELETE"]),
    st.sampled_from(["tablet", "phone"]),
    seqs,
    st.integers(0, NEWEST + 2),
    subsets,
    st.none() | subsets,
)


@given(rows, edits, st.sampled_from([differs, is_same, is_invalid]), st.integers(0, NEWEST))
def test_nothing_that_the_device_did_not_know_is_written_over(
    row: Row[str] | None, edit: Edit, merge: Callable[[], Merged[str] | InvalidFields], since: int
) -> None:
    verdict = judged(row, edit, merge, since=since)
    asked = edit.changed if edit.operation == "UPDATE" and edit.changed is not None else FIELDS
    last = [] if row is None else [row.written.get(name, row.written[REST]) for name in asked]
    match verdict:
        case Taken():
            assert row is not None or edit.operation != "UPDATE"
            for write in last:
                is_own = write.client == edit.client
                assert write.version <= edit.local_version <= NEWEST or is_own
                assert not (is_own and None not in (write.seq, edit.seq) and write.seq >= edit.seq)  # type: ignore[operator]
        case AlreadyThus(version):
            assert version == (0 if row is None else row.version)
        case Conflicting(reason):
            assert (reason == "missing") <= (row is None)
            assert (reason == "deleted") <= (row is not None and row.is_deleted)
            assert (reason == "changed_since") <= any(write.version > edit.local_version for write in last)
            assert (reason == "unknown_version") <= (edit.local_version > NEWEST)
        case Rejected(reason):
            assert reason in ("superseded", "invalid_fields")


histories = st.lists(st.tuples(st.integers(1, 3), subsets.filter(bool)), max_size=8)


@given(histories, st.integers(0, 9))
def test_the_version_found_by_the_count_of_writes_hides_none_that_came_since(
    history: list[tuple[int, frozenset[str]]], known: int
) -> None:
    """Each write is above the one before by some number, for other rows of the school were written, too."""
    versions, written = [1], written_at_first(FieldWrite(1))
    for step, fields in history:
        versions.append(versions[-1] + step)
        written = written_after(written, fields, FieldWrite(versions[-1], "phone"))
    row = Row("there", False, versions[-1], 1, written)
    found = version_made_on(row, len(versions), known, NEWEST)
    if known > len(versions):
        assert found > NEWEST
    else:
        assert all(version > found for version in versions[known:])
    if known == len(versions):
        assert found == row.version
    if known == len(versions) - 1:
        # Whoever did not see one write disagrees with that one alone.
        assert found == row.version - 1
