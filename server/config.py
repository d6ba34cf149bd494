"""The configuration: frozen, read once. The only reader of os.environ."""

from __future__ import annotations

import ipaddress
import os
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar, cast, get_args
from urllib.parse import quote, urlencode, urlsplit

from server.database_address import read_database_url
from server.env_file import ConfigError, read_env_file

LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["text", "json"]
Language = Literal["en", "fr"]

T = TypeVar("T")

# Variables of libpq that say where a database is, each enough by itself to mean «an external one».
_PG_PLACES = ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE")
_PG_PARTS = {
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
}
_MOST_CONNECTIONS = 1_000_000
_LONGEST_SESSION_MINUTES = 30 * 24 * 60
DEFAULT_SEATS_LIMIT = 1000
_MOST_SEATS = 100_000


@dataclass(frozen=True, slots=True)
class Config:
    """Each field is the variable of the same name in capitals; the README's table says what it does.

    `language`, of the demo's session, follows the machine's own setting instead.
    """

    use_in_memory: bool
    database_url: str | None
    data_dir: Path
    host: str
    port: int
    grpc_host: str
    grpc_port: int | None
    public_url: str | None
    allowed_origins: tuple[str, ...]
    forwarded_allow_ips: str | None
    connections_by_address: int | None
    """None: the default, which spares this machine itself."""
    redis_url: str | None
    session_minutes: float
    expiry_seconds: float
    token_hours: float
    seats_limit: int
    sync_keep_days: float
    sync_upstream_url: str | None
    sync_upstream_token: str | None
    sync_seconds: float
    sync_login_days: float
    sync_upstream_insecure: bool
    seed_demo: bool
    tls_cert_path: Path | None
    tls_key_path: Path | None
    log_level: LogLevel
    log_format: LogFormat
    language: Language

    @property
    def is_hall(self) -> bool:
        """This server belongs to a central one."""
        return self.sync_upstream_url is not None

    @property
    def storage(self) -> Literal["memory", "external", "embedded"]:
        if self.use_in_memory:
            return "memory"
        return "embedded" if self.database_url is None else "external"


VARIABLES: tuple[str, ...] = (
    "USE_IN_MEMORY",
    "DATABASE_URL",
    "DATA_DIR",
    "HOST",
    "PORT",
    "GRPC_HOST",
    "GRPC_PORT",
    "PUBLIC_URL",
    "ALLOWED_ORIGINS",
    "FORWARDED_ALLOW_IPS",
    "CONNECTIONS_BY_ADDRESS",
    "REDIS_URL",
    "SESSION_MINUTES",
    "EXPIRY_SECONDS",
    "TOKEN_HOURS",
    "SEATS_LIMIT",
    "SYNC_KEEP_DAYS",
    "SYNC_UPSTREAM_URL",
    "SYNC_UPSTREAM_TOKEN",
    "SYNC_SECONDS",
    "SYNC_LOGIN_DAYS",
    "SYNC_UPSTREAM_INSECURE",
    "SEED_DEMO",
    "TLS_CERT_PATH",
    "TLS_KEY_PATH",
    "LOG_LEVEL",
    "LOG_FORMAT",
)


def load_config(environment: Mapping[str, str] | None = None, env_file: Path | None = Path(".env")) -> Config:
    """`.env` is read if present; real environment variables win. Raises ConfigError."""
    values: Mapping[str, str] = {} if env_file is None else read_env_file(env_file)
    return read_config({**values, **(os.environ if environment is None else environment)})


