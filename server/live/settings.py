"""How much of a session's life this process holds, and for how long: handed in by whoever opens a storage."""

from __future__ import annotations

from dataclasses import dataclass

from server.live.backoff import Backoff

_RETRY = Backoff(0.05, 2.0)
_HOLDUP = Backoff(0.005, 0.25)
_SEAT_RETRY = Backoff(0.1, 2.0)


@dataclass(frozen=True, slots=True)
class LiveSettings:
    # What waits to be stored. A minute of many sessions; a draft in memory, with the message that waits for its ack, is
    # some 10 KB.
    waiting_events: int = 5000
    session_waiting_events: int = 1000
    waiting_bytes: int = 16 * 1024 * 1024
    session_waiting_bytes: int = 2 * 1024 * 1024
    # A few lecture halls. At the bound nobody new is let in.
    seats_waiting: int = 5000

    # More groups at a time make them smaller and the work larger; measured with bench/push.py.
    groups_under_way: int = 2
    events_in_group: int = 1000
    crowd: int = 32
    """So many sessions that wait do not wait for the group under way: one is folded here while the storage writes
    another. Fewer go together in the next one, for many small groups cost more than a few large ones.
    """

    late_seconds: float = 0.1
    """When a draft has waited that long, those who watch are told what is about to be stored."""
    refused_after_seconds: float = 2.0
    """A refusal by what is known waits so long for the record, which may know the id: a repeat keeps its answer."""
    settled_within_seconds: float = 5.0
    """Who ends a session lets what was pushed before be stored before."""
    retry: Backoff = _RETRY
    """After a failure of the storage."""
    holdup: Backoff = _HOLDUP
    """After somebody else was found to be writing to a session's row."""
    seat_retry: Backoff = _SEAT_RETRY

    patience_seconds: float = 0.5
    """How long a question waits before it is answered by what is known."""
    least_patience_seconds: float = 0.1
    """The same when others are known to wait."""
    answer_timeout_seconds: float = 10.0
    """How long a question waits where nothing is known, and a stop for the groups under way."""

    # What is known. A session is a few kilobytes; those least recently used are let go and read again when needed.
    sessions_known: int = 4096
    # A repeat of one of these is answered without asking, and a watcher can catch up by them during an outage.
    events_known: int = 4096
    # Of one session. Beyond it the oldest are forgotten, and while the storage is away the list is not known.
    seats_known: int = 2000
    logins_known: int = 10_000
    # Long enough for a laptop that loses its network in an outage; short, for what others revoke is not known.
    login_known_seconds: float = 600.0


LIVE_SETTINGS = LiveSettings()
