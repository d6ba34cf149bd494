"""`shiller session` and `shiller expire`."""

from __future__ import annotations

import sys
from typing import cast
from uuid import UUID, uuid4

import click

from server import clock
from server.commands.common import clock_here, configured, fail, run_async, services_for
from server.domain.audit import COMMAND_LINE
from server.domain.outcomes import InvalidFields, NotFound
from server.domain.people import Trainer
from server.domain.record import Recorded
from server.domain.session import Session, SessionStatus, normal_code
from server.ports.results import Cursor
from server.service.services import Services
from server.transport.http.export import DIALECTS, USUAL_ZONE, VALUES, Values, csv_lines, json_lines, read_csv_form

EXPIRED_AT_ONCE = 100


@click.group()
def session() -> None:
    """List, close and export sessions."""


@session.command("list")
@click.option("--status", type=click.Choice(["open", "ended", "all"]), default="open", show_default=True)
@run_async
async def list_(status: str) -> None:
    """List sessions, newest first, school by school."""
    config = configured()
    now = clock_here(config)()
    async with services_for(config) as services:
        for school in await services.accounts.list_schools():
            click.echo(school.name)
            after: Cursor | None = None
            while True:
                page = await services.storage.sessions.list_sessions(
                    school.id, cast(SessionStatus, status), 200, after, now
                )
                for summary in page.items:
                    one = summary.session
                    state = one.close_reason or "open"
                    where = f"  (in the hall {one.hall.name})" if one.hall is not None and one.hall.is_home else ""
                    click.echo(
                        f"  {one.code}  {state:8}{one.created_at:%Y-%m-%d %H:%M} UTC  "
                        f"{summary.trainee_count} trainees, {summary.event_count} events  {one.title}{where}"
                    )
                if page.next is None:
                    break
                after = page.next


@session.command()
@click.argument("code_or_id")
@run_async
async def close(code_or_id: str) -> None:
    """End a session. A running server tells its clients within EXPIRY_SECONDS."""
    config = configured()
    now = clock_here(config)
    async with services_for(config) as services:
        found = await find_session(services, code_or_id)
        outcome = await services.storage.sessions.end_session(
            found.id, operator_of(found), uuid4(), now(), COMMAND_LINE
        )
    match outcome:
        case Recorded(session=closed):
            click.echo(f"closed {closed.code}")
        case Session():
            click.echo(f"{outcome.code} was over already ({outcome.close_reason})")
        case _:
            fail(outcome)


@session.command()
@click.argument("code_or_id")
@click.option("--format", "format_", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
@click.option("--dialect", type=click.Choice(DIALECTS), default="rfc", show_default=True, help="Of a CSV.")
@click.option("--values", type=click.Choice(VALUES), default="pushed", show_default=True, help="Of a CSV.")
@click.option("--timezone", default=USUAL_ZONE, show_default=True, help="Of the dialect fr: whose clock it shows.")
@run_async
async def export(code_or_id: str, format_: str, dialect: str, values: str, timezone: str) -> None:
    """Write a session's record to standard output."""
    form = read_csv_form(dialect, cast(Values, values), timezone)
    if isinstance(form, InvalidFields):
        fail(form)
    config = configured()
    now = clock_here(config)
    async with services_for(config) as services:
        found = await find_session(services, code_or_id)
        await services.audit.session_exported(found, COMMAND_LINE, format_, now())
        events, annotations = services.debrief.events(found.id), await services.debrief.annotations(found.id)
        if format_ == "csv":
            lines = csv_lines(found, events, annotations, form)
        else:
            lines = json_lines(found, await services.debrief.attendance(found, now()), events, annotations)
        async for line in lines:
            sys.stdout.write(line)


@click.command()
@run_async
async def expire() -> None:
    """End the sessions whose time is up, as the server does by itself."""
    count, config = 0, configured()
    now = clock_here(config)
    async with services_for(config) as services:
        while ended := await services.storage.sessions.expire_due(now(), EXPIRED_AT_ONCE):
            count += len(ended)
    click.echo(f"expired {count} sessions")


async def find_session(services: Services, code_or_id: str) -> Session:
    try:
        found = await services.storage.sessions.find_session(UUID(code_or_id))
    except ValueError:
        found = await services.storage.sessions.find_session_by_code(normal_code(code_or_id))
    if found is None:
        fail(NotFound(f"No session has the code or id {code_or_id}; see: shiller session list --status all"))
    return found


def operator_of(found: Session) -> Trainer:
    """Whoever can run this command may do what an admin of the school may."""
    now = clock.now()
    return Trainer(
        id=found.trainer_id,
        school_id=found.school_id,
        email="",
        name=COMMAND_LINE.name,
        role="admin",
        created_at=now,
        updated_at=now,
    )
