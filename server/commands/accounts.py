"""`shiller trainer`."""

from __future__ import annotations

import secrets
from typing import cast
from uuid import uuid4

import click

from server import clock
from server.commands.common import configured, fail, run_async, services_for
from server.config import Config
from server.domain.audit import COMMAND_LINE
from server.domain.people import ROLES, Role, School, Trainer, normal_email
from server.domain.permissions import KEPT_AT_CENTRAL
from server.domain.text import one_line
from server.ports.results import Added, AlreadyThere, Cursor
from server.service.accounts import NewTrainer, TrainerEdit
from server.service.services import Services


@click.group()
def trainer() -> None:
    """Add, list and mend the accounts of trainers."""


@trainer.command()
@click.argument("email")
@click.option("--name", required=True, help="The name that others see.")
@click.option("--school", required=True, help="The name of the school; made if it is new.")
@click.option("--role", type=click.Choice(ROLES), default="trainer", show_default=True)
@click.option("--password", help="Made up and printed if it is not given.")
@run_async
async def add(email: str, name: str, school: str, role: str, password: str | None) -> None:
    """Add a trainer to a school."""
    config = _keeps_accounts(configured())
    chosen = password or secrets.token_urlsafe(12)
    async with services_for(config) as services:
        new = NewTrainer(email, name, chosen, cast(Role, role))
        outcome = await services.accounts.enrol_at(school, uuid4(), new, COMMAND_LINE, clock.now())
    match outcome:
        case Added(added) | AlreadyThere(added):
            click.echo(f"added {added.email} ({added.role}) to {one_line(school)}")
        case _:
            fail(outcome)
    if password is None:
        click.echo(f"password: {chosen}")


@trainer.command("list")
@run_async
async def list_() -> None:
    """List all trainers, school by school."""
    async with services_for(configured()) as services:
        for school in await services.accounts.list_schools():
            click.echo(school.name)
            for one in await _everybody(services, school):
                click.echo(f"  {one.email}  {one.role}  {one.name}")


@trainer.command()
@click.argument("email")
@click.option("--password", help="Made up and printed if it is not given.")
@run_async
async def passwd(email: str, password: str | None) -> None:
    """Give a trainer a new password; every login with the old one ends."""
    config = _keeps_accounts(configured())
    chosen = password or secrets.token_urlsafe(12)
    async with services_for(config) as services:
        found = await services.storage.accounts.find_credentials(normal_email(email))
        if found is None:
            raise click.ClickException(f"there is no trainer {email}; see: shiller trainer list")
        outcome = await services.accounts.amend(
            found.trainer.school_id, found.trainer.id, TrainerEdit(password=chosen), None, COMMAND_LINE, clock.now()
        )
    if not isinstance(outcome, Trainer):
        fail(outcome)
    click.echo(f"changed the password of {outcome.email}")
    if password is None:
        click.echo(f"password: {chosen}")


def _keeps_accounts(config: Config) -> Config:
    if config.is_hall:
        fail(KEPT_AT_CENTRAL)
    return config


async def _everybody(services: Services, school: School) -> list[Trainer]:
    everybody: list[Trainer] = []
    after: Cursor | None = None
    while True:
        page = await services.storage.accounts.list_trainers(school.id, 200, after)
        everybody += page.items
        if page.next is None:
            return everybody
        after = page.next
