"""What was pushed and what came of it, by the number of the push."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from time import perf_counter


class Tally:
    """Pushes are numbered from 0; those from `counted_from` on are measured.

    Latency is from the moment at which the push was *meant* to leave, so that a generator that is
    late, or waits, adds to it instead of hiding it.
    """

    def __init__(self) -> None:
        self.intended: list[float] = []
        self.expected: list[int] = []
        self.delivered: list[int] = []
        self.acked: list[float] = []
        self.received = 0
        """Deliveries; a push that is shown as provisional and confirmed later is one."""
        self.confirmations = 0
        self.acknowledged = 0
        self.count_from_here()

    def count_from_here(self) -> None:
        self.counted_from = len(self.intended)
        self.lateness = array("d")
        self.latencies = array("d")
        self.octets = 0
        self.disordered = 0
        self.refusals: dict[str, int] = {}

    def begin(self, due: float, recipients: int) -> int:
        """A push leaves now that was due at `due`; its number."""
        self.intended.append(due)
        self.expected.append(recipients)
        self.delivered.append(0)
        self.acked.append(0.0)
        self.lateness.append(perf_counter() - due)
        return len(self.intended) - 1

    def acknowledge(self, number: int, refusal: str | None) -> None:
        self.acked[number] = perf_counter()
        if refusal is None:
            self.acknowledged += 1
        else:
            self.expected[number] = 0
            self.refusals[refusal] = self.refusals.get(refusal, 0) + 1

    def is_complete(self) -> bool:
        """Every measured push is acknowledged and has reached everybody."""
        since = self.counted_from
        return self.delivered[since:] == self.expected[since:] and all(self.acked[since:])

    def missing(self) -> int:
        """Deliveries of measured pushes that did not happen."""
        since = self.counted_from
        pairs = zip(self.expected[since:], self.delivered[since:], strict=True)
        return sum(expected - delivered for expected, delivered in pairs)

    def ack_latencies(self) -> array[float]:
        since = self.counted_from
        pairs = zip(self.intended[since:], self.acked[since:], strict=True)
        return array("d", (acked - intended for intended, acked in pairs if acked))


@dataclass(frozen=True)
class Spread:
    """Milliseconds."""

    p50: float
    p95: float
    p99: float


def spread(seconds: array[float]) -> Spread:
    """Not a number where there is nothing to spread."""
    ordered = sorted(seconds) or [float("nan")]

    def at(share: float) -> float:
        return ordered[round((len(ordered) - 1) * share)] * 1000

    return Spread(at(0.5), at(0.95), at(0.99))
