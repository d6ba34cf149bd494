"""What the commands share: the configuration, a storage to work on, and how they fail."""

from __future__ import annotations

import asyncio
import functools
import signal
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType
from typing import Any, NoReturn, ParamSpec

import asyncpg
import click
import psycopg
import structlog

from server.app import build_services, opened_storage
from server.clock import SteadyClock
from server.clock_mark import ClockMark
from server.config import VARIABLES, Config, load_config
from server.domain.outcomes import Refusal
from server.env_file import ConfigError, misspelt
from server.logs import set_up_logs
from server.ports.broadcast import SilentPublisher
from server.ports.results import StorageUnavailable
from server.service.passwords import PasswordHasher
from server.service.services import Services
from server.storage.plain_connection import words_of
from server.transport.refusals import refused

P = ParamSpec("P")
log = structlog.get_logger("shiller")


def configured() -> Config:
    """The configuration, with the logs set up as it says."""
    try:
        config = load_config()
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
    set_up_logs(config.log_level, config.log_format)
    for name, meant in misspelt(VARIABLES).items():
        log.warning(".env sets what is no setting", name=name, is_meant=meant)
    return config


def clock_here(config: Config) -> SteadyClock:
    """By which the server goes that runs on this machine, or ran last: what it calls over is over."""
    clock, ahead = SteadyClock(), ClockMark(config.data_dir).read()
    if ahead is not None:
        clock.go_on(ahead)
    return clock


def run_async(command: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run a command that is a coroutine; whatever the database refuses is one line, not a traceback."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with in_sentences(), _interrupted_at_once():
            asyncio.run(command(*args, **kwargs))

    return run


@contextmanager
def in_sentences() -> Generator[None]:
    try:
        yield
    except StorageUnavailable as outage:
        raise click.ClickException(str(outage)) from None
    except psycopg.Error as error:
        raise click.ClickException(f"The database refuses: {words_of(error)}") from None
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise click.ClickException(f"The database refuses: {error}") from None


@contextmanager
def handled_by(handler: Callable[[int, FrameType | None], object], *numbers: signal.Signals) -> Generator[None]:
    """These signals, while the block runs."""
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


@contextmanager
def _interrupted_at_once() -> Generator[None]:
    """Ctrl-C ends it wherever it is. By itself asyncio cancels the command's task, which hears nothing of that while it
    reads its standard input.
    """
    with handled_by(_interrupt, signal.SIGINT):
        yield


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


@contextmanager
def ended_tidily() -> Generator[None]:
    """Told to end, the command clears up first."""
    with handled_by(_leave, signal.SIGTERM):
        yield


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(1)


@asynccontextmanager
async def services_for(config: Config) -> AsyncGenerator[Services]:
    """The services on the configured storage, beside a server that may be running on it. None is made."""
    if config.use_in_memory:
        raise click.ClickException(
            "USE_IN_MEMORY keeps everything inside the server's own process; "
            "this command has nothing to reach. Unset it, or use the HTTP API."
        )
    async with opened_storage(config, may_make=False) as storage:
        passwords = PasswordHasher()
        yield build_services(config, storage, SilentPublisher(), passwords)
        passwords.close()


def fail(refusal: Refusal) -> NoReturn:
    """End the command with what was refused, field by field."""
    told = refused(refusal)
    lines = [f"  {error.field}: {error.message}" for error in told.errors or ()]
    raise click.ClickException("\n".join([told.detail, *lines]))
