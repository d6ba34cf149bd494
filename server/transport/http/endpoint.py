"""One HTTP call: who asks, what was sent, what is answered. Resources only say what is special to them.

An `Endpoint` is both the route and its entry in the OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

import structlog
from pydantic import BaseModel
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from server.addresses import Addresses
from server.domain.halls import Hall
from server.domain.outcomes import HallRevoked, InvalidBody, InvalidFields, NotFound, Refusal, TooLarge, Unauthenticated
from server.domain.people import Access, Trainer
from server.front.proxies import client_of
from server.json_text import write_json
from server.ports.results import StorageUnavailable
from server.service.halls import TOKEN_PREFIX
from server.service.services import Services
from server.transport.http.problems import problem_response
from server.transport.metrics import Metrics
from server.transport.named import with_named
from server.transport.origins import COOKIE, Origins
from server.transport.refusals import BROKEN, STORAGE_UNAVAILABLE, Code, Refused, refused
from server.transport.wire.long_reading import read_long_json
from server.transport.wire.reading import read_json, read_model
from server.transport.wire.values import with_all

log = structlog.get_logger("shiller.http")

API = "/api/v1"
BODY_LIMIT_BYTES = 256 * 1024
# What is longer is read in slices: live pushes do not wait for it.
LONG_BODY_BYTES = 64 * 1024

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Model = TypeVar("Model", bound=BaseModel)

# An answer says that an event is stored. Later than this it is 503, and the same request again asks for its answer.
COMMIT_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class SiteContext:
    """What every HTTP call passes through."""

    services: Services
    origins: Origins
    metrics: Metrics
    addresses: Addresses
    is_linked: Callable[[], bool | None]
    """Whether the line to other processes is up; None where there are none."""
    commit_patience_seconds: float
    is_rpc_open: Callable[[], bool] | None = None
    """Whether programs are answered over gRPC; None where they are not meant to be."""
    unheard_servers: Callable[[], int] = lambda: 0
    """How many run on the same database without a line to this one."""


@dataclass(slots=True)
class Call:
    request: Request
    context: SiteContext
    now: datetime
    access: Access | None = None
    hall: Hall | None = None
    raw: object = None
    file: bytes = b""
    read_as: type[BaseModel] | None = None
    """As what the body was read."""
    session_id: UUID | None = None
    """Whose record it is about, as far as its fields say something of that."""

    @property
    def services(self) -> Services:
        return self.context.services

    @property
    def trainer(self) -> Trainer:
        return self.require_access().trainer

    @property
    def address(self) -> str:
        """What limits count as one, through the proxies that the server was told to trust: an address, or a /64."""
        return client_of(self.request.client.host) if self.request.client else "local"

    def cookie(self, name: str, value: str, seconds: int) -> str:
        """For the pages of this server alone, and out of reach of their scripts."""
        secure = "; Secure" if self.request.url.scheme == "https" else ""
        return f"{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}"

    def require_access(self) -> Access:
        if self.access is None:
            raise AssertionError("this endpoint asks for no login")
        return self.access

    def id(self, name: str = "id") -> UUID | NotFound:
        """The id in the path; what is no UUID names nothing."""
        try:
            return UUID(self.request.path_params[name])
        except ValueError:
            return NotFound("There is nothing under this id.")

    def body(self, model: type[Model], judged_alone: Collection[str] = ()) -> Model | InvalidBody | InvalidFields:
        """`judged_alone` are fields whose parts are refused each by itself, also for being nested too deeply."""
        self.read_as = model
        return read_model(model, self.raw, judged_alone)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int = 200
    content: Any = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    cookies: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter or a header, for the document; `read_…` in paging.py judges them."""

    name: str
    schema: dict[str, Any]
    description: str
    place: Literal["query", "header"] = "query"


@dataclass(frozen=True, slots=True)
class Endpoint:
    method: Method
    path: str
    summary: str
    handle: Callable[[Call], Awaitable[Answer | Response | Refusal]]
    answers: Mapping[int, Any]
    """The shape of each answer by its status; None for an empty one."""
    refusals: Sequence[Code] = ()
    """Beyond those that come with a login, a body, or a storage."""
    bodies: Sequence[type[BaseModel]] = ()
    parameters: Sequence[Parameter] = ()
    needs_login: bool = True
    media_types: Sequence[str] = ("application/json",)
    base: str = API
    body_limit_bytes: int = BODY_LIMIT_BYTES
    note_unread: Callable[[Call, Refusal | Refused], Awaitable[None]] | None = None
    """Told of a call whose body could not be read, of somebody who has a login or a hall's token."""
    takes_any_text: bool = False
    """JSON that calls itself plain text, or nothing at all, is read too."""
    is_body_optional: bool = False
    """No body at all is an empty object."""
    takes_file: bool = False
    """The body is a file of any kind: `Call.file` has its bytes."""
    takes_any_id: bool = False
    """The id in its path is a text that a client made up: it may have slashes in it."""
    takes_halls: bool = False
    """A hall's token opens it too: `Call.hall` is set then, and not `Call.access`."""

    @property
    def changes_something(self) -> bool:
        return self.method != "GET"

    def route(self, context: SiteContext) -> Route:
        async def respond(request: Request) -> Response:
            answer = await _respond(self, context, request)
            request.scope["shiller.route"] = self.base + self.path
            return answer

        path = self.path.replace("{id}", "{id:path}") if self.takes_any_id else self.path
        return Route(self.base + path, respond, methods=[self.method])


