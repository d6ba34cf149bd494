"""Infirmary Integrated: a scenario of its editor, or the one state that its simulator saves.

Each step is a whole patient, and values jump. A step leaves by its default progression after some seconds, or by one
that somebody chooses.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from itertools import islice

from server.domain.case import STEPS_LIMIT
from server.domain.imports.found import Found, FoundCase, State, TheirRhythm, level_flags, rhythm_of
from server.domain.imports.infirmary_text import MARK, Block, Unpacked, read_blocks, unpack
from server.domain.imports.keys import keys_of
from server.domain.imports.numbers import read_quantity
from server.domain.imports.report import Report, UnreadableFile, plain_names
from server.domain.imports.shapes import LOOKED_AT

_SIGNS = {
    "HR": "heart_rate",
    "NSBP": "systolic",
    "NDBP": "diastolic",
    "RR": "respiratory_rate",
    "SPO2": "spo2",
    "ETCO2": "etco2",
    "T": "temperature",
}
_RHYTHM = "Cardiac_Rhythm"
_ALARMS = {name: ours for name, ours in _SIGNS.items() if name != "T"} | {"NMAP": "mean"}
_DEVICES = ("DeviceMonitor", "DeviceDefib", "DeviceECG", "DeviceIABP", "Editor")

_PULSELESS = "pulseless"
_NEAREST = TheirRhythm("sinus", is_same=False)
_RHYTHMS = {
    "Sinus_Rhythm": TheirRhythm("sinus"),
    "Sinus_Tachycardia": TheirRhythm("sinus"),
    "Sinus_Bradycardia": TheirRhythm("sinus"),
    "Sinus_Rhythm_with_Bigeminy": TheirRhythm("pvc_bigeminy"),
    "Sinus_Rhythm_with_Trigeminy": _NEAREST,
    "Sinus_Rhythm_with_PACs": _NEAREST,
    "Sinus_Rhythm_with_PJCs": _NEAREST,
    "Sinus_Rhythm_with_PVCs_Multifocal": _NEAREST,
    "Sinus_Rhythm_with_PVCs_Unifocal": _NEAREST,
    "Sinus_Arrhythmia": _NEAREST,
    "Sick_Sinus_Syndrome": _NEAREST,
    "Bundle_Branch_Block": _NEAREST,
    "Asystole": TheirRhythm("asystole"),
    "Ventricular_Standstill": TheirRhythm("asystole", is_same=False),
    "Atrial_Fibrillation": TheirRhythm("atrial_fibrillation"),
    "Atrial_Flutter": TheirRhythm("atrial_flutter"),
    "AV_Block__1st_Degree": TheirRhythm("av_block_1"),
    "AV_Block__3rd_Degree": TheirRhythm("av_block_3"),
    "AV_Block__Mobitz_II": TheirRhythm("av_block_2_mobitz"),
    "AV_Block__Wenckebach": TheirRhythm("av_block_2_wenckebach"),
    "Idioventricular": TheirRhythm("idioventricular"),
    "Junctional": TheirRhythm("junctional"),
    "Supraventricular_Tachycardia": TheirRhythm("svt"),
    "Ventricular_Fibrillation_Coarse": TheirRhythm("ventricular_fibrillation"),
    "Ventricular_Fibrillation_Fine": TheirRhythm("ventricular_fibrillation_fine"),
    "Ventricular_Tachycardia_Monomorphic_Pulsed": TheirRhythm("ventricular_tachycardia"),
    "Ventricular_Tachycardia_Monomorphic_Pulseless": TheirRhythm("ventricular_tachycardia", _PULSELESS),
    "Ventricular_Tachycardia_Polymorphic": TheirRhythm("torsades", _PULSELESS),
    "Pulseless_Electrical_Activity": TheirRhythm("sinus", _PULSELESS),
    "CPR_Artifact": TheirRhythm("asystole", "cpr"),
}


def read_infirmary(text: str) -> Generator[None, None, Found | UnreadableFile]:
    """A file, or the text inside one."""
    report = Report()
    if text.startswith(MARK):
        unpacked = yield from unpack(text)
        if isinstance(unpacked, UnreadableFile):
            return unpacked
        text = unpacked.text
        _tell_hash(unpacked, report)
    whole = yield from read_blocks(text)
    if isinstance(whole, UnreadableFile):
        return whole
    scenario = whole.first("Scenario")
    case = _one_state(whole) if scenario is None else (yield from _scenario(scenario, whole))
    return Found("infirmary_integrated", [] if case is None else [case], report)


def _tell_hash(unpacked: Unpacked, report: Report) -> None:
    if not unpacked.is_hash_right:
        report.add("wrong_hash")


def _one_state(whole: Block) -> FoundCase | None:
    physiology = whole.first("Physiology")
    if physiology is None:
        return None
    report = Report()
    state = _state(physiology, "", report)
    _tell_not_used(whole, [physiology], report)
    return FoundCase({**state, "limits": _limits(whole, report)}, report)


def _scenario(scenario: Block, whole: Block) -> Generator[None, None, FoundCase | None]:
    report = Report()
    steps = [*scenario.all("Step"), *whole.all("Step")]
    if not steps:
        return None
    # The first is the one with which the scenario begins.
    beginning = scenario.values.get("Beginning", "")
    steps.sort(key=lambda step: step.values.get("UUID") != beginning)
    if len(steps) > STEPS_LIMIT:
        report.add("too_many", "steps", count=len(steps), kept=STEPS_LIMIT)
        del steps[STEPS_LIMIT:]
    keys = keys_of([step.values.get("Name", "") for step in steps], "step")
    by_uuid: dict[str, str] = {}
    for step, key in zip(steps, keys, strict=True):
        by_uuid.setdefault(step.values.get("UUID", ""), key)
    states: list[State] = []
    for place, step in enumerate(steps):
        states.append(_state(step.first("Physiology"), f"steps.{place}.", report))
        yield
    start = states[0].copy()
    level_flags(states)
    raw_steps: list[object] = [
        {"key": key, **_words(step), **state, "transitions": _ways(step, by_uuid)}
        for key, step, state in zip(keys, steps, states, strict=True)
    ]
    _tell_not_used(scenario, [physiology for step in steps for physiology in step.all("Physiology")], report)
    raw = {
        "title": scenario.values.get("Name", ""),
        "description": scenario.values.get("Description", ""),
        **start,
        "steps": raw_steps,
        "limits": _limits(scenario if scenario.first("DeviceMonitor") else whole, report),
    }
    return FoundCase(raw, report)


def _words(step: Block) -> dict[str, object]:
    return {"title": step.values.get("Name", ""), "note": step.values.get("Description", "")}


def _state(physiology: Block | None, where: str, report: Report) -> State:
    values: Mapping[str, str] = {} if physiology is None else physiology.values
    rhythm, flags = rhythm_of(values.get(_RHYTHM), _RHYTHMS, f"{where}rhythm", report)
    return {
        "vitals": {ours: values[name] for name, ours in _SIGNS.items() if values.get(name)},
        "rhythm": rhythm,
        "flags": flags,
    }


def _ways(step: Block, by_uuid: Mapping[str, str]) -> list[dict[str, object]]:
    default = step.values.get("DefaultProgression", "")
    seconds = read_quantity(step.values.get("ProgressTime", ""))
    ways: list[dict[str, object]] = []
    # The one that comes by itself stands first: it shall not be cut off with what is too much.
    progressions = sorted(step.all("Progression"), key=lambda each: each.values.get("UUID") != default)
    for progression in progressions[:LOOKED_AT]:
        uuid = progression.values.get("DestinationUUID", "")
        is_timed = seconds is not None and seconds > 0 and progression.values.get("UUID") == default
        ways.append(
            {
                # No key begins like this: what is not there is told by the name that it has in the file.
                "to": by_uuid.get(uuid, f"? {uuid}"),
                "label": progression.values.get("Description", ""),
                "automatic": is_timed,
                "on": {"after": seconds} if is_timed else {"manual": True},
            }
        )
    return ways


def _limits(whole: Block, report: Report) -> dict[str, object]:
    """`HR True 50 130 High`: the parameter, whether it is on, low, high, how urgent; 0 is no limit."""
    monitor = whole.first("DeviceMonitor")
    alarms = None if monitor is None else monitor.first("Alarms")
    lines = (
        []
        if alarms is None
        else [f"{name} {value}".split() for name, value in islice(alarms.values.items(), LOOKED_AT)]
    )
    limits: dict[str, object] = {}
    for words in lines:
        if len(words) >= 4 and words[0] in _ALARMS:
            is_on = words[1].lower() == "true"
            low, high = (bound if is_on and read_quantity(bound) != 0 else None for bound in words[2:4])
            limits[_ALARMS[words[0]]] = {"low": low, "high": high}
    if limits:
        report.add("limits_taken", "limits", names=tuple(sorted(limits)))
    return limits


def _tell_not_used(scenario: Block, physiologies: Sequence[Block], report: Report) -> None:
    used = {*_SIGNS, _RHYTHM, "NMAP"}
    names = [name for physiology in physiologies for name in physiology.values if name not in used]
    names += [name for name in ("Author",) if scenario.values.get(name)]
    names += [block.name for block in scenario.blocks if block.name in _DEVICES[1:]]
    if names:
        report.add("not_used", names=plain_names(names))
