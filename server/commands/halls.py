"""`shiller hall`: the tokens of hall servers, and the sessions of one that is lost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import click

from server import clock
from server.commands.common import clock_here, configured, fail, run_async, services_for
from server.commands.sessions import find_session, operator_of
from server.domain.audit import COMMAND_LINE
from server.domain.halls import Everybody, Hall, HallSummary
from server.domain.outcomes import NotFound
from server.domain.people import School, normal_email
from server.domain.session import Session
from server.domain.text import one_line
from server.service.halls import AddedHall
from server.service.services import Services
from server.transport.wire.answers import hall_answer, session_answer

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for programs.")
_SCHOOL = click.option("--school", help="The name of the school; needed where there are several.")


@click.group()
def hall() -> None:
    """Hall servers: a Shiller without internet that sends its sessions to this one.

    Exit code 0: done. 1: refused, or there is no such thing; the reason is on standard error. 2: wrong usage.
    """


@hall.command()
@click.argument("name")
@click.option("--trainer", "emails", multiple=True, help="Who may log in there, by e-mail; once for each.")
@click.option("--all", "everybody", is_flag=True, help="Let every trainer of the school log in there, but no admin.")
@_SCHOOL
@_AS_JSON
@run_async
async def add(name: str, emails: Sequence[str], everybody: bool, school: str | None, as_json: bool) -> None:
    """Make the token of a hall server. It is printed this once: only its hash is kept.

    The passwords' hashes of those who may log in there go to the hall. Name those who teach there, and no more.
    """
    if everybody == bool(emails):
        raise click.UsageError("Say who may log in there: --trainer E-MAIL, once for each, or --all.")
    async with services_for(configured()) as services:
        chosen = await _find_school(services, school)
        trainers: Sequence[UUID] | Everybody = "all" if everybody else await _ids_of(services, chosen, emails)
        added = await services.halls.enrol(chosen.id, name, trainers, COMMAND_LINE, clock.now())
    if not isinstance(added, AddedHall):
        fail(added)
    if as_json:
        _print({**hall_answer(HallSummary(added.hall, 0)), "token": added.token})
        return
    click.echo(f"added {added.hall.name} to {chosen.name}")
    click.echo(f"token: {added.token}")
    click.echo("It is not shown again. In the hall: SYNC_UPSTREAM_TOKEN, with the address of this server as")
    click.echo("SYNC_UPSTREAM_URL.")


@hall.command("list")
@_AS_JSON
@run_async
async def list_(as_json: bool) -> None:
    """List the hall servers, school by school: when they were last in contact, and what they had not sent by then."""
    async with services_for(configured()) as services:
        found = [(school, await _halls_of(services, school)) for school in await services.accounts.list_schools()]
    if as_json:
        schools = [
            {"school": {"id": str(school.id), "name": school.name}, "halls": [hall_answer(each) for each in halls]}
            for school, halls in found
        ]
        _print({"items": schools})
        return
    for school, halls in found:
        click.echo(school.name)
        for each in halls:
            click.echo(f"  {each.hall.name}  {_state(each)}")


@hall.command()
@click.argument("name_or_id")
@_SCHOOL
@_AS_JSON
@run_async
async def revoke(name_or_id: str, school: str | None, as_json: bool) -> None:
    """Take the token of a hall server back: it opens nothing from now on. Twice is no error.

    The hall goes on and keeps what it records; a session of it that is still open can be taken over.
    """
    async with services_for(configured()) as services:
        chosen, summary = await _find_hall(services, name_or_id, school)
        revoked = await services.halls.withdraw(chosen.id, summary.hall.id, COMMAND_LINE, clock.now())
    if not isinstance(revoked, Hall):
        fail(revoked)
    if as_json:
        _print(dict(hall_answer(HallSummary(revoked, summary.open_sessions))))
    else:
        click.echo(f"revoked {revoked.name}; {summary.open_sessions} sessions of it are open")


@hall.command("take-over")
@click.argument("code_or_id")
@_AS_JSON
@run_async
async def take_over(code_or_id: str, as_json: bool) -> None:
    """Go on here with a session of a hall that is lost. What that hall sends of it later is refused.

    Of a session that is at home here already nothing changes. A running server tells its clients within EXPIRY_SECONDS.
    """
    config = configured()
    now = clock_here(config)
    async with services_for(config) as services:
        found = await find_session(services, code_or_id)
        taken = await services.halls.take_over(operator_of(found), found.id, now(), COMMAND_LINE)
    if not isinstance(taken, Session):
        fail(taken)
    if as_json:
        _print(dict(session_answer(taken)))
    else:
        click.echo(f"{taken.code} is at home here; its record has {taken.last_seq} events")


async def _find_school(services: Services, name: str | None) -> School:
    schools = await services.accounts.list_schools()
    if name is None:
        if len(schools) == 1:
            return schools[0]
        raise click.UsageError(f"Say which school: --school, one of {', '.join(each.name for each in schools)}.")
    for school in schools:
        if school.name == one_line(name):
            return school
    fail(NotFound(f"There is no school {name}; there are: {', '.join(each.name for each in schools)}"))


async def _ids_of(services: Services, school: School, emails: Sequence[str]) -> Sequence[UUID]:
    ids: list[UUID] = []
    for email in emails:
        found = await services.storage.accounts.find_credentials(normal_email(email))
        if found is None or found.trainer.school_id != school.id:
            fail(NotFound(f"{school.name} has no trainer {email}; see: shiller trainer list"))
        ids.append(found.trainer.id)
    return ids


async def _halls_of(services: Services, school: School) -> Sequence[HallSummary]:
    return await services.storage.halls.list_halls(school.id)


async def _find_hall(services: Services, name_or_id: str, name: str | None) -> tuple[School, HallSummary]:
    """By name: one that was not revoked, if there is such a one."""
    schools = await services.accounts.list_schools() if name is None else [await _find_school(services, name)]
    found = [
        (school, each)
        for school in schools
        for each in await _halls_of(services, school)
        if str(each.hall.id) == name_or_id.lower() or each.hall.name.lower() == one_line(name_or_id).lower()
    ]
    present = [(school, each) for school, each in found if each.hall.revoked_at is None] or found[:1]
    if len(present) > 1:
        raise click.UsageError(f"Several schools have a hall {name_or_id}: say which, by --school.")
    if not present:
        fail(NotFound(f"There is no hall {name_or_id}; see: shiller hall list"))
    return present[0]


def _state(summary: HallSummary) -> str:
    one = summary.hall
    if one.revoked_at is not None:
        return f"revoked {one.revoked_at:%Y-%m-%d %H:%M} UTC"
    if one.last_seen_at is None:
        return "never in contact"
    waiting = one.waiting
    count = 0 if waiting is None else waiting.changes
    return (
        f"{one.last_seen_at:%Y-%m-%d %H:%M} UTC  {one.release}  {count} waiting, {summary.open_sessions} open sessions"
    )


def _print(document: Any) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
