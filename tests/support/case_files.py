"""Files of cases as other tools write them, made from the description of their layouts."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

II_KEY = b"!8x/A?b(G+KbPe$hVkYpEs6V9y$B&E)H"

STEP = {"UUID": "aaaa", "Name": "Calm", "DefaultProgression": "pppp", "ProgressTime": "90"}
PHYSIOLOGY = {"HR": "88", "NSBP": "118", "NDBP": "70", "T": "37,2", "Cardiac_Rhythm": "Sinus_Rhythm", "CVP": "5"}


def infirmary_text(
    steps: Sequence[tuple[Mapping[str, str], Mapping[str, str], Sequence[Mapping[str, str]]]],
    *,
    beginning: str = "aaaa",
    alarms: Sequence[str] = (),
) -> str:
    """Each step with its physiology and its progressions."""
    lines = ["> Begin: Scenario", "Updated:2024/05/06 07:08:09", "Name:Chest pain", "Description:A man of 60"]
    lines += ["Author:Somebody", f"Beginning:{beginning}", "> Begin: DeviceMonitor", "IsEnabled:True"]
    lines += ["Numerics:ECG,NIBP", "> Begin: Alarms", *alarms, "> End: Alarms", "> End: DeviceMonitor"]
    for step, physiology, progressions in steps:
        lines += ["> Begin: Step", *_pairs(step), "> Begin: Physiology", *_pairs(physiology), "> End: Physiology"]
        for progression in progressions:
            lines += ["> Begin: Progression", *_pairs(progression), "> End: Progression"]
        lines.append("> End: Step")
    return "\n".join([*lines, "> End: Scenario", ""])


def a_scenario() -> str:
    return infirmary_text(
        [
            ({"UUID": "bbbb", "Name": "Arrest"}, {"HR": "420", "NSBP": "60", "NDBP": "90",
              "Cardiac_Rhythm": "Pulseless_Electrical_Activity"}, []),
            (STEP, PHYSIOLOGY, [
                {"UUID": "qqqq", "Description": "Lost", "DestinationUUID": "cccc"},
                {"UUID": "pppp", "DestinationUUID": "bbbb"},
                {"UUID": "rrrr", "Description": "Stays calm", "DestinationUUID": "aaaa"},
            ]),
        ],
        alarms=["HR True 45 135 High", "SPO2 False 90 0 High", "NSBP True 0 180 Low"],
    )  # fmt: skip


def infirmary_file(text: str, *, check_sum: str | None = None, is_old: bool = False) -> bytes:
    plain = text.encode("ascii", "replace")
    digest = hashlib.md5(plain, usedforsecurity=False) if is_old else hashlib.sha256(plain)
    content = base64.b64encode(encrypt_cbc(text.encode(), II_KEY, II_KEY[:16])).decode()
    return f".ii:t1\n{check_sum or digest.hexdigest().upper()}\n{content}".encode()


def medical_monitor(presets: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    listed = [{"id": f"preset-{place}", "name": name, "params": params} for place, (name, params) in enumerate(presets)]
    return {"caseName": "A", "formatVersion": "1.0", "case": {"id": "case-0", "name": "A", "presets": listed}}


def a_monitor_case() -> dict[str, Any]:
    alarms = {"ecg": {"low": 40, "high": 140}, "etco2": {"low": 4.0, "high": 6.0}, "abp": {"low_map": 60}}
    return medical_monitor(
        [
            ("Start", {"ecg": {"rhythm": "tachy", "hr": 118}, "etco2": {"valueKpa": 4.0, "rr": 22}, "alarms": alarms}),
            ("Arrest", {"ecg": {"rhythm": "pea", "hr": 40}, "spo2": {"value": 70, "visible": False}, "colors": {}}),
        ]
    )


def a_gas_note() -> dict[str, Any]:
    return {
        "sim_mode": "arrested", "cpr_active": True, "transition_time": 15000, "heart_rate": 120, "etco2": 35,
        "ecg_morphology": "sinus", "respiratory_rate": 10, "spo2": 97, "sbp_noninvasive": 110, "dbp_noninvasive": 70,
        "sbp_invasive": 112, "arrest_ecg_morphology": "vtach_torsades", "arrest_etco2": 12, "enabler_for_ecg": True,
        "enabler_for_capno": False, "limit_upper_hr": 130, "limit_lower_hr": 45,
    }  # fmt: skip


VET_SCENARIO = """<?xml version="1.0" encoding="UTF-8"?>
<scenario>
  <header><author>A vet</author><title><top>Bloat</top></title><description>A dog</description></header>
  <media/>
  <init><cardiac><rhythm>sinus</rhythm><rate>140</rate><bps_sys>120</bps_sys></cardiac></init>
  <events><category><name>drugs</name><title>Drugs</title>
    <event><title>Give fluids</title><id>fluids_1</id></event></category></events>
  <scene><id>2</id><title>Worse</title>
    <init><cardiac><rate>320-340</rate><bps_sys>60</bps_sys><transfer_time>30</transfer_time><pea>1</pea></cardiac>
      <respiration><spo2>80</spo2><transfer_time>60</transfer_time><chest_movement>1</chest_movement></respiration></init>
    <triggers><trigger><test>LT</test><respiration><spo2>95</spo2></respiration><scene_id>1</scene_id></trigger></triggers>
  </scene>
  <scene><id>1</id><title>Calm</title><init><general><temperature>986</temperature></general></init>
    <timeout><timeout_value>120</timeout_value><scene_id>2</scene_id></timeout>
    <triggers>
      <trigger><test>LT</test><cardiac><rate>40</rate></cardiac><scene_id>2</scene_id></trigger>
      <trigger><test>OUTSIDE</test><cardiac><bps_sys>50-200</bps_sys></cardiac><scene_id>0</scene_id></trigger>
      <trigger><event_id>fluids_1</event_id><scene_id>2</scene_id></trigger>
      <trigger><test>GT</test><cpr><duration>5</duration></cpr><scene_id>2</scene_id></trigger>
      <trigger><event_id>fluids_1</event_id><scene_id>9</scene_id></trigger>
    </triggers></scene>
  <scene><id>0</id><title>End</title></scene>
