"""/addresses: what a join link must begin with, which the page that shows it cannot know by itself."""

from __future__ import annotations

from server.transport.http.endpoint import Answer, Call, Endpoint
from server.transport.wire.shapes import AddressesAnswer


async def _addresses(call: Call) -> Answer:
    addresses = call.context.addresses
    answer: AddressesAnswer = {
        "public_url": addresses.public_url,
        "network_urls": list(addresses.network_urls),
    }
    return Answer(200, answer)


ENDPOINTS = (
    Endpoint(
        "GET", "/addresses", "Where trainees reach this server", _addresses, {200: AddressesAnswer},
        needs_login=False,
    ),
)  # fmt: skip
