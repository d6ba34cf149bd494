"""What everything that ends in a login has in common: who comes, and what they are given."""

from __future__ import annotations

from server.service.devices import TOKEN_DAYS
from server.service.logins import LoggedIn, Visitor
from server.transport.http.endpoint import Answer, Call
from server.transport.origins import COOKIE, DESK_COOKIE
from server.transport.wire.answers import login_answer


def visitor_of(call: Call) -> Visitor:
    agent = call.request.headers.get("user-agent", "")
    return Visitor(call.address, call.request.cookies.get(DESK_COOKIE), agent)


def answer_login(call: Call, login: LoggedIn) -> Answer:
    seconds = int((login.expires_at - call.now).total_seconds())
    cookies = (
        call.cookie(COOKIE, login.token, seconds),
        call.cookie(DESK_COOKIE, login.device, TOKEN_DAYS * 86_400),
    )
    return Answer(200, login_answer(login), {"Cache-Control": "no-store"}, cookies)
