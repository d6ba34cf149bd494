"""Pushes by the clock, whatever the server does, and pushes as fast as they are acknowledged."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

from bench.generator.clients import LoadedSession
from bench.generator.tally import Spread, Tally, spread
from bench.usage import Meter

# The loop's timers count in milliseconds; a shorter wait would spin.
_SHORTEST_WAIT_SECONDS = 0.001
# Of the patience, in which nothing has come: nothing more will.
_QUIET_SHARE = 0.2


@dataclass(frozen=True)
class Measured:
    """What one load did to one server in the measured seconds.

    `confirmations` are those of deliveries that were shown before they were stored, each a message more. `missing` are
    deliveries that never came; `behind` the trainees who do not have the newest state either.
    """

    seconds: float
    pushes: int
    messages: int
    confirmations: int
    cpu: dict[str, float]
    latency: Spread
    ack: Spread
    lateness: Spread
    missing: int
    behind: int
    disordered: int
    lost: int
    refused: int
    octets_per_message: float


class Load:
    def __init__(self, sessions: Sequence[LoadedSession], tally: Tally, meter: Callable[[], Meter]) -> None:
        self._sessions = sessions
        self._tally = tally
        self._meter = meter

    async def push_steadily(self, rate: float, *, seconds: float, warm_up: float, patience: float = 15.0) -> Measured:
        """`rate` pushes a second in each session, evenly spread over them; first to warm up, then measured."""
        sessions, total = self._sessions, rate * len(self._sessions)
        unmeasured, measured = max(1, round(total * warm_up)), max(1, round(total * seconds))
        with _undisturbed():
            start = perf_counter()
            window = None
            for turn in range(unmeasured + measured):
                if turn == unmeasured:
                    window = _Window(self._tally, self._meter())
                due = start + turn / total
                await _until(due)
                session = sessions[turn % len(sessions)]
                if session.trainer is not None:
                    session.trainer.push(session, due)
            await _until(start + (unmeasured + measured) / total)
            if window is None:
                raise RuntimeError("nothing was measured")
            return await window.close(sessions, patience)

    async def push_when_acked(
        self, *, seconds: float, warm_up: float, at_once: int = 1, patience: float = 15.0
    ) -> Measured:
        """Each trainer has `at_once` pushes under way, and pushes again as soon as one is acknowledged."""
        with _undisturbed():
            for session in self._sessions:
                _keep_pushing(session, at_once)
            # Both are times to measure by: the pushes go on by themselves meanwhile.
            await asyncio.sleep(warm_up)
            window = _Window(self._tally, self._meter())
            await asyncio.sleep(seconds)
            for session in self._sessions:
                if session.trainer is not None:
                    session.trainer.on_ack = None
            return await window.close(self._sessions, patience)


class _Window:
    """The measured seconds: from its making to `close`."""

    def __init__(self, tally: Tally, meter: Meter) -> None:
        self._tally, self._meter = tally, meter
        tally.count_from_here()
        self._began, self._received, self._acknowledged = perf_counter(), tally.received, tally.acknowledged
        self._confirmations = tally.confirmations

    async def close(self, sessions: Sequence[LoadedSession], patience: float) -> Measured:
        """Read what it cost, then wait for what is still under way."""
        tally = self._tally
        cpu, seconds = self._meter.read(), perf_counter() - self._began
        messages, acknowledged = tally.received - self._received, tally.acknowledged - self._acknowledged
        confirmations = tally.confirmations - self._confirmations
        await _until_complete(tally, patience)
        trainees = [trainee for session in sessions for trainee in session.trainees]
        return Measured(
            seconds=seconds,
            pushes=acknowledged,
            messages=messages,
            confirmations=confirmations,
            cpu=cpu,
            latency=spread(tally.latencies),
            ack=spread(tally.ack_latencies()),
            lateness=spread(tally.lateness),
            missing=tally.missing(),
            behind=sum(each.newest < session.last_pushed for session in sessions for each in session.trainees),
            disordered=tally.disordered,
            lost=sum(each.is_lost for each in trainees),
            refused=sum(tally.refusals.values()),
            octets_per_message=tally.octets / max(1, len(tally.latencies)),
        )


def _keep_pushing(session: LoadedSession, at_once: int) -> None:
    trainer = session.trainer
    if trainer is None:
        raise RuntimeError("the session has no trainer")

    def push() -> None:
        trainer.push(session, perf_counter())

    trainer.on_ack = push
    for _ in range(at_once):
        push()


async def _until(due: float) -> None:
    # The clock is what is waited for. A timer may fire early by its own grain: asked again until it is due.
    while (wait := due - perf_counter()) > 0:  # noqa: ASYNC110 - for a moment, not for an event
        await asyncio.sleep(max(wait, _SHORTEST_WAIT_SECONDS))


async def _until_complete(tally: Tally, patience: float) -> None:
    deadline = perf_counter() + patience
    progress, changed = (-1, -1), perf_counter()
    while not tally.is_complete() and perf_counter() < min(deadline, changed + patience * _QUIET_SHARE):
        if progress != (now := (tally.received, tally.acknowledged)):
            progress, changed = now, perf_counter()
        # Looked at now and then: an event for each delivery would cost the generator what it measures by.
        await asyncio.sleep(0.05)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """The generator's own garbage collector does not stop it while it measures."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
