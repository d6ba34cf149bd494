"""What docs/api.md says of values and shapes, written down a second time; nothing here comes from the server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

# name: (smallest, largest, start value)
SIGNS: dict[str, tuple[float, float, float]] = {
    "heart_rate": (0, 300, 75),
    "systolic": (0, 300, 120),
    "diastolic": (0, 200, 80),
    "spo2": (0, 100, 98),
    "respiratory_rate": (0, 80, 16),
    "etco2": (0, 150, 38),
    "temperature": (25.0, 43.0, 37.0),
}
UNITS = {
    "heart_rate": "/min",
    "systolic": "mmHg",
    "diastolic": "mmHg",
    "spo2": "%",
    "respiratory_rate": "/min",
    "etco2": "mmHg",
    "temperature": "°C",
}
RHYTHMS = [
    "sinus",
    "atrial_fibrillation",
    "atrial_flutter",
    "svt",
    "av_block_1",
    "av_block_2_wenckebach",
    "av_block_2_mobitz",
    "av_block_3",
    "junctional",
    "idioventricular",
    "ventricular_tachycardia",
    "torsades",
    "ventricular_fibrillation",
    "ventricular_fibrillation_fine",
    "asystole",
    "stemi",
    "paced",
    "pvc_bigeminy",
]
START_VALUES: dict[str, Any] = {
    **{name: start for name, (_, _, start) in SIGNS.items()},
    "rhythm": "sinus",
    "flags": {},
    "ramps": {},
    "nibp": None,
}
SESSION_KEYS = {
    "id",
    "code",
    "title",
    "public_title",
    "trainee_name",
    "trainer_id",
    "co_trainer_ids",
    "limits",
    "shows_conditions",
    "paused_at",
    "forked_from",
    "school_id",
    "template_id",
    "created_at",
    "updated_at",
    "expires_at",
    "closed_at",
    "close_reason",
    "last_values",
    "last_seq",
    "version",
    "hall",
    "clock_offset_ms",
    "lock",
    "names_out_at",
}
PUBLIC_KEYS = {
    "id",
    "code",
    "title",
    "trainee_name",
    "shows_conditions",
    "paused_at",
    "expires_at",
    "closed_at",
    "close_reason",
    "last_values",
    "last_seq",
    "limits",
}
EVENT_KEYS = {
    "id",
    "session_id",
    "seq",
    "kind",
    "created_at",
    "made_at",
    "step",
    "marker",
    "by",
    "rhythm",
    "flags",
    "ramp_seconds",
    "text",
    "details",
    *SIGNS,
}


def seconds_between(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


def value_at(values: Mapping[str, Any], sign: str, moment: str) -> float:
    """Where a sign stands at a moment, its ramp considered."""
    ramp = values["ramps"].get(sign)
    if ramp is None:
        return values[sign]
    share = seconds_between(ramp["started_at"], moment) / ramp["seconds"] if ramp["seconds"] else 1.0
    return ramp["from"] + (values[sign] - ramp["from"]) * min(1.0, max(0.0, share))


def folded(events: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The start values and everything that was pushed onto them; targets only, without `ramps` and a cuff."""
    values = {name: value for name, value in START_VALUES.items() if name != "ramps"}
    flags: dict[str, Any] = {}
    for event in events:
        if event["kind"] != "vitals":
            continue
        for name in (*SIGNS, "rhythm"):
            if event[name] is not None:
                values[name] = event[name]
        flags.update(event["flags"] or {})
    return {**values, "flags": {key: value for key, value in flags.items() if value is not None}}