def read_config(values: Mapping[str, str]) -> Config:
    """An empty value means the default."""
    in_memory = _read(values, "USE_IN_MEMORY", False, _boolean)
    database_url = None if in_memory else _database_url(values)
    host = _read(values, "HOST", "127.0.0.1", str)
    upstream_url = _read(values, "SYNC_UPSTREAM_URL", None, _web_url)
    config = Config(
        use_in_memory=in_memory,
        database_url=database_url,
        data_dir=_read(values, "DATA_DIR", Path(".data"), _path),
        host=host,
        port=_read(values, "PORT", 8000, _port),
        grpc_host=_read(values, "GRPC_HOST", host, str),
        grpc_port=_read(values, "GRPC_PORT", None, _port),
        public_url=_read(values, "PUBLIC_URL", None, _site_url),
        allowed_origins=_read(values, "ALLOWED_ORIGINS", (), _origins),
        forwarded_allow_ips=_read(values, "FORWARDED_ALLOW_IPS", None, _proxies),
        connections_by_address=_read(values, "CONNECTIONS_BY_ADDRESS", None, _connections),
        redis_url=_read(values, "REDIS_URL", None, _redis_url),
        session_minutes=_read(values, "SESSION_MINUTES", 240.0, _between(0, _LONGEST_SESSION_MINUTES)),
        expiry_seconds=_read(values, "EXPIRY_SECONDS", 5.0, _between(0, 3600)),
        token_hours=_read(values, "TOKEN_HOURS", 12.0, _between(0, 24 * 365)),
        seats_limit=_read(values, "SEATS_LIMIT", DEFAULT_SEATS_LIMIT, _whole_between(1, _MOST_SEATS)),
        sync_keep_days=_read(values, "SYNC_KEEP_DAYS", 180.0, _between(0, 36_500)),
        sync_upstream_url=upstream_url,
        sync_upstream_token=_read(values, "SYNC_UPSTREAM_TOKEN", None, _hall_token),
        sync_seconds=_read(values, "SYNC_SECONDS", 30.0, _between(0, 86_400)),
        sync_login_days=_read(values, "SYNC_LOGIN_DAYS", 30.0, _between(0, 36_500)),
        sync_upstream_insecure=_read(values, "SYNC_UPSTREAM_INSECURE", False, _boolean),
        seed_demo=_read(values, "SEED_DEMO", database_url is None and upstream_url is None, _boolean),
        tls_cert_path=_read(values, "TLS_CERT_PATH", None, _existing_file),
        tls_key_path=_read(values, "TLS_KEY_PATH", None, _existing_file),
        log_level=cast(LogLevel, _read(values, "LOG_LEVEL", "info", _one_of(get_args(LogLevel)))),
        log_format=cast(LogFormat, _read(values, "LOG_FORMAT", "text", _one_of(get_args(LogFormat)))),
        language=language_of(values),
    )
    if (config.tls_cert_path is None) != (config.tls_key_path is None):
        raise ConfigError("TLS_CERT_PATH and TLS_KEY_PATH go together: set both or neither.")
    if config.tls_cert_path is not None:
        _check_certificate(config.tls_cert_path, config.tls_key_path)
    _check_hall(config)
    return config


def language_of(values: Mapping[str, str] | None = None) -> Language:
    """By the first of the system's variables that is set; English where we have no words for theirs."""
    values = os.environ if values is None else values
    spoken = next((values[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if values.get(name)), "")
    return "fr" if spoken.lower().startswith("fr") else "en"


def _check_hall(config: Config) -> None:
    """A hall has its people and its school from the central server, and keeps records until that has them."""
    if (config.sync_upstream_url is None) != (config.sync_upstream_token is None):
        raise ConfigError("SYNC_UPSTREAM_URL and SYNC_UPSTREAM_TOKEN go together: set both or neither.")
    if config.sync_upstream_url is None:
        return
    if config.use_in_memory:
        raise ConfigError("SYNC_UPSTREAM_URL needs a database: with USE_IN_MEMORY, what was not sent yet is lost.")
    if config.seed_demo:
        raise ConfigError("SEED_DEMO makes a school of its own, and SYNC_UPSTREAM_URL takes the central server's.")
    parts = urlsplit(config.sync_upstream_url)
    if parts.scheme != "https" and not is_loopback(parts.hostname or "") and not config.sync_upstream_insecure:
        raise ConfigError(
            "SYNC_UPSTREAM_URL must begin with https://, for passwords of trainers come that way. "
            "SYNC_UPSTREAM_INSECURE=true sends them unprotected all the same."
        )


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_certificate(certificate: Path, key: Path | None) -> None:
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError) as error:
        raise ConfigError(
            f"TLS_CERT_PATH {certificate} and TLS_KEY_PATH {key} cannot be used together: {error}."
        ) from None


