"""The address of the database: everybody who connects reads the same in it, and nobody prints what is secret in it."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from server.config import ConfigError, read_config
from server.database_address import place_of, read_database_url, read_driver_words, with_option

SECRET = "s3cr3t"


def _both(url: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What libpq makes of it, and what asyncpg is told for its first place."""
    read = read_database_url(url)
    driver = read_driver_words(read)
    return conninfo_to_dict(read), {**driver.words, **(driver.places[0] if driver.places else {})}


@pytest.mark.parametrize(
    "password",
    [
        SECRET, "p@ss", "p#ss", "p@s#s@", "a/b", "a?b", "a:b", "@", "#", "a b", "100%", "100%zz", "ü€", "a@b/c?d=e#f",
        "p&q=r", "[x]",
    ],
)  # fmt: skip
def test_a_password_may_be_pasted_as_it_is(password: str) -> None:
    libpq, driver = _both(f"postgres://shiller:{password}@db.example:5433/shiller?connect_timeout=3")
    assert libpq == {
        "user": "shiller", "password": password, "host": "db.example", "port": "5433", "dbname": "shiller",
        "connect_timeout": "3",
    }  # fmt: skip
    assert (driver["user"], driver["password"], driver["database"]) == ("shiller", password, "shiller")
    assert (driver["host"], driver["port"]) == (["db.example"], [5433])


def test_escapes_stay_what_they_are() -> None:
    libpq, driver = _both("postgresql://me%40corp:p%40%2Fss%25@db/x")
    assert libpq["user"] == driver["user"] == "me@corp"
    assert libpq["password"] == driver["password"] == "p@/ss%"


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("postgresql://db/x", "db", 5432),
        ("postgresql://[::1]:5433/x", "::1", 5433),
        ("postgresql://%2Frun%2FPostgreSQL/x", "/run/PostgreSQL", 5432),
        ("postgresql:///x?host=/run/postgresql&port=5433", "/run/postgresql", 5433),
        ("postgresql:///x?hostaddr=10.0.0.1&host=db", "10.0.0.1", 5432),
        ("postgresql:///x?hostaddr=10.0.0.1&host=db&sslmode=verify-full", "db", 5432),
        ("postgresql://db/x?user=me@corp", "db", 5432),
    ],
)
def test_hosts(url: str, host: str, port: int) -> None:
    _, driver = _both(url)
    assert (driver["host"], driver["port"], driver["database"]) == ([host], [port], "x")


def test_several_hosts_are_tried_one_after_another() -> None:
    read = read_database_url(f"postgresql://me:{SECRET}@one,two:5433/x?target_session_attrs=prefer-standby")
    driver = read_driver_words(read)
    assert driver.places == [{"host": ["one"], "port": [5432]}, {"host": ["two"], "port": [5433]}]
    assert driver.attributes == ("standby", "any")
    assert place_of(read) == "one:5432,two:5433/x"


def test_what_the_driver_does_not_know_does_not_reach_it() -> None:
    kept = "keepalives=1&keepalives_idle=30&tcp_user_timeout=5&channel_binding=prefer&gssencmode=disable&sslsni=1"
    _, driver = _both(f"postgresql://db/x?{kept}&application_name=shiller&sslmode=require&connect_timeout=0")
    assert driver["server_settings"] == {"application_name": "shiller"}
    assert driver["dsn"] == "postgresql:///?sslmode=require"
    assert driver.keys() == {"host", "port", "database", "server_settings", "dsn"}
    assert read_driver_words("postgresql://db/x?connect_timeout=1").connect_seconds == 2
    assert read_driver_words("postgresql://db/x?connect_timeout=0").connect_seconds is None
    _, driver = _both("postgresql://db/x?sslrootcert=system&sslmode=verify-full")
    assert driver["ssl"] is True
    assert driver["dsn"] == "postgresql:///"


@pytest.mark.parametrize(
    ("rest", "says"),
    [
        ("db/x?channel_binding=require", "asks for channel_binding=require"),
        ("db/x?require_auth=scram-sha-256", "asks for require_auth"),
        ("db/x?schema=public", "has the parameter schema"),
        ("db:54x/x", "cannot be read"),
        ("one:1,two:2/x?port=1,2,3", "has 2 hosts and 3 ports"),
        ("db/x?port=99999", "no number from 1 to 65535"),
        ("db/x?connect_timeout=soon", "connect_timeout"),
        ("db/x?application_name=%", "cannot be read"),
    ],
)
def test_what_cannot_work_is_refused_at_the_start_without_the_password(rest: str, says: str) -> None:
    with pytest.raises(ConfigError, match="DATABASE_URL") as refused:
        read_config({"DATABASE_URL": f"postgresql://me:{SECRET}@x#{SECRET}@{rest}"})
    assert says in str(refused.value)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("secret", [f"{SECRET}@{SECRET}#{SECRET}", SECRET])
@pytest.mark.parametrize("rest", ["db:1/x", "/x?host=/run", "?service=central", "one,two/x", "[::1]/x"])
def test_where_it_is_tells_no_secret(secret: str, rest: str) -> None:
    read = read_database_url(f"postgresql://me:{secret}@{rest}")
    assert SECRET not in place_of(read)
    assert SECRET not in place_of(read_database_url(f"postgresql:///x?host=/run&password={SECRET}"))


def test_the_variables_of_libpq_say_the_same() -> None:
    config = read_config({"PGHOST": "one,two", "PGPORT": "1,2", "PGUSER": "me", "PGPASSWORD": "p@#% s"})
    assert config.database_url is not None
    libpq = conninfo_to_dict(config.database_url)
    assert libpq == {"host": "one,two", "port": "1,2", "user": "me", "password": "p@#% s", "dbname": "me"}
    with pytest.raises(ConfigError, match="PGPORT"):
        read_config({"PGHOST": "one", "PGPORT": "x"})


@pytest.mark.parametrize("url", [f"redis://:{SECRET}#x@host:1/0", f"redis://:a@{SECRET}@host/0", "redis://host:x/0"])
def test_an_address_of_redis_that_would_be_cut_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ConfigError, match="REDIS_URL must be an address") as refused:
        read_config({"REDIS_URL": url})
    assert SECRET not in str(refused.value)


def test_an_option_is_added_to_those_that_are_there() -> None:
    url = with_option(read_database_url("postgresql://me:p@#@one,two/x?options=-c%20a%3Db"), "-c c=d")
    assert conninfo_to_dict(url)["options"] == "-c a=b -c c=d"
    assert conninfo_to_dict(url)["password"] == "p@#"


def test_a_port_that_is_not_named_is_the_environments_for_the_driver_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    assert read_driver_words(read_database_url("postgresql://db/x")).places == [{"host": ["db"], "port": [6543]}]
    assert read_driver_words(read_database_url("postgresql://db:5433/x")).places == [{"host": ["db"], "port": [5433]}]
