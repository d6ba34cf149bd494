"""The address of the database, read once and for everybody who connects: psycopg, yoyo and PostgreSQL's own programs
take what libpq makes of it, and asyncpg is told the same in its own words.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

_SCHEME = re.compile(r"postgres(?:ql)?://")
_HOST = r"(?:\[[0-9A-Fa-f:.%]+\]|[^\s@/?#:,\[\]]*)(?::\d*)?"
_HOSTS = rf"(?:{_HOST}(?:,{_HOST})*)(?:/[^@/?#]*)?"
# Nothing in these stands for more than one thing.
_WITHOUT_USER = re.compile(rf"{_HOSTS}(?:\?(?:\w+=[^&]*(?:&\w+=[^&]*)*)?)?")
_BEHIND_USER = re.compile(rf"{_HOSTS}(?:\?(?:\w+=[^&@]*(?:&\w+=[^&@]*)*)?)?")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# From here on a port is no port.
_HIGHEST_PORT = 65535

# asyncpg reads these as libpq does.
_SAME_WORDS = (
    "passfile", "service", "sslmode", "sslnegotiation", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslpassword",
    "ssl_min_protocol_version", "ssl_max_protocol_version", "krbsrvname", "gsslib",
)  # fmt: skip
# Settings of the session, told to the server by both.
_SETTINGS = ("application_name", "options")
# What would protect the connection, and asyncpg cannot do: to leave it out without a word would protect nothing.
_PROTECTIONS: Mapping[str, frozenset[str]] = {
    "channel_binding": frozenset({"disable", "prefer"}),
    "gssencmode": frozenset({"disable", "prefer"}),
    "require_auth": frozenset(),
    "requirepeer": frozenset(),
    "sslcertmode": frozenset({"disable", "allow"}),
    "sslcrldir": frozenset(),
}
_SHORTEST_TIMEOUT_SECONDS = 2
_DEFAULT_PORT = "5432"


@dataclass(frozen=True, slots=True)
class DriverWords:
    """For asyncpg."""

    places: Sequence[Mapping[str, Any]]
    """One host each, in the order in which they are tried; without any, asyncpg's own default."""
    words: Mapping[str, Any]
    """The same for each of them."""
    attributes: Sequence[str]
    """Which servers will do, the better first; each place is asked for the first, then for the next."""
    connect_seconds: float | None
    """For each host, where the address says so."""


def read_database_url(text: str) -> str:
    """The same address as everybody reads it, with what is special in the password escaped.

    Raises ValueError: no message has any part of the address, which may be a part of the password.
    """
    found = _SCHEME.match(text)
    if found is None:
        raise ValueError("must begin with postgresql://")
    url = "postgresql://" + _escaped(text[found.end() :])
    words = _words(url)
    for name, harmless in _PROTECTIONS.items():
        if name in words and words[name] not in harmless:
            raise ValueError(
                f"asks for {name}={words[name] if harmless else '…'}, which the server's driver cannot do. Leave it "
                "out; sslmode=verify-full proves which server it is by its certificate"
            )
    _places(words)
    _connect_seconds(words)
    return url


def read_driver_words(url: str) -> DriverWords:
    words = _words(url)
    told: dict[str, Any] = {}
    for ours, theirs in (("user", "user"), ("password", "password"), ("dbname", "database")):
        if ours in words:
            told[theirs] = words[ours]
    settings = {name: words[name] for name in _SETTINGS if name in words}
    if settings:
        told["server_settings"] = settings
    same = {name: words[name] for name in _SAME_WORDS if name in words}
    if same.get("sslrootcert") == "system":
        # The certificates that the machine trusts; libpq then wants no less than verify-full.
        told["ssl"] = True
        same = {name: value for name, value in same.items() if name not in ("sslrootcert", "sslmode")}
    told["dsn"] = "postgresql:///" + (f"?{urlencode(same, quote_via=quote)}" if same else "")
    places = [{"host": [host], "port": [int(port)]} for host, port in _places(words)]
    if not places and "port" in words:
        told["port"] = int(words["port"])
    if words.get("load_balance_hosts") == "random":
        random.shuffle(places)
    wanted = words.get("target_session_attrs", "any")
    attributes = ("standby", "any") if wanted == "prefer-standby" else (wanted,)
    return DriverWords(places, told, attributes, _connect_seconds(words))


