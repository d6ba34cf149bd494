"""A case as a file of its own, to keep, to send on and to bring in elsewhere.

{"format": "shiller.case", "version": 1, "template": {…}}: the template has the fields of `TEMPLATE_FIELDS` and no
others, so nothing of the school that it was written in. A later version may add fields; one that changes what a field
means, or takes one away, gets another number.
"""

from __future__ import annotations

import re
import unicodedata

from server.domain.template import Template

CASE_FILE_FORMAT = "shiller.case"
CASE_FILE_VERSION = 1
_LONGEST_STEM = 60


def write_case_file(template: Template) -> dict[str, object]:
    return {"format": CASE_FILE_FORMAT, "version": CASE_FILE_VERSION, "template": template.content.as_json()}


def case_file_name(title: str) -> str:
    """What every file system takes: `Septic shock, 2nd` is shiller-septic-shock-2nd.json."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii").lower()
    stem = "-".join(re.findall(r"[a-z0-9]+", plain))[:_LONGEST_STEM].strip("-")
    return f"shiller-{stem or 'case'}.json"
