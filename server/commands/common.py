"""What the commands share: the configuration, a storage to work on, and how they fail."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NoReturn, ParamSpec

import click
import structlog

from server.app import build_services, opened_storage
from server.config import Config, ConfigError, load_config, misspelt
from server.domain.outcomes import Refusal
from server.logs import set_up_logs
from server.ports.broadcast import SilentPublisher
from server.ports.results import StorageUnavailable
from server.service.passwords import PasswordHasher
from server.service.services import Services
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
    for name, meant in misspelt().items():
        log.warning(".env sets what is no setting", name=name, is_meant=meant)
    return config


def run_async(command: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run a command that is a coroutine; a storage that is out of reach is one line, not a traceback."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            asyncio.run(command(*args, **kwargs))
        except StorageUnavailable as outage:
            raise click.ClickException(str(outage)) from None

    return run


@asynccontextmanager
async def services_for(config: Config) -> AsyncGenerator[Services]:
    """The services on the configured storage, beside a server that may be running on it."""
    if config.use_in_memory:
        raise click.ClickException(
            "USE_IN_MEMORY keeps everything inside the server's own process; "
            "this command has nothing to reach. Unset it, or use the HTTP API."
        )
    passwords = PasswordHasher()
    async with opened_storage(config) as storage:
        yield build_services(config, storage, SilentPublisher(), passwords)
    passwords.close()


def fail(refusal: Refusal) -> NoReturn:
    """End the command with what was refused, field by field."""
    told = refused(refusal)
    lines = [f"  {error.field}: {error.message}" for error in told.errors or ()]
    raise click.ClickException("\n".join([told.detail, *lines]))