def _read(values: Mapping[str, str], name: str, default: T, read: Callable[[str], T]) -> T:
    text = values.get(name, "").strip()
    if not text:
        return default
    try:
        return read(text)
    except ValueError as error:
        shown = "" if name.endswith(("_URL", "_TOKEN")) else f" {text!r}"
        raise ConfigError(f"{name}{shown} {error}.") from None


def _boolean(text: str) -> bool:
    match text.lower():
        case "true" | "1" | "yes" | "on":
            return True
        case "false" | "0" | "no" | "off":
            return False
        case _:
            raise ValueError("must be true or false")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise ValueError("must be a port from 0 to 65535 (0: any free one)")
    return int(text)


def _between(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = low
        if not low < number <= high:
            raise ValueError(f"must be a number above {low} and at most {high}")
        return number

    return read


def _whole_between(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return read


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return text.lower()

    return read


def _web_url(text: str) -> str:
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


def _site_url(text: str) -> str:
    """Pages, sockets and cookies are at the root of their host: below a path none of them would be found."""
    url = _web_url(text)
    parts = urlsplit(url)
    if parts.path or parts.username is not None:
        raise ValueError(
            "must be an address without a path, such as https://training.example.org: the pages do not work below "
            "one. Behind a proxy, give them a name or a port of their own"
        )
    return url


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(part.strip() for part in text.split(",") if part.strip())
    for origin in origins:
        if origin != "*" and not (re.fullmatch(r"https?://[^/\s@?#]+/?", origin) and _has_port(origin)):
            raise ValueError("must be origins such as https://training.example.org, separated by commas, or *")
    return origins


def _proxies(text: str) -> str:
    proxies = [part.strip() for part in text.split(",") if part.strip()]
    for proxy in proxies:
        try:
            if proxy != "*":
                ipaddress.ip_network(proxy)
        except ValueError:
            raise ValueError("must be addresses or networks such as 172.18.0.0/16, separated by commas, or *") from None
    return ",".join(proxies)


def _connections(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_CONNECTIONS:
        raise ValueError(f"must be a number of connections from 1 to {_MOST_CONNECTIONS}")
    return int(text)


def _hall_token(text: str) -> str:
    if not re.fullmatch(r"shh_[A-Za-z0-9_-]{43}", text):
        raise ValueError("must be the token that the central server showed once: shh_ and 43 characters")
    return text


def _redis_url(text: str) -> str:
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


def _path(text: str) -> Path:
    """No shell has read what stands in `.env`: `~` would be a folder of that name."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ValueError("begins with a home folder that is not known; write it out") from None


def _existing_file(text: str) -> Path:
    path = _path(text)
    if not path.is_file():
        raise ValueError("is not a file")
    return path


def _database_url(values: Mapping[str, str]) -> str | None:
    """DATABASE_URL, or the address that the PG… variables make, or None for the embedded one."""
    url = _read(values, "DATABASE_URL", None, read_database_url)
    if url is not None:
        return url
    if not any(values.get(name) for name in _PG_PLACES):
        return None
    try:
        return read_database_url(_url_of_parts(values))
    except ValueError as error:
        raise ConfigError(f"What PGHOST, PGPORT and their like say {error}.") from None


def _url_of_parts(values: Mapping[str, str]) -> str:
    if values.get("PGSERVICE"):
        return f"postgresql:///?service={quote(values['PGSERVICE'], safe='')}"
    parts = {name: values.get(variable, "") for name, variable in _PG_PARTS.items()}
    parts["dbname"] = parts["dbname"] or parts["user"]
    return f"postgresql:///?{urlencode({name: part for name, part in parts.items() if part}, quote_via=quote)}"
