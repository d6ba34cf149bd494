"""The demo school, its trainer and the templates, loaded through the services. Safe to repeat.

Each case stands once, in English; in another language only its words do, under an id of their own, for a school
has them all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any, Literal, get_args
from uuid import UUID

from server.domain.case_reading import StepDraft
from server.domain.events import SYSTEM, Author
from server.domain.opening import NewSession
from server.domain.outcomes import InvalidFields
from server.domain.people import School
from server.domain.session import Session
from server.domain.template import TemplateDraft
from server.ports.results import Added, AlreadyThere
from server.service.accounts import NewTrainer
from server.service.passwords import PasswordHasher
from server.service.services import Services

Language = Literal["en", "fr"]
DemoState = Literal["open", "changed", "gone"]

DEMO_CASE = "anaphylaxis"
# Nothing is hashed with it; how much work a comparison is, the hash says.
_FEWEST_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class DemoLogin:
    school_id: UUID
    account_id: UUID
    email: str
    password: str
    """As it was when the account was made."""
    is_new: bool = True


def seeds_folder() -> Path:
    """In a checkout beside `server`, in an installed package inside it."""
    packaged = Path(__file__).parent.parent / "_data" / "seeds"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent.parent / "seeds"


def read_case(name: str, language: Language = "en") -> Mapping[str, Any]:
    """A template as the seeds hold it. Raises FileNotFoundError for an unknown name."""
    folder = seeds_folder() / "templates"
    case = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    if language == "en":
        return case
    words = json.loads((folder / language / f"{name}.json").read_text(encoding="utf-8"))
    steps = [_said(step, said) for step, said in zip(case["steps"], words["steps"], strict=True)]
    checklist = [{**item, "text": text} for item, text in zip(case["checklist"], words["checklist"], strict=True)]
    return {**case, **words, "language": language, "steps": steps, "checklist": checklist}


def course(case: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Of the steps those that lead to the good end by the clock; the others come by what is done, or is not."""
    return [step for step in case["steps"] if "at_seconds" in step]


def case_names() -> list[str]:
    return sorted(path.stem for path in (seeds_folder() / "templates").glob("*.json"))


async def load_seeds(services: Services, now: datetime, by: Author = SYSTEM) -> DemoLogin:
    """The cases in every language, for who will read them is not known here.

    What is there already stays as it is, whatever was changed on it; what was deleted stays deleted.
    """
    demo = json.loads((seeds_folder() / "demo.json").read_text(encoding="utf-8"))
    school = School(UUID(demo["school"]["id"]), demo["school"]["name"], now)
    await services.accounts.add_school(school)
    trainer = demo["trainer"]
    login = DemoLogin(school.id, UUID(trainer["id"]), trainer["email"], trainer["password"])
    if await services.storage.accounts.find_trainer(school.id, login.account_id) is not None:
        login = replace(login, is_new=False)
    else:
        new = NewTrainer(login.email, trainer["name"], login.password, trainer["role"], login.account_id)
        outcome = await services.accounts.enrol(school.id, new, by, now)
        if isinstance(outcome, InvalidFields):
            raise ValueError(f"the demo trainer cannot be added: {outcome}")
    for template_id, draft in _drafts():
        outcome = await services.templates.add_to_school(school.id, template_id, draft, by, now)
        if not isinstance(outcome, Added | AlreadyThere):
            raise ValueError(f"the template {draft.title!r} cannot be added: {outcome}")
    return login


async def demo_state(services: Services, login: DemoLogin) -> DemoState:
    """Whether the password that everybody can read still opens the account."""
    found = await services.storage.accounts.find_credentials(login.email)
    if found is None or found.trainer.id != login.account_id:
        return "gone"
    if login.is_new:
        return "open"
    passwords = PasswordHasher(_FEWEST_ROUNDS)
    try:
        return "open" if await passwords.matches(login.password, found.password_hash) else "changed"
    finally:
        passwords.close()


async def open_demo_session(
    services: Services, login: DemoLogin, now: datetime, language: Language = "en"
) -> Session | None:
    """An open session of the demo school: the newest one, or a new one from the demo case.

    None where the demo trainer was deleted, or may open none any more.
    """
    trainer = await services.storage.accounts.find_trainer(login.school_id, login.account_id)
    if trainer is None:
        return None
    page = await services.sessions.list(trainer, "open", 1, None, now)
    if page.items:
        return page.items[0].session
    template_id = UUID(read_case(DEMO_CASE, language)["id"])
    outcome = await services.sessions.open(trainer, NewSession(template_id=template_id), now)
    return outcome.item if isinstance(outcome, Added | AlreadyThere) else None


def _said(step: Mapping[str, Any], said: Mapping[str, Any]) -> Mapping[str, Any]:
    """In the words of another language; `labels` has those of the transitions that have a label, in their order."""
    labelled = [place for place, transition in enumerate(step["transitions"]) if "label" in transition]
    labels = dict(zip(labelled, said.get("labels", []), strict=True))
    transitions = [
        {**transition, "label": labels[place]} if place in labels else transition
        for place, transition in enumerate(step["transitions"])
    ]
    return {**step, "title": said["title"], "note": said["note"], "transitions": transitions}


def _drafts() -> Iterator[tuple[UUID, TemplateDraft]]:
    for language, name in product(get_args(Language), case_names()):
        case = read_case(name, language)
        yield (
            UUID(case["id"]),
            TemplateDraft(
                title=case["title"],
                description=case["description"],
                vitals=case["vitals"],
                rhythm=case["rhythm"],
                flags=case["flags"],
                steps=[StepDraft(**step) for step in case["steps"]],
                limits=case["limits"],
                checklist=case["checklist"],
                public_title=case["public_title"],
                targets=case["targets"],
                language=case["language"],
            ),
        )
