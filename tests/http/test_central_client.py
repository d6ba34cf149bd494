"""What a hall hears in its central server's place, each by its name: real lines, real certificates."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server import clock
from server.domain.upstream import LinkProblem
from server.upstream.client import CentralServer

TOKEN = f"shh_{'a' * 43}"
REFUSAL = '{"type":"about:blank","title":"","status":%d,"code":"%s","detail":"words"}'


def an_answer(status: str, body: str = "", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}", "Connection: close", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


@asynccontextmanager
async def answering(answer: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A server that says the same to everybody."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        await reader.readexactly(int(length.split(b":")[1]))
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def hello(url: str, now: Callable[[], datetime] = clock.now) -> LinkProblem:
    central = CentralServer(url, TOKEN, now)
    outcome = await central.hello({"clientId": "hall"})
    await central.close()
    assert isinstance(outcome, LinkProblem)
    return outcome


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (an_answer("401 Unauthorized", REFUSAL % (401, "hall_revoked")), "revoked"),
        (an_answer("401 Unauthorized", REFUSAL % (401, "unauthenticated")), "wrong_token"),
        (an_answer("404 Not Found", REFUSAL % (404, "not_found")), "central_too_old"),
        (an_answer("500 Internal Server Error", REFUSAL % (500, "internal_error")), "central_failed"),
        (an_answer("502 Bad Gateway", "<html>"), "central_failed"),
        (an_answer("403 Forbidden", REFUSAL % (403, "forbidden")), "refused"),
        (an_answer("302 Found", "", "Location: http://login.hotel.example/"), "login_page"),
        (an_answer("200 OK", "<html>Please log in", "Content-Type: text/html"), "login_page"),
        (an_answer("200 OK", '{"serverEpoch": 7}', "Content-Type: application/json"), "login_page"),
        (an_answer("401 Unauthorized", "<html>Please log in"), "login_page"),
        (an_answer("200 OK", "x")[:-1], "no_connection"),
        (b"", "no_connection"),
    ],
)
async def test_what_a_network_may_answer_has_its_name(answer: bytes, kind: str) -> None:
    async with answering(answer) as url:
        assert (await hello(url)).kind == kind


async def test_a_busy_central_says_when_to_come_again() -> None:
    answer = an_answer("429 Too Many Requests", REFUSAL % (429, "rate_limited"), "Retry-After: 7")
    async with answering(answer) as url:
        problem = await hello(url)
    assert (problem.kind, problem.retry_after_seconds) == ("busy", 7)


async def test_nobody_there_is_no_connection() -> None:
    assert (await hello("http://127.0.0.1:9")).kind == "no_connection"


def certified(folder: Path, start: str, end: str) -> ssl.SSLContext:
    """A server's certificate that counts between two moments, by an authority that is trusted from now on."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-keyout", "ca.key", "-out", "ca.pem",
            "-subj", "/CN=ca", "-addext", "basicConstraints=critical,CA:TRUE")  # fmt: skip
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "csr.pem", "-subj", "/CN=central")
    (folder / "index.txt").write_text("")
    (folder / "ca.cnf").write_text(
        "[ca]\ndefault_ca=it\n[it]\ndatabase=index.txt\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\n"
        "policy=any\nx509_extensions=ext\n[any]\ncommonName=supplied\n[ext]\nsubjectAltName=IP:127.0.0.1\n"
    )
    openssl("ca", "-batch", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", "csr.pem",
            "-out", "cert.pem", "-startdate", start, "-enddate", end, "-notext")  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


@pytest.mark.parametrize(
    ("start", "end"), [("20400101000000Z", "20450101000000Z"), ("20180101000000Z", "20190101000000Z")]
)
async def test_a_certificate_of_another_time_makes_it_say_what_the_clock_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: str, end: str
) -> None:
    tls = certified(tmp_path, start, end)
    monkeypatch.setattr("server.upstream.client.certificates", lambda: trusting(tmp_path / "ca.pem"))
    async with answering(an_answer("200 OK"), tls) as url:
        problem = await hello(url, lambda: datetime(2019, 3, 2, tzinfo=UTC))
    assert problem.kind == "clock"
    assert "The clock of this machine says 2019-03-02" in problem.detail


async def test_a_certificate_that_nobody_vouches_for_is_told_as_that(tmp_path: Path) -> None:
    tls = certified(tmp_path, "20180101000000Z", "20450101000000Z")
    async with answering(an_answer("200 OK"), tls) as url:
        problem = await hello(url)
    assert problem.kind == "certificate"


def trusting(authority: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority))
