"""All of them, in the order in which they are told."""

from bench.scenarios.fanout import HALL, PAIRS, SCHOOL
from bench.scenarios.scenario import Scenario

SCENARIOS: tuple[Scenario, ...] = (HALL, SCHOOL, PAIRS)
