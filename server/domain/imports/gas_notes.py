"""Gas Notes: one state as one flat object."""

from __future__ import annotations

from collections.abc import Mapping

from server.domain.imports.found import Found, FoundCase, State, TheirRhythm, rhythm_of
from server.domain.imports.numbers import convert, read_quantity
from server.domain.imports.report import Report, plain_names
from server.domain.imports.shapes import unknown_names

Fields = Mapping[str, object]

_RHYTHMS = {
    "sinus": TheirRhythm("sinus"),
    "afib": TheirRhythm("atrial_fibrillation"),
    "avnrt": TheirRhythm("svt"),
    "hb2m1": TheirRhythm("av_block_2_wenckebach"),
    "hb2m2": TheirRhythm("av_block_2_mobitz"),
    "stemi": TheirRhythm("stemi"),
    "vfib": TheirRhythm("ventricular_fibrillation"),
    "vtach_monomorphic": TheirRhythm("ventricular_tachycardia"),
    "vtach_torsades": TheirRhythm("torsades"),
    "flatline": TheirRhythm("asystole"),
}
_SIGNS = {
    "heart_rate": "heart_rate",
    "respiratory_rate": "respiratory_rate",
    "spo2": "spo2",
    "sbp_noninvasive": "systolic",
    "dbp_noninvasive": "diastolic",
}
_SENSORS = {
    "enabler_for_ecg": "ecg_off",
    "enabler_for_spo2": "spo2_off",
    "enabler_for_nibp": "nibp_off",
    "enabler_for_capno": "co2_off",
}
_LIMITS = {
    "hr": "heart_rate",
    "spo2": "spo2",
    "rr": "respiratory_rate",
    "etco2": "etco2",
    "sbp_noninvasive": "systolic",
    "dbp_noninvasive": "diastolic",
}
_MODE = "sim_mode"
_ARRESTED = "arrested"
_RAMP = "transition_time"
_OTHERS = (_MODE, "cpr_active", _RAMP, "ecg_morphology", "etco2", "arrest_ecg_morphology", "arrest_etco2")
_USED = {*_OTHERS, *_SIGNS, *_SENSORS, *(f"limit_{side}_{name}" for name in _LIMITS for side in ("upper", "lower"))}


def is_gas_notes(whole: Fields) -> bool:
    return _MODE in whole and ("ecg_morphology" in whole or "heart_rate" in whole)


def read_gas_notes(whole: Fields) -> Found:
    report = Report()
    is_arrested = whole[_MODE] == _ARRESTED
    kind = "arrest_" if is_arrested else ""
    rhythm, flags = rhythm_of(whole.get(f"{kind}ecg_morphology"), _RHYTHMS, "rhythm", report)
    if is_arrested:
        flags["pulseless"] = True
    if whole.get("cpr_active") is True:
        flags["cpr"] = True
    flags |= {flag: True for name, flag in _SENSORS.items() if whole.get(name) is False}
    vitals = {ours: whole[name] for name, ours in _SIGNS.items() if whole.get(name) is not None}
    if (etco2 := whole.get(f"{kind}etco2")) is not None:
        vitals["etco2"] = etco2
    state: State = {"vitals": vitals, "rhythm": rhythm, "flags": flags}
    not_used = unknown_names(whole, _USED)
    if not_used:
        report.add("not_used", names=plain_names(sorted(not_used)))
    return Found(
        "gas_notes", [FoundCase({**state, "steps": _steps(whole, state), "limits": _limits(whole, report)}, report)]
    )


def _steps(whole: Fields, state: State) -> list[dict[str, object]]:
    """The state is where the case opens; a time in which it is reached needs a step that has it."""
    milliseconds = read_quantity(whole.get(_RAMP))
    if milliseconds is None or milliseconds <= 0:
        return []
    return [{"key": "state", **state, "ramp_seconds": convert(milliseconds, 0.001, 3)}]


def _limits(whole: Fields, report: Report) -> dict[str, object]:
    limits: dict[str, object] = {}
    for name, ours in _LIMITS.items():
        low, high = whole.get(f"limit_lower_{name}"), whole.get(f"limit_upper_{name}")
        if low is not None or high is not None:
            limits[ours] = {"low": low, "high": high}
    if limits:
        report.add("limits_taken", "limits", names=tuple(sorted(limits)))
    return limits
