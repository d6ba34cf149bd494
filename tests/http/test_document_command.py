"""`shiller document`: the documents without a database, and a catalogue that says what the domain says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from server.domain.limits import ADULT_LIMITS
from server.domain.session import CODE_ALPHABET
from server.domain.text import TITLE_LIMIT
from server.domain.vitals import RHYTHMS, SIGNS
from server.transport.http.endpoint import API
from server.transport.http.problems import STATUSES
from tests.support.running import running_server
from tests.support.scenario import run_command

PARTS = ("openapi", "asyncapi", "catalogue")
# Nothing listens there: a command that asked the database would fail.
NO_DATABASE = "postgresql://nobody@127.0.0.1:9/none"


def _ran(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_command("document", *arguments, folder=folder, DATABASE_URL=NO_DATABASE)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    ran = _ran(tmp_path_factory.mktemp("nothing"))
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_all_documents_are_one_object_and_each_can_be_had_alone(printed: dict[str, Any], tmp_path: Path) -> None:
    assert tuple(printed) == PARTS
    for part in PARTS:
        assert json.loads(_ran(tmp_path, "--what", part).stdout) == printed[part]
    assert list(tmp_path.iterdir()) == []


async def test_the_documents_are_those_of_a_server_at_that_address(tmp_path: Path) -> None:
    async with running_server() as server:
        for part in ("openapi", "asyncapi"):
            served = (await server.http.get(f"{API}/{part}.json")).json()
            assert json.loads(_ran(tmp_path, "--what", part, "--url", server.url).stdout) == served


def test_the_catalogue_has_the_signs_rhythms_and_limits_of_the_domain(printed: dict[str, Any]) -> None:
    catalogue = printed["catalogue"]
    assert list(catalogue["signs"]) == list(SIGNS)
    assert catalogue["signs"]["temperature"] == {
        "name": "temperature",
        "unit": "°C",
        "min": 25.0,
        "max": 43.0,
        "start": 37.0,
        "decimals": 1,
    }
    assert catalogue["rhythms"] == list(RHYTHMS)
    assert catalogue["adult_limits"]["spo2"] == {"low": 90, "high": None}
    assert list(catalogue["adult_limits"]) == list(ADULT_LIMITS)
    assert catalogue["code"] == {"alphabet": CODE_ALPHABET, "length": 6}
    assert catalogue["bounds"]["title_characters"] == TITLE_LIMIT


def test_every_refusal_is_one_closed_union_in_both_documents_and_in_the_catalogue(printed: dict[str, Any]) -> None:
    codes = list(printed["catalogue"]["refusals"])
    assert codes == list(printed["openapi"]["components"]["schemas"]["RefusalCode"]["enum"])
    assert codes == list(printed["asyncapi"]["components"]["schemas"]["RefusalCode"]["enum"])
    assert set(codes) == set(STATUSES)


def test_only_what_passes_by_itself_is_worth_sending_again(printed: dict[str, Any]) -> None:
    """A refusal of what was sent (4xx) is not; that there was too much of it at once (429), or a fault here, is."""
    passing = {code for code, about in printed["catalogue"]["refusals"].items() if about["passes"]}
    assert passing == {code for code, (status, _) in STATUSES.items() if status == 429 or status >= 500}
