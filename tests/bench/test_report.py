"""From figures to tables, bars and a picture."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from bench.bars import BARS, judged
from bench.chart import chart
from bench.report import Results, table
from bench.scenarios import SCENARIOS
from bench.scenarios.scenario import Figures
from bench.servers import BEFORE, PEERS, PROJECT

_NAMES = {scenario.name: scenario for scenario in SCENARIOS}


def _results(scenario: str, **by_peer: Figures) -> Results:
    results = Results()
    for peer, figures in by_peer.items():
        results.add(scenario, peer, figures)
    return results


def test_a_figure_is_the_median_of_its_rounds() -> None:
    results = Results()
    for value in (7.0, 100.0, 8.0):
        results.add("1x500", "Shiller", {"message_us": value})
    results.add("1x500", "Node", {"message_us": 16.0})
    told = table(results, _NAMES["1x500"])
    assert "8.0" in told
    assert "0.50 x" in told
    assert "100.0" not in told


@pytest.mark.parametrize(("own", "word"), [(5.0, "| met "), (5.5, "| NOT MET ")])
def test_a_bar_is_met_or_not(own: float, word: str) -> None:
    results = _results("memory", Shiller={"own_kib": own}, Node={"own_kib": 5.0})
    assert word in judged(results)


def test_a_bar_about_what_was_not_measured_is_not_told() -> None:
    assert judged(_results("1x500", Shiller={"message_us": 10.0})) == ""


def test_bars_ask_for_figures_that_scenarios_tell() -> None:
    """Every bar is told when everything that the tables show has been measured."""
    results = Results()
    for scenario in SCENARIOS:
        for peer in (*scenario.peers, BEFORE):
            results.add(scenario.name, peer.name, {column.figure: 1.0 for column in scenario.columns})
    assert all(bar.measured(results) == 1.0 for bar in BARS)


def test_the_picture_has_a_bar_for_each_server() -> None:
    results = _results("memory", Shiller={"own_kib": 10.0}, Node={"own_kib": 20.0}, bare={"own_kib": 5.0})
    drawn = ElementTree.fromstring(chart(results))  # noqa: S314
    widths = [float(bar.get("width", 0)) for bar in drawn.iter("{http://www.w3.org/2000/svg}rect") if bar.get("x")]
    assert widths[1] == max(widths)
    assert widths[0] == pytest.approx(widths[1] / 2, abs=0.1)
    assert len(widths) == 3


def test_the_page_names_every_scenario_and_every_server() -> None:
    page = (PROJECT / "docs" / "performance.md").read_text(encoding="utf-8").partition("<!-- measured -->")[0]
    first_cells = {line.split("|")[1].strip(" `") for line in page.splitlines() if line.startswith("|")}
    assert {each.name for each in (*SCENARIOS, *PEERS)} <= first_cells
