"""What is told of who wrote a field last: never older than the truth, and few entries for a session."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.domain.audit import SubjectType
from server.domain.sync import (
    REST,
    FieldWrite,
    FieldWrites,
    written_after,
    written_as_json,
    written_at_first,
    written_from_json,
)

FIELDS = ("title", "trainee_name", "expires_at", "closed", "limits", "public_title", "co_trainer_ids")

edits = st.lists(
    st.tuples(st.lists(st.sampled_from(FIELDS), min_size=1, unique=True), st.sampled_from([None, "tablet", "phone"])),
    max_size=20,
)
kinds = st.sampled_from(["session", "template"])


def _told(written: FieldWrites, field: str) -> FieldWrite:
    return written.get(field, written[REST])


@given(edits, kinds)
def test_no_field_looks_older_than_it_is(edits: list[tuple[list[str], str | None]], kind: SubjectType) -> None:
    truth = dict.fromkeys(FIELDS, FieldWrite(1))
    written = written_at_first(FieldWrite(1))
    for version, (fields, client) in enumerate(edits, 2):
        write = FieldWrite(version, client, None if client is None else version * 10)
        truth.update(dict.fromkeys(fields, write))
        written = written_after(written, kind, fields, write)
        for field in FIELDS:
            told = _told(written, field)
            assert told.version >= truth[field].version
            # Told as somebody's only if it is theirs: they would take it for their own otherwise.
            assert told == truth[field] or told == FieldWrite(told.version)
        assert written_from_json(written_as_json(written)) == written
        if kind == "session":
            assert len(written) <= 5
        else:
            assert all(_told(written, field) == truth[field] for field in FIELDS)


def test_four_fields_of_a_session_are_told_exactly() -> None:
    written = written_at_first(FieldWrite(1))
    for version, field in enumerate(FIELDS[:4], 2):
        written = written_after(written, "session", [field], FieldWrite(version, "tablet", version))
    assert written == {
        REST: FieldWrite(1),
        **{field: FieldWrite(version, "tablet", version) for version, field in enumerate(FIELDS[:4], 2)},
    }
