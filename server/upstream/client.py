"""The calls of a hall to its central server, and every way in which they can end.

A network without internet answers in many tongues: with nothing, with a page that wants a login, with a certificate
that a clock years behind takes for one of the future. Each is told by its name.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import orjson
from pydantic import BaseModel, ValidationError

from server.config import is_loopback
from server.domain.upstream import LinkProblem
from server.json_text import write_json
from server.upstream.answers import DownAnswer, HelloAnswer, UpAnswer

TIMEOUT = httpx.Timeout(30.0, connect=10.0)
# OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED.
_OF_DATES = {9, 10}

Shape = TypeVar("Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class NewEpoch:
    """The central is not what it was: restored, or it has something else to tell this hall."""


@dataclass(frozen=True, slots=True)
class TooMuch:
    """Nothing was taken; fewer at a time."""


class CentralServer:
    def __init__(self, url: str, token: str, now: Callable[[], datetime]) -> None:
        self._now = now
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            timeout=TIMEOUT,
            verify=certificates(),
            # To this machine itself no proxy leads.
            trust_env=not is_loopback(urlsplit(url).hostname or ""),
        )

    async def hello(self, body: Mapping[str, object]) -> HelloAnswer | LinkProblem:
        outcome = await self._call("hello", body, HelloAnswer)
        return outcome if isinstance(outcome, HelloAnswer | LinkProblem) else _unexpected("hello")

    async def up(self, body: Mapping[str, object]) -> UpAnswer | NewEpoch | TooMuch | LinkProblem:
        return await self._call("up", body, UpAnswer)

    async def down(self, body: Mapping[str, object]) -> DownAnswer | NewEpoch | LinkProblem:
        outcome = await self._call("down", body, DownAnswer)
        return _unexpected("down") if isinstance(outcome, TooMuch) else outcome

    async def close(self) -> None:
        await self._http.aclose()

    async def _call(
        self, name: str, body: Mapping[str, object], shape: type[Shape]
    ) -> Shape | NewEpoch | TooMuch | LinkProblem:
        try:
            # Answers to what is sent are short; to squeeze each would cost the central more than the line.
            headers = {"Accept-Encoding": "identity"} if name == "up" else {}
            answer = await self._http.post(f"/api/sync/{name}", content=write_json(body).encode(), headers=headers)
        except httpx.TransportError as error:
            return unreachable(error, self._now())
        except httpx.HTTPError as error:
            return LinkProblem("no_connection", _words(error))
        return _read(answer, shape)


def certificates() -> ssl.SSLContext:
    """Those that this system trusts; SSL_CERT_FILE and SSL_CERT_DIR name others."""
    return ssl.create_default_context()


def _read(answer: httpx.Response, shape: type[Shape]) -> Shape | NewEpoch | TooMuch | LinkProblem:
    if answer.status_code != 200:
        return _refusal(answer)
    try:
        return shape.model_validate(orjson.loads(answer.content))
    except (orjson.JSONDecodeError, ValidationError):
        return _not_ours(answer)


def _refusal(answer: httpx.Response) -> NewEpoch | TooMuch | LinkProblem:
    code, detail = _problem_of(answer)
    match answer.status_code:
        case 401 if code == "hall_revoked":
            return LinkProblem("revoked", detail)
        case 401 if code is not None:
            return LinkProblem("wrong_token", detail)
        case 409 if code == "resync_required":
            return NewEpoch()
        case 413:
            return TooMuch()
        case 429 | 503:
            return LinkProblem("busy", detail or f"status {answer.status_code}", _retry_after(answer))
        case 404 | 405 if code in ("not_found", "method_not_allowed"):
            return LinkProblem("central_too_old", "The central server knows no halls yet; update it.")
        case status if status >= 500:
            return LinkProblem("central_failed", detail or f"status {status}")
        case status if code is None:
            return _not_ours(answer)
        case status:
            return LinkProblem("refused", f"{code}: {detail}")


def _problem_of(answer: httpx.Response) -> tuple[str | None, str]:
    """The code and the words of a refusal; no code if it is not one of Shiller's."""
    try:
        problem: Any = orjson.loads(answer.content)
        return str(problem["code"]), str(problem.get("detail", ""))
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return None, ""


def _retry_after(answer: httpx.Response) -> float | None:
    stated = answer.headers.get("retry-after", "")
    return float(stated) if stated.isdecimal() else None


def _not_ours(answer: httpx.Response) -> LinkProblem:
    kind = answer.headers.get("content-type", "nothing").split(";")[0]
    where = f" that leads to {answer.headers['location']}" if "location" in answer.headers else ""
    return LinkProblem(
        "login_page",
        f"Something else answered in the central server's place: status {answer.status_code}, {kind}{where}. "
        "Does this network want a login in a browser first, or is SYNC_UPSTREAM_URL another server's?",
    )


def _unexpected(name: str) -> LinkProblem:
    return LinkProblem("refused", f"the central server refused its {name} in a way that it has no reason for")


def unreachable(error: BaseException, now: datetime) -> LinkProblem:
    """Why there is no connection. A certificate that is refused by its dates says that a clock is wrong."""
    refused = _certificate_error(error)
    if refused is None:
        return LinkProblem("no_connection", _words(error))
    if refused.verify_code in _OF_DATES:
        return LinkProblem(
            "clock",
            f"The clock of this machine says {now:%Y-%m-%d}, and the central server's certificate counts at another "
            f"time ({refused.verify_message}). If that is not today, set the clock.",
        )
    return LinkProblem("certificate", f"The central server's certificate is refused: {refused.verify_message}.")


def _certificate_error(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__ or error.__context__
    return None


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
