"""A port for a program that is told which to listen on, and that may come back to it after a kill."""

from __future__ import annotations

import itertools
import os
import socket

# Below the ports that Linux gives to whoever connects (32768 and above): of those, one that a killed server has left
# may be some client's by the time the server is back, or be taken by a client that tries to reach it and meets itself.
_FIRST, _EACH, _PROCESSES = 12_000, 1_000, 20

_next = itertools.count(os.getpid() * 7)


def free_port() -> int:
    """Another one each time; no other worker of this run is given it."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _PROCESSES
    while True:
        port = _FIRST + worker * _EACH + next(_next) % _EACH
        with socket.socket() as probe:
            # As servers do: what an earlier one has left in TIME_WAIT is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