def place_of(url: str) -> str:
    """Where the database is, for people to read: no user, no password."""
    words = _words(url)
    database = words.get("dbname", "")
    if "service" in words:
        return f"the service {words['service']}" + (f", {database}" if database else "")
    hosts = [f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in _places(words)]
    return (",".join(hosts) or "the local socket") + f"/{database}"


def with_option(url: str, option: str) -> str:
    """The same address; who connects by it has the server's command line say `option`, too."""
    words = _words(url)
    words["options"] = f"{words.get('options', '')} {option}".strip()
    return f"postgresql:///?{urlencode(words, quote_via=quote)}"


def _escaped(rest: str) -> str:
    """What follows the scheme. A password that somebody has pasted as it is may have anything in it: it ends at the
    last @ behind which there is nothing but hosts, a database and parameters.
    """
    if _WITHOUT_USER.fullmatch(rest):
        return rest
    ends = [
        place for place, character in enumerate(rest) if character == "@" and _BEHIND_USER.fullmatch(rest, place + 1)
    ]
    if not ends:
        raise ValueError(
            "cannot be read; write postgresql://user:password@host:port/database, with special characters in the "
            "password escaped (%40 for @, %23 for #)"
        )
    user, colon, password = rest[: ends[-1]].partition(":")
    return _quoted(user) + colon + _quoted(password) + rest[ends[-1] :]


def _quoted(text: str) -> str:
    """Escapes stay what they are."""
    return quote(_LONE_PERCENT.sub("%25", text), safe="%!$&'()*+,;=~")


def _words(url: str) -> dict[str, str]:
    try:
        words = conninfo_to_dict(url)
    except psycopg.Error:
        known = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()} | {"ssl"}
        asked = re.findall(r"(?:^|&)(\w+)=", url.partition("?")[2])
        unknown = next((name for name in asked if name not in known), None)
        raise ValueError(
            "cannot be read" if unknown is None else f"has the parameter {unknown}, which PostgreSQL does not have"
        ) from None
    return {name: str(value) for name, value in words.items() if value not in (None, "")}


def _places(words: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """Hosts and ports. With verify-full it is the name that the certificate has to show; else the number will do."""
    by_number = "hostaddr" in words and not ("host" in words and words.get("sslmode") == "verify-full")
    hosts = words.get("hostaddr" if by_number else "host", "")
    named = hosts.split(",")
    numbered = words.get("port", "").split(",")
    if len(numbered) == 1:
        numbered = numbered * len(named)
    if len(numbered) != len(named):
        raise ValueError(f"has {len(named)} hosts and {len(numbered)} ports; give each host its port, or one for all")
    for number in numbered:
        if number and not (number.isdecimal() and 0 < int(number) <= _HIGHEST_PORT):
            raise ValueError("has a port that is no number from 1 to 65535")
    if not hosts:
        # Of this machine; which ways lead to it, whoever connects knows.
        return []
    # As libpq does it for the tools and the migrations: where no port is named at all, the environment's.
    unnamed = _DEFAULT_PORT if "port" in words else os.environ.get("PGPORT") or _DEFAULT_PORT
    return [(host or "localhost", number or unnamed) for host, number in zip(named, numbered, strict=True)]


def _connect_seconds(words: Mapping[str, str]) -> float | None:
    """libpq takes 0 for endless, and nothing shorter than two seconds."""
    text = words.get("connect_timeout", "").strip()
    if not text:
        return None
    if not re.fullmatch(r"-?\d{1,6}", text):
        raise ValueError("has a connect_timeout that is no number of seconds")
    return max(float(text), _SHORTEST_TIMEOUT_SECONDS) if int(text) > 0 else None
