"""`shiller sync`: a hall server and its central one."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

import click

from server import __version__, clock
from server.app import build_services, opened_storage, upstream_of
from server.commands.common import configured, run_async, services_for
from server.config import Config
from server.domain.upstream import OFFSET_WARNED_MS, Link
from server.json_text import write_json
from server.ports.broadcast import SilentPublisher
from server.service.passwords import PasswordHasher
from server.service.services import Services
from server.service.upstream import HallStatus
from server.transport.http.upstream import upstream_answer
from server.upstream.running import Reason, Upstream

_NO_HALL = "This server is no hall; SYNC_UPSTREAM_URL and SYNC_UPSTREAM_TOKEN make it one."
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="For machines.")
_WIDTH = 14


@click.group()
def sync() -> None:
    """What a hall server has sent to its central one, and what waits."""


@sync.command()
@_AS_JSON
@run_async
async def status(as_json: bool) -> None:
    """Tell what waits and what is wrong; exit with 1 if anything does or is."""
    async with services_for(_hall_config()) as services:
        await _tell(services, as_json)


@sync.command()
@_AS_JSON
@run_async
async def now(as_json: bool) -> None:
    """Send and get what is new now; exit with 1 if something still waits or is wrong.

    Beside a running server too: a round that is under way is waited for.
    """
    async with _upstream(_hall_config()) as (services, upstream):
        await upstream.now(waits=True)
        await _tell(services, as_json)


@sync.command()
@run_async
async def restored() -> None:
    """Say that this server's disk was put back as it was some time ago.

    A database that is restored from a dump is known to be another one; a disk that is put back is not. Devices and
    halls then pull everything anew, and send again what they had been told was safe and is not here.
    """
    async with services_for(configured()) as services:
        await services.storage.sync.mark_restored()
        store = services.storage.upstream
        link = None if store is None else await store.link()
        if store is not None and link is not None:
            await store.begin_anew(replace(link, epoch=None, cursor=0))
    click.echo("devices and halls will pull everything anew at their next contact")


def _hall_config() -> Config:
    config = configured()
    if not config.is_hall:
        raise click.ClickException(_NO_HALL)
    return config


@asynccontextmanager
async def _upstream(config: Config) -> AsyncGenerator[tuple[Services, Upstream]]:
    publisher = SilentPublisher()
    passwords = PasswordHasher()
    async with opened_storage(config, may_make=False) as storage:
        services = build_services(config, storage, publisher, passwords)
        upstream = upstream_of(config, storage, services, publisher, Reason())
        if upstream is None:
            raise click.ClickException(_NO_HALL)
        yield services, upstream
        await upstream.close()
    passwords.close()


async def _tell(services: Services, as_json: bool) -> None:
    if services.hall is None:
        raise click.ClickException(_NO_HALL)
    found = await services.hall.status(clock.now())
    click.echo(write_json(upstream_answer(found)) if as_json else "\n".join(_lines(found)))
    if not found.is_well:
        raise SystemExit(1)


def _lines(found: HallStatus) -> list[str]:
    link, waiting = found.link, found.waiting
    school = "not known before the first contact" if found.school is None else found.school.name
    told = [
        ("central", found.url),
        ("school", school),
        *([] if link is None else _link_lines(link)),
        ("waiting", _waiting(found)),
        ("conflicts", f"{found.conflicts} to be resolved at the central server"),
        ("releases", f"{__version__} here, {(link.release if link else None) or 'unknown'} at the central server"),
    ]
    if waiting.since is not None:
        told.append(("since", _moment(waiting.since)))
    lines = [f"{name:{_WIDTH}}{words}" for name, words in told]
    for refused in found.refused:
        because = "; ".join(f"{field}: {message}" for field, message in refused.errors)
        lines.append(f"{'refused':{_WIDTH}}{refused.type} {refused.entity_id}: {refused.reason} {because}".rstrip())
    return lines


def _link_lines(link: Link) -> list[tuple[str, str]]:
    hall = [("hall", link.hall_name or "")] if link.hall_id is not None else []
    offset = [] if link.offset_ms is None else [("clock", _offset(link.offset_ms))]
    problem = [] if link.problem is None else [("problem", link.problem.detail)]
    next_try = [] if link.next_try_at is None else [("next try", _moment(link.next_try_at))]
    return [
        *hall,
        ("last contact", _moment(link.contacted_at)),
        ("all sent", _moment(link.completed_at)),
        *next_try,
        ("token", _token_words(link)),
        *offset,
        *problem,
    ]


def _token_words(link: Link) -> str:
    match None if link.problem is None else link.problem.kind:
        case "revoked":
            return "revoked: ask an admin"
        case "wrong_token":
            return "not known to the central server"
        case _:
            return "not tried yet" if link.contacted_at is None else "valid"


def _waiting(found: HallStatus) -> str:
    waiting = found.waiting
    if not waiting.changes:
        return "nothing"
    annotations = f", {waiting.annotations} notes, sheets and words" if waiting.annotations else ""
    return f"{waiting.templates} templates, {waiting.sessions} sessions, {waiting.events} events{annotations}"


def _offset(offset_ms: int) -> str:
    seconds = abs(offset_ms) / 1000
    way = "behind" if offset_ms > 0 else "ahead of"
    warning = "; set it" if abs(offset_ms) > OFFSET_WARNED_MS else ""
    return f"this machine's clock is {seconds:.1f} s {way} the central server's{warning}"


def _moment(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S} UTC"
