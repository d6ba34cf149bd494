"""What join links begin with, from what the server was told and where it listens."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import httpx
import pytest

from server.addresses import addresses_of, network_hosts
from server.config import VARIABLES, Config, ConfigError, is_loopback, load_config, read_config
from server.env_file import misspelt
from server.transport.origins import Origins
from tests.support.patience import PATIENCE_SECONDS
from tests.support.scenario import serving

EVERYWHERE = "0.0.0.0"  # noqa: S104 - the setting under test


def config(**values: str) -> Config:
    return read_config({"USE_IN_MEMORY": "true", **values})


def test_what_it_was_told_comes_first() -> None:
    addresses = addresses_of(config(HOST=EVERYWHERE, PUBLIC_URL="https://sim.example.org/"), 8000)
    assert addresses.public_url == addresses.best == "https://sim.example.org"


def test_on_loopback_nobody_else_can_reach_it() -> None:
    addresses = addresses_of(config(), 8123)
    assert addresses.network_urls == ()
    assert addresses.best == "http://127.0.0.1:8123"


def test_one_address_is_that_one() -> None:
    assert addresses_of(config(HOST="192.168.1.20"), 8000).network_urls == ("http://192.168.1.20:8000",)
    assert addresses_of(config(HOST="fd00::5"), 8000).best == "http://[fd00::5]:8000"


def test_everywhere_is_each_address_that_others_may_try() -> None:
    hosts = network_hosts()
    assert all(not ipaddress.ip_address(host).is_loopback for host in hosts)
    addresses = addresses_of(config(HOST=EVERYWHERE), 8000)
    assert addresses.network_urls == tuple(f"http://{host}:8000" for host in hosts)
    assert addresses.own_url == "http://127.0.0.1:8000"
    assert addresses.best == (addresses.network_urls or (addresses.own_url,))[0]


@pytest.mark.parametrize(
    "url",
    [
        "https://sim.example.org/shiller",
        "https://sim.example.org/a/b/",
        "https://me@sim.example.org",
        "https://sim.example.org:port",
        "https://:8000",
        "https://sim example.org",
    ],
)
def test_a_public_url_that_nothing_would_honour_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match=r"^PUBLIC_URL must be an address "):
        config(PUBLIC_URL=url)


@pytest.mark.parametrize(
    ("configured", "sent"),
    [
        ("https://sim.example.org:443/", "https://sim.example.org"),
        ("http://Sim.Example.org:80", "http://sim.example.org"),
        ("https://école.example", "https://xn--cole-9oa.example"),
        ("http://[FD00::5]:8080", "http://[fd00::5]:8080"),
    ],
)
def test_an_origin_is_known_however_it_is_written(configured: str, sent: str) -> None:
    """A browser leaves out the usual port, and writes in ASCII."""
    listed, public = config(ALLOWED_ORIGINS=configured).allowed_origins, config(PUBLIC_URL=configured).public_url
    for origins in (Origins(listed, None), Origins((), public)):
        assert origins.may_use_cookie(sent, "http", "127.0.0.1:8000")
        assert not origins.may_use_cookie(sent + "0", "http", "127.0.0.1:8000")


WRITTEN = "USE_IN_MEMORY=true\nSCHOOL=École\nPORT=8123\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_dotenv_is_read_with_and_without_the_mark_of_an_editor(tmp_path: Path, encoding: str) -> None:
    (tmp_path / ".env").write_text(WRITTEN, encoding=encoding)
    read = load_config({}, tmp_path / ".env")
    assert (read.use_in_memory, read.port) == (True, 8123)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (WRITTEN.encode("utf-16"), "is written in UTF-16. Save it as UTF-8."),
        (WRITTEN.encode("utf-16-le"), "is written in UTF-16. Save it as UTF-8."),
        (WRITTEN.encode("latin-1"), "line 2: it is not written in UTF-8. Save it as UTF-8."),
        (b"USE_IN_MEMORY=true\n\nPORT: 8123\n", "line 3: this is not NAME=value."),
    ],
)
def test_a_dotenv_that_cannot_be_read_is_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / ".env").write_bytes(content)
    with pytest.raises(ConfigError) as refused:
        load_config({}, tmp_path / ".env")
    assert str(refused.value).endswith(said)


def test_a_name_that_sets_nothing_is_told_with_the_one_that_is_meant(tmp_path: Path) -> None:
    names = ("PUBLIC_ULR", "port", "LOG-LEVEL", "PORT", "PGPORT", "POSTGRES_PASSWORD", "HTTP_PROXY")
    (tmp_path / ".env").write_text("".join(f"{name}=x\n" for name in names))
    assert misspelt(VARIABLES, tmp_path / ".env") == {
        "PUBLIC_ULR": "PUBLIC_URL",
        "port": "PORT",
        "LOG-LEVEL": "LOG_LEVEL",
    }
    assert misspelt(VARIABLES, tmp_path / "nowhere") == {}


def test_a_home_folder_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No shell has read what stands in .env."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert config(DATA_DIR="~/data").data_dir == tmp_path / "data"


@pytest.mark.parametrize(("host", "expected"), [("localhost", True), ("127.0.0.9", True), ("::1", True), ("x", False)])
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_a_running_server_says_it_without_a_login(tmp_path: Path) -> None:
    with serving(tmp_path, USE_IN_MEMORY="true", PUBLIC_URL="") as server:
        answer = httpx.get(f"{server.url}/api/v1/addresses", trust_env=False, timeout=PATIENCE_SECONDS)
    assert answer.json() == {"public_url": None, "network_urls": []}
