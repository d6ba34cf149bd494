"""What other systems call our vital signs: LOINC, UCUM, and the nomenclature of devices (ISO/IEEE 11073, "MDC")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.domain.vitals import SignName


@dataclass(frozen=True, slots=True)
class SignCodes:
    """`loinc`: the one code first that says most exactly what it is."""

    text: str
    loinc: Sequence[str]
    ucum: str
    unit: str
    """As it is printed."""
    mdc: tuple[int, str]
    mdc_unit: tuple[int, str]


_MMHG = (266016, "MDC_DIM_MMHG")

# The pressures are those of a cuff. Some devices send MDC_PRESS_CUFF_SYS and the like (150301 to 150303) instead.
CODES: Mapping[SignName, SignCodes] = {
    "heart_rate": SignCodes(
        "Heart rate", ["8867-4"], "/min", "/min", (147842, "MDC_ECG_HEART_RATE"), (264864, "MDC_DIM_BEAT_PER_MIN")
    ),
    "systolic": SignCodes(
        "Systolic blood pressure", ["8480-6"], "mm[Hg]", "mmHg", (150021, "MDC_PRESS_BLD_NONINV_SYS"), _MMHG
    ),
    "diastolic": SignCodes(
        "Diastolic blood pressure", ["8462-4"], "mm[Hg]", "mmHg", (150022, "MDC_PRESS_BLD_NONINV_DIA"), _MMHG
    ),
    # The profile of vital signs of FHIR wants the second code, the first says that it was the finger's.
    "spo2": SignCodes(
        "Oxygen saturation (SpO2)", ["59408-5", "2708-6"], "%", "%", (150456, "MDC_PULS_OXIM_SAT_O2"),
        (262688, "MDC_DIM_PERCENT"),
    ),
    "respiratory_rate": SignCodes(
        "Respiratory rate", ["9279-1"], "/min", "/min", (151562, "MDC_RESP_RATE"), (264928, "MDC_DIM_RESP_PER_MIN")
    ),
    "etco2": SignCodes("End-tidal CO2", ["19891-1"], "mm[Hg]", "mmHg", (151708, "MDC_AWAY_CO2_ET"), _MMHG),
    "temperature": SignCodes(
        "Body temperature", ["8310-5"], "Cel", "°C", (150344, "MDC_TEMP"), (268192, "MDC_DIM_DEGC")
    ),
}  # fmt: skip

BLOOD_PRESSURE_LOINC = "85354-9"
