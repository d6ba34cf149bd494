"""The documents say what is there and nothing else: variables, commands, calls, messages, links, bounds."""

from __future__ import annotations

import dataclasses
import importlib
import re
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from dotenv import dotenv_values

from server.cli import main
from server.config import VARIABLES, read_config
from server.domain.permissions import PERMISSIONS, RELATIONS
from server.live.backoff import Backoff
from server.service.guessing import Allowance
from server.transport.http.problems import STATUSES
from server.transport.rpc import shiller_pb2 as pb
from server.transport.rpc.statuses import STATUSES as RPC_STATUSES
from server.transport.site import endpoints
from server.transport.socket.messages import CLIENT_MESSAGES, SERVER_MESSAGES

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
API = ROOT / "docs" / "api.md"
GRPC = ROOT / "docs" / "grpc.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
DOCUMENTS = (README, *sorted((ROOT / "docs").rglob("*.md")))
# What the pages tell a reader to make, outside of this repository.
FILES_OF_A_READER = {"openapi.json", "clock.json", "NNNN_what.sql", "NNNN_what.rollback.sql", "rollback.sql"}
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def read(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def rows(text: str) -> Iterator[list[str]]:
    """The cells of every table's rows; a pipe in a cell is written with a backslash."""
    for line in text.splitlines():
        if line.startswith("|"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def section(text: str, title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found is not None, f"there is no section {title!r}"
    return found.group(1)


# Variables


def example_values() -> dict[str, str]:
    return {name: value or "" for name, value in dotenv_values(ROOT / ".env.example").items()}


def readme_defaults() -> dict[str, str]:
    table = section(read(README), "Configuration")
    return {cells[0].strip("`"): cells[1].strip("`") for cells in rows(table) if cells[0].startswith("`")}


def test_the_example_file_has_every_variable_and_no_other() -> None:
    assert tuple(example_values()) == VARIABLES


def test_the_example_file_states_the_defaults() -> None:
    assert read_config(example_values()) == read_config({})


def test_the_readme_has_every_variable_with_its_default_and_no_other() -> None:
    assert readme_defaults() == example_values()


# Commands


def commands(group: click.Command = main, prefix: str = "shiller") -> Iterator[str]:
    if not isinstance(group, click.Group):
        yield prefix
        return
    for name, command in group.commands.items():
        yield from commands(command, f"{prefix} {name}")


def documented_commands() -> set[str]:
    """First cells of the README's table of commands."""
    return {cells[0].strip("`") for cells in rows(section(read(README), "Command line")) if cells[0].startswith("`")}


def test_the_readme_has_every_command_and_no_other() -> None:
    assert documented_commands() == set(commands())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_that_are_written_down_exist(document: Path) -> None:
    known = set(commands())
    groups = {command.rsplit(" ", 1)[0] for command in known if command.count(" ") > 1}
    for words in re.findall(r"(?:^|[\s`/(])shiller((?: [a-z][a-z-]*)+)", code_of(read(document)), re.MULTILINE):
        said = words.split()
        one, two = f"shiller {said[0]}", " ".join(["shiller", *said[:2]])
        assert one in known or two in known, f"{document.name} has «{two}»"
        assert one not in groups or two in known, f"{document.name} has «{two}»"


def code_of(text: str) -> str:
    """What stands in blocks and spans of code, a piece a line."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))
    return "\n".join([*blocks, *spans])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_make_targets_that_are_written_down_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)", code_of(read(document)))) <= targets


# Calls and messages


def test_the_api_page_has_every_call_and_no_other() -> None:
    written = set(re.findall(r"^\| `((?:GET|POST|PUT|PATCH|DELETE) /[^`]*)` \|", read(API), re.MULTILINE))
    assert written == {f"{one.method} {one.base}{one.path}" for one in endpoints("http://localhost")}


@pytest.mark.parametrize("namespace", CLIENT_MESSAGES)
def test_the_api_page_has_every_message_of_a_namespace_and_no_other(namespace: Any) -> None:
    written = [cells[0].strip("`") for cells in rows(section(read(API), f"Socket.IO: namespace `{namespace}`"))]
    messages = [name for name in written if re.fullmatch(r"[a-z]+:[a-z]+", name)]
    assert messages == [*CLIENT_MESSAGES[namespace], *SERVER_MESSAGES[namespace]]


def test_the_api_page_has_every_error_with_its_status_and_no_other() -> None:
    table = [cells for cells in rows(section(read(API), "Errors")) if cells[0].startswith("`")]
    assert {cells[0].strip("`"): int(cells[1]) for cells in table} == {
        code: status for code, (status, _) in STATUSES.items()
    }


def test_the_grpc_page_has_the_methods_and_statuses_of_the_code() -> None:
    methods = [cells[0].strip("`") for cells in rows(section(read(GRPC), "Accounts")) if cells[0].startswith("`")]
    assert set(methods) == {method.name for method in pb.DESCRIPTOR.services_by_name["UsersService"].methods}
    table = [cells for cells in rows(section(read(GRPC), "What is refused, and how")) if cells[0].startswith("`")]
    assert len(table) > 5
    for code, said in table:
        assert said.split("`")[1] == RPC_STATUSES[code.strip("`")].name


def test_the_api_page_has_the_permissions_of_the_code() -> None:
    head, _, *table = rows(section(read(API), "Who may do what"))
    written = {
        action.strip("`"): frozenset(relation for relation, said in zip(head[2:], said_of_each, strict=True) if said)
        for action, _, *said_of_each in table
    }
    assert tuple(head[2:]) == RELATIONS
    assert written == PERMISSIONS


# Bounds


def bounds() -> list[tuple[str, str]]:
    """The dotted name of every constant in the table of bounds, with what the table says of it."""
    table = rows(section(read(ARCHITECTURE), "What is bounded"))
    return [(name, cells[1]) for cells in table for name in re.findall(r"`(server\.[\w.]+)`", cells[-1])]


def spellings(name: str, value: Any) -> set[str]:
    match value:
        case timedelta():
            return {f"{value.days} days"}
        case Allowance(failures, seconds_each):
            return {f"{failures} at once, then one every {seconds_each:g} s"}
        case Backoff(longest_seconds=longest):
            return {f"{longest:g} s"}
        case _ if name.upper().endswith("_BYTES") and value % 1024 == 0:
            return {f"{value // 1024} KiB", f"{value // 1024**2} MiB"}
        case _:
            return {f"{value:g}" if isinstance(value, float) else f"{value:,}".replace(",", " "), f"{value}"}


def _value(owner: str, name: str) -> Any:
    """Of a module's constant, or of a field of a dataclass when nobody says otherwise."""
    module, _, kind = owner.rpartition(".")
    if not kind[0].isupper():
        return getattr(importlib.import_module(owner), name)
    fields = dataclasses.fields(getattr(importlib.import_module(module), kind))
    return next(field.default for field in fields if field.name == name)


@pytest.mark.parametrize(("name", "written"), bounds())
def test_bounds_are_those_of_the_code(name: str, written: str) -> None:
    module, _, constant = name.rpartition(".")
    value = _value(module, constant)
    pattern = "|".join(re.escape(spelling) for spelling in spellings(constant, value))
    assert re.search(rf"(?<![\d.]){pattern}(?![\d.])", written), f"{name} is {value}, not {written}"


# Links


def anchors(document: Path) -> set[str]:
    """As the usual viewers make them of headings: lower case, without punctuation, dashes for spaces."""
    prose = re.sub(r"^```.*?^```", "", read(document), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", read(document)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), f"{document.name} links to {link}"
        assert not anchor or anchor in anchors(target), f"{document.name} links to {link}"


# Files and names


FILES = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.splitlines()
# `server/app.py`, `live/journal.py: append`, `journal.py`: any end of a path, and a name that is defined there.
NAMED_FILE = re.compile(r"`((?:[\w.-]+/)*[\w-]+\.(?:py|tsx|ts|sql|mjs|css|json|toml|yml))\b(?:: (\w+))?[^`\n]*`")
NAMED_FOLDER = re.compile(r"`((?:server|web|tests|bench|docs)/(?:[\w-]+/)*)`")


def files_named(path: str) -> list[str]:
    return [each for each in FILES if each == path or each.endswith(f"/{path}")]


def defines(path: str, name: str) -> bool:
    """By a definition, an assignment, a field or an exported name; in SQL and JSON by standing there."""
    text = read(ROOT / path)
    if path.endswith((".py", ".ts", ".tsx", ".mjs")):
        words = r"def|class|function|const|let|interface|type|enum|get"
        return re.search(rf"\b(?:{words}) #?{name}\b|^\s*#?{name}\b\s*[:=(]", text, re.MULTILINE) is not None
    return re.search(rf"\b{name}\b", text) is not None


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_and_names_that_are_written_down_exist(document: Path) -> None:
    prose = re.sub(r"^```.*?^```", "", read(document), flags=re.DOTALL | re.MULTILINE)
    for path, name in NAMED_FILE.findall(prose):
        if path in FILES_OF_A_READER:
            continue
        files = files_named(path)
        assert files, f"{document.name} names {path}"
        assert not name or any(defines(each, name) for each in files), f"{document.name} names {path}: {name}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_folders_that_are_written_down_exist(document: Path) -> None:
    made = {"server/static/"}
    for folder in NAMED_FOLDER.findall(read(document)):
        assert folder in made or (ROOT / folder).is_dir(), f"{document.name} names {folder}"


# Decisions


DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.name)
def test_a_decision_says_whether_it_still_stands(decision: Path) -> None:
    lines = read(decision).splitlines()
    assert lines[0].startswith(f"# {decision.name[:4]}: ")
    assert lines[1] == ""
    assert re.match(r"Status: (in force|amended by|replaced by)\b.*\.$", lines[2]), lines[2]


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(each.name[:4]) for each in DECISIONS] == list(range(1, len(DECISIONS) + 1))


# Containers


def test_every_published_port_is_bound_to_this_machine() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", ())]
    assert ports
    assert all(str(port).startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("service", COMPOSE["services"])
def test_every_service_has_a_health_check(service: str) -> None:
    assert COMPOSE["services"][service]["healthcheck"]["test"]


def test_the_app_waits_until_the_others_are_healthy() -> None:
    others = set(COMPOSE["services"]) - {"app"}
    assert COMPOSE["services"]["app"]["depends_on"] == {name: {"condition": "service_healthy"} for name in others}


def test_passwords_have_no_default() -> None:
    environments = [service.get("environment", {}) for service in COMPOSE["services"].values()]
    passwords = [value for one in environments for name, value in one.items() if "PASSWORD" in name]
    assert passwords
    assert all(re.fullmatch(r"\$\{POSTGRES_PASSWORD:\?.+\}", password) for password in passwords)


def test_volumes_are_named_and_no_version_is_stated() -> None:
    mounted = [volume for service in COMPOSE["services"].values() for volume in service.get("volumes", ())]
    assert {volume.split(":")[0] for volume in mounted} == set(COMPOSE["volumes"])
    assert "version" not in COMPOSE


def test_the_app_is_given_variables_that_exist() -> None:
    others = {"PGHOST", "PGDATABASE", "PGUSER", "PGPASSWORD", "FORWARDED_ALLOW_IPS"}
    assert set(COMPOSE["services"]["app"]["environment"]) - others <= set(VARIABLES)
