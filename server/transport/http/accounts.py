"""/auth and /trainers."""

from __future__ import annotations

from server.domain.outcomes import InvalidBody, InvalidFields, NotFound, Refusal
from server.domain.people import Trainer
from server.ports.results import Added, AlreadyThere, Page
from server.service.accounts import NewTrainer, TrainerEdit
from server.service.logins import LoggedIn
from server.transport.http.endpoint import Answer, Call, Endpoint
from server.transport.http.logins import answer_login, visitor_of
from server.transport.http.paging import (
    IF_MATCH_PARAMETER,
    PAGE_PARAMETERS,
    page_answer,
    read_if_match,
    read_page,
)
from server.transport.origins import COOKIE
from server.transport.wire.answers import trainer_answer
from server.transport.wire.requests import LoginBody, TrainerBody, TrainerChangeBody
from server.transport.wire.shapes import LoginAnswer, TrainerAnswer, TrainerPage


async def _login(call: Call) -> Answer | Refusal:
    body = call.body(LoginBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    login = await call.services.accounts.login(body.email, body.password, visitor_of(call), call.now)
    return answer_login(call, login) if isinstance(login, LoggedIn) else login


async def _logout(call: Call) -> Answer:
    await call.services.accounts.logout(call.require_access())
    return Answer(204, None, cookies=(call.cookie(COOKIE, "", 0),))


async def _list(call: Call) -> Answer | Refusal:
    asked = read_page(call)
    if isinstance(asked, InvalidFields):
        return asked
    page = await call.services.accounts.list_trainers(call.trainer, asked.limit, asked.after)
    if not isinstance(page, Page):
        return page
    return Answer(200, page_answer(page, trainer_answer))


async def _add(call: Call) -> Answer | Refusal:
    body = call.body(TrainerBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    new = NewTrainer(body.email, body.name, body.password, body.role, body.id)
    outcome = await call.services.accounts.add_trainer(call.trainer, new, call.now)
    match outcome:
        case Added(trainer):
            return Answer(201, trainer_answer(trainer))
        case AlreadyThere(trainer):
            return Answer(200, trainer_answer(trainer))
        case _:
            return outcome


async def _find(call: Call) -> Answer | Refusal:
    trainer_id = call.id()
    if isinstance(trainer_id, NotFound):
        return trainer_id
    return _answer(await call.services.accounts.find_trainer(call.trainer, trainer_id))


async def _change(call: Call) -> Answer | Refusal:
    trainer_id = call.id()
    if isinstance(trainer_id, NotFound):
        return trainer_id
    body = call.body(TrainerChangeBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    version = read_if_match(call)
    if isinstance(version, InvalidFields):
        return version
    edit = TrainerEdit(body.email, body.name, body.role, body.password)
    return _answer(await call.services.accounts.change_trainer(call.trainer, trainer_id, edit, version, call.now))


async def _delete(call: Call) -> Answer | Refusal:
    trainer_id = call.id()
    if isinstance(trainer_id, NotFound):
        return trainer_id
    version = read_if_match(call)
    if isinstance(version, InvalidFields):
        return version
    return _answer(await call.services.accounts.delete_trainer(call.trainer, trainer_id, version, call.now))


def _answer(outcome: Trainer | Refusal) -> Answer | Refusal:
    if not isinstance(outcome, Trainer):
        return outcome
    return Answer(200, trainer_answer(outcome), {"ETag": f'"{outcome.version}"'})


ENDPOINTS = (
    Endpoint(
        "POST", "/auth/login", "Log in", _login, {200: LoginAnswer}, ("unauthenticated", "forbidden", "rate_limited"),
        bodies=(LoginBody,), needs_login=False,
    ),
    Endpoint("POST", "/auth/logout", "Log out: the token is dead at once", _logout, {204: None}),
    Endpoint(
        "GET", "/trainers", "The trainers of the school", _list, {200: TrainerPage},
        ("forbidden", "invalid_fields"), parameters=PAGE_PARAMETERS,
    ),
    Endpoint(
        "POST", "/trainers", "Add a trainer", _add, {201: TrainerAnswer, 200: TrainerAnswer},
        ("forbidden", "conflict"), bodies=(TrainerBody,),
    ),
    Endpoint(
        "GET", "/trainers/{id}", "One trainer", _find, {200: TrainerAnswer}, ("forbidden", "not_found"),
    ),
    Endpoint(
        "PATCH", "/trainers/{id}", "Change a trainer; a new role or password ends their logins", _change,
        {200: TrainerAnswer}, ("forbidden", "not_found", "conflict", "version_mismatch"),
        bodies=(TrainerChangeBody,), parameters=(IF_MATCH_PARAMETER,),
    ),
    Endpoint(
        "DELETE", "/trainers/{id}", "Delete a trainer; answers the tombstone", _delete, {200: TrainerAnswer},
        ("forbidden", "not_found", "conflict", "invalid_fields", "version_mismatch"), parameters=(IF_MATCH_PARAMETER,),
    ),
)  # fmt: skip
