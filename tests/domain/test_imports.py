"""Files of other tools and our own, read into drafts: what is taken, changed and left out, and told by its name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from server.domain.imports.dispatch import ImportedCases, import_cases
from server.domain.imports.report import CODES, ENTRIES_LIMIT, Entry
from tests.support.case_files import (
    OWN_TEMPLATE,
    PHYSIOLOGY,
    STEP,
    VET_SCENARIO,
    a_gas_note,
    a_monitor_case,
    a_scenario,
    every_valid_file,
    infirmary_file,
    infirmary_text,
    own_file,
)


def imported(body: bytes | str | dict[str, Any]) -> ImportedCases:
    if isinstance(body, dict):
        body = json.dumps(body)
    reading = import_cases(body.encode() if isinstance(body, str) else body)
    while True:
        try:
            next(reading)
        except StopIteration as done:
            return done.value


def draft_of(body: bytes | str | dict[str, Any]) -> dict[str, Any]:
    (content,) = imported(body).templates
    return content.as_json()


def told(body: bytes | str | dict[str, Any]) -> dict[str, Entry]:
    """The entries by their codes; of one code the last."""
    return {entry.code: entry for entry in imported(body).report}


def lines(body: bytes | str | dict[str, Any], code: str) -> list[tuple[str, dict[str, Any]]]:
    return [(entry.field, dict(entry.values)) for entry in imported(body).report if entry.code == code]


@pytest.mark.parametrize("tool", every_valid_file())
def test_a_file_is_recognised_by_what_it_holds(tool: str) -> None:
    report = told(every_valid_file()[tool])
    assert report["recognised"].values == {"tool": tool}
    assert report["case_taken"].field == "templates.0"
    assert not [entry for entry in report.values() if entry.level == "error"]


class TestInfirmary:
    def test_steps_stand_from_the_beginning_on_and_are_whole_patients(self) -> None:
        draft = draft_of(infirmary_file(a_scenario()))
        assert (draft["title"], draft["description"]) == ("Chest pain", "A man of 60")
        assert [step["title"] for step in draft["steps"]] == ["Calm", "Arrest"]
        calm, arrest = draft["steps"]
        assert calm["vitals"] == {"heart_rate": 88, "systolic": 118, "diastolic": 70, "temperature": 37.2}
        assert (calm["rhythm"], calm["flags"], calm["ramp_seconds"]) == ("sinus", {"pulseless": False}, 0)
        assert arrest["vitals"] == {"heart_rate": 300, "systolic": 60, "diastolic": 60}
        assert (arrest["rhythm"], arrest["flags"]) == ("sinus", {"pulseless": True})
        assert (draft["vitals"], draft["rhythm"], draft["flags"]) == (calm["vitals"], "sinus", {})

    def test_the_default_progression_comes_by_itself_and_the_others_by_hand(self) -> None:
        assert draft_of(infirmary_file(a_scenario()))["steps"][0]["transitions"] == [
            {"to": "arrest", "label": None, "automatic": True, "on": {"after": 90}},
            {"to": "calm", "label": "Stays calm", "automatic": False, "on": {"manual": True}},
        ]
        text = infirmary_text(
            [({**STEP, "ProgressTime": "-1"}, PHYSIOLOGY, [{"UUID": "pppp", "DestinationUUID": "aaaa"}])]
        )
        assert draft_of(text)["steps"][0]["transitions"] == [
            {"to": "calm", "label": None, "automatic": False, "on": {"manual": True}}
        ]

    def test_alarms_become_limits(self) -> None:
        limits = draft_of(infirmary_file(a_scenario()))["limits"]
        assert limits["heart_rate"] == {"low": 45, "high": 135}
        assert limits["spo2"] == {"low": None, "high": None}
        assert limits["systolic"] == {"low": None, "high": 180}
        assert limits["respiratory_rate"] == {"low": 8, "high": 30}

    def test_what_was_changed_and_left_out_is_told(self) -> None:
        body = infirmary_file(a_scenario())
        assert lines(body, "clamped") == [
            ("templates.0.steps.1.vitals.heart_rate", {"from": 420, "to": 300, "low": 0, "high": 300})
        ]
        assert lines(body, "diastolic_lowered") == [("templates.0.steps.1.vitals.diastolic", {"from": 90, "to": 60})]
        assert [values for _, values in lines(body, "leads_nowhere")] == [{"to": "cccc"}]
        assert lines(body, "not_used") == [("templates.0", {"names": ("CVP", "Author")})]

    @pytest.mark.parametrize("is_old", [False, True])
    def test_a_check_sum_that_is_wrong_is_a_warning(self, is_old: bool) -> None:
        text = a_scenario().replace("A man", "Un homme âgé")
        assert "wrong_hash" not in told(infirmary_file(text, is_old=is_old))
        for wrong in ("0" * 64, "", "né"):
            report = told(infirmary_file(text, check_sum=wrong or "x"))
            assert report["wrong_hash"].level == "warning"
            assert "case_taken" in report

    @pytest.mark.parametrize(
        ("name", "rhythm", "flags"),
        [
            ("Ventricular_Standstill", "asystole", {}),
            ("AV_Block__Mobitz_II", "av_block_2_mobitz", {}),
            ("Ventricular_Tachycardia_Monomorphic_Pulseless", "ventricular_tachycardia", {"pulseless": True}),
            ("Ventricular_Tachycardia_Polymorphic", "torsades", {"pulseless": True}),
            ("CPR_Artifact", "asystole", {"cpr": True}),
            ("Sick_Sinus_Syndrome", "sinus", {}),
            ("Sinus_Rhythm_with_Bigeminy", "pvc_bigeminy", {}),
            ("Martian_Rhythm", None, {}),
        ],
    )
    def test_rhythms(self, name: str, rhythm: str | None, flags: dict[str, bool]) -> None:
        # One state as the simulator saves it: no steps.
        state = f"> Begin: Physiology\r\n    HR:80\r\n    Cardiac_Rhythm:{name}\r\n> End: Physiology\r\n"
        draft = draft_of(infirmary_file(state))
        assert (draft["rhythm"], draft["flags"], draft["steps"]) == (rhythm, flags, [])
        assert ("rhythm_replaced" in told(state)) == (name in ("Sick_Sinus_Syndrome", "Ventricular_Standstill"))
        assert ("unknown_rhythm" in told(state)) == (rhythm is None)

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b".ii:t2\nAA\nAAAA", "ii_version"),
            (b".ii:t1\nAA\nA*==", "ii_not_base64"),
            (".ii:t1\nAA\né".encode(), "ii_not_base64"),
            (b".ii:t1\nAA\n" + b"A" * 20, "ii_not_decrypted"),
            (b".ii:t1\nAA\n", "ii_not_decrypted"),
            (infirmary_file(a_scenario())[:-24], "ii_not_decrypted"),
            (infirmary_file("Name:Nothing"), "no_case"),
            (infirmary_file("a\0b"), "holds_nul"),
            (infirmary_file("> Begin: X\n" * 30), "ii_large"),
        ],
    )
    def test_damage_is_named(self, body: bytes, code: str) -> None:
        assert imported(body).templates == ()
        assert [entry.code for entry in imported(body).report if entry.level == "error"] == [code]


class TestMedicalMonitor:
    def test_presets_are_steps_by_hand_and_kilopascals_millimetres(self) -> None:
        draft = draft_of(a_monitor_case())
        start, arrest = draft["steps"]
        assert (draft["title"], start["title"], arrest["title"]) == ("A", "Start", "Arrest")
        assert start["vitals"] == {"heart_rate": 118, "etco2": 30, "respiratory_rate": 22}
        assert start["flags"] == {"pulseless": False, "spo2_off": False}
        assert (arrest["rhythm"], arrest["flags"]) == ("sinus", {"pulseless": True, "spo2_off": True})
        assert [step["transitions"] for step in draft["steps"]] == [[], []]
        assert draft["vitals"] == start["vitals"]
        assert draft["limits"]["heart_rate"] == {"low": 40, "high": 140}
        assert draft["limits"]["etco2"] == {"low": 30, "high": 45}
        assert draft["limits"]["mean"] == {"low": 60, "high": None}
        assert told(a_monitor_case())["unit_converted"].values == {"from": "kPa", "to": "mmHg"}
        assert told(a_monitor_case())["not_used"].values == {"names": ("colors",)}

    def test_a_bare_case_and_a_single_preset(self) -> None:
        bare = a_monitor_case()["case"]
        assert draft_of(bare)["steps"] == draft_of(a_monitor_case())["steps"]
        preset = {"presetName": "One", "formatVersion": "1.1", "params": {"ecg": {"rhythm": "fine_vf", "hr": 0}}}
        draft = draft_of(preset)
        assert (draft["title"], draft["rhythm"], draft["steps"]) == ("One", "ventricular_fibrillation_fine", [])


def test_gas_notes_in_arrest() -> None:
    draft = draft_of(a_gas_note())
    assert (draft["rhythm"], draft["flags"]) == ("torsades", {"pulseless": True, "cpr": True, "co2_off": True})
    assert draft["vitals"] == {
        "heart_rate": 120, "systolic": 110, "diastolic": 70, "spo2": 97, "respiratory_rate": 10, "etco2": 12,
    }  # fmt: skip
    assert [step["ramp_seconds"] for step in draft["steps"]] == [15]
    assert draft["limits"]["heart_rate"] == {"low": 45, "high": 130}
    assert told(a_gas_note())["not_used"].values == {"names": ("sbp_invasive",)}
    alive = draft_of({**a_gas_note(), "sim_mode": "alive", "cpr_active": False, "transition_time": 0})
    assert (alive["rhythm"], alive["vitals"]["etco2"], alive["steps"]) == ("sinus", 35, [])


class TestVetSim:
    def test_scenes_become_steps_with_their_triggers_and_their_timeout_last(self) -> None:
        draft = draft_of(VET_SCENARIO)
        assert (draft["title"], draft["description"]) == ("Bloat", "A dog")
        calm, worse = draft["steps"]
        assert (calm["key"], worse["key"]) == ("calm", "worse")
        assert calm["vitals"] == {"temperature": 37.0}
        assert worse["vitals"] == {"heart_rate": 300, "systolic": 60, "diastolic": 60, "spo2": 80}
        assert (worse["ramp_seconds"], worse["flags"]) == (60, {"pulseless": True})
        assert [(way["to"], way["automatic"], way["on"]) for way in calm["transitions"]] == [
            ("worse", True, {"when": [{"sign": "heart_rate", "op": "lt", "value": 40}], "hold": 0}),
            (None, True, {"when": [{"sign": "systolic", "op": "lt", "value": 50}], "hold": 0}),
            (None, True, {"when": [{"sign": "systolic", "op": "gt", "value": 200}], "hold": 0}),
            ("worse", True, {"marker": "fluids_1", "count": 1}),
            ("worse", True, {"after": 120}),
        ]

    def test_a_round_that_would_not_rest_becomes_a_suggestion(self) -> None:
        worse = draft_of(VET_SCENARIO)["steps"][1]
        assert [(way["to"], way["automatic"]) for way in worse["transitions"]] == [("calm", False)]
        assert lines(VET_SCENARIO, "made_suggestion") == [("templates.0.steps.1.transitions.0", {})]

    def test_an_event_is_a_marker_that_the_checklist_offers(self) -> None:
        (item,) = draft_of(VET_SCENARIO)["checklist"]
        assert (item["text"], item["marker"]) == ("Give fluids", "fluids_1")
        assert told(VET_SCENARIO)["event_became_marker"].values == {"from": "Give fluids", "to": "fluids_1"}

    def test_what_was_changed_and_left_out_is_told(self) -> None:
        report = told(VET_SCENARIO)
        assert report["range_replaced"].values == {"from": "320-340", "to": 330}
        assert report["ramps_merged"].values == {"from": "30 / 60", "to": 60}
        assert report["not_understood"].values == {"name": "cpr.duration"}
        assert report["leads_nowhere"].values == {"to": "9"}
        assert report["not_used"].values == {"names": ("respiration.chest_movement", "media")}

    def test_another_root_is_not_known(self) -> None:
        assert list(told("<gpx><scene/></gpx>")) == ["unknown_format"]
        assert "no_case" in told("<scenario/>")


class TestOwn:
    def test_everything_of_a_case_comes_back(self) -> None:
        body = own_file(OWN_TEMPLATE)
        assert draft_of(body) == OWN_TEMPLATE
        assert [entry.code for entry in imported(body).report] == ["recognised", "case_taken"]

    @pytest.mark.parametrize("format_", ["shiller-case", "shiller.case"])
    def test_a_file_of_one_case_has_it_by_itself(self, format_: str) -> None:
        body = {"$schema": "x", "format": format_, "version": 1, "template": OWN_TEMPLATE}
        assert draft_of(body) == OWN_TEMPLATE

    def test_several_cases_stand_side_by_side_each_with_its_report(self) -> None:
        body = own_file(OWN_TEMPLATE, {"title": "Hot", "vitals": {"temperature": 50}}, {})
        assert [content.title for content in imported(body).templates] == ["Opioid", "Hot", "Imported case"]
        assert [where for where, _ in lines(body, "clamped")] == ["templates.1.vitals.temperature"]
        assert [where for where, _ in lines(body, "title_made")] == ["templates.2.title"]

    def test_nonsense_in_its_fields_is_told_and_not_taken(self) -> None:
        wild = {
            **OWN_TEMPLATE, "id": "x", "title": "T\0\ud800 " + "x" * 300, "language": "?", "targets": [{"marker": "9"}],
            "vitals": {"heart_rate": "NaN", "spo2": 1e308, "etco2": True, "mood": 3},
            "limits": {"heart_rate": {"low": 90, "high": 40}}, "duration_minutes": 0.4,
            "steps": [{"key": "Étape 1", "transitions": [{"to": "Étape 1", "on": {"after": 0}}, {"to": "?"}, 5]}, 7],
            "checklist": ["Bare", {"text": ""}],
        }  # fmt: skip
        body = json.dumps(own_file(wild)).replace('"NaN"', "NaN")
        draft = draft_of(body)
        assert draft["title"].startswith("T xxx")
        assert draft["vitals"] == {"spo2": 100}
        assert draft["duration_minutes"] == 1
        assert [step["key"] for step in draft["steps"]] == ["etape_1", "step_2"]
        assert draft["steps"][0]["transitions"] == [
            {"to": "etape_1", "label": None, "automatic": False, "on": {"after": 1}}
        ]
        assert draft["checklist"][0]["text"] == "Bare"
        assert draft["limits"]["heart_rate"] == {"low": 50, "high": 120}
        assert {
            "characters_removed", "text_shortened", "not_a_number", "clamped", "not_used", "key_made", "leads_nowhere",
            "not_understood", "title_made",
        } <= told(body).keys()  # fmt: skip

    def test_a_repeated_name_is_told(self) -> None:
        body = '{"format": "shiller-case", "version": 1, "templates": [{"title": "A", "title": "B"}]}'
        assert draft_of(body)["title"] == "B"
        assert told(body)["repeated_name"].values == {"name": "title"}

    @pytest.mark.parametrize("version", [2, "1", None, True, 10**300])
    def test_another_version_is_refused_with_both(self, version: object) -> None:
        body = json.dumps({"format": "shiller-case", "version": version, "templates": [OWN_TEMPLATE]})
        assert list(told(body)) == ["version_unknown"]

    def test_a_case_that_cannot_be_is_refused_and_the_others_are_taken(self) -> None:
        flags = {f"flag_{number}": True for number in range(20)}
        other = {f"other_{number}": True for number in range(20)}
        wrong = {"title": "Wrong", "flags": flags, "steps": [{"title": "S", "flags": other}]}
        body = own_file(wrong, OWN_TEMPLATE)
        assert [content.title for content in imported(body).templates] == ["Opioid"]
        assert told(body)["case_refused"].values["title"] == "Wrong"
        assert told(body)["case_taken"].field == "templates.0"


MEGABYTES_5 = 5 * 1024 * 1024


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_file"),
        (b" \n\t ", "empty_file"),
        (b"\xef\xbb\xbf", "empty_file"),
        (b"\x1f\x8b\x08\x00abc", "compressed"),
        (b"PK\x03\x04abc", "compressed"),
        ('{"a": 1}'.encode("utf-16"), "utf_16"),
        ('{"a": 1}'.encode("utf-16-le"), "utf_16"),
        ('{"title": "\xe9t\xe9"}'.encode("latin-1"), "not_utf8"),
        (b'{"a": "\x00"}', "holds_nul"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "unknown_format"),
        (b"\x00" * 40, "utf_16"),
        (b"hello", "unknown_format"),
        (b"[1, 2]", "unknown_format"),
        (b'{"format": "other"}', "unknown_format"),
        (b'{"a": 1,}', "json_broken"),
        (b'{"a" 1}', "json_broken"),
        (b"{'a': 1}", "json_broken"),
        (b'{"a": 1} x', "json_broken"),
        (b'{"a": 01}', "json_broken"),
        (b'{"a": "' + b"x" * 20_000 + b'"}', "json_broken"),
        (b"[" * 100, "json_deep"),
        (b"[" * MEGABYTES_5, "json_large"),
        (b"[" + b"{}," * (MEGABYTES_5 // 3), "json_large"),
        (b"<a><b></a>", "xml_broken"),
        (b"<a>&unknown;</a>", "xml_broken"),
        (b"<a>" * 100, "xml_deep"),
        (b"<scenario>" + b"<a/>" * (MEGABYTES_5 // 4), "xml_large"),
        (b"<scenario><!--" + b"x" * MEGABYTES_5, "xml_large"),
        (b'<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>', "xml_entities"),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "xml_entities"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value[:20]),
)
def test_what_cannot_be_read_gets_a_sentence_of_its_own(body: bytes, code: str) -> None:
    outcome = imported(body)
    assert outcome.templates == ()
    (entry,) = outcome.report
    assert (entry.code, entry.level, entry.kind) == (code, "error", "file")
    assert "{" not in entry.message
    assert len(entry.message) > 20


def test_a_mark_of_utf_8_is_no_part_of_the_file() -> None:
    assert draft_of(b"\xef\xbb\xbf" + json.dumps(own_file(OWN_TEMPLATE)).encode()) == OWN_TEMPLATE


def test_an_entity_of_a_file_elsewhere_is_not_fetched() -> None:
    # A type without entities of its own is no danger, and stays without effect.
    assert "no_case" in told('<!DOCTYPE scenario SYSTEM "http://127.0.0.1:9/x.dtd"><scenario/>')


def test_a_report_has_an_end() -> None:
    many = own_file(*({"title": f"T{n}", "vitals": {"heart_rate": 1000 + n}, "spare": n} for n in range(49)))
    for template in many["templates"]:
        template["steps"] = [{"vitals": {"spo2": 101}, "x": 1} for _ in range(20)]
    report = imported(many).report
    assert len(report) == ENTRIES_LIMIT + 1
    assert report[-1].code == "more"


def test_every_code_has_its_sentence_and_its_values_fill_it() -> None:
    for code in CODES:
        entry = Entry(code)
        assert entry.kind in ("file", "taken", "changed", "left_out")
        assert entry.level in ("info", "warning", "error")
