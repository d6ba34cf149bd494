"""`shiller document`: what clients may rely on, as documents that programs read."""

from __future__ import annotations

import json
from typing import Any, Literal

import click

from server.transport.catalogue import catalogue_document
from server.transport.http.openapi import openapi_document
from server.transport.site import endpoints
from server.transport.socket.asyncapi import asyncapi_document

What = Literal["openapi", "asyncapi", "catalogue", "all"]


@click.command()
@click.option(
    "--what",
    type=click.Choice(["openapi", "asyncapi", "catalogue", "all"]),
    default="all",
    show_default=True,
    help="One document, or all three as one object by these names.",
)
@click.option(
    "--url", default="http://127.0.0.1:8000", show_default=True,
    help="What the documents give as the server's address.",
)  # fmt: skip
def document(what: What, url: str) -> None:
    """Print the documents of the interfaces as JSON; needs no database and no running server.

    openapi: the HTTP calls. asyncapi: the Socket.IO messages. catalogue: signs with their ranges, rhythms, flags,
    alarm limits, who may do what, bounds, and the codes of refusals.
    """
    click.echo(json.dumps(_document(what, url), ensure_ascii=False, indent=2))


def _document(what: What, url: str) -> dict[str, Any]:
    match what:
        case "openapi":
            return openapi_document(endpoints(url), url)
        case "asyncapi":
            return asyncapi_document(url)
        case "catalogue":
            return catalogue_document()
        case "all":
            parts: tuple[What, ...] = ("openapi", "asyncapi", "catalogue")
            return {part: _document(part, url) for part in parts}
