"""nginx and Caddy, run on what docs/deploy.md tells people to write."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.support import programs
from tests.support.ports import free_port
from tests.support.scenario import PATIENCE_SECONDS, PROJECT, wait_until

DOCUMENT = PROJECT / "docs" / "deploy.md"
DOCUMENTED_PORTS = ("8001", "8002")


@contextmanager
def nginx(folder: Path, ports: Sequence[int]) -> Iterator[str]:
    """Its URL. The documented site, on another port and without TLS, before processes on these ports."""
    port = free_port()
    (folder / "nginx.conf").write_text(
        f"daemon off;\nworker_processes 1;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\n{_temporary_paths(folder)}access_log off;\n{nginx_site(port, ports)}\n}}\n",
        encoding="utf-8",
    )
    command = [programs.nginx(), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with _running([*command, "-e", str(folder / "error.log")], port, folder) as url:
        yield url


def nginx_site(port: int, ports: Sequence[int]) -> str:
    one, several = blocks("nginx", "Behind a proxy"), blocks("nginx", "Several processes")
    assert len(one) == 1
    upstream, instead = several
    site = _replaced(one[0], "proxy_pass http://127.0.0.1:8000;", instead.strip())
    site = _replaced(site, "    listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n", f"    listen {port};\n")
    site = re.sub(r"^server \{\n    listen 80;.*?^\}\n", "", site, flags=re.DOTALL | re.MULTILINE)
    site = re.sub(r"^ *ssl_.*\n", "", site, flags=re.MULTILINE)
    return on_ports(upstream, ports) + site


@contextmanager
def caddy(folder: Path, ports: Sequence[int]) -> Iterator[str]:
    """Its URL, likewise."""
    port = free_port()
    (folder / "Caddyfile").write_text(
        f"{{\n\tadmin off\n\tauto_https off\n}}\n{caddy_site(port, ports)}", encoding="utf-8"
    )
    command = [programs.caddy(), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    with _running(command, port, folder) as url:
        yield url


def caddy_site(port: int, ports: Sequence[int]) -> str:
    (one,), (several,) = blocks("caddyfile", "Behind a proxy"), blocks("caddyfile", "Several processes")
    last = one.index("\thandle {\n")
    site = one[:last] + re.sub(r"^(?=.)", "\t", several, flags=re.MULTILINE) + "}\n"
    return _replaced(on_ports(site, ports), "training.example.org", f"http://:{port}")


def blocks(language: str, section: str) -> list[str]:
    """The code of that language in a section of the document."""
    text = DOCUMENT.read_text(encoding="utf-8")
    found = re.search(rf"^## {section}\n(.*?)(?=^## )", text, re.DOTALL | re.MULTILINE)
    assert found is not None, section
    return re.findall(rf"^```{language}\n(.*?)^```", found[1], re.DOTALL | re.MULTILINE)


def on_ports(text: str, ports: Sequence[int]) -> str:
    for documented, port in zip(DOCUMENTED_PORTS, ports, strict=True):
        assert documented in text
        text = text.replace(documented, str(port))
    return text


def _replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


def _temporary_paths(folder: Path) -> str:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)


@contextmanager
def _running(command: Sequence[str], port: int, folder: Path) -> Iterator[str]:
    with (folder / "proxy.log").open("wb") as log:
        environment = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        running = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert running.poll() is None, (folder / "proxy.log").read_text(encoding="utf-8")
        try:
            return httpx.get(f"{url}/healthz", trust_env=False, timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    try:
        wait_until(answers, "the proxy to answer")
        yield url
    finally:
        running.terminate()
        try:
            running.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait(PATIENCE_SECONDS)
