"""A case as a file of its own, to keep, to send on and to bring in elsewhere.

{"format": "shiller.case", "version": 1, "template": {…}}: the template has the fields of `TEMPLATE_FIELDS` and no
others, so nothing of the school that it was written in. A later version may add fields; one that changes what a field
means, or takes one away, gets another number.
"""

from __future__ import annotations

from server.domain.template import Template
from server.domain.text import file_stem

CASE_FILE_FORMAT = "shiller.case"
CASE_FILE_VERSION = 1


def write_case_file(template: Template) -> dict[str, object]:
    return {"format": CASE_FILE_FORMAT, "version": CASE_FILE_VERSION, "template": template.content.as_json()}


def case_file_name(title: str) -> str:
    """`Septic shock, 2nd` is shiller-septic-shock-2nd.json."""
    return f"shiller-{file_stem(title) or 'case'}.json"
