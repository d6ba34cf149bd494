"""What the other tests lean on: that a logged error fails a test, and that a server starts as it is told to."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
import structlog

from server.config import LogFormat
from server.logs import set_up_logs
from tests.support.logging import logged_errors
from tests.support.scenario import HASHES_AS_IN_LIFE, errors_in, scrubbed_environment, serving


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


@pytest.mark.usefixtures("expects_errors")
@pytest.mark.parametrize("format_", ["text", "json"])
def test_a_warning_is_no_error_whatever_its_reason_is_called(format_: LogFormat, capsys: Any) -> None:
    with logged_errors():
        set_up_logs("info", format_)
        log = structlog.get_logger("shiller")
        log.warning("the storage does not answer", reason="TimeoutError: no answer")
        log.error("a job failed")
        try:
            raise LookupError("it is gone")
        except LookupError:
            log.exception("a call failed")
    said = capsys.readouterr().err
    found = errors_in(said)
    assert not [line for line in found if "the storage does not answer" in line], said
    assert [sum(words in line for line in found) for words in ("a job failed", "a call failed")] == [1, 1]


@pytest.mark.parametrize("variables", [{}, HASHES_AS_IN_LIFE, {"MALLOC_ARENA_MAX": "2"}], ids=str)
def test_what_is_read_before_the_program_starts_is_there_by_then(tmp_path: Path, variables: dict[str, str]) -> None:
    """However it is started; afterwards it would be read by nobody."""
    with serving(tmp_path, USE_IN_MEMORY="true", **variables) as server:
        began_with = Path(f"/proc/{server.running.pid}/environ").read_text(encoding="utf-8").split("\0")
    expected = scrubbed_environment(variables)
    for name in ("PYTHONPATH", "MALLOC_ARENA_MAX", "LC_ALL"):
        begun = [each.partition("=")[2] for each in began_with if each.partition("=")[0] == name]
        assert begun == [expected[each] for each in [name] if each in expected], name
