"""/me: one's own account, its password and its logins; and /colleagues."""

from __future__ import annotations

from server.domain.outcomes import InvalidBody, InvalidFields, NotFound, Refusal
from server.domain.people import Login, Trainer
from server.transport.http.endpoint import Answer, Call, Endpoint
from server.transport.http.logins import visitor_of
from server.transport.http.paging import PAGE_PARAMETERS, page_answer, read_page
from server.transport.wire.answers import colleague_answer, own_login_answer, trainer_answer
from server.transport.wire.requests import PasswordBody
from server.transport.wire.shapes import ColleaguePage, OwnLoginPage, TrainerAnswer


async def _me(call: Call) -> Answer:
    return Answer(200, trainer_answer(call.trainer))


async def _change_password(call: Call) -> Answer | Refusal:
    body = call.body(PasswordBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    outcome = await call.services.accounts.change_own_password(
        call.require_access(), body.password, body.new_password, visitor_of(call), call.now
    )
    return Answer(204) if isinstance(outcome, Trainer) else outcome


async def _logins(call: Call) -> Answer:
    access = call.require_access()
    logins = await call.services.accounts.list_logins(access.trainer, call.now)
    items = [own_login_answer(each, is_current=each.token_hash == access.token_hash) for each in logins]
    return Answer(200, {"items": items, "next_cursor": None})


async def _end_login(call: Call) -> Answer | Refusal:
    login_id = call.id()
    if isinstance(login_id, NotFound):
        return login_id
    ended = await call.services.accounts.end_login(call.trainer, login_id, call.now)
    return Answer(204) if isinstance(ended, Login) else ended


async def _colleagues(call: Call) -> Answer | Refusal:
    asked = read_page(call)
    if isinstance(asked, InvalidFields):
        return asked
    page = await call.services.accounts.list_colleagues(call.trainer, asked.limit, asked.after)
    return Answer(200, page_answer(page, colleague_answer))


ENDPOINTS = (
    Endpoint("GET", "/me", "Who is logged in", _me, {200: TrainerAnswer}),
    Endpoint(
        "POST", "/me/password", "Change one's own password; every other login of the account ends", _change_password,
        {204: None}, ("conflict", "rate_limited"), bodies=(PasswordBody,),
    ),
    Endpoint("GET", "/me/logins", "One's own logins, newest first", _logins, {200: OwnLoginPage}),
    Endpoint(
        "DELETE", "/me/logins/{id}", "End one of one's own logins", _end_login, {204: None}, ("not_found",),
    ),
    Endpoint(
        "GET", "/colleagues", "Who works in the school: names and roles, for each of them", _colleagues,
        {200: ColleaguePage}, ("invalid_fields",), parameters=PAGE_PARAMETERS,
    ),
)  # fmt: skip
