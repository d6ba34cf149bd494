"""The cases of the seeds: whole in every language."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, get_args

import pytest

from server import clock
from server.commands.greeting import demo_words
from server.config import Language as ConfigLanguage
from server.config import language_of
from server.domain.audit import COMMAND_LINE
from server.service.accounts import TrainerEdit
from server.service.seeds import Language, case_names, demo_state, load_seeds, read_case, seeds_folder
from tests.support.running import running_server

TRANSLATIONS = sorted(set(get_args(Language)) - {"en"})


def test_the_configuration_knows_the_same_languages() -> None:
    assert get_args(ConfigLanguage) == get_args(Language)


@pytest.mark.parametrize("language", TRANSLATIONS)
@pytest.mark.parametrize("name", case_names())
def test_a_case_says_everything_in_another_language_and_changes_no_number(name: str, language: Language) -> None:
    said, there = read_case(name), read_case(name, language)
    assert there["id"] != said["id"], "a school may have both"
    for key in ("vitals", "rhythm", "flags", "limits", "targets"):
        assert there[key] == said[key]
    for step, other in zip(said["steps"], there["steps"], strict=True):
        assert _wordless(step) == _wordless(other)
        assert other["note"] != step["note"]
        assert other["title"]
        for way, said_there in zip(step["transitions"], other["transitions"], strict=True):
            assert "label" not in way or way["label"] != said_there["label"]
    assert (said["language"], there["language"]) == ("en", language)
    assert there["public_title"] != said["public_title"]
    for item, other in zip(said["checklist"], there["checklist"], strict=True):
        assert {**item, "text": ""} == {**other, "text": ""}
        assert other["text"] != item["text"]


def _wordless(step: Mapping[str, Any]) -> Mapping[str, Any]:
    ways = [{**way, "label": "label" in way} for way in step["transitions"]]
    return {**step, "title": "", "note": "", "transitions": ways}


@pytest.mark.parametrize("language", ["en", *TRANSLATIONS])
@pytest.mark.parametrize("name", case_names())
def test_what_a_trainee_may_read_of_a_case_does_not_give_it_away(name: str, language: Language) -> None:
    case = read_case(name, language)
    words = set(re.findall(r"\w{4,}", case["title"].lower()))
    assert case["public_title"]
    assert not words & set(re.findall(r"\w{4,}", case["public_title"].lower()))


def test_no_translation_is_without_its_case() -> None:
    for language in TRANSLATIONS:
        files = (seeds_folder() / "templates" / language).glob("*.json")
        assert sorted(path.stem for path in files) == case_names()


def test_ids_are_of_one_case_each() -> None:
    ids = [json.loads(path.read_text(encoding="utf-8"))["id"] for path in seeds_folder().glob("templates/**/*.json")]
    assert len(set(ids)) == len(ids) == 2 * len(case_names())


async def test_a_school_has_them_in_every_language() -> None:
    """Whatever the machine speaks: the browsers say what their readers do."""
    async with running_server() as server:
        await server.login()
        await load_seeds(server.app.services, clock.now())
        answer = await server.http.get("/api/v1/templates?limit=200")
    said = sorted((template["language"], template["title"]) for template in answer.json()["items"])
    languages = get_args(Language)
    assert said == sorted((each, read_case(name, each)["title"]) for each in languages for name in case_names())


async def test_the_greeting_gives_no_password_that_opens_nothing() -> None:
    async with running_server() as server:
        services = server.app.services
        login = await load_seeds(services, clock.now())
        assert not login.is_new
        assert demo_words(login, await demo_state(services, login)) == f"{login.email} / {login.password}"
        edit = TrainerEdit(password="another-one-now")
        await services.accounts.amend(login.school_id, login.account_id, edit, None, COMMAND_LINE, clock.now())
        assert await demo_state(services, login) == "changed"
        edit = TrainerEdit(email="chief@example.org")
        await services.accounts.amend(login.school_id, login.account_id, edit, None, COMMAND_LINE, clock.now())
        assert await demo_state(services, login) == "gone"
    for state in ("changed", "gone"):
        assert login.password not in demo_words(login, state)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "fr_CH.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "fr_CA.UTF-8"}, "fr"),
    ],
)
def test_the_language_is_the_machine_s(variables: dict[str, str], expected: str) -> None:
    assert language_of(variables) == expected
