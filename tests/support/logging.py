"""Every record that is logged as an error, whatever a test or the server does with the log's handlers."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager

import structlog


@contextmanager
def logged_errors() -> Generator[list[logging.LogRecord]]:
    """The errors as they come. A server that sets up its own logs inside is undone afterwards.

    Watched where records are made and not with a handler: the server replaces all handlers.
    """
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    make_record = logging.getLogRecordFactory()
    errors: list[logging.LogRecord] = []

    def make_and_watch(*arguments: object, **named: object) -> logging.LogRecord:
        record = make_record(*arguments, **named)
        # A formatter's copy of a record is born empty.
        if record.levelno is not None and record.levelno >= logging.ERROR:
            errors.append(record)
        return record

    # Unconfigured, structlog prints; through the standard library its records are seen like all others.
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer(key_order=["event"])],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    logging.setLogRecordFactory(make_and_watch)
    try:
        yield errors
    finally:
        logging.setLogRecordFactory(make_record)
        root.handlers[:] = handlers
        root.setLevel(level)
