"""Ids that are made of another id and a name."""

from __future__ import annotations

from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from server.transport.wire.ids import uuid5_text


@given(st.uuids(), st.text(st.characters(exclude_categories=["Cs"])))
def test_their_text_is_that_of_the_library(namespace: UUID, name: str) -> None:
    assert uuid5_text(namespace, name) == str(uuid5(namespace, name))
