"""What is special to each kind of entity that devices edit: who may, what comes of an edit, and what is written."""

from __future__ import annotations

from collections.abc import Mapping

from server.domain.devices import EntityType
from server.service.sync.school_state import Rules
from server.service.sync.session_rules import SessionRules
from server.service.sync.template_rules import TemplateRules
from server.service.sync.trainer_rules import TrainerRules

RULES: Mapping[EntityType, Rules] = {
    "TEMPLATE": TemplateRules(),
    "TRAINER": TrainerRules(),
    "SESSION": SessionRules(),
}
