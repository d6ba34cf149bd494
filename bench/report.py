"""The figures as tables: a row for each server, medians over the rounds, and Shiller's ratio to it."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bench.scenarios.scenario import Figures, Scenario
from bench.servers import SHILLER


@dataclass
class Results:
    """Every sample of every round, by scenario and peer."""

    samples: dict[str, dict[str, list[Figures]]] = field(default_factory=dict)

    def add(self, scenario: str, peer: str, sample: Figures) -> None:
        self.samples.setdefault(scenario, {}).setdefault(peer, []).append(sample)

    def median(self, scenario: str, peer: str, figure: str) -> float | None:
        """None for what was not measured."""
        samples = [sample[figure] for sample in self.samples.get(scenario, {}).get(peer, []) if figure in sample]
        return statistics.median(samples) if samples else None

    def median_of_all(self, figure: str) -> float | None:
        samples = [
            sample[figure]
            for by_peer in self.samples.values()
            for of_peer in by_peer.values()
            for sample in of_peer
            if figure in sample
        ]
        return statistics.median(samples) if samples else None

    def peers(self, scenario: str) -> Mapping[str, list[Figures]]:
        return self.samples.get(scenario, {})


def table(results: Results, scenario: Scenario) -> str:
    headings = ["", *(column.heading for column in scenario.columns), "Shiller is"]
    rows: list[Sequence[str]] = []
    own = results.median(scenario.name, SHILLER.name, scenario.compared)
    for peer in results.peers(scenario.name):
        cells = [peer]
        for column in scenario.columns:
            value = results.median(scenario.name, peer, column.figure)
            cells.append("" if value is None else f"{value:,.{column.decimals}f}")
        other = results.median(scenario.name, peer, scenario.compared)
        cells.append("" if peer == SHILLER.name or not own or not other else f"{own / other:.2f} x")
        rows.append(cells)
    compared = next(column.heading for column in scenario.columns if column.figure == scenario.compared)
    return f"**{scenario.name}**: {scenario.title}. Compared: {compared}.\n\n{aligned(headings, rows)}\n"


def aligned(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns stand under each other in a terminal too."""
    widths = [max(len(row[at]) for row in (headings, *rows)) for at in range(len(headings))]

    def line(cells: Sequence[str]) -> str:
        first, *others = (
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return f"| {' | '.join((first, *others))} |"

    rule = "|".join("-" * (width + 2) if at == 0 else "-" * (width + 1) + ":" for at, width in enumerate(widths))
    return "\n".join((line(headings), f"|{rule}|", *(line(row) for row in rows)))
