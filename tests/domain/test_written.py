"""What is told of who wrote a field last."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.domain.sync import (
    REST,
    FieldWrite,
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


@given(edits)
def test_who_wrote_last_is_told_of_each_field_exactly(edits: list[tuple[list[str], str | None]]) -> None:
    truth = dict.fromkeys(FIELDS, FieldWrite(1))
    written = written_at_first(FieldWrite(1))
    for version, (fields, client) in enumerate(edits, 2):
        write = FieldWrite(version, client, None if client is None else version * 10)
        truth.update(dict.fromkeys(fields, write))
        written = written_after(written, fields, write)
        assert {field: written.get(field, written[REST]) for field in FIELDS} == truth
        assert written_from_json(written_as_json(written)) == written
