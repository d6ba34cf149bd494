"""JSON Schemas of the parts that the domain judges itself, made from the domain's own tables."""

from __future__ import annotations

from typing import Any

from server.domain.case import AT_SECONDS_LIMIT, CASE_START, CHECKLIST_TEXT_LIMIT
from server.domain.cuff import CYCLE_MINUTES, FAILING, MEASURING
from server.domain.limits import LIMIT_NAMES
from server.domain.transitions import (
    AFTER_SECONDS_LIMIT,
    COMPARISONS,
    CONDITIONS_LIMIT,
    COUNT_LIMIT,
    HOLD_SECONDS_LIMIT,
    LABEL_LIMIT,
    MEAN,
)
from server.domain.vitals import FLAG_TEXT_LIMIT, FLAGS_LIMIT, KNOWN_FLAGS, RHYTHMS, SIGNS, VitalSign

Schema = dict[str, Any]

KEY_PATTERN = "^[a-z][a-z0-9_]{0,31}$"


def _sign_schema(sign: VitalSign) -> Schema:
    schema: Schema = {
        "type": "integer" if sign.decimals == 0 else "number",
        "minimum": sign.minimum,
        "maximum": sign.maximum,
        "description": sign.unit + (", one decimal" if sign.decimals else ""),
    }
    return schema


SIGN_SCHEMAS: dict[str, Schema] = {name: _sign_schema(sign) for name, sign in SIGNS.items()}

SIGNS_PATCH_SCHEMA: Schema = {
    "type": "object",
    "properties": SIGN_SCHEMAS,
    "additionalProperties": False,
    "description": "Only the named signs change. After the merge, diastolic may not be above systolic.",
}

_FLAG_VALUES: list[Schema] = [{"type": "boolean"}, {"type": "string", "maxLength": FLAG_TEXT_LIMIT}]

FLAGS_SCHEMA: Schema = {
    "type": "object",
    "propertyNames": {"pattern": KEY_PATTERN},
    "additionalProperties": {"anyOf": _FLAG_VALUES},
    "maxProperties": FLAGS_LIMIT,
    "description": f"Known to monitor and debrief: {', '.join(KNOWN_FLAGS)}; others are kept and relayed.",
}
FLAGS_PATCH_SCHEMA: Schema = {
    **FLAGS_SCHEMA,
    "additionalProperties": {"anyOf": [*_FLAG_VALUES, {"type": "null"}]},
    "description": FLAGS_SCHEMA["description"] + " null removes a flag.",
}

ACTION_SCHEMA: Schema = {
    "type": "string",
    "pattern": KEY_PATTERN,
    "examples": ["nibp_start", "alarm_silence", "marker"],
}

_LIMIT_SIDES = ("low", "high")
_LIMIT_SCHEMA: Schema = {
    "type": "object",
    "properties": {side: {"type": ["number", "null"]} for side in _LIMIT_SIDES},
    "additionalProperties": False,
}
LIMITS_SCHEMA: Schema = {
    "type": "object",
    "properties": {name: _LIMIT_SCHEMA for name in LIMIT_NAMES},
    "additionalProperties": False,
    "description": "Alarm limits; null means no limit on that side. What is not named keeps the adult default.",
}
LIMITS_ANSWER_SCHEMA: Schema = {
    "type": "object",
    "properties": {name: {**_LIMIT_SCHEMA, "required": list(_LIMIT_SIDES)} for name in LIMIT_NAMES},
    "required": list(LIMIT_NAMES),
    "additionalProperties": False,
    "description": "Alarm limits; null means no limit on that side.",
}

RHYTHM_SCHEMA: Schema = {"type": "string", "enum": list(RHYTHMS)}

_RAMP_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "from": {"type": "number"},
        "started_at": {"type": "string", "format": "date-time"},
        "seconds": {"type": "number"},
    },
    "required": ["from", "started_at", "seconds"],
    "additionalProperties": False,
}

_KEY: Schema = {"type": "string", "pattern": KEY_PATTERN}
_OPTIONAL_KEY: Schema = {"type": ["string", "null"], "pattern": KEY_PATTERN}
_FROM = "What the time is counted from: `start`, `arrest`, or a marker."
CHECKLIST_ITEM_SCHEMA: Schema = {
    "description": "A bare text is an item of that text, under a key that is made for it.",
    "anyOf": [
        {"type": "string", "minLength": 1, "maxLength": CHECKLIST_TEXT_LIMIT},
        {
            "type": "object",
            "properties": {
                "key": _OPTIONAL_KEY,
                "text": {"type": "string", "minLength": 1, "maxLength": CHECKLIST_TEXT_LIMIT},
                "critical": {"type": "boolean", "default": False},
                "marker": _OPTIONAL_KEY,
                "target_seconds": {"type": ["integer", "null"], "minimum": 1, "maximum": AT_SECONDS_LIMIT},
                "from": {**_OPTIONAL_KEY, "description": _FROM},
            },
            "required": ["text"],
            "additionalProperties": False,
        },
    ],
}
TARGET_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "marker": _KEY,
        "from": {**_KEY, "default": CASE_START, "description": _FROM},
        "seconds": {"type": "integer", "minimum": 1, "maximum": AT_SECONDS_LIMIT},
    },
    "required": ["marker", "seconds"],
    "additionalProperties": False,
}


