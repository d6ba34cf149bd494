"""The configuration: frozen, read once. The only reader of os.environ."""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args
from urllib.parse import quote, urlencode, urlsplit

from server.database_address import read_database_url
from server.env_file import ConfigError, read_env_file
from server.env_values import (
    number_between,
    one_of,
    read_boolean,
    read_connections,
    read_existing_file,
    read_hall_token,
    read_origins,
    read_path,
    read_port,
    read_proxies,
    read_redis_url,
    read_site_url,
    read_web_url,
    value_of,
    whole_number_between,
)

LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["text", "json"]
Language = Literal["en", "fr"]

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
    in_memory = value_of(values, "USE_IN_MEMORY", False, read_boolean)
    database_url = None if in_memory else _database_url(values)
    host = value_of(values, "HOST", "127.0.0.1", str)
    upstream_url = value_of(values, "SYNC_UPSTREAM_URL", None, read_web_url)
    config = Config(
        use_in_memory=in_memory,
        database_url=database_url,
        data_dir=value_of(values, "DATA_DIR", Path(".data"), read_path),
        host=host,
        port=value_of(values, "PORT", 8000, read_port),
        grpc_host=value_of(values, "GRPC_HOST", host, str),
        grpc_port=value_of(values, "GRPC_PORT", None, read_port),
        public_url=value_of(values, "PUBLIC_URL", None, read_site_url),
        allowed_origins=value_of(values, "ALLOWED_ORIGINS", (), read_origins),
        forwarded_allow_ips=value_of(values, "FORWARDED_ALLOW_IPS", None, read_proxies),
        connections_by_address=value_of(values, "CONNECTIONS_BY_ADDRESS", None, read_connections),
        redis_url=value_of(values, "REDIS_URL", None, read_redis_url),
        session_minutes=value_of(values, "SESSION_MINUTES", 240.0, number_between(0, _LONGEST_SESSION_MINUTES)),
        expiry_seconds=value_of(values, "EXPIRY_SECONDS", 5.0, number_between(0, 3600)),
        token_hours=value_of(values, "TOKEN_HOURS", 12.0, number_between(0, 24 * 365)),
        seats_limit=value_of(values, "SEATS_LIMIT", DEFAULT_SEATS_LIMIT, whole_number_between(1, _MOST_SEATS)),
        sync_keep_days=value_of(values, "SYNC_KEEP_DAYS", 180.0, number_between(0, 36_500)),
        sync_upstream_url=upstream_url,
        sync_upstream_token=value_of(values, "SYNC_UPSTREAM_TOKEN", None, read_hall_token),
        sync_seconds=value_of(values, "SYNC_SECONDS", 30.0, number_between(0, 86_400)),
        sync_login_days=value_of(values, "SYNC_LOGIN_DAYS", 30.0, number_between(0, 36_500)),
        sync_upstream_insecure=value_of(values, "SYNC_UPSTREAM_INSECURE", False, read_boolean),
        seed_demo=value_of(values, "SEED_DEMO", database_url is None and upstream_url is None, read_boolean),
        tls_cert_path=value_of(values, "TLS_CERT_PATH", None, read_existing_file),
        tls_key_path=value_of(values, "TLS_KEY_PATH", None, read_existing_file),
        log_level=cast(LogLevel, value_of(values, "LOG_LEVEL", "info", one_of(get_args(LogLevel)))),
        log_format=cast(LogFormat, value_of(values, "LOG_FORMAT", "text", one_of(get_args(LogFormat)))),
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


def _database_url(values: Mapping[str, str]) -> str | None:
    """DATABASE_URL, or the address that the PG… variables make, or None for the embedded one."""
    url = value_of(values, "DATABASE_URL", None, read_database_url)
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