</scenario>
"""


def own_file(*templates: Mapping[str, Any]) -> dict[str, Any]:
    return {"format": "shiller-case", "version": 1, "templates": list(templates)}


OWN_TEMPLATE: dict[str, Any] = {
    "title": "Opioid", "public_title": "A sleepy patient", "description": "Two lines\nof text", "duration_minutes": 20,
    "vitals": {"heart_rate": 60, "temperature": 36.5}, "rhythm": "sinus", "flags": {"spo2_off": True},
    "steps": [
        {"key": "sleepy", "title": "Sleepy", "at_seconds": 0, "ramp_seconds": 60, "vitals": {"spo2": 90},
         "rhythm": None, "flags": {}, "note": "Snores", "transitions": [
             {"to": "better", "label": None, "automatic": True, "on": {"marker": "naloxone", "count": 1}},
             {"to": None, "label": "End", "automatic": False,
              "on": {"when": [{"sign": "spo2", "op": "lt", "value": 75}, {"flag": "cpr", "is": True},
                              {"rhythm": "asystole"}], "hold": 60}},
             {"to": "better", "label": "By hand", "automatic": False, "on": {"manual": True}}]},
        {"key": "better", "title": "Wakes", "at_seconds": None, "ramp_seconds": 0, "vitals": {}, "rhythm": "svt",
         "flags": {"spo2_off": None}, "note": None, "transitions": [
             {"to": "sleepy", "label": None, "automatic": True, "on": {"after": 600}}]},
    ],
    "pass_percent": 80,
    "limits": {"heart_rate": {"low": 40, "high": 130}, "spo2": {"low": 85, "high": None},
               "systolic": {"low": 90, "high": 160}, "diastolic": {"low": 50, "high": 90},
               "mean": {"low": 60, "high": 110}, "respiratory_rate": {"low": 8, "high": 30},
               "etco2": {"low": 30, "high": 50}, "temperature": {"low": 36.0, "high": 39.0}},
    "checklist": [{"key": "calls", "text": "Calls for help", "critical": True, "marker": "help", "target_seconds": 60,
                   "from": "start"}],
    "targets": [{"marker": "naloxone", "from": "start", "seconds": 180}],
    "language": "en",
}  # fmt: skip


def every_valid_file() -> dict[str, bytes]:
    return {
        "infirmary_integrated": infirmary_file(a_scenario()),
        "medical_monitor": json.dumps(a_monitor_case()).encode(),
        "gas_notes": json.dumps(a_gas_note()).encode(),
        "openvetsim": VET_SCENARIO.encode(),
        "shiller": json.dumps(own_file(OWN_TEMPLATE)).encode(),
    }


def encrypt_cbc(plain: bytes, key: bytes, start: bytes) -> bytes:
    """AES by its textbook, one byte after another."""
    filling = 16 - len(plain) % 16
    plain += bytes([filling]) * filling
    keys = _round_keys(key)
    done = [start]
    for at in range(0, len(plain), 16):
        done.append(_encrypt(bytes(a ^ b for a, b in zip(plain[at : at + 16], done[-1], strict=True)), keys))
    return b"".join(done[1:])


def _double(value: int) -> int:
    return (value << 1 ^ (0x11B if value & 0x80 else 0)) & 0xFF


def _product(one: int, other: int) -> int:
    total = 0
    for bit in range(8):
        if other >> bit & 1:
            total ^= one
        one = _double(one)
    return total


def _substituted(value: int) -> int:
    inverse = next((each for each in range(256) if _product(value, each) == 1), 0)
    bits = 0
    for bit in range(8):
        turned = [inverse >> (bit + shift) % 8 & 1 for shift in (0, 4, 5, 6, 7)]
        bits |= (sum(turned) % 2 ^ (0x63 >> bit & 1)) << bit
    return bits


_SUBSTITUTED = [_substituted(value) for value in range(256)]


def _round_keys(key: bytes) -> list[list[int]]:
    words = [list(key[at : at + 4]) for at in range(0, 32, 4)]
    constant = 1
    for place in range(8, 60):
        word = words[-1]
        if place % 8 == 0:
            word = [_SUBSTITUTED[each] for each in word[1:] + word[:1]]
            word[0] ^= constant
            constant = _double(constant)
        elif place % 8 == 4:
            word = [_SUBSTITUTED[each] for each in word]
        words.append([a ^ b for a, b in zip(words[-8], word, strict=True)])
    return [[byte for word in words[at : at + 4] for byte in word] for at in range(0, 60, 4)]


def _encrypt(block: bytes, keys: Sequence[Sequence[int]]) -> bytes:
    state = [a ^ b for a, b in zip(block, keys[0], strict=True)]
    for number in range(1, 15):
        state = [_SUBSTITUTED[state[(place + 4 * (place % 4)) % 16]] for place in range(16)]
        if number < 14:
            mixed: list[int] = []
            for at in range(0, 16, 4):
                a, b, c, d = state[at : at + 4]
                mixed += [
                    _double(a) ^ _double(b) ^ b ^ c ^ d,
                    a ^ _double(b) ^ _double(c) ^ c ^ d,
                    a ^ b ^ _double(c) ^ _double(d) ^ d,
                    _double(a) ^ a ^ b ^ c ^ _double(d),
                ]
            state = mixed
        state = [a ^ b for a, b in zip(state, keys[number], strict=True)]
    return bytes(state)


def _pairs(values: Mapping[str, str]) -> list[str]:
    return [f"    {name}:{value}" for name, value in values.items()]