async def _respond(endpoint: Endpoint, context: SiteContext, request: Request) -> Response:
    call = Call(request, context, context.services.clock())
    try:
        outcome = await _prepare(endpoint, call)
        if outcome is None:
            outcome = await _handle(endpoint, call)
        elif endpoint.note_unread is not None and (call.access is not None or call.hall is not None):
            await endpoint.note_unread(call, outcome)
    except StorageUnavailable as outage:
        log.warning("the storage does not answer", reason=str(outage))
        outcome = STORAGE_UNAVAILABLE
    except ClientDisconnect:
        return Response(status_code=400)
    except Exception:
        log.exception("a request failed", method=endpoint.method, route=endpoint.path)
        outcome = BROKEN
    match outcome:
        case Response():
            return outcome
        case Answer(status, content, headers, cookies):
            body = b"" if content is None else _encode(content)
            media_type = None if content is None else "application/json"
            response = Response(body, status, dict(headers), media_type)
            for cookie in cookies:
                response.headers.append("Set-Cookie", cookie)
            return response
        case Refused():
            return _refuse(context, outcome)
        case _:
            return _refuse(context, refused(outcome))


async def _handle(endpoint: Endpoint, call: Call) -> Answer | Response | Refusal:
    outcome = await endpoint.handle(call)
    if isinstance(outcome, InvalidFields) and call.read_as is not None:
        wrong = with_all(outcome, call.read_as, call.raw, call.now)
        if call.access is None:
            return wrong
        return await with_named(wrong, call.raw, call.services, call.trainer, call.session_id)
    return outcome


def _refuse(context: SiteContext, refusal: Refused) -> Response:
    context.metrics.refusals.labels("http", refusal.code).inc()
    return problem_response(refusal)


async def _prepare(endpoint: Endpoint, call: Call) -> Refusal | Refused | None:
    """Who asks, and what was sent."""
    if endpoint.needs_login:
        refusal = await _authenticate(endpoint, call)
        if refusal is not None:
            return refusal
    if endpoint.takes_file:
        return await _take_file(endpoint, call)
    if not endpoint.bodies:
        return None
    if endpoint.is_body_optional and _has_no_body(call.request):
        call.raw = {}
        return None
    media_type = call.request.headers.get("content-type", "").split(";")[0].strip().lower()
    is_text = endpoint.takes_any_text and media_type in ("text/plain", "")
    if media_type != "application/json" and not media_type.endswith("+json") and not is_text:
        return Refused("unsupported_media_type", "Send JSON, with Content-Type: application/json.")
    if call.request.headers.get("content-encoding", "").strip().lower() not in ("", "identity"):
        return Refused("unsupported_media_type", "Send the body as it is, without a Content-Encoding.")
    body = await _read_body(call.request, endpoint.body_limit_bytes)
    if isinstance(body, TooLarge):
        return body
    raw = read_json(body) if len(body) <= LONG_BODY_BYTES else await read_long_json(body)
    if isinstance(raw, InvalidBody):
        return raw
    call.raw = raw
    return None


def _has_no_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers


async def _take_file(endpoint: Endpoint, call: Call) -> TooLarge | None:
    body = await _read_body(call.request, endpoint.body_limit_bytes)
    if isinstance(body, TooLarge):
        return body
    call.file = body
    return None


async def _authenticate(endpoint: Endpoint, call: Call) -> Unauthenticated | HallRevoked | Refused | None:
    authorization = call.request.headers.get("authorization")
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        token = token.strip() if scheme.lower() == "bearer" else None
    else:
        token = call.request.cookies.get(COOKIE)
        if token and endpoint.changes_something and not _has_allowed_origin(call):
            return Refused("forbidden", "With the cookie, a change must come from a page of this server (Origin).")
    if endpoint.takes_halls and token is not None and token.startswith(TOKEN_PREFIX):
        hall = await call.services.halls.identify(token)
        if not isinstance(hall, Hall):
            return hall
        call.hall = hall
        return None
    access = await call.services.accounts.identify(token, call.now)
    if isinstance(access, Unauthenticated):
        return access
    call.access = access
    return None


def _has_allowed_origin(call: Call) -> bool:
    request = call.request
    host = request.headers.get("host", "")
    return call.context.origins.may_use_cookie(request.headers.get("origin"), request.url.scheme, host)


async def _read_body(request: Request, limit_bytes: int) -> bytes | TooLarge:
    too_large = TooLarge(f"A body may have at most {limit_bytes} bytes.")
    stated = request.headers.get("content-length", "0")
    if stated.isdecimal() and int(stated) > limit_bytes:
        return too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit_bytes:
            return too_large
    return bytes(body)


def _encode(content: Any) -> bytes:
    return write_json(content).encode()
