"""The rule that a logged error fails a test: it is the one that the other tests lean on."""

from __future__ import annotations

import logging

import structlog

from server.logs import set_up_logs
from tests.support.logging import logged_errors


def test_errors_are_seen_from_every_kind_of_logger(expects_errors: list[logging.LogRecord]) -> None:
    logging.getLogger("standard").error("one %d", 1)
    structlog.get_logger("structured").error("two")
    set_up_logs("info", "json")
    logging.getLogger("standard").error("three")
    structlog.get_logger("structured").error("four")
    structlog.get_logger("structured").warning("no error")
    assert [record.name for record in expects_errors] == ["standard", "structured"] * 2
    assert expects_errors[0].getMessage() == "one 1"


def test_the_handlers_that_a_server_installs_do_not_outlive_the_test() -> None:
    before = list(logging.getLogger().handlers)
    with logged_errors():
        set_up_logs("debug", "text")
        assert logging.getLogger().handlers != before
    assert logging.getLogger().handlers == before
