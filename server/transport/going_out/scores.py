"""The scores of a session as CSV: a row a person, a column a criterion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from server.domain.case import Case, ChecklistItem
from server.domain.scores import Score, Scores
from server.transport.going_out.csv_dialects import Dialect, FrenchDialect, csv_row, csv_text

_HEAD_BEFORE = ("role", "name")
_HEAD_BEHIND = ("percent (%)", "passed", "comment")
_FRENCH: Mapping[str, str] = {
    "role": "rôle",
    "name": "nom",
    "percent (%)": "pourcentage (%)",
    "passed": "réussi",
    "comment": "commentaire",
    "evaluator": "évaluateur",
    "trainee": "participant",
    "yes": "oui",
    "no": "non",
}


@dataclass(frozen=True, slots=True)
class ScoredBy:
    """What one person scored. `name` is None for somebody who did so without their name."""

    role: Literal["evaluator", "trainee"]
    name: str | None
    given: Mapping[str, Score]
    percent: float | None = None
    is_passed: bool | None = None
    comment: str = ""


def evaluators_of(case: Case | None, scores: Scores) -> list[ScoredBy]:
    """In the order in which their sheets were begun."""
    return [
        ScoredBy(
            "evaluator",
            sheet.by.name,
            {key: item.score for key, item in sheet.items.items()},
            result.percent,
            result.is_passed,
            _comments(case, sheet.comment, {key: item.comment for key, item in sheet.items.items()}),
        )
        for sheet, result in scores.sheets
    ]


def scores_csv(case: Case | None, people: Sequence[ScoredBy], dialect: Dialect) -> Iterator[str]:
    """A criterion that somebody did not score is empty in their row."""
    checklist = _checklist(case)
    head = (*(_word(word, dialect) for word in _HEAD_BEFORE), *_criteria(checklist))
    yield dialect.start + csv_row((*head, *(_word(word, dialect) for word in _HEAD_BEHIND)), dialect)
    for person in people:
        given = (person.given.get(item.key) for item in checklist)
        passed = None if person.is_passed is None else _word("yes" if person.is_passed else "no", dialect)
        before = (_word(person.role, dialect), csv_text(person.name))
        behind = (dialect.number(person.percent), passed, csv_text(person.comment or None))
        yield csv_row((*before, *given, *behind), dialect)


def _word(word: str, dialect: Dialect) -> str:
    return _FRENCH[word] if isinstance(dialect, FrenchDialect) else word


def _criteria(checklist: Sequence[ChecklistItem]) -> Iterator[str | None]:
    """Their texts; those that are the same are told apart by their keys."""
    texts = Counter(item.text for item in checklist)
    for item in checklist:
        yield csv_text(item.text if texts[item.text] == 1 else f"{item.text} ({item.key})")


def _comments(case: Case | None, comment: str, of_items: Mapping[str, str]) -> str:
    """That of the sheet, and below it those of single criteria."""
    lines = [comment] if comment else []
    lines += [f"{item.text}: {said}" for item in _checklist(case) if (said := of_items.get(item.key))]
    return "\n".join(lines)


def _checklist(case: Case | None) -> Sequence[ChecklistItem]:
    return () if case is None else case.checklist
