"""POST /templates/dry-run: what a case would do by itself; every wrong field is named, and nothing is stored."""

from __future__ import annotations

from typing import Any

from server.transport.http.endpoint import API
from tests.support.running import running_server

STEPS: list[dict[str, Any]] = [
    {
        "key": "sleepy",
        "title": "Sleepy",
        "transitions": [
            {"to": "better", "automatic": True, "on": {"marker": "naloxone"}},
            {"to": "apnoea", "automatic": True, "on": {"after": 180}},
        ],
    },
    {
        "key": "apnoea",
        "title": "Apnoea",
        "vitals": {"spo2": 70},
        "ramp_seconds": 45,
        "transitions": [{"to": "better", "on": {"when": [{"sign": "spo2", "op": "lt", "value": 75}], "hold": 60}}],
    },
    {"key": "better", "title": "Wakes"},
    {"key": "lost", "title": "Lost"},
]
TEMPLATE = {"title": "Opioid", "vitals": {"spo2": 90}, "steps": STEPS}


async def test_a_case_is_tried_without_being_stored() -> None:
    async with running_server() as server:
        await server.login()
        before = (await server.http.get(f"{API}/templates")).json()["items"]
        tried = {"template": TEMPLATE, "markers": [{"marker": "oxygen", "at_seconds": 10}], "actions": []}
        answer = await server.http.post(f"{API}/templates/dry-run", json=tried)
        assert answer.status_code == 200, answer.text
        assert answer.json() == {
            "moves": [
                {"at_seconds": 0, "from": None, "step": "sleepy", "because": None},
                {"at_seconds": 180.0, "from": "sleepy", "step": "apnoea", "because": {"after": 180}},
            ],
            "suggestions": [
                {
                    "at_seconds": 274.876,
                    "step": "apnoea",
                    "to": "better",
                    "label": None,
                    "because": {"when": [{"sign": "spo2", "op": "lt", "value": 75}], "hold": 60},
                }
            ],
            "warnings": [{"code": "unreachable", "step": "lost"}, {"code": "no_way_out", "step": "better"}],
        }
        tried["markers"] = [{"marker": "naloxone", "at_seconds": 100.5}]
        moves = (await server.http.post(f"{API}/templates/dry-run", json=tried)).json()["moves"]
        assert [(move["at_seconds"], move["step"]) for move in moves] == [(0, "sleepy"), (100.5, "better")]
        assert (await server.http.get(f"{API}/templates")).json()["items"] == before


async def test_a_template_is_tried_as_it_is_shown() -> None:
    """With the fields that the server owns, as every call answers it."""
    async with running_server() as server:
        await server.login()
        shown = (await server.http.post(f"{API}/templates", json=TEMPLATE)).json()
        tried, as_written = [
            await server.http.post(f"{API}/templates/dry-run", json={"template": each}) for each in (shown, TEMPLATE)
        ]
        assert tried.status_code == 200, tried.text
        assert tried.json() == as_written.json()
        unknown = {"template": {**shown, "steps_count": 4}}
        answer = await server.http.post(f"{API}/templates/dry-run", json=unknown)
        assert [error["field"] for error in answer.json()["errors"]] == ["template.steps_count"]


async def test_what_is_wrong_is_named() -> None:
    steps = [{"key": "a", "title": "A", "transitions": [{"to": "nowhere", "on": {"manual": True}}]}]
    async with running_server() as server:
        await server.login()
        answer = await server.http.post(f"{API}/templates/dry-run", json={"template": {"title": "X", "steps": steps}})
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == ["template.steps.0.transitions.0.to"]
        wrong = {"template": TEMPLATE, "markers": [{"marker": "A b", "at_seconds": -1}]}
        answer = await server.http.post(f"{API}/templates/dry-run", json=wrong)
        assert answer.status_code == 422
        assert {error["field"] for error in answer.json()["errors"]} == {"markers.0.marker", "markers.0.at_seconds"}
