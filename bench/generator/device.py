"""A device that keeps a copy of the school's templates; in a process of its own: `python -m bench.generator.device`.

It speaks plain HTTP/1.1 from the standard library and looks at no more of an answer than where the next page begins,
so that what is timed is the server. The time of a call is from its first byte to the last one of its answer.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from time import perf_counter

from bench.templates import batch

_CURSOR = re.compile(rb'"syncTimestamp":(\d+),"hasMore":(true|false)')
_VERSION = re.compile(rb'"serverVersion":(\d+)')
_TIMESTAMP = re.compile(rb'"timestamp":(\d+)')
_PAGE = 200
_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Call:
    """`rows` are the entities that it sent or got."""

    seconds: float
    rows: int
    octets: int


class Device:
    def __init__(self, host: str, port: int, token: str) -> None:
        self._http = HTTPConnection(host, port, timeout=_PATIENCE_SECONDS)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.newest = 0
        """The version that it was told last: of what it pushed, or of its pull as a phone."""

    def pull_all(self) -> Sequence[Call]:
        """From the beginning to the last page."""
        calls: list[Call] = []
        after, has_more = 0, True
        while has_more:
            call, after, has_more = self.pull_page(after)
            calls.append(call)
        return calls

    def pull_page(self, after: int, limit: int = _PAGE) -> tuple[Call, int, bool]:
        """The page, where the next one begins, and whether there is one."""
        asked = f'{{"clientId":"puller","entityTypes":["TEMPLATE"],"lastSyncTimestamp":{after},"limit":{limit}}}'
        call, answer = self._ask("POST", "/api/sync/down", asked.encode())
        found = _CURSOR.search(answer)
        if found is None:
            raise RuntimeError(f"a page tells no cursor: {answer[-200:]!r}")
        return Call(call.seconds, answer.count(b'"entityId"'), call.octets), int(found[1]), found[2] == b"true"

    def push(self, body: bytes) -> Call:
        call, answer = self._ask("POST", "/api/sync/up", body)
        versions = _VERSION.findall(answer)
        self.newest = int(versions[-1])
        return Call(call.seconds, len(versions), call.octets)

    def pull_as_phone(self, after: int) -> Call:
        call, answer = self._ask("GET", f"/api/v1/sync/watermelon/pull?last_pulled_at={after}", b"")
        found = _TIMESTAMP.search(answer)
        if found is None:
            raise RuntimeError(f"a pull tells no timestamp: {answer[:200]!r}")
        self.newest = int(found[1])
        return Call(call.seconds, answer.count(b'"public_title"'), call.octets)

    def close(self) -> None:
        self._http.close()

    def _ask(self, method: str, path: str, body: bytes) -> tuple[Call, bytes]:
        began = perf_counter()
        self._http.request(method, path, body or None, self._headers)
        answer = self._http.getresponse()
        told = answer.read()
        call = Call(perf_counter() - began, 0, len(told))
        if answer.status != 200:
            raise RuntimeError(f"{method} {path} is answered with {answer.status}: {told[:500]!r}")
        return call, told


def main() -> None:
    """Until it is ended."""
    parser = argparse.ArgumentParser("python -m bench.generator.device")
    parser.add_argument("does", choices=["pull", "push"])
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--token", required=True)
    asked = parser.parse_args()
    device = Device(asked.host, asked.port, asked.token)
    print("ready", flush=True)
    while True:
        if asked.does == "pull":
            device.pull_all()
        else:
            # Making the batch is no part of what the server does; a device takes longer to write its templates.
            device.push(batch())


if __name__ == "__main__":
    main()
