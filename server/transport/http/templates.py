"""/templates."""

from __future__ import annotations

import json
from dataclasses import replace

from starlette.responses import Response

from server.domain.case_file import case_file_name, write_case_file
from server.domain.imports.dispatch import FILE_LIMIT_BYTES
from server.domain.outcomes import FieldError, Forbidden, InvalidBody, InvalidFields, NotFound, Refusal
from server.domain.template import NO_TEMPLATE, Template
from server.ports.results import Added, AlreadyThere
from server.ports.slices import Slices
from server.transport.http.attachments import asks_for_head, attachment_headers, head_of
from server.transport.http.endpoint import Answer, Call, Endpoint
from server.transport.http.paging import (
    IF_MATCH_PARAMETER,
    PAGE_PARAMETERS,
    page_answer,
    read_if_match,
    read_page,
)
from server.transport.http.problems import problem_response
from server.transport.refusals import refused
from server.transport.wire.answers import template_answer
from server.transport.wire.reading import dry_run_draft, template_change, template_draft
from server.transport.wire.requests import DryRunBody, TemplateBody, TemplateChangeBody
from server.transport.wire.shapes import DryRunAnswer, ImportAnswer, TemplateAnswer, TemplatePage


async def _list(call: Call) -> Answer | Refusal:
    asked = read_page(call)
    if isinstance(asked, InvalidFields):
        return asked
    page = await call.services.templates.list(call.trainer, asked.limit, asked.after)
    return Answer(200, page_answer(page, template_answer))


async def _add(call: Call) -> Answer | Refusal:
    body = call.body(TemplateBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    template_id, draft = template_draft(body)
    outcome = await call.services.templates.add(call.trainer, template_id, draft, call.now)
    match outcome:
        case Added(template):
            return Answer(201, template_answer(template))
        case AlreadyThere(template):
            return Answer(200, template_answer(template))
        case _:
            return outcome


async def _find(call: Call) -> Answer | Refusal:
    template_id = call.id()
    if isinstance(template_id, NotFound):
        return template_id
    return _answer(await call.services.templates.find(call.trainer, template_id))


async def _export(call: Call) -> Response | Refusal:
    template_id = call.id()
    if isinstance(template_id, NotFound):
        return template_id
    template = await call.services.templates.find(call.trainer, template_id)
    if not isinstance(template, Template):
        return template
    if template.deleted_at is not None:
        return NO_TEMPLATE
    name = case_file_name(template.content.title)
    if asks_for_head(call):
        return head_of(name, "application/json")
    # People read it, and compare two of them.
    text = json.dumps(write_case_file(template), ensure_ascii=False, indent=2) + "\n"
    return Response(text, media_type="application/json", headers=attachment_headers(name))


async def _change(call: Call) -> Answer | Refusal:
    template_id = call.id()
    if isinstance(template_id, NotFound):
        return template_id
    body = call.body(TemplateChangeBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    version = read_if_match(call)
    if isinstance(version, InvalidFields):
        return version
    fields = template_change(body)
    return _answer(
        await call.services.templates.change(
            call.trainer, template_id, lambda draft: replace(draft, **fields), version, call.now
        )
    )


async def _delete(call: Call) -> Answer | Refusal:
    template_id = call.id()
    if isinstance(template_id, NotFound):
        return template_id
    version = read_if_match(call)
    if isinstance(version, InvalidFields):
        return version
    return _answer(await call.services.templates.delete(call.trainer, template_id, version, call.now))


async def _dry_run(call: Call) -> Answer | Refusal:
    body = call.body(DryRunBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    outcome = await call.services.templates.dry_run(*dry_run_draft(body))
    if isinstance(outcome, InvalidFields):
        return InvalidFields(tuple(FieldError(f"template.{error.field}", error.message) for error in outcome.errors))
    return Answer(200, outcome.as_json())


async def _import(call: Call) -> Answer | Response | Refusal:
    imported = await call.services.templates.read_file(call.trainer, call.file)
    if isinstance(imported, Forbidden):
        return imported
    report = [entry.as_json() for entry in imported.report]
    if imported.templates:
        slices, drafts = Slices(), list[dict[str, object]]()
        for content in imported.templates:
            drafts.append(content.as_json())
            await slices.breathe()
        return Answer(200, {"templates": drafts, "report": report})
    # What the report says of it stands in the problem too, so that screens can say it in their reader's language.
    errors = tuple(
        FieldError(entry.field or "file", entry.message) for entry in imported.report if entry.level == "error"
    )
    return problem_response(refused(InvalidFields(errors)), members={"report": report})


def _answer(outcome: Template | Refusal) -> Answer | Refusal:
    if not isinstance(outcome, Template):
        return outcome
    return Answer(200, template_answer(outcome), {"ETag": f'"{outcome.version}"'})


ENDPOINTS = (
    Endpoint(
        "GET", "/templates", "The templates of the school", _list, {200: TemplatePage}, ("invalid_fields",),
        parameters=PAGE_PARAMETERS,
    ),
    Endpoint(
        "POST", "/templates", "Add a template", _add, {201: TemplateAnswer, 200: TemplateAnswer},
        ("forbidden", "conflict"), bodies=(TemplateBody,),
    ),
    Endpoint(
        "POST", "/templates/dry-run", "What a case would do by itself; nothing is stored", _dry_run,
        {200: DryRunAnswer}, (), bodies=(DryRunBody,),
    ),
    Endpoint(
        "POST", "/templates/import", "The cases of a file, ours or another tool's, as drafts; nothing is stored",
        _import, {200: ImportAnswer}, ("forbidden", "invalid_fields"),
        takes_file=True, body_limit_bytes=FILE_LIMIT_BYTES,
    ),
    Endpoint("GET", "/templates/{id}", "One template", _find, {200: TemplateAnswer}, ("not_found",)),
    Endpoint("GET", "/templates/{id}/export", "Download a case as a file", _export, {200: None}, ("not_found",)),
    Endpoint(
        "PATCH", "/templates/{id}", "Change the named parts of a template", _change, {200: TemplateAnswer},
        ("forbidden", "not_found", "version_mismatch"),
        bodies=(TemplateChangeBody,), parameters=(IF_MATCH_PARAMETER,),
    ),
    Endpoint(
        "DELETE", "/templates/{id}", "Delete a template; answers the tombstone", _delete,
        {200: TemplateAnswer}, ("forbidden", "not_found", "invalid_fields", "version_mismatch"),
        parameters=(IF_MATCH_PARAMETER,),
    ),
)  # fmt: skip
