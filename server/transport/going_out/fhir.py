"""A session as FHIR: a Bundle of what the monitors showed, marked as test data everywhere.

R4 (4.0.1); what is used here is the same in R4B and R5. The subject is no human being but the patient of the case.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from server.domain.session import Session
from server.domain.timestamps import write_timestamp
from server.domain.trend import TrendReading
from server.domain.vitals import Number, SignName
from server.transport.going_out.codes import BLOOD_PRESSURE_LOINC, CODES, SignCodes

FHIR = "application/fhir+json"

_LOINC = "http://loinc.org"
_UCUM = "http://unitsofmeasure.org"
_MDC = "urn:iso:std:iso:11073:10101"
_PRESSURES: tuple[SignName, ...] = ("systolic", "diastolic")
_TEST_DATA: Mapping[str, Any] = {
    "security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]
}
_VITAL_SIGNS = [
    {
        "coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"},
        ]
    }
]


async def fhir_pieces(session: Session, readings: AsyncIterator[TrendReading], now: datetime) -> AsyncIterator[str]:
    """The Bundle, an entry a line."""
    patient_id = uuid5(session.id, "patient")
    head = {
        "resourceType": "Bundle",
        "id": str(session.id),
        "meta": _TEST_DATA,
        "type": "collection",
        "timestamp": write_timestamp(now),
    }
    yield _written(head).removesuffix("}") + ', "entry": [\n' + _written(_entry(patient_id, _patient(session)))
    async for reading in readings:
        for resource in _observations(session.id, patient_id, reading):
            yield ",\n" + _written(_entry(UUID(resource["id"]), resource))
    yield "\n]}\n"


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _entry(id_: UUID, resource: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"fullUrl": f"urn:uuid:{id_}", "resource": resource}


def _patient(session: Session) -> Mapping[str, Any]:
    return {
        "resourceType": "Patient",
        "id": str(uuid5(session.id, "patient")),
        "meta": _TEST_DATA,
        "name": [{"use": "anonymous", "text": session.title.strip() or session.code}],
    }


def _observations(session_id: UUID, patient_id: UUID, reading: TrendReading) -> Iterator[dict[str, Any]]:
    signs = reading.signs
    if all(name in signs for name in _PRESSURES):
        yield {
            **_head(session_id, patient_id, "blood_pressure", reading.at),
            "code": {"coding": [{"system": _LOINC, "code": BLOOD_PRESSURE_LOINC}], "text": "Blood pressure"},
            "component": [
                {"code": _code(CODES[name]), "valueQuantity": _quantity(CODES[name], signs[name])}
                for name in _PRESSURES
            ],
        }
    for name, value in signs.items():
        if name not in _PRESSURES:
            codes = CODES[name]
            yield {
                **_head(session_id, patient_id, name, reading.at),
                "code": _code(codes),
                "valueQuantity": _quantity(codes, value),
            }


def _head(session_id: UUID, patient_id: UUID, name: str, at: datetime) -> dict[str, Any]:
    moment = write_timestamp(at)
    return {
        "resourceType": "Observation",
        "id": str(uuid5(session_id, f"{name} {moment}")),
        "meta": _TEST_DATA,
        "status": "final",
        "category": _VITAL_SIGNS,
        "subject": {"reference": f"urn:uuid:{patient_id}"},
        "effectiveDateTime": moment,
    }


def _code(codes: SignCodes) -> Mapping[str, Any]:
    code, name = codes.mdc
    coding: Sequence[Mapping[str, Any]] = [
        *({"system": _LOINC, "code": each} for each in codes.loinc),
        {"system": _MDC, "code": str(code), "display": name},
    ]
    return {"coding": coding, "text": codes.text}


def _quantity(codes: SignCodes, value: Number) -> Mapping[str, Any]:
    return {"value": value, "unit": codes.unit, "system": _UCUM, "code": codes.ucum}
