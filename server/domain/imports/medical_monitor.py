"""Medical Monitor: a case of several presets, or one preset. Each is a whole patient, sent by hand."""

from __future__ import annotations

from collections.abc import Generator, Mapping

from server.domain.case import STEPS_LIMIT
from server.domain.imports.found import Found, FoundCase, State, TheirRhythm, level_flags, rhythm_of
from server.domain.imports.keys import keys_of
from server.domain.imports.numbers import convert
from server.domain.imports.report import Report, plain_names
from server.domain.imports.shapes import list_of, object_of, unknown_names

Fields = Mapping[str, object]

MMHG_OF_KPA = 7.50062
_SINUS_LIKE = TheirRhythm("sinus", is_same=False)
_RHYTHMS = {
    "normal": TheirRhythm("sinus"),
    "brady": TheirRhythm("sinus"),
    "tachy": TheirRhythm("sinus"),
    "sinus_arrhythmia": _SINUS_LIKE,
    "sinus_t_inversion": _SINUS_LIKE,
    "sinus_st_depression": _SINUS_LIKE,
    "hyperkalemia_peaked_t": _SINUS_LIKE,
    "afib": TheirRhythm("atrial_fibrillation"),
    "svt": TheirRhythm("svt"),
    "junctional": TheirRhythm("junctional"),
    "junctional_tachy": TheirRhythm("junctional"),
    "vt": TheirRhythm("ventricular_tachycardia"),
    "idio": TheirRhythm("idioventricular"),
    "aivr": TheirRhythm("idioventricular"),
    "agonal": TheirRhythm("idioventricular", is_same=False),
    "avb1": TheirRhythm("av_block_1"),
    "avb2m1": TheirRhythm("av_block_2_wenckebach"),
    "avb2m2": TheirRhythm("av_block_2_mobitz"),
    "avb3": TheirRhythm("av_block_3"),
    "stemi": TheirRhythm("stemi"),
    "paced_vvi": TheirRhythm("paced"),
    "atrial_paced": TheirRhythm("paced", is_same=False),
    "vf": TheirRhythm("ventricular_fibrillation"),
    "fine_vf": TheirRhythm("ventricular_fibrillation_fine"),
    "vt_pulseless": TheirRhythm("ventricular_tachycardia", "pulseless"),
    "asystole": TheirRhythm("asystole"),
    "pea": TheirRhythm("sinus", "pulseless"),
    "cpr_artifact": TheirRhythm("asystole", "cpr"),
}
_SENSORS = {"ecg": "ecg_off", "spo2": "spo2_off", "abp": "nibp_off", "etco2": "co2_off", "temp": "temp_off"}
_USED = {
    "ecg": ("rhythm", "hr", "visible"),
    "spo2": ("value", "visible"),
    "abp": ("sys", "dia", "visible"),
    "etco2": ("valueKpa", "rr", "visible"),
    "temp": ("valueC", "visible"),
    "alarms": ("ecg", "spo2", "abp", "etco2"),
}


def is_medical_monitor(whole: Fields) -> bool:
    return "caseName" in whole or "presets" in whole or ("presetName" in whole and "params" in whole)


def read_medical_monitor(whole: Fields) -> Generator[None, None, Found]:
    report = Report()
    if "params" in whole:
        state = _state(object_of(whole["params"], "", report), "", report)
        alarms = _limits(object_of(whole["params"], "", report).get("alarms"), report)
        raw = {"title": whole.get("presetName"), **state, "limits": alarms}
        return Found("medical_monitor", [FoundCase(raw, report)])
    case = object_of(whole.get("case", whole), "", report)
    presets = [object_of(each, "", report) for each in list_of(case.get("presets"), STEPS_LIMIT, "steps", report)]
    if not presets:
        return Found("medical_monitor", [])
    names = [_name_of(preset) for preset in presets]
    states: list[State] = []
    for place, preset in enumerate(presets):
        states.append(_state(object_of(preset.get("params"), f"steps.{place}", report), f"steps.{place}.", report))
        yield
    first = states[0].copy()
    level_flags(states)
    steps = [
        {"key": key, "title": name, **state}
        for key, name, state in zip(keys_of(names, "step"), names, states, strict=True)
    ]
    limits = _limits(_first_alarms(presets, report), report)
    title = case.get("name") or whole.get("caseName") or whole.get("name")
    return Found("medical_monitor", [FoundCase({"title": title, **first, "steps": steps, "limits": limits}, report)])


def _name_of(preset: Fields) -> str:
    name = preset.get("name") or preset.get("presetName")
    return name if isinstance(name, str) else ""


def _state(params: Fields, where: str, report: Report) -> State:
    parts = {name: object_of(params.get(name), f"{where}vitals", report) for name in _SENSORS}
    rhythm, flags = rhythm_of(parts["ecg"].get("rhythm"), _RHYTHMS, f"{where}rhythm", report)
    # Files of before have a sensor that is off as one that is not to be seen.
    flags |= {flag: True for name, flag in _SENSORS.items() if parts[name].get("visible") is False}
    etco2 = parts["etco2"].get("valueKpa")
    if etco2 is not None:
        report.add("unit_converted", f"{where}vitals.etco2", from_="kPa", to="mmHg")
    vitals = {
        "heart_rate": parts["ecg"].get("hr"),
        "spo2": parts["spo2"].get("value"),
        "systolic": parts["abp"].get("sys"),
        "diastolic": parts["abp"].get("dia"),
        "etco2": convert(etco2, MMHG_OF_KPA, 0),
        "respiratory_rate": parts["etco2"].get("rr"),
        "temperature": parts["temp"].get("valueC"),
    }
    not_used = unknown_names(params, _USED)
    not_used += [f"{name}.{each}" for name, part in parts.items() for each in unknown_names(part, _USED[name])]
    if not_used:
        report.add("not_used", names=plain_names(sorted(not_used)))
    return {
        "vitals": {name: value for name, value in vitals.items() if value is not None},
        "rhythm": rhythm,
        "flags": flags,
    }


def _first_alarms(presets: list[Fields], report: Report) -> object:
    """A case of ours has one set of limits."""
    sets = [object_of(preset.get("params"), "", report).get("alarms") for preset in presets]
    given = [alarms for alarms in sets if alarms is not None]
    if any(alarms != given[0] for alarms in given):
        report.add("not_used", "limits", names=("alarms",))
    return given[0] if given else None


def _limits(raw: object, report: Report) -> dict[str, object]:
    alarms = object_of(raw, "limits", report)
    ecg, spo2, abp, etco2 = (object_of(alarms.get(name), "limits", report) for name in ("ecg", "spo2", "abp", "etco2"))
    pairs: dict[str, tuple[object, object]] = {
        "heart_rate": (ecg.get("low"), ecg.get("high")),
        "spo2": (spo2.get("low"), spo2.get("high")),
        "systolic": (abp.get("low_sys"), abp.get("high_sys")),
        "diastolic": (abp.get("low_dia"), abp.get("high_dia")),
        "mean": (abp.get("low_map"), abp.get("high_map")),
        "etco2": (convert(etco2.get("low"), MMHG_OF_KPA, 0), convert(etco2.get("high"), MMHG_OF_KPA, 0)),
    }
    limits: dict[str, object] = {
        name: {"low": low, "high": high} for name, (low, high) in pairs.items() if low is not None or high is not None
    }
    if limits:
        report.add("limits_taken", "limits", names=tuple(sorted(limits)))
    return limits
