"""/invitations, and /first-admin: accounts that are made by whoever has a link."""

from __future__ import annotations

from server.addresses import PAGES
from server.domain.invitations import Invitation
from server.domain.outcomes import InvalidBody, InvalidFields, NotFound, Refusal
from server.ports.results import Page
from server.service.first_admin import NewSchool
from server.service.invitations import FoundInvitation, Invited, NewInvitation
from server.service.logins import LoggedIn
from server.transport.http.endpoint import Answer, Call, Endpoint
from server.transport.http.logins import answer_login, visitor_of
from server.transport.http.paging import PAGE_PARAMETERS, page_answer, read_page
from server.transport.wire.answers import found_invitation_answer, invitation_answer
from server.transport.wire.requests import AcceptBody, FirstAdminBody, InvitationBody, LinkBody
from server.transport.wire.shapes import FoundInvitationAnswer, InvitationPage, InvitedAnswer, LoginAnswer


async def _list(call: Call) -> Answer | Refusal:
    asked = read_page(call)
    if isinstance(asked, InvalidFields):
        return asked
    page = await call.services.invitations.list(call.trainer, asked.limit, asked.after)
    return Answer(200, page_answer(page, invitation_answer)) if isinstance(page, Page) else page


async def _invite(call: Call) -> Answer | Refusal:
    body = call.body(InvitationBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    new = NewInvitation(body.email, body.name, body.role)
    invited = await call.services.invitations.invite(call.trainer, new, call.now)
    if not isinstance(invited, Invited):
        return invited
    url = call.context.addresses.best + PAGES["invitation"].format(token=invited.token)
    answer = {**invitation_answer(invited.invitation), "url": url}
    return Answer(201, answer, {"Cache-Control": "no-store"})


async def _withdraw(call: Call) -> Answer | Refusal:
    invitation_id = call.id()
    if isinstance(invitation_id, NotFound):
        return invitation_id
    withdrawn = await call.services.invitations.withdraw(call.trainer, invitation_id, call.now)
    return Answer(204) if isinstance(withdrawn, Invitation) else withdrawn


async def _find(call: Call) -> Answer | Refusal:
    body = call.body(LinkBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    found = await call.services.invitations.find(body.token, visitor_of(call), call.now)
    if not isinstance(found, FoundInvitation):
        return found
    return Answer(200, found_invitation_answer(found), {"Cache-Control": "no-store"})


async def _accept(call: Call) -> Answer | Refusal:
    body = call.body(AcceptBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    login = await call.services.invitations.accept(body.token, body.password, visitor_of(call), call.now)
    return answer_login(call, login) if isinstance(login, LoggedIn) else login


async def _find_first(call: Call) -> Answer | Refusal:
    body = call.body(LinkBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    return await call.services.first_admin.judge(body.token, visitor_of(call), call.now) or Answer(204)


async def _make_first(call: Call) -> Answer | Refusal:
    body = call.body(FirstAdminBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    new = NewSchool(body.school, body.name, body.email, body.password)
    login = await call.services.first_admin.make(body.token, new, visitor_of(call), call.now)
    return answer_login(call, login) if isinstance(login, LoggedIn) else login


ENDPOINTS = (
    Endpoint(
        "GET", "/invitations", "The school's invitations that nobody has used or withdrawn, newest first", _list,
        {200: InvitationPage}, ("forbidden", "invalid_fields"), parameters=PAGE_PARAMETERS,
    ),
    Endpoint(
        "POST", "/invitations", "Invite a colleague; the link is told this once", _invite, {201: InvitedAnswer},
        ("forbidden",), bodies=(InvitationBody,),
    ),
    Endpoint(
        "DELETE", "/invitations/{id}", "Withdraw an invitation: its link opens nothing any more", _withdraw,
        {204: None}, ("forbidden", "not_found", "conflict"),
    ),
    Endpoint(
        "POST", "/invitations/find", "What an invitation is for, and whether it still opens", _find,
        {200: FoundInvitationAnswer}, ("not_found", "rate_limited"), bodies=(LinkBody,), needs_login=False,
    ),
    Endpoint(
        "POST", "/invitations/accept", "Choose a password: the account is made, and logged in", _accept,
        {200: LoginAnswer}, ("unauthenticated", "forbidden", "not_found", "conflict", "rate_limited"),
        bodies=(AcceptBody,), needs_login=False,
    ),
    Endpoint(
        "POST", "/first-admin/find", "Whether a new server's link for its first account still opens", _find_first,
        {204: None}, ("forbidden", "not_found", "conflict", "rate_limited"), bodies=(LinkBody,), needs_login=False,
    ),
    Endpoint(
        "POST", "/first-admin", "Make a new server's school and its first admin, who is logged in", _make_first,
        {200: LoginAnswer}, ("unauthenticated", "forbidden", "not_found", "conflict", "rate_limited"),
        bodies=(FirstAdminBody,), needs_login=False,
    ),
)  # fmt: skip
