"""All of them, in the order in which they are told."""

from bench.scenarios.attacks import ATTACKS
from bench.scenarios.capacity import CAPACITY
from bench.scenarios.cases import CASES
from bench.scenarios.comparisons import COMPARISONS
from bench.scenarios.debriefs import DEBRIEFS
from bench.scenarios.devices import DEVICES
from bench.scenarios.fanout import HALL, PAIRS, SCHOOL
from bench.scenarios.growth import GROWTH
from bench.scenarios.hour import HOUR
from bench.scenarios.idle import HEARTBEAT, IDLE
from bench.scenarios.joins import ONE_MORE
from bench.scenarios.leaving import LEAVING
from bench.scenarios.processes import PROCESSES
from bench.scenarios.pushes import PUSHES
from bench.scenarios.scenario import Scenario
from bench.scenarios.stalled import STALLED
from bench.scenarios.storm import STORM

SCENARIOS: tuple[Scenario, ...] = (
    *(HALL, SCHOOL, PAIRS, CAPACITY, PUSHES, STORM, ONE_MORE, IDLE, HEARTBEAT, CASES, DEBRIEFS, COMPARISONS),
    *(GROWTH, STALLED, PROCESSES, LEAVING),
    *DEVICES,
    ATTACKS,
    HOUR,
)