def _counted(kind: str) -> Schema:
    return _one_of_kind(
        {kind: _KEY, "count": {"type": "integer", "minimum": 1, "maximum": COUNT_LIMIT, "default": 1}}, kind
    )


def _one_of_kind(properties: Schema, *required: str) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


CONDITION_SCHEMA: Schema = {
    "oneOf": [
        _one_of_kind(
            {
                "sign": {"type": "string", "enum": [*SIGNS, MEAN]},
                "op": {"type": "string", "enum": list(COMPARISONS)},
                "value": {"type": "number"},
            },
            "sign",
            "op",
            "value",
        ),
        _one_of_kind({"flag": _KEY, "is": {"type": ["boolean", "string"], "maxLength": FLAG_TEXT_LIMIT}}, "flag", "is"),
        _one_of_kind({"rhythm": RHYTHM_SCHEMA}, "rhythm"),
    ],
    "description": "Of the value as it is shown, rounded; `mean` is the mean pressure. An absent flag is false.",
}
TRIGGER_SCHEMA: Schema = {
    "oneOf": [
        _one_of_kind({"after": {"type": "integer", "minimum": 1, "maximum": AFTER_SECONDS_LIMIT}}, "after"),
        _one_of_kind(
            {
                "when": {"type": "array", "items": CONDITION_SCHEMA, "minItems": 1, "maxItems": CONDITIONS_LIMIT},
                "hold": {"type": "integer", "minimum": 0, "maximum": HOLD_SECONDS_LIMIT, "default": 0},
            },
            "when",
        ),
        _counted("marker"),
        _counted("action"),
        _one_of_kind({"manual": {"const": True}}, "manual"),
    ],
    "description": (
        "Seconds in this step, pauses not counted; conditions that are true at once, held for so long; the marker or "
        "the action, so often since the step began; or by hand alone."
    ),
}
TRANSITION_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "to": {"type": ["string", "null"], "description": "The key of a step; null is the end of the case."},
        "label": {"type": ["string", "null"], "maxLength": LABEL_LIMIT},
        "automatic": {
            "type": "boolean",
            "default": False,
            "description": "False: the trainer's button lights up, nothing moves.",
        },
        "on": TRIGGER_SCHEMA,
    },
    "required": ["to", "on"],
    "additionalProperties": False,
}

_MOMENT: Schema = {"type": "string", "format": "date-time"}
_OPTIONAL_MOMENT: Schema = {"type": ["string", "null"], "format": "date-time"}
_PRESSURES = ("systolic", "diastolic", "mean")


def _closed(properties: Schema, description: str) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
        "description": description,
    }


_NIBP_SCHEMA = _closed(
    {
        "started_at": _MOMENT,
        **{name: {"type": ["integer", "null"], "description": "mmHg"} for name in _PRESSURES},
        "failed": {"type": "boolean"},
        "cycle_minutes": {"type": ["number", "null"], "enum": [*CYCLE_MINUTES, None]},
    },
    f"The cuff's newest measurement: its result is that of its beginning, to be shown {MEASURING.seconds} s later. "
    f"One that fails takes {FAILING.seconds} s and has no pressures.",
)
_CUFF_SCHEMA = _closed(
    {
        "next_at": {**_OPTIONAL_MOMENT, "description": "When the cycle measures next."},
        "stat_until": {**_OPTIONAL_MOMENT, "description": "Until then one measurement follows the other."},
        "stopped_at": {**_OPTIONAL_MOMENT, "description": "When somebody stopped the newest measurement."},
        "before": {
            "anyOf": [
                _closed(
                    {"started_at": _MOMENT, **{name: {"type": "integer"} for name in _PRESSURES}},
                    "The last result before the newest measurement, which stands until there is a newer one.",
                ),
                {"type": "null"},
            ]
        },
    },
    "What else is known of the cuff; there while any of it is not null.",
)

LAST_VALUES_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        **SIGN_SCHEMAS,
        "rhythm": RHYTHM_SCHEMA,
        "flags": FLAGS_SCHEMA,
        "ramps": {
            "type": "object",
            "properties": dict.fromkeys(SIGNS, _RAMP_SCHEMA),
            "additionalProperties": False,
        },
        "nibp": {"anyOf": [_NIBP_SCHEMA, {"type": "null"}], "description": "Null before the first measurement."},
        "cuff": _CUFF_SCHEMA,
        "paused_at": {
            "type": "string",
            "format": "date-time",
            "description": "There while the session is paused: ramps stand at their `from` until it goes on.",
        },
    },
    "required": [*SIGNS, "rhythm", "flags", "ramps", "nibp"],
    "additionalProperties": False,
    "description": "Plain numbers are targets; ramps name those that still move, linearly, on the server's clock.",
}
