"""Measure what Shiller costs, side by side with what one would use instead.

Every server is a process of its own that does the same job on the same PostgreSQL: trainees join by a code, a
trainer pushes a patch, the server merges it into the state, stores the event, sends the whole state to
everybody in the session, and acknowledges. They take turns, round by round, so that a busy moment of the
machine is shared; what is told are medians, and the figure to look at is the ratio.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import uvloop

from bench.bars import judged
from bench.chart import chart
from bench.database import Postgres, running_postgres
from bench.effort import QUICK, USUAL, Effort
from bench.machine import described
from bench.quiet import QUIET_PERCENT, wait_for_quiet, was_disturbed
from bench.report import Results, table
from bench.scenarios import SCENARIOS
from bench.scenarios.attacks import ATTACKED
from bench.scenarios.devices import DEVICES
from bench.scenarios.scenario import TROUBLES, Figures, Scenario
from bench.servers import BEFORE, PEERS, PROJECT, SHILLER, Peer, running
from bench.sizing import sized
from server.commands.process_settings import collect_rarely

DOCS = PROJECT / "docs"
# An attack has a server of its own.
_PEERS = {peer.name: peer for peer in (*PEERS, *ATTACKED)}


def main() -> None:
    arguments = _arguments()
    effort = QUICK if arguments.quick else USUAL
    effort = replace(
        effort,
        rounds=arguments.rounds or effort.rounds,
        seconds=arguments.seconds or effort.seconds,
        hour=arguments.hour,
    )
    only = arguments.only or [each.name for each in SCENARIOS if not each.by_name]
    scenarios = [each for each in SCENARIOS if each.name in only]
    peers = [each for name, each in _PEERS.items() if not arguments.peer or name in arguments.peer]
    if arguments.before is not None:
        before = replace(BEFORE, variables={"PYTHONPATH": str(arguments.before.resolve())})
        scenarios = [
            # Devices came later than what one may want to compare with.
            each if each in DEVICES or SHILLER not in each.peers else replace(each, peers=(before, *each.peers))
            for each in scenarios
        ]
        peers = [*peers, before]
    _raise_file_limit(effort.largest)
    # As the server does for itself: neither the generator nor what is pushed without a server shall stop for it.
    collect_rarely()
    # Told to stop, it ends what it has started, as on Ctrl-C; while a load runs, its loop turns that into order.
    # A shell has its background jobs ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda number, frame: signal.raise_signal(signal.SIGINT))
    with contextlib.suppress(KeyboardInterrupt):
        _measure(arguments, scenarios, peers, effort)
        return
    sys.exit(130)


def _measure(
    arguments: argparse.Namespace, scenarios: Sequence[Scenario], peers: Sequence[Peer], effort: Effort
) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="shiller-bench-", ignore_cleanup_errors=True) as folder,
        running_postgres(Path(folder)) as postgres,
    ):
        machine = described(postgres.version)
        results = _run_all(scenarios, peers, effort, postgres, Path(folder), arguments.quiet)
    tables = [table(results, scenario) for scenario in scenarios]
    told = "\n".join((f"{machine}\n", *_disturbance(results), judged(results), *tables, sized(results)))
    print(f"\n{told}")
    output: Path = arguments.output
    output.mkdir(parents=True, exist_ok=True)
    (output / "report.md").write_text(told)
    (output / "chart.svg").write_text(chart(results))
    (output / "results.json").write_text(json.dumps(results.samples, indent=1))
    print(f"Written to {output}: report.md, chart.svg, results.json")
    if arguments.document:
        _document(told, results)


def _document(told: str, results: Results) -> None:
    """Into the project's documents, between the marks that stand there for it."""
    page = DOCS / "performance.md"
    before, begins, rest = page.read_text().partition("<!-- measured -->\n")
    _, ends, after = rest.partition("<!-- end of measured -->\n")
    if not (begins and ends):
        sys.exit(f"{page} has no place for it")
    page.write_text(f"{before}{begins}\n{told.strip()}\n\n{ends}{after}")
    (DOCS / "performance.svg").write_text(chart(results))


def _raise_file_limit(connections: int) -> None:
    """Each connection is a file here and one in the server, which inherits the limit."""
    wanted = connections + 500
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        sys.exit(f"{wanted} open files are needed and {hard} are allowed (ulimit -Hn); try --quick")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def _run_all(
    scenarios: Sequence[Scenario], peers: Sequence[Peer], effort: Effort, postgres: Postgres, folder: Path, quiet: float
) -> Results:
    results, began = Results(), time.monotonic()
    for scenario in scenarios:
        rounds = 1 if scenario.once else effort.rounds
        for round_ in range(rounds):
            for peer in (each for each in scenario.peers if each in peers):
                sample = _sample(scenario, peer, effort, postgres, folder, quiet)
                results.add(scenario.name, peer.name, sample)
                when = f"{time.monotonic() - began:5.0f} s  {scenario.name:8} {round_ + 1}/{rounds}"
                print(f"{when}  {peer.name:16} {_told(scenario, sample)}", file=sys.stderr, flush=True)
    return results


def _sample(scenario: Scenario, peer: Peer, effort: Effort, postgres: Postgres, folder: Path, quiet: float) -> Figures:
    """Taken again while others disturb it, for as long as there is patience for that."""
    until = time.monotonic() + quiet
    while True:
        wait_for_quiet(until)
        sample = uvloop.run(_run_one(scenario, peer, effort, postgres, folder))
        if time.monotonic() >= until or not was_disturbed(sample):
            return sample


async def _run_one(scenario: Scenario, peer: Peer, effort: Effort, postgres: Postgres, folder: Path) -> Figures:
    async with running(peer, postgres, folder) as server:
        return await scenario.measure(server, effort)


def _told(scenario: Scenario, sample: Figures) -> str:
    shown = [(each.heading, sample[each.figure], each.decimals) for each in scenario.columns if each.figure in sample]
    shown += [(figure, sample[figure], 0) for figure in TROUBLES if sample.get(figure)]
    return "  ".join(f"{heading} {value:,.{decimals}f}" for heading, value, decimals in shown)


def _disturbance(results: Results) -> list[str]:
    percent = results.median_of_all("others_percent")
    if percent is None or percent < QUIET_PERCENT:
        return []
    return [f"The machine was busy with other things, {percent:.0f} % of a core: look at ratios, not at latencies.\n"]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="one round of short loads: about two minutes")
    parser.add_argument(
        "--only",
        metavar="SCENARIO",
        action="append",
        choices=[each.name for each in SCENARIOS],
        help=f"may be given several times; one of {', '.join(each.name for each in SCENARIOS)}",
    )
    parser.add_argument(
        "--peer",
        metavar="SERVER",
        action="append",
        choices=list(_PEERS),
        help=f"may be given several times; one of {', '.join(_PEERS)}",
    )
    parser.add_argument(
        "--before",
        type=Path,
        metavar="FOLDER",
        help="a checkout of an earlier commit, measured in turns with this one",
    )
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float, help="that each load is measured for")
    parser.add_argument("--hour", type=float, metavar="SECONDS", default=3600.0, help="that `--only hour` lasts: 3600")
    parser.add_argument(
        "--quiet",
        type=float,
        metavar="SECONDS",
        default=0.0,
        help="on a shared machine: wait at most so long, for each sample, for one that others do not disturb",
    )
    parser.add_argument("--output", type=Path, metavar="FOLDER", default=Path("build/bench"), help="build/bench")
    parser.add_argument("--document", action="store_true", help="put the report into docs/performance.md as well")
    return parser.parse_args()
