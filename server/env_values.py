"""The text of a variable read as what it means, or refused in words that say what it must be."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from server.env_file import ConfigError

T = TypeVar("T")

_MOST_CONNECTIONS = 1_000_000


def value_of(values: Mapping[str, str], name: str, default: T, read: Callable[[str], T]) -> T:
    """`default` where it is empty. Raises ConfigError with what `read` says in a ValueError."""
    text = values.get(name, "").strip()
    if not text:
        return default
    try:
        return read(text)
    except ValueError as error:
        shown = "" if name.endswith(("_URL", "_TOKEN")) else f" {text!r}"
        raise ConfigError(f"{name}{shown} {error}.") from None


def read_boolean(text: str) -> bool:
    match text.lower():
        case "true" | "1" | "yes" | "on":
            return True
        case "false" | "0" | "no" | "off":
            return False
        case _:
            raise ValueError("must be true or false")


def read_port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise ValueError("must be a port from 0 to 65535 (0: any free one)")
    return int(text)


def number_between(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = low
        if not low < number <= high:
            raise ValueError(f"must be a number above {low} and at most {high}")
        return number

    return read


def whole_number_between(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return read


def one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return text.lower()

    return read


def read_web_url(text: str) -> str:
    parts = urlsplit(text)
    is_site = parts.scheme in ("http", "https") and parts.hostname and _has_port(text)
    if not is_site or parts.query or parts.fragment or re.search(r"\s", text):
        raise ValueError("must be an address such as https://training.example.org")
    return text.rstrip("/")


def _has_port(url: str) -> bool:
    """One that can be, or the usual one."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def read_site_url(text: str) -> str:
    """Pages, sockets and cookies are at the root of their host: below a path none of them would be found."""
    url = read_web_url(text)
    parts = urlsplit(url)
    if parts.path or parts.username is not None:
        raise ValueError(
            "must be an address without a path, such as https://training.example.org: the pages do not work below "
            "one. Behind a proxy, give them a name or a port of their own"
        )
    return url


def read_origins(text: str) -> tuple[str, ...]:
    origins = tuple(part.strip() for part in text.split(",") if part.strip())
    for origin in origins:
        if origin != "*" and not (re.fullmatch(r"https?://[^/\s@?#]+/?", origin) and _has_port(origin)):
            raise ValueError("must be origins such as https://training.example.org, separated by commas, or *")
    return origins


def read_proxies(text: str) -> str:
    proxies = [part.strip() for part in text.split(",") if part.strip()]
    for proxy in proxies:
        try:
            if proxy != "*":
                ipaddress.ip_network(proxy)
        except ValueError:
            raise ValueError("must be addresses or networks such as 172.18.0.0/16, separated by commas, or *") from None
    return ",".join(proxies)


def read_connections(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_CONNECTIONS:
        raise ValueError(f"must be a number of connections from 1 to {_MOST_CONNECTIONS}")
    return int(text)


def read_hall_token(text: str) -> str:
    if not re.fullmatch(r"shh_[A-Za-z0-9_-]{43}", text):
        raise ValueError("must be the token that the central server showed once: shh_ and 43 characters")
    return text


def read_redis_url(text: str) -> str:
    wrong = ValueError(
        "must be an address such as redis://127.0.0.1:6379/0, with special characters in the password escaped "
        "(%40 for @, %23 for #)"
    )
    parts = urlsplit(text)
    if parts.scheme not in ("redis", "rediss", "unix") or "#" in text or parts.netloc.count("@") > 1:
        raise wrong
    try:
        _ = parts.port
    except ValueError:
        raise wrong from None
    return text


def read_path(text: str) -> Path:
    """No shell has read what stands in `.env`: `~` would be a folder of that name."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ValueError("begins with a home folder that is not known; write it out") from None


def read_existing_file(text: str) -> Path:
    path = read_path(text)
    if not path.is_file():
        raise ValueError("is not a file")
    return path
