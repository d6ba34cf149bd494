"""What a serving process asks of its system and of Python: a socket, open files, a quick loop, rare collections."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import sys
from collections.abc import Callable

from server.front.limits import Limits

BACKLOG = 2048
RECEIVE_BYTES = 64 * 1024
# Of the files that may be open, those that no connection takes: for the database (25 connections), Redis, gRPC, pages
# that are being read, and the programs and pipes by which an embedded PostgreSQL is started again.
FILES_RESERVED = 96
OBJECTS_BEFORE_COLLECTING = 20_000


def listen(host: str, port: int) -> socket.socket:
    """Bound before anything else is started, so that a taken port is known at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, for asyncio turns Nagle's delay off only on sockets that say what they are.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # One read brings no more than this, doubled, and so one connection that is not read on holds no more of ours.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
    listening.bind((host, port))
    listening.listen(BACKLOG)
    listening.set_inheritable(False)
    return listening


def allow_connections() -> None:
    """Each connection is an open file, and at the soft limit, often 1024, further ones are cut without a word."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Some systems say that there is no limit, and refuse to have none.
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def connections_allowed() -> int:
    """What the limit of open files leaves."""
    if sys.platform == "win32":
        return Limits().connections
    import resource

    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return sys.maxsize
    return max(files - FILES_RESERVED, files // 2)


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop


def collect_rarely() -> None:
    """Garbage in cycles is rare here, and looking for it walks over every connection that is open.

    By default it is looked for each 700 objects, many times in a push to a lecture hall.
    """
    gc.collect()
    # What is there now stays to the end.
    gc.freeze()
    gc.set_threshold(OBJECTS_BEFORE_COLLECTING, 20, 20)
