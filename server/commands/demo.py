"""`shiller demo`: a case played against a running server, over the same doors as everybody."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any, get_args
from uuid import uuid4

import click
import httpx
import socketio

from server.addresses import join_link
from server.config import language_of
from server.service.seeds import DEMO_CASE, Language, case_names, course, read_case
from server.transport.http.endpoint import API

ANSWER_SECONDS = 30
ACK_TIMEOUT_SECONDS = 10
TRIES = 5
PAUSE_BETWEEN_TRIES_SECONDS = 2


@click.command()
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="The running server.")
@click.option("--email", default="demo@shiller.local", show_default=True)
@click.option("--password", default="demo-shiller", show_default=True)
@click.option("--case", "case_name", type=click.Choice(case_names()), default=DEMO_CASE, show_default=True)
@click.option(
    "--speed", type=click.FloatRange(min=0.1, max=1000), default=1.0, show_default=True,
    help="How many times faster than in life.",
)  # fmt: skip
@click.option("--language", type=click.Choice(get_args(Language)), help="Of the case; the machine's own by default.")
@click.option("--keep-open", is_flag=True, help="Leave the session open at the end.")
def demo(
    url: str, email: str, password: str, case_name: str, speed: float, language: Language | None, keep_open: bool
) -> None:
    """Play a case: log in, open a session, print its join link, push the steps as they come due."""
    try:
        asyncio.run(
            _play(url.rstrip("/"), email, password, read_case(case_name, language or language_of()), speed, keep_open)
        )
    except httpx.HTTPError as error:
        raise click.ClickException(f"{url} does not answer ({error}). Is the server running?") from None
    except socketio.exceptions.ConnectionError as error:
        raise click.ClickException(f"{url} refuses the connection: {error}") from None
    except KeyboardInterrupt:
        raise click.ClickException("stopped; the session stays open") from None


async def _play(url: str, email: str, password: str, case: Mapping[str, Any], speed: float, keep_open: bool) -> None:
    async with httpx.AsyncClient(base_url=url + API, timeout=ANSWER_SECONDS) as http:
        login = _answer(await http.post("/auth/login", json={"email": email, "password": password}))
        http.headers["Authorization"] = f"Bearer {login['token']}"
        session = await _open(http, case)
    click.echo(f"{case['title']}, {speed:g} times as fast as in life")
    click.echo(f"  code       {session['code']}")
    click.echo(f"  join link  {join_link(url, session['code'])}")
    client = socketio.AsyncClient()
    # The library's own patience is a second, and a busy server, or a far one, takes longer.
    await client.connect(
        url,
        namespaces=["/trainer"],
        auth={"token": login["token"]},
        transports=["websocket"],
        wait_timeout=ANSWER_SECONDS,
    )
    try:
        await _play_steps(client, session, course(case), speed)
        if keep_open:
            click.echo("the case is over; the session stays open")
        else:
            await _send(client, "session:close", {"session_id": session["id"]})
            click.echo("the case is over; the session is closed")
    finally:
        await client.disconnect()


async def _open(http: httpx.AsyncClient, case: Mapping[str, Any]) -> Mapping[str, Any]:
    """From the server's own template where it has it, else from the case's start values."""
    body: dict[str, Any] = {"id": str(uuid4()), "title": case["title"]}
    known = await http.get(f"/templates/{case['id']}")
    if known.status_code == 200 and known.json()["deleted_at"] is None:
        body["template_id"] = case["id"]
    else:
        body["vitals"] = case["vitals"]
    return _answer(await http.post("/sessions", json=body))


async def _play_steps(
    client: socketio.AsyncClient, session: Mapping[str, Any], steps: list[Mapping[str, Any]], speed: float
) -> None:
    """By the keys of the session's case, whose start has the server play the first step; by their changes alone
    where the server has no such template. Played faster than in life, a step is sent with its shorter ramp. The case
    does not move by itself meanwhile: its own times are those of life.
    """
    about = {"session_id": session["id"]}
    has_case = session["template_id"] is not None
    if has_case:
        await _send(client, "case:control", {"id": str(uuid4()), **about, "action": "automation_off"})
    await _send(client, "case:control", {"id": str(uuid4()), **about, "action": "start"})
    began = time.monotonic()
    for place, step in enumerate(steps):
        is_played = has_case and place == 0
        due = 0 if is_played else step["at_seconds"]
        await asyncio.sleep(max(0.0, began + due / speed - time.monotonic()))
        minutes, seconds = divmod(due, 60)
        click.echo(f"  {minutes:2}:{seconds:02}  {step['title']}")
        push: dict[str, Any] = {name: step[name] for name in ("vitals", "rhythm", "flags") if step.get(name)}
        if push:
            push["ramp_seconds"] = round(step.get("ramp_seconds", 0) / speed, 3)
        if has_case:
            push["step"] = step["key"]
        if push and not is_played:
            await _send(client, "vitals:push", {"id": str(uuid4()), **about, **push})
        if step.get("note"):
            await _send(client, "note:add", {"id": str(uuid4()), **about, "text": step["note"]})
    if steps:
        last = steps[-1]
        end = (last["at_seconds"] + last.get("ramp_seconds", 0)) / speed
        await asyncio.sleep(max(0.0, began + end - time.monotonic()))


async def _send(client: socketio.AsyncClient, message: str, data: Mapping[str, Any]) -> None:
    """Sent again under the same id until it is acknowledged: a repeat has no second effect."""
    for tries_left in reversed(range(TRIES)):
        try:
            ack: Any = await client.call(message, data, namespace="/trainer", timeout=ACK_TIMEOUT_SECONDS)
        except (socketio.exceptions.TimeoutError, socketio.exceptions.BadNamespaceError):
            ack = {"ok": False, "error": {"code": "storage_unavailable", "detail": "no answer"}}
        if ack["ok"]:
            return
        if ack["error"]["code"] not in ("storage_unavailable", "rate_limited") or not tries_left:
            raise click.ClickException(f"{message} was refused: {ack['error']['detail']}")
        await asyncio.sleep(PAUSE_BETWEEN_TRIES_SECONDS)


def _answer(response: httpx.Response) -> Any:
    if response.is_success:
        return response.json()
    try:
        detail = response.json()["detail"]
    except (ValueError, KeyError):
        detail = response.text[:200]
    raise click.ClickException(f"{response.request.url.path} was refused: {detail}")
