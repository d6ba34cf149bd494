"""An answer is squeezed for whoever takes it so, and for nobody else."""

from __future__ import annotations

import pytest

from server.transport.http.endpoint import API
from tests.support.running import running_server

TAKERS = ("gzip", "deflate, gzip", "gzip;q=1.0, identity;q=0.5", "gzip;q=0.001")
OTHERS = ("gzip;q=0", "br, gzip;q=0", "gzip; q=0.000, *", "Gzip;Q=0", "identity", "br")


@pytest.mark.parametrize("wish", [*TAKERS, *OTHERS])
async def test_what_a_client_takes(wish: str) -> None:
    async with running_server() as server:
        answer = await server.http.get(f"{API}/openapi.json", headers={"Accept-Encoding": wish})
    assert answer.headers.get("content-encoding") == ("gzip" if wish in TAKERS else None)
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.json()["openapi"]
