"""A database that is read-only for a while: said in a sentence, at once, at the start and by the commands."""

from __future__ import annotations

from contextlib import closing
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from server.ports.results import StorageUnavailable
from server.storage.migrations import migration_status


def test_it_is_said_and_not_taken_for_a_lock(database_url: str) -> None:
    name = urlsplit(database_url).path.lstrip("/")
    with closing(psycopg.connect(database_url, autocommit=True)) as connection:
        connection.execute(SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(Identifier(name)))
    with pytest.raises(StorageUnavailable, match="read-only"):
        migration_status(database_url)
