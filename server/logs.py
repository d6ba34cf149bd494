"""Structured logs on standard error: for people, or as JSON for machines. Secrets never come in."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from server.config import LogFormat, LogLevel

# Names of values that a log line never shows, whoever hands them in.
_SECRETS = frozenset({"token", "password", "password_hash", "seat_token", "code", "cookie", "authorization"})

# Without the values of variables, among which are passwords and tokens.
_PLAIN_TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)

# Noise, and lines that hold socket ids.
_QUIET = ("uvicorn.access", "uvicorn.error", "yoyo.migrations", "asyncio", "httpx", "httpcore")
# What it says of an outage, with a traceback each time, we say ourselves, in a line.
_SILENT = ("asyncpg.pool",)


def set_up_logs(level: LogLevel, format_: LogFormat) -> None:
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        hide_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    renderers: list[Any] = (
        [_PLAIN_TRACEBACKS, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if format_ == "json"
        else [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def hide_secrets(logger: Any, method: str, event: Any) -> Any:
    for key in _SECRETS & event.keys():
        event[key] = "…"
    return event
