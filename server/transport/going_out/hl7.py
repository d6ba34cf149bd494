"""A session as HL7 v2: an ORU^R01 message for each moment at which something new was shown, marked as training."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from server.domain.session import Session
from server.domain.trend import TrendReading
from server.domain.vitals import Number, SignName
from server.transport.going_out.codes import CODES

HL7 = "x-application/hl7-v2+er7; charset=utf-8"

# A segment ends so, whatever the system.
_END = "\r"
# Backslash first: the others are written with one.
_ESCAPES = {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "\r": " ", "\n": " "}
_TABLE = str.maketrans(_ESCAPES)


async def hl7_messages(session: Session, readings: AsyncIterator[TrendReading]) -> AsyncIterator[str]:
    """One after another; the message control id counts them."""
    number = 0
    async for reading in readings:
        number += 1
        yield "".join(segment + _END for segment in _segments(session, reading, number))


def _segments(session: Session, reading: TrendReading, number: int) -> list[str]:
    at = _moment(reading.at)
    name = session.title.strip().translate(_TABLE) or session.code
    return [
        # T: for training. The last field tells the characters.
        f"MSH|^~\\&|SHILLER|{session.code}|||{at}||ORU^R01^ORU_R01|{number}|T|2.6||||||UNICODE UTF-8",
        f"PID|||SIM-{session.code}^^^SHILLER||Training^{name}",
        "PV1||I",
        f"OBR|1|||182777000^monitoring of patient^SCT|||{at}",
        *(_observation(place, name, value, at) for place, (name, value) in enumerate(reading.signs.items(), 1)),
    ]


def _observation(place: int, name: SignName, value: Number, at: str) -> str:
    codes = CODES[name]
    (code, mdc), (unit, mdc_unit) = codes.mdc, codes.mdc_unit
    what = f"{code}^{mdc}^MDC^{codes.loinc[0]}^{codes.text}^LN"
    measure = f"{unit}^{mdc_unit}^MDC^{codes.ucum}^{codes.unit}^UCUM"
    return f"OBX|{place}|NM|{what}|1.1.1.{place}|{value}|{measure}|||||F|||{at}"


def _moment(at: datetime) -> str:
    """To the millisecond, in UTC."""
    at = at.astimezone(UTC)
    return f"{at:%Y%m%d%H%M%S}.{at.microsecond // 1000:03d}+0000"
