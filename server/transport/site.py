"""The HTTP side of one app: every endpoint, its documents, and the page at `/`."""

from __future__ import annotations

from functools import cache

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Match

from server.transport.devices import halls as device_halls
from server.transport.devices import simple, watermelon
from server.transport.devices import sync as device_sync
from server.transport.http import (
    accounts,
    addresses,
    annotations,
    assignments,
    audit,
    case,
    comparison,
    debrief,
    downloads,
    forks,
    halls,
    invitations,
    join,
    keeping,
    me,
    operations,
    record,
    reflection,
    school,
    scores,
    sessions,
    shares,
    templates,
    upstream,
)
from server.transport.http.endpoint import API, Answer, Call, Endpoint, SiteContext
from server.transport.http.openapi import Document, openapi_document
from server.transport.http.pages import page_routes
from server.transport.http.pasted import page_meant
from server.transport.http.problems import problem_response
from server.transport.http.screens import lost_page, screen_routes, static_folder
from server.transport.refusals import BROKEN, Refused
from server.transport.socket.asyncapi import asyncapi_document
from server.transport.squeezing import SMALLEST_BYTES, SQUEEZE, Squeezing
from server.transport.wire.case_schema import CASE_SCHEMA_PATH, case_file_schema


def endpoints(public_url: str) -> tuple[Endpoint, ...]:
    # Made at the first wish and once: it takes long enough to be felt by everybody else.
    @cache
    def documents_made() -> tuple[Document, Document]:
        return openapi_document(every, public_url), asyncapi_document(public_url)

    async def openapi(call: Call) -> Answer:
        return Answer(200, documents_made()[0])

    async def asyncapi(call: Call) -> Answer:
        return Answer(200, documents_made()[1])

    async def case_schema(call: Call) -> Answer:
        return Answer(200, case_file_schema(public_url + API + CASE_SCHEMA_PATH))

    documents = (
        Endpoint("GET", "/openapi.json", "This document", openapi, {200: None}, needs_login=False),
        Endpoint("GET", "/asyncapi.json", "The Socket.IO messages", asyncapi, {200: None}, needs_login=False),
        Endpoint(
            "GET", CASE_SCHEMA_PATH, "The JSON Schema of a case's file", case_schema, {200: None}, needs_login=False
        ),
    )
    every = (
        *accounts.ENDPOINTS,
        *me.ENDPOINTS,
        *invitations.ENDPOINTS,
        *sessions.ENDPOINTS,
        *record.ENDPOINTS,
        *forks.ENDPOINTS,
        *downloads.ENDPOINTS,
        *case.ENDPOINTS,
        *join.ENDPOINTS,
        *annotations.ENDPOINTS,
        *keeping.ENDPOINTS,
        *debrief.ENDPOINTS,
        *scores.ENDPOINTS,
        *reflection.ENDPOINTS,
        *shares.ENDPOINTS,
        *comparison.ENDPOINTS,
        *templates.ENDPOINTS,
        *assignments.ENDPOINTS,
        *audit.ENDPOINTS,
        *school.ENDPOINTS,
        *upstream.ENDPOINTS,
        *halls.ENDPOINTS,
        *device_sync.ENDPOINTS,
        *device_halls.ENDPOINTS,
        *watermelon.ENDPOINTS,
        *simple.ENDPOINTS,
        *documents,
        *addresses.ENDPOINTS,
        *operations.ENDPOINTS,
    )
    return every


def build_site(context: SiteContext) -> Starlette:
    public_url = context.addresses.best
    routes = [endpoint.route(context) for endpoint in endpoints(public_url)]
    site = Starlette(
        routes=[*routes, *(screen_routes(static_folder()) or page_routes(public_url))],
        exception_handlers={HTTPException: _refuse, Exception: _break},
        middleware=[
            *_cross_origin(context),
            Middleware(Squeezing, minimum_size=SMALLEST_BYTES, compresslevel=SQUEEZE),
        ],
    )
    # A redirect to the path without its slash would follow `//elsewhere/` to another host.
    site.router.redirect_slashes = False
    return site


def _cross_origin(context: SiteContext) -> list[Middleware]:
    """Pages of other origins, where they are allowed, come with a token; the cookie is for our own."""
    if not context.origins.listed and not context.origins.any:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=["*"] if context.origins.any else sorted(context.origins.listed),
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "If-Match"],
            expose_headers=["ETag", "Retry-After", "X-Request-Id"],
            allow_credentials=not context.origins.any,
            max_age=600,
        )
    ]


async def _refuse(request: Request, error: Exception) -> Response:
    """What the router itself refuses: unknown paths, and methods that a path does not take."""
    if not isinstance(error, HTTPException):
        return problem_response(BROKEN)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        allowed = ", ".join(sorted(_methods_of(request)))
        return problem_response(Refused("method_not_allowed", f"This takes {allowed}."), {"Allow": allowed})
    if error.status_code == 404:
        if (page := _page_meant(request)) is not None:
            return RedirectResponse(page)
        if (lost := lost_page(static_folder(), request)) is not None:
            return lost
        return problem_response(Refused("not_found", "There is nothing at this address."))
    return JSONResponse({"detail": error.detail}, error.status_code, headers)


def _page_meant(request: Request) -> str | None:
    path: str = request.scope["path"]
    page = page_meant(path) if request.method in ("GET", "HEAD") else None
    if page is None or page == path:
        return None
    return f"{page}?{request.url.query}" if request.url.query else page


def _methods_of(request: Request) -> set[str]:
    """Of the whole path, which several routes share."""
    matching = (route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE)
    return {method for route in matching for method in getattr(route, "methods", None) or ()}


async def _break(request: Request, error: Exception) -> Response:
    return problem_response(BROKEN)
